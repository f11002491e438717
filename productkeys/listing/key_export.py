"""Keys made into the table of a file, the same for every entrance of the export.

Rows come a batch at a time, each in a fixed number of queries. A code stands there whole where the key is public or the
trail says that it leaves whole, and masked otherwise.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from productkeys.fields import raise_alarm
from productkeys.listing import columns as list_columns
from productkeys.listing.export_columns import (
    ALWAYS_BEFORE,
    ALWAYS_BEHIND,
    EVERYTHING,
    SHOWN,
    STATUS,
    Cell,
    Column,
    Facts,
)
from productkeys.listing.query import ListQuery
from productkeys.listing.scopes import ScopeNames, scope_label, scopes_named_to
from productkeys.models import Agreement, ProductKey, reference
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import restoring
from productkeys.services.exporting import Export
from productkeys.services.selection import in_batches

if TYPE_CHECKING:
    from keyportal.people.models import User


class Wanted(TextChoices):
    """Which columns the file has, and in whose words."""

    SHOWN = "shown", _("As the list shows them, in your language")
    EVERYTHING = "everything", _("Everything, to be imported elsewhere")


@dataclass(frozen=True, slots=True)
class Table:
    """The head of the file and its rows, which are made as they are taken, all in one language."""

    language: str
    columns: Sequence[str]
    rows: Iterator[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the file: a person, or whoever holds the command line of the portal, who may know everything."""

    person: "User | None" = None

    @property
    def keys(self) -> ProductKeyQuerySet:
        keys: ProductKeyQuerySet = ProductKey.objects.all()
        return keys if self.person is None else keys.visible_to(self.person)

    @property
    def revealable(self) -> ProductKeyQuerySet:
        return self.keys if self.person is None else self.keys.permitted(self.person, "reveal")

    @property
    def scopes(self) -> ScopeNames:
        return tuple(reference.current().scopes.items()) if self.person is None else scopes_named_to(self.person)

    @property
    def names(self) -> dict[int, str]:
        """The scopes that this reader may know of, by id: in a file each is named, even if there is only one."""
        own = None if self.person is None else self.person.scopes_with("productkeys.view_productkey")
        return {pk: name for pk, name in reference.current().scopes.items() if own is None or pk in own}

    def agreements(self, keys: Sequence[ProductKey]) -> dict[int | None, Agreement]:
        """The agreements of `keys` that this reader may know of, by id."""
        named = {key.agreement_id for key in keys if key.agreement_id}
        found = Agreement.objects.filter(pk__in=named)
        return {agreement.pk: agreement for agreement in (found.visible_to(self.person) if self.person else found)}


def found_by(query: ListQuery, reader: Reader, *, with_archive: bool = False) -> ProductKeyQuerySet:
    """The keys that `query` asks for, in the order of the list."""
    return query.select(reader.keys, with_archive=with_archive).order_by(*query.sort.order)


def table_of(export: Export, wanted: Wanted, reader: Reader, *, with_archive: bool = False) -> Table:
    """The table of what `export` takes out, in the present language. A key that is gone meanwhile is left out.

    Where keys of the archive stand beside others (`with_archive`), a column says which they are.
    """
    columns = EVERYTHING if wanted is Wanted.EVERYTHING else _shown(reader)
    if with_archive and wanted is Wanted.SHOWN:
        columns = (*columns, STATUS)
    language = translation.get_language() or ""
    return Table(language, [str(column.head) for column in columns], _rows(export, columns, reader, language))


def _shown(reader: Reader) -> tuple[Column, ...]:
    chosen = list_columns.chosen(reader.person.columns if reader.person else (), reader.scopes)
    return (*ALWAYS_BEFORE, *(column for each in chosen for column in SHOWN[each.name]), *ALWAYS_BEHIND)


def _rows(export: Export, columns: Sequence[Column], reader: Reader, language: str) -> Iterator[Sequence[Cell]]:
    for batch in in_batches(export.ids):
        # The rows are taken while the answer is sent, when nobody's language is in force any more.
        with translation.override(language):
            rows = [[column.text(facts) for column in columns] for facts in _facts(export, batch, reader)]
        yield from rows


def _facts(export: Export, batch: Sequence[int], reader: Reader) -> Iterator[Facts]:
    found = {key.pk: key for key in reader.keys.filter(pk__in=batch)}
    keys = [found[pk] for pk in batch if pk in found]
    whole = export.opened_among([key.uid for key in keys])
    names, agreements = reader.names, reader.agreements(keys)
    # Prefetched, each key would bring two querysets along.
    labels, shared = _by_key(ProductKey.labels, batch, "label__name"), _by_key(ProductKey.shared_with, batch, "scope")
    earlier = restoring.earlier_statuses(keys)
    for key in keys:
        agreement = agreements.get(key.agreement_id)
        yield Facts(
            key=key,
            code=_opened(key) if key.uid in whole else key.public_code,
            agreement=agreement,
            labels=labels[key.pk],
            scope=_scope_of(key, names),
            agreement_scope=_scope_of(agreement, names) if agreement else None,
            shared_with=[names[scope] for scope in shared[key.pk] if scope in names],
            status_before=earlier.get(key.uid, ""),
        )


def _scope_of(owned: ProductKey | Agreement, names: Mapping[int, str]) -> str | None:
    return None if owned.scope_id is None else scope_label(owned.scope_id, names)


def _by_key(relation: Any, batch: Sequence[int], value: str) -> dict[int, list[Any]]:
    """What `relation` joins with each key of `batch`."""
    found = defaultdict(list)
    pairs = relation.through.objects.filter(productkey__in=batch).values_list("productkey", value)
    for pk, joined in pairs:
        found[pk].append(joined)
    return found


def _opened(key: ProductKey) -> str:
    """The whole key; its mask where the ciphertext belongs to another entry: one such row takes no export down."""
    try:
        return key.code.open()
    except InvalidTag:
        raise_alarm(key.uid)
        return str(key.code)
