"""The sealed field: however a key is written, it is sealed for its entry; however it is shown, it is the mask."""

import copy
import json
import pickle
from io import StringIO
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.core import serializers
from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from productkeys import encryption
from productkeys.domain import keycode
from productkeys.domain.keycode import KeyCode
from productkeys.fields import SEALED_COLUMNS
from productkeys.key_ring_source import key_ring
from productkeys.models import ProductKey
from productkeys.services import keys
from productkeys.services.keys import KeyValues
from productkeys.services.origin import PORTAL
from tests.canary import Canaries
from tests.factories import MAK, new_code, stored

pytestmark = pytest.mark.django_db


def _row(key: ProductKey) -> tuple[str, str, str]:
    """What the database holds, past every field: the ciphertext, the fingerprint, the last five."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, fingerprint_odd, last_five FROM productkeys_productkey WHERE id = %s",
            [key.pk],
        )
        code, fingerprint, last_five = cursor.fetchone()
    return code, fingerprint, last_five


def _assert_sealed(key: ProductKey, code: KeyCode) -> None:
    ciphertext, fingerprint, last_five = _row(key)
    assert encryption.is_sealed(ciphertext)
    assert encryption.open_sealed(ciphertext, bound_to=f"productkey:{key.uid}") == code.open()
    assert fingerprint == encryption.fingerprint(code.open(), key=key_ring().keys[1])
    assert ProductKey.objects.holding(code).get() == key
    assert last_five == code.last_five
    canaries = Canaries([code.open()])
    canaries.search("row", "".join(_row(key)))
    assert canaries.sightings == []


class TestWriting:
    def test_create(self) -> None:
        code = new_code()
        _assert_sealed(ProductKey.objects.create(**MAK, code=code), code)

    def test_a_typed_text_is_normalised_first(self) -> None:
        code = new_code()
        typed = f' "{code.open().lower().replace("-", " – ")}" '
        _assert_sealed(ProductKey.objects.create(**MAK, code=typed), code)

    def test_a_text_that_is_no_key_is_refused(self) -> None:
        with pytest.raises(keycode.KeyFormatError):
            ProductKey(**MAK, code="not a product key")

    def test_get_or_create(self) -> None:
        code = new_code()
        others = {name: value for name, value in MAK.items() if name != "name"}
        key, created = ProductKey.objects.get_or_create(name="Once", defaults=others | {"code": code})
        again, created_again = ProductKey.objects.get_or_create(name="Once", defaults=others | {"code": new_code()})
        assert (created, created_again, again) == (True, False, key)
        _assert_sealed(key, code)

    def test_assign_and_save(self) -> None:
        key, code = stored(), new_code()
        key.code = code
        key.save()
        _assert_sealed(key, code)

    def test_saving_the_code_alone_writes_what_follows_from_it(self) -> None:
        key, code = stored(), new_code()
        key.code = code
        key.save(update_fields=["code"])
        _assert_sealed(key, code)
        found = ProductKey.objects.get(pk=key.pk)
        assert code.last_five.casefold() in found.search_text

    def test_bulk_create(self) -> None:
        codes = [new_code(), new_code()]
        rows = [ProductKey(**MAK, code=code) for code in codes]
        for row in rows:
            row.prepare_text()
        for key, code in zip(ProductKey.objects.bulk_create(rows), codes, strict=True):
            _assert_sealed(key, code)

    def test_bulk_update_that_names_all_that_belong_together(self) -> None:
        pairs = [(stored(), new_code()), (stored(), new_code())]
        for key, code in pairs:
            key.code = code
        ProductKey.objects.bulk_update([key for key, _code in pairs], SEALED_COLUMNS)
        for key, code in pairs:
            _assert_sealed(key, code)

    def test_update_takes_a_sealed_value_and_never_a_plain_one(self) -> None:
        key, code = stored(), new_code()
        for plain in (code.open(), code):
            with pytest.raises(TypeError, match="stored sealed"):
                ProductKey.objects.filter(pk=key.pk).update(code=plain)

    @pytest.mark.parametrize("lookup", ["code", "code__in"])
    def test_nobody_looks_a_key_up_by_its_text(self, lookup: str) -> None:
        plain: Any = new_code().open()
        with pytest.raises(TypeError, match="stored sealed"):
            ProductKey.objects.filter(**{lookup: [plain] if lookup == "code__in" else plain}).exists()

    def test_a_sealed_value_cannot_move_to_another_entry(self) -> None:
        first, second = stored(), stored()
        with pytest.raises(TypeError, match="belongs to one entry"):
            second.code = first.code

    def test_the_same_key_is_sealed_differently_each_time(self) -> None:
        key, code = stored(), new_code()
        key.code = code
        before = key.code.token
        key.code = code
        assert key.code.token != before


class TestReading:
    def test_it_reads_as_its_mask_until_it_is_opened(self) -> None:
        code = new_code()
        key = ProductKey.objects.get(pk=stored(code=code).pk)
        assert str(key.code) == f"•••••-•••••-•••••-•••••-{code.last_five}"
        assert key.code.open() == code.open()

    @pytest.mark.parametrize(
        "show",
        [
            str,
            repr,
            "{}".format,
            "{!r:>60}".format,
            json.dumps,
            lambda value: json.dumps({"a": [value]}, cls=DjangoJSONEncoder),
            pickle.dumps,
            "".join,
            lambda value: value.upper() + value[:] + value,
            lambda value: repr(copy.deepcopy(value)),
            lambda value: repr(vars(value)),
        ],
    )
    def test_nothing_shows_more_than_the_mask(self, show: Any) -> None:
        code = new_code()
        key = stored(code=code)
        canaries = Canaries([code.open()])
        canaries.search("shown", show(key.code))
        canaries.search("whole entry", repr(vars(key)) + repr(key) + str(pickle.dumps(key)))
        assert canaries.sightings == []

    def test_a_pickled_entry_comes_back_sealed(self) -> None:
        code = new_code()
        key = pickle.loads(pickle.dumps(stored(code=code)))  # noqa: S301  # our own bytes
        assert key.code.open() == code.open()

    def test_a_deferred_key_is_fetched_when_it_is_asked_for(self) -> None:
        code = new_code()
        pk = stored(code=code).pk
        assert ProductKey.objects.defer("code").get(pk=pk).code.open() == code.open()
        assert ProductKey.objects.only("code", "uid", "last_five").get(pk=pk).code.open() == code.open()
        assert ProductKey.objects.only("code").get(pk=pk).code.open() == code.open()

    def test_values_give_the_ciphertext(self) -> None:
        assert encryption.is_sealed(str(ProductKey.objects.values_list("code", flat=True).get(pk=stored().pk)))

    def test_a_ciphertext_that_was_moved_does_not_open(self) -> None:
        key, other = stored(), stored()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE productkeys_productkey SET code = %s WHERE id = %s", [_row(other)[0], key.pk])
        moved = ProductKey.objects.get(pk=key.pk)
        assert str(moved.code).endswith(key.last_five)
        with pytest.raises(InvalidTag):
            moved.code.open()

    def test_a_ciphertext_that_was_changed_does_not_open(self) -> None:
        key = stored()
        token = _row(key)[0]
        changed = token[:-3] + ("A" if token[-3] != "A" else "B") + token[-2:]
        ProductKey.objects.filter(pk=key.pk).update(code=changed)
        with pytest.raises(InvalidTag):
            ProductKey.objects.get(pk=key.pk).code.open()


class TestDumpAndLoad:
    def test_a_dump_holds_ciphertext_and_loads_again(self) -> None:
        code = new_code()
        key = stored(code=code)
        dump = StringIO()
        call_command("dumpdata", "productkeys.productkey", pks=str(key.pk), stdout=dump)
        canaries = Canaries([code.open()])
        canaries.search("dump", dump.getvalue())
        assert canaries.sightings == []
        key.delete()
        for row in serializers.deserialize("json", dump.getvalue()):
            row.save()
        _assert_sealed(ProductKey.objects.get(uid=key.uid), code)

    def test_a_fixture_with_a_plain_key_seals_it_on_the_way_in(self) -> None:
        code = new_code()
        fields = MAK | {"uid": "00000000-0000-4000-8000-000000000002", "code": code.open()}
        fields["operating_system"] = fields.pop("operating_system_id")
        text = json.dumps([{"model": "productkeys.productkey", "fields": fields}])
        for row in serializers.deserialize("json", text):
            row.save()
        _assert_sealed(ProductKey.objects.get(uid=fields["uid"]), code)


def test_a_changed_ciphertext_of_a_published_key_takes_no_page_down(
    as_viewer: Client, standard_keys: QuerySet[ProductKey], caplog: pytest.LogCaptureFixture
) -> None:
    changed, other = standard_keys.get(last_five="T83GX"), standard_keys.get(last_five="2YT43")
    ProductKey.objects.filter(pk=changed.pk).update(code=other.code)
    for address in (reverse("productkeys:list"), changed.get_absolute_url()):
        page = as_viewer.get(address)
        assert page.status_code == 200
        assert "W269N" not in page.content.decode()
    assert f"ALARM: the sealed product key of the entry {changed.uid}" in caplog.text


def test_a_changed_ciphertext_is_a_problem_and_an_alarm_where_the_product_changes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    key, other = stored(), stored()
    ProductKey.objects.filter(pk=key.pk).update(code=other.code)
    key.refresh_from_db()
    values = KeyValues.of(key, operating_system_id="windows-10")
    assert [problem.code for problem in keys.problems_of(values, origin=PORTAL, key=key)] == ["stored_key_unreadable"]
    assert "ALARM" in caplog.text
