"""Keys leave the portal as a file and come back from it the same, whatever they are called and whatever the format."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from productkeys.domain import keycode, rules
from productkeys.domain.agreements import MAX_LICENCES
from productkeys.domain.choices import KeyType, Status
from productkeys.domain.labels import MAX_LABEL, split
from productkeys.domain.microsoft_count import COUNTED_TYPES as COUNTED_BY_MICROSOFT
from productkeys.domain.microsoft_count import MAX_USED
from productkeys.domain.rules import (
    COUNTED_TYPES,
    MAX_COMMENT,
    MAX_NAME,
    MAX_QUANTITY,
    ONE_DEVICE_TYPES,
    PUBLISHED_TYPES,
)
from productkeys.incoming.fields import Field
from productkeys.listing.export_columns import EVERYTHING
from productkeys.models import Agreement, Import, Label, ProductKey, Scope, reference
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import agreements, keys, labelling, microsoft_count, restoring
from productkeys.services.agreements import AgreementValues
from productkeys.services.keys import DECLARED_FIELDS, KeyValues
from productkeys.services.origin import PORTAL
from tests.factories import new_code, stored
from tests.known_systems import SYSTEMS
from tests.made_up_keys import older_key

pytestmark = pytest.mark.django_db

FORMATS = ("csv", "xlsx", "jsonl")
FOR_PEOPLE = {
    *(Field.PRODUCT, Field.USE_OF_QUANTITY, Field.REMAINING, Field.MICROSOFT_REMAINING),
    *(Field.KEEP_IN_COMMENT, Field.KEEP_AS_LABEL, Field.IGNORE),
}
"""What columns of other lists mean: the portal says the same by others."""
OF_AGREEMENT = [name for name in agreements.FIELDS if name != "scope_id"]

_seeds = count(1)

State = list[dict[str, Any]]


def _own() -> ProductKeyQuerySet:
    own: ProductKeyQuerySet = ProductKey.objects.filter(published=False)
    return own


def _state() -> State:
    """All that people know of the portal's own keys."""
    return [
        {
            **{name: getattr(key, name) for name in DECLARED_FIELDS if name not in ("scope_id", "agreement_id")},
            "code": key.code.open(),
            "in_use": key.in_use,
            "status": key.status,
            "once restored": restoring.status_after(key, Status.ACTIVE),
            "scope": key.scope and key.scope.name,
            "shared_with": sorted(key.shared_with.values_list("name", flat=True)),
            "labels": labelling.names_of(key),
            "agreement": key.agreement and _told(key.agreement),
            "microsoft": (key.microsoft_used, key.microsoft_counted_on),
        }
        for key in sorted(_own(), key=lambda key: key.code.open())
    ]


def _told(agreement: Agreement) -> dict[str, Any]:
    said = {name: getattr(agreement, name) for name in OF_AGREEMENT}
    return said | {"scope": agreement.scope and agreement.scope.name}


def _taken_out(folder: Path, file_format: str) -> Path:
    """The file of all own keys, those in the archive among them."""
    file = folder / f"keys.{file_format}"
    file.unlink(missing_ok=True)
    options = {"plain": True, "reason": "Move to another portal", "filter": "origin=own", "with_archive": True}
    call_command("export_keys", format=file_format, output=file, stderr=StringIO(), **options)
    return file


def _brought_back(file: Path) -> str:
    """What the command says that brings `file`."""
    said = StringIO()
    call_command("import_keys", file, commit=True, stdout=said)
    return said.getvalue()


def _emptied() -> None:
    """The portal as another one is that has the same scopes, and no keys."""
    _own().delete()
    Agreement.objects.all().delete()
    Label.objects.all().delete()
    Import.objects.all().delete()
    reference.forget()


# Generated keys: whatever the rules let through, which is more than the pages let people enter.

_SIGNS = st.sampled_from(
    [
        *"=+-@'\"\t\n\r;,|<&%!/\\ äÜßé中😀",
        *("''", '""', "; ", "\r\n", "\u00a0", "\u2028", "\x0b"),
        *("n/a", "null", "sep=;", "007", "1e5", "_x000D_", "unlimited", "2026-01-02", "true"),
    ]
)
_ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


