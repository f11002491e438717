"""The keys of one purchase, pasted one per line: all are stored or none, and no faultless key comes back readable."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from productkeys.models import Agreement, ProductKey, Scope, TrailEntry
from productkeys.services import keys
from tests.factories import RETAIL, agreement, new_code, stored
from tests.made_up_keys import older_key
from tests.scoped import person_in, signed_in
from tests.wizard import mistyped

pytestmark = pytest.mark.django_db

FORM: dict[str, Any] = {
    "name": "{agreement} {last five}",
    "key_type": "retail",
    "operating_system": "windows-11",
    "edition": "Professional",
    "architecture": "x64",
    "usage": "installation_and_activation",
    "quantity": "1",
    "comment": "",
}


@pytest.fixture
def made() -> Agreement:
    return agreement("4500-1", vendor="Bechtle")


def _paste(client: Client, made: Agreement, *lines: str, **changes: Any) -> Any:
    address = reverse("productkeys:agreement-paste", args=[made.pk])
    return client.post(address, FORM | {"lines": "\r\n".join(lines)} | changes)


def _codes(number: int) -> list[str]:
    return [new_code().open() for _place in range(number)]


def _text(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def _shown_lines(answer: Any) -> list[str]:
    found = re.search(r'<textarea name="lines"[^>]*>(.*?)</textarea>', _text(answer), re.DOTALL)
    assert found
    return found[1].split()


def _kept(answer: Any) -> str:
    found = re.search(r'name="kept"(?: value="([^"]*)")?', _text(answer))
    assert found
    return found[1] or ""


def _own() -> list[ProductKey]:
    return list(ProductKey.objects.filter(published=False).order_by("pk"))


def test_fifty_keys_of_one_order_are_there_at_once(as_manager: Client, made: Agreement) -> None:
    codes = _codes(50)
    lines = ["", *(f"  {code.lower()} " for code in codes[:10]), "", *codes[10:]]
    answer = _paste(as_manager, made, *lines)
    assert answer.status_code == 302
    assert answer["Location"] == made.get_absolute_url()
    found = list(made.product_keys.order_by("pk"))
    assert [key.code.open() for key in found] == codes
    assert [key.name for key in found] == [f"4500-1 {code[-5:]}" for code in codes]
    assert {(key.key_type, key.quantity, key.edition) for key in found} == {("retail", 1, "Professional")}
    assert TrailEntry.objects.filter(action="added", after__agreement="4500-1").count() == 50
    assert "50 keys are stored under 4500-1." in _text(as_manager.get(made.get_absolute_url()))


def test_the_page_begins_with_what_most_purchases_are(as_manager: Client, made: Agreement) -> None:
    page = _text(as_manager.get(reverse("productkeys:agreement-paste", args=[made.pk])))
    assert 'value="{agreement} {last five}"' in page
    assert '<option value="retail" selected>' in page
    assert "at most 200 at once" in page


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("Front desk {number}", "Front desk 2"),
        ("{agreement}/{number}: {last five}", "4500-1/2: {}"),
        ("all alike", "all alike"),
    ],
)
def test_each_name_follows_the_pattern(as_manager: Client, made: Agreement, pattern: str, name: str) -> None:
    codes = _codes(2)
    _paste(as_manager, made, *codes, name=pattern)
    assert _own()[1].name == name.format(codes[1][-5:])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "{0.__class__}"}, "Nothing can be filled in for {0.__class__}."),
        ({"name": ""}, "The name is missing."),
        ({"name": "x" * 110 + "{agreement} {last five}"}, "120 characters"),
        ({"quantity": "0"}, "The quantity must be at least 1."),
        ({"key_type": "mak"}, "A MAK can be used for activation only."),
        ({"edition": "Starter"}, "Windows 11 never had the edition Starter."),
        ({"operating_system": ""}, "The operating system is missing."),
        ({"usage": ""}, "The use is missing."),
    ],
)
def test_what_is_wrong_with_all_is_said_once_and_the_keys_are_kept(
    as_manager: Client, made: Agreement, changes: dict[str, str], message: str
) -> None:
    codes = _codes(3)
    answer = _paste(as_manager, made, *codes, **changes)
    assert answer.status_code == 200
    assert 1 <= _text(answer).count(message) <= 3  # above the form, beside the field, on the card of the use
    assert _own() == []
    assert _shown_lines(answer) == []
    assert "3 keys without a fault are kept" in _text(answer)
    assert not any(code in _text(answer) or code[:23] in _text(answer) for code in codes)

    assert _paste(as_manager, made, kept=_kept(answer)).status_code == 302
    assert sorted(key.code.open() for key in _own()) == sorted(codes)


def test_a_line_at_fault_is_named_by_its_number_and_its_last_five(as_manager: Client, made: Agreement) -> None:
    good, wrong = _codes(2), new_code().open()
    wrong = wrong[:-1] + "A"
    answer = _paste(as_manager, made, good[0], "", wrong, good[1])
    page = " ".join(_text(answer).split())
    assert re.search(
        rf"Line 3 <span class=\"kp-key\">•••••-<b>{wrong[-5:]}</b></span></b> <span>[^<]*does not occur", page
    )
    assert _own() == []
    assert _shown_lines(answer) == [wrong]
    assert "2 keys without a fault are kept" in page
    assert not any(code[:23] in page for code in good)
    assert "no-store" in answer["Cache-Control"]

    right = new_code().open()
    assert _paste(as_manager, made, right, kept=_kept(answer)).status_code == 302
    assert {key.code.open() for key in _own()} == {*good, right}


def test_words_around_the_keys_of_a_letter_are_not_shown_as_ends_of_keys(as_manager: Client, made: Agreement) -> None:
    answer = _paste(as_manager, made, "Sehr geehrte Kundin,", *_codes(2), "Pos. Artikel Lizenzschlüssel")
    page = " ".join(_text(answer).split())
    assert re.findall(r"<b>(Line \d+)(.*?)</b> <span>(This is no product key)", page) == [
        ("Line 1", "", "This is no product key"),
        ("Line 4", "", "This is no product key"),
    ]


FAULTS = {
    "no key at all": ("hello", "is no product key"),
    "too short": (lambda: new_code().open()[:17], "A product key has 25 characters"),
    "without N": (lambda: older_key(640_200), "always hold the letter N"),
    "a published one": (lambda: "W269N-WFGWX-YVC9B-4J6C9-T83GX", "the published GVLK"),
    "far too long": (lambda: "x" * 500, "too long for one product key"),
}


@pytest.mark.parametrize(("line", "message"), FAULTS.values(), ids=FAULTS)
def test_one_line_at_fault_stores_nothing(as_manager: Client, made: Agreement, line: Any, message: str) -> None:
    text = line if isinstance(line, str) else line()
    answer = _paste(as_manager, made, new_code().open(), text)
    assert answer.status_code == 200
    assert message in _text(answer)
    assert _shown_lines(answer) == [text]
    assert _own() == []


def test_a_possible_typing_error_is_stored_once_it_is_confirmed(as_manager: Client, made: Agreement) -> None:
    wrong = mistyped(new_code().open())
    answer = _paste(as_manager, made, wrong, new_code().open())
    assert "Possible typing error" in _text(answer)
    assert 'type="checkbox" name="typing_confirmed"' in _text(answer)
    assert _paste(as_manager, made, wrong, kept=_kept(answer), typing_confirmed="on").status_code == 302
    assert len(_own()) == 2


def test_what_is_stored_already_is_left_out_from_then_on(as_manager: Client, made: Agreement) -> None:
    there, code = stored(RETAIL, name="Front desk"), new_code().open()
    answer = _paste(as_manager, made, there.code.open(), code)
    page = _text(answer)
    assert "This product key is stored already, as “Front desk”." in page
    assert "It is left out from now on." in page
    assert there.code.open()[:23] not in page
    assert not made.product_keys.exists()
    assert _paste(as_manager, made, kept=_kept(answer)).status_code == 302
    assert [key.code.open() for key in made.product_keys.all()] == [code]


def test_a_key_that_is_pasted_twice_is_added_once(as_manager: Client, made: Agreement) -> None:
    code = new_code().open()
    answer = _paste(as_manager, made, code, code.lower().replace("-", ""))
    assert "Line 2" in _text(answer)
    assert "It is pasted twice." in _text(answer)
    assert _paste(as_manager, made, kept=_kept(answer)).status_code == 302
    assert len(_own()) == 1


def test_more_than_two_hundred_are_too_many(as_manager: Client, made: Agreement) -> None:
    codes = _codes(201)
    answer = _paste(as_manager, made, *codes)
    assert "At most 200 keys are added at once; these are 201." in _text(answer)
    assert _shown_lines(answer) == codes  # the text as a whole is at fault, and nothing of it is lost
    assert _own() == []


def test_no_line_at_all(as_manager: Client, made: Agreement) -> None:
    assert "Paste at least one." in _text(_paste(as_manager, made, "", "  "))


def test_kept_keys_can_be_forgotten(as_manager: Client, made: Agreement) -> None:
    kept = _kept(_paste(as_manager, made, *_codes(2), name=""))
    code = new_code().open()
    assert _paste(as_manager, made, code, kept=kept, forget="on").status_code == 302
    assert [key.code.open() for key in _own()] == [code]


def test_kept_keys_are_of_no_use_to_others_or_elsewhere(as_manager: Client, as_admin: Client, made: Agreement) -> None:
    kept = _kept(_paste(as_manager, made, *_codes(2), name=""))
    for client, paper in ((as_admin, made), (as_manager, agreement("4500-2"))):
        assert "Paste at least one." in _text(_paste(client, paper, kept=kept))
    for nonsense in ("x", "kp1.e1.AAAA", f"{kept[:-4]}AAAA"):
        assert "Paste at least one." in _text(_paste(as_manager, made, kept=nonsense))


def test_a_kept_key_that_somebody_stores_meanwhile_is_named_without_a_line(as_manager: Client, made: Agreement) -> None:
    code = new_code()
    answer = _paste(as_manager, made, code.open(), name="")
    stored(RETAIL, name="Theirs", code=code)
    answer = _paste(as_manager, made, kept=_kept(answer))
    assert "Kept key" in _text(answer)
    assert "stored already, as “Theirs”" in _text(answer)


def test_somebody_who_is_faster_at_the_very_moment_stops_all_of_it(
    as_manager: Client, made: Agreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [new_code(), new_code()]
    add, at = keys.add_key, iter([None])

    def add_slowly(*given: Any, **named: Any) -> Any:
        if next(at, "done") is None:
            stored(RETAIL, name="Theirs", code=codes[1])
        return add(*given, **named)

    monkeypatch.setattr(keys, "add_key", add_slowly)
    _paste(as_manager, made, *(code.open() for code in codes))
    assert not made.product_keys.exists()


def test_keys_of_a_scope_come_under_an_agreement_of_everybody(berlin: Scope, bonn: Scope, made: Agreement) -> None:
    client = signed_in(person_in(berlin, "Key manager"))
    assert _paste(client, made, *_codes(2)).status_code == 302
    assert {key.scope for key in made.product_keys.all()} == {berlin}
    theirs = agreement("Rheinvertrag", scope_id=bonn.pk)
    assert _paste(client, theirs, *_codes(1)).status_code == 404
    assert not theirs.product_keys.exists()


def test_it_needs_the_right_to_add(as_viewer: Client, made: Agreement) -> None:
    assert _paste(as_viewer, made, *_codes(1)).status_code == 403
    assert "Paste keys" not in _text(as_viewer.get(made.get_absolute_url()))
