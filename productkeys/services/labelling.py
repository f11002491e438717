"""Putting labels on keys and taking them off. A label comes to be with the first key that carries it."""

from collections.abc import Iterable, Mapping, Sequence

from productkeys.domain import labels as domain
from productkeys.domain.rulebook import Problem
from productkeys.models import Label, ProductKey
from productkeys.models.label import identity_of
from productkeys.services.selection import in_batches

_Carried = ProductKey.labels.through


def problems_of(names: Iterable[str]) -> list[Problem]:
    """What the rules say against `names` as the labels of one key."""
    return list(domain.problems_of(list(_by_identity(names).values())))


def names_of(key: ProductKey) -> list[str]:
    """The labels of `key` in their order; none of a key that is not stored yet."""
    return in_order(key.labels.values_list("name", flat=True)) if key.pk else []


def names_by_key(keys: Iterable[ProductKey]) -> dict[int, list[str]]:
    """The labels of many keys by the id of each, in their order; a key without any is left out."""
    found: dict[int, list[str]] = {}
    for batch in in_batches(key.pk for key in keys):
        for pk, name in _Carried.objects.filter(productkey__in=batch).values_list("productkey_id", "label__name"):
            found.setdefault(pk, []).append(name)
    return {pk: in_order(names) for pk, names in found.items()}


def in_order(names: Iterable[str]) -> list[str]:
    """`names` as every page shows them, whatever the database thinks of the order of letters."""
    return sorted(names, key=identity_of)


def are_same(names: Iterable[str], others: Iterable[str]) -> bool:
    """Whether both name the same labels: those that differ only in case or accents are one."""
    return _by_identity(names).keys() == _by_identity(others).keys()


def among(names: Iterable[str], others: Iterable[str]) -> list[str]:
    """Those of `names` that `others` name as well, in their order."""
    known = _by_identity(others)
    return in_order(name for identity, name in _by_identity(names).items() if identity in known)


def with_changes(names: Iterable[str], *, added: Iterable[str], removed: Iterable[str]) -> list[str]:
    """The labels `names` with those `added` that are not among them, and without those `removed`, in their order."""
    off = _by_identity(removed)
    together = {**_by_identity(added), **_by_identity(names)}
    return in_order(name for identity, name in together.items() if identity not in off)


def as_spelled(names: Iterable[str]) -> list[str]:
    """`names` as keys carry them already, where some do."""
    wanted = _by_identity(names)
    carried = Label.objects.filter(name_sort__in=wanted, product_keys__isnull=False)
    return list((wanted | dict(carried.values_list("name_sort", "name"))).values())


def put(key: ProductKey, names: Iterable[str]) -> list[str]:
    """Make `names` the labels of `key`, inside the transaction of the caller. Returns them as they are spelled."""
    labels = _made(names)
    key.labels.set(labels)
    return in_order(label.name for label in labels)


def put_on_many(labels_by_key: Mapping[int, Sequence[str]]) -> None:
    """The same for many keys by their ids, in few statements."""
    labels = {label.name_sort: label for label in _made({name for names in labels_by_key.values() for name in names})}
    for batch in in_batches(labels_by_key):
        _Carried.objects.filter(productkey__in=batch).delete()
        rows = ((pk, labels[identity_of(name)].pk) for pk in batch for name in labels_by_key[pk])
        _Carried.objects.bulk_create((_Carried(productkey_id=pk, label_id=label) for pk, label in rows), batch_size=500)


def _made(names: Iterable[str]) -> list[Label]:
    """The labels of these names; what is missing is made, and what no key carries any more is spelled as given."""
    wanted = _by_identity(names)
    # In one order: of two who make the same ones, none waits for the other crosswise.
    new = [Label(name=name, name_sort=identity) for identity, name in sorted(wanted.items())]
    Label.objects.bulk_create(new, ignore_conflicts=True)
    labels = list(Label.objects.filter(name_sort__in=wanted))
    for label in labels:
        if label.name != wanted[label.name_sort]:
            respelled = Label.objects.filter(pk=label.pk, product_keys__isnull=True)
            if respelled.update(name=wanted[label.name_sort]):
                label.name = wanted[label.name_sort]
    return labels


def _by_identity(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in sorted(domain.tidy(names)):
        found.setdefault(identity_of(name), name)
    return found