def _texts(longest: int, *, field: str = "name", needed: bool = False) -> st.SearchStrategy[str]:
    """Texts that the rules let into `field`, of signs that they let in by themselves."""
    signs = (_SIGNS | _ANY).filter(lambda sign: not rules.problem_of_text(f"a{sign}", field))
    texts = st.lists(signs, max_size=12).map(lambda parts: "".join(parts)[:longest])
    return texts.filter(lambda text: (text.strip() or not needed) and not rules.problem_of_text(text, field))


_days = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
_labels = st.lists(_texts(MAX_LABEL), max_size=4).map(lambda names: frozenset(split("\n".join(names))))


@st.composite
def _agreements(draw: st.DrawFn) -> AgreementValues:
    first, last = sorted([draw(_days), draw(_days)])
    return AgreementValues(
        number=draw(_texts(100, needed=True) | st.sampled_from(["A-1", "a-1"])),
        vendor=draw(_texts(150) | st.just("")),
        bought_on=draw(st.sampled_from([None, first])),
        valid_until=draw(st.sampled_from([None, last])),
        licences=draw(st.none() | st.integers(1, MAX_LICENCES)),
        cost_centre=draw(_texts(60)),
        proof=draw(_texts(200)),
        note=draw(_texts(2000, field="note")),
    )


@dataclass(frozen=True, slots=True)
class Made:
    """A key to be stored: its declared values, and what becomes of it afterwards."""

    values: dict[str, Any]
    place: tuple[str | None, frozenset[str]]
    agreement: AgreementValues | None
    scope_of_agreement: str | None
    microsoft: tuple[int, dt.date] | None
    statuses: tuple[str, ...]


_OWN_TYPES = sorted(set(KeyType.values) - PUBLISHED_TYPES)
_SCOPES = ("Berlin", "berlin", "=Köln, Süd", ' "Bonn"; West', "n/a")


@st.composite
def _keys(draw: st.DrawFn) -> Made:
    key_type = draw(st.sampled_from(_OWN_TYPES))
    system = draw(st.sampled_from([system for system in SYSTEMS.values() if system.takes(key_type)]))
    offered = sorted(system.offerings_for(key_type)) + [""] * (key_type in rules.EDITION_OPTIONAL_TYPES)
    edition = draw(st.sampled_from(offered))
    quantity: int | None = 1 if key_type in ONE_DEVICE_TYPES else draw(st.integers(1, MAX_QUANTITY))
    if key_type not in COUNTED_TYPES | ONE_DEVICE_TYPES and draw(st.booleans()):
        quantity = None
    values = {
        "name": draw(_texts(MAX_NAME, needed=True)),
        "comment": draw(_texts(MAX_COMMENT, field="comment")),
        "key_type": key_type,
        "operating_system_id": system.slug,
        "edition": edition,
        "architecture": draw(st.sampled_from(["any", *sorted(system.architectures_of(edition))])),
        "usage": draw(st.sampled_from(rules.allowed_usages(key_type))),
        "quantity": quantity,
        "in_use": draw(st.integers(0, MAX_QUANTITY if quantity is None else quantity)),
        "labels": draw(_labels),
    }
    scope: str | None = draw(st.none() | st.sampled_from(_SCOPES))
    shared = draw(st.frozensets(st.sampled_from(_SCOPES))) - {scope} if scope else frozenset()
    counted = st.none() | st.tuples(st.integers(0, MAX_USED), st.dates(dt.date(1900, 1, 1), timezone.localdate()))
    return Made(
        values,
        (scope, shared),
        draw(st.none() | _agreements()),
        draw(st.none() | st.sampled_from(_SCOPES)),
        draw(counted) if key_type in COUNTED_BY_MICROSOFT else None,
        draw(st.lists(st.sampled_from(Status.values), max_size=3).map(tuple)),
    )


def _store(made: Made, scopes: Mapping[str, int]) -> None:
    scope, shared = made.place
    values = dict(made.values)
    if said := made.agreement:
        owner = scopes[made.scope_of_agreement] if made.scope_of_agreement else None
        found = Agreement.objects.filter(number=said.number, vendor=said.vendor, scope=owner).first()
        values["agreement_id"] = (found or agreements.add(replace(said, scope_id=owner), origin=PORTAL)).pk
    code = new_code() if SYSTEMS[values["operating_system_id"]].keys_have_n else keycode.parse(older_key(next(_seeds)))
    key = keys.add_key(KeyValues(**values, code=code, scope_id=scopes[scope] if scope else None), origin=PORTAL)
    key.shared_with.set(scopes[name] for name in shared)
    if made.microsoft:
        microsoft_count.record(key, *made.microsoft, seen_version=key.version, origin=PORTAL)
        key.refresh_from_db()
    for status in made.statuses:
        keys.set_status(key, status, seen_version=key.version, origin=PORTAL)


