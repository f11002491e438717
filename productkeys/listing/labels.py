"""Labels in what people look at: those of a key as chips, those in use as choices, and the keys that carry one."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import Aggregate, CharField, Count, Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from productkeys.domain.labels import MAX_LABEL, MAX_LABELS
from productkeys.models import Label, ProductKey
from productkeys.models.label import identity_of
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services.labelling import in_order

if TYPE_CHECKING:
    from keyportal.people.models import User

FILTER = "label"
MOST_OFFERED = 200
"""So many labels are offered to choose from; any other can be typed."""

_SHOWN_IN_A_ROW = 3
_Carried = ProductKey.labels.through


class _Joined(Aggregate):
    """Names in one text, with commas between them: no label holds one."""

    function = "STRING_AGG"
    template = "%(function)s(%(expressions)s, ',')"
    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, function="GROUP_CONCAT", **context)


NAMES = Subquery(
    _Carried.objects.filter(productkey=OuterRef("pk"))
    .order_by()
    .values("productkey")
    .annotate(names=_Joined("label__name"))
    .values("names")  # type: ignore[misc]  # django-stubs: the annotation before
)
"""The labels of a key in one text, read along with its row; `read` takes it apart."""


def read(names: object) -> list[str]:
    """The labels in what `NAMES` gave, in their order; none where there are none."""
    return in_order(str(names).split(",")) if names else []


def labels_of(key: ProductKey) -> list[str]:
    """The labels of a key that was read with its names (views/one_key.py): that needs no question of its own."""
    return read(key.label_names)  # type: ignore[attr-defined]  # annotated


def counted(keys: ProductKeyQuerySet) -> dict[str, int]:
    """How many of `keys` carry each of the labels that some of them do, in their order."""
    carried = _Carried.objects.filter(productkey__in=keys.order_by().values("pk")).order_by()
    numbers = dict(carried.values_list("label__name").annotate(Count("pk")))
    return {name: numbers[name] for name in in_order(numbers)[:MOST_OFFERED]}


def in_use(keys: ProductKeyQuerySet) -> dict[str, str]:
    """The labels that `keys` carry, in their order, as choices of the filter."""
    carried = _Carried.objects.filter(label=OuterRef("pk"))
    if not keys.is_everything:
        carried = carried.filter(productkey__in=keys.order_by().values("pk"))
    names = Label.objects.filter(Exists(carried)).values_list("name", flat=True)[:MOST_OFFERED]
    return {name: name for name in in_order(names)}


def offered_to(person: "User") -> list[str]:
    """The labels to propose to `person` at a field: those of keys that they see."""
    return list(in_use(ProductKey.objects.visible_to(person)))


def understood(names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names`, from an address, that can be labels: nobody asks the database before the list itself does."""
    found = dict.fromkeys(name for name in names if name.isprintable() and len(name) <= MAX_LABEL)
    return tuple(found)[:MAX_LABELS]


def condition(names: Collection[str]) -> Q:
    """Keys that carry one of `names` at least."""
    identities = sorted({identity_of(name) for name in names})
    return Q(pk__in=_Carried.objects.filter(label__name_sort__in=identities).values("productkey"))


def chips(names: Iterable[str]) -> SafeString:
    """Labels as chips, each leading to the keys that carry it."""
    address = reverse("productkeys:list")
    return format_html_join(
        "", '<a class="kp-label" href="{}?{}">{}</a>', ((address, urlencode({FILTER: name}), name) for name in names)
    )


@lru_cache(maxsize=1024)
def cell(names: str) -> SafeString:
    """The labels of a row: the first ones as chips, and how many more; all of them in the title."""
    found = read(names)
    shown, more = found[:_SHOWN_IN_A_ROW], len(found) - _SHOWN_IN_A_ROW
    return format_html(
        '<td class="c-labels" role="cell"><span class="kp-labels" title="{}">{}{}</span></td>',
        ", ".join(found),
        format_html_join("", '<span class="kp-label">{}</span>', ((name,) for name in shown)),
        format_html('<span class="kp-muted">{}</span>', f"+{more}") if more > 0 else "",
    )