@pytest.mark.parametrize(("file_format", "language"), [("csv", "en"), ("csv", "de"), ("xlsx", "en"), ("jsonl", "en")])
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(made=st.lists(_keys(), min_size=1, max_size=4))
def test_whatever_is_exported_comes_back_the_same(
    tmp_path: Path, file_format: str, language: str, made: list[Made]
) -> None:
    _emptied()
    scopes = {name: Scope.objects.get_or_create(name=name)[0].pk for name in _SCOPES}
    for key in made:
        _store(key, scopes)
    before = _state()
    with translation.override(language):
        file = _taken_out(tmp_path, file_format)
        _emptied()
        _brought_back(file)
    assert _state() == before


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_brought_to_where_it_came_from_changes_nothing(tmp_path: Path, file_format: str) -> None:
    key = stored(name=" n/a ", comment="-\n", labels=frozenset({"n/a", "'=1"}), in_use=3)
    before = key.version
    file = _taken_out(tmp_path, file_format)
    assert "Already there: 1." in _brought_back(file)
    key.refresh_from_db()
    assert key.version == before


def test_each_column_of_the_export_is_one_that_the_import_knows() -> None:
    heads = [column.head for column in EVERYTHING]
    assert len(heads) == len(set(heads))
    assert set(heads) == set(Field) - FOR_PEOPLE


def test_the_columns_are_taken_for_what_they_are_whatever_stands_in_them(tmp_path: Path) -> None:
    stored(name="MAK", comment="Windows 11 Enterprise", labels=frozenset({"archived"}))
    file = _taken_out(tmp_path, "csv")
    said = _brought_back(file)
    assert all(f"Column “{column.head}”: {column.head}." in said for column in EVERYTHING)


def test_a_masked_file_brings_no_key_and_says_why(tmp_path: Path) -> None:
    stored()
    file = tmp_path / "masked.csv"
    call_command("export_keys", output=file, filter="origin=own", stderr=StringIO())
    _emptied()
    said = StringIO()
    with pytest.raises(CommandError, match="Refused rows: 1"):
        call_command("import_keys", file, commit=True, stdout=said)
    assert "The product key is masked here" in said.getvalue()
    assert not _own().exists()


def test_a_leaked_key_in_the_archive_stays_marked_wherever_it_goes(tmp_path: Path) -> None:
    key = stored()
    for status in (Status.COMPROMISED, Status.ARCHIVED):
        keys.set_status(key, status, seen_version=key.version, origin=PORTAL)
    file = _taken_out(tmp_path, "csv")
    _emptied()
    _brought_back(file)
    restored = _own().get()
    assert restored.status == Status.ARCHIVED
    keys.set_status(restored, Status.ACTIVE, seen_version=restored.version, origin=PORTAL)
    assert restored.status == Status.COMPROMISED
    _emptied()
    elsewhere = stored(code=keycode.parse(key.code.open()))
    _brought_back(file)
    elsewhere.refresh_from_db()
    assert elsewhere.status == Status.ARCHIVED
    assert restoring.status_after(elsewhere, Status.ACTIVE) == Status.COMPROMISED


def test_a_key_that_somebody_insisted_on_is_asked_about_again(tmp_path: Path) -> None:
    code = new_code().open()
    mistyped = code[:-1] + ("2" if code[-1] != "2" else "3")
    stored(code=keycode.parse(mistyped), typing_confirmed=True)
    file = _taken_out(tmp_path, "csv")
    assert "Already there: 1." in _brought_back(file)
    _emptied()
    with pytest.raises(CommandError, match="Refused rows: 1"):
        _brought_back(file)


def test_what_was_left_out_of_a_file_stays_as_it_is(tmp_path: Path) -> None:
    """An empty cell says nothing: it takes no comment away."""
    key = stored(comment="kept")
    file = _taken_out(tmp_path, "csv")
    file.write_text(file.read_text("utf-8-sig").replace("kept", ""), "utf-8-sig")
    assert "Already there: 1." in _brought_back(file)
    key.refresh_from_db()
    assert key.comment == "kept"
