"""The page "Which key is this?": what machines show is pasted, and the entries that it belongs to are named."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keyportal.people.models import ScopedRole, User
from productkeys.domain.choices import Status
from productkeys.domain.pasted import take_keys
from productkeys.forms.identify import MAX_CHARACTERS
from productkeys.models import ProductKey, Scope, TrailEntry, reference
from productkeys.services import keys
from productkeys.services.origin import PORTAL
from tests.factories import MAK, RETAIL, new_code, stored
from tests.made_up_keys import made_up_key
from tests.test_identify_a_key import DLI_GERMAN

pytestmark = pytest.mark.django_db

PAGE = reverse("productkeys:identify")
GVLK = "W269N-WFGWX-YVC9B-4J6C9-T83GX"


def asked(client: Client, text: str) -> Any:
    return client.post(PAGE, {"text": text})


def read(client: Client, text: str) -> str:
    return unescape(asked(client, text).content.decode())


# Whole keys in a text


@pytest.mark.parametrize(
    "written", [GVLK, GVLK.lower(), GVLK.replace("-", ""), GVLK.replace("-", " "), f"PC0815;{GVLK};26100", f"({GVLK})"]
)
def test_a_whole_key_is_taken_however_it_is_written(written: str) -> None:
    codes, rest = take_keys(f"before\n{written}\nafter")
    assert [code.open() for code in codes] == [GVLK]
    assert "T83GX" not in rest
    assert rest.startswith("before\n")
    assert rest.endswith("\nafter")


@pytest.mark.parametrize("between", ["\n", " "])
def test_partial_keys_side_by_side_are_no_whole_key(between: str) -> None:
    text = between.join(["T83GX", "7Q4KM", "2YT43", "J462D", "6VM33"])
    assert take_keys(text) == ({}, text)


def test_a_mistyped_key_leaves_its_end() -> None:
    codes, rest = take_keys("w26nn-wfgwx-yvc9b-4j6c9-t83gx")
    assert codes == {}
    assert rest.strip() == "•••••-•••••-•••••-•••••-T83GX"


def test_the_same_key_twice_is_one_that_stands_there_twice() -> None:
    codes, _rest = take_keys(f"{GVLK}\n{GVLK.lower()}")
    assert [(code.open(), times) for code, times in codes.items()] == [(GVLK, 2)]


# The page


def test_the_entry_of_each_partial_key_is_named_or_that_there_is_none(as_viewer: Client) -> None:
    mak = stored()
    page = read(as_viewer, f"{mak.last_five}\nT83GX\nBBBBB")
    assert "Keys with an entry: 2 of 3" in page
    assert f'href="{mak.get_absolute_url()}">{mak.name}</a>' in page
    assert "No entry that you may see" in page


def test_an_inventory_says_how_many_machines_have_a_key(as_viewer: Client) -> None:
    page = read(as_viewer, "PC1;T83GX\nPC2;T83GX\nPC3;2YT43\nPC4;T83GX")
    assert "3 times" in page
    assert page.count("times</span>") == 1


def test_what_the_machine_says_stands_beside_it(as_viewer: Client) -> None:
    page = read(as_viewer, DLI_GERMAN)
    assert "Windows(R), ServerStandard" in page
    assert "VOLUME_MAK" in page


def test_an_archived_key_is_found_and_marked(as_viewer: Client) -> None:
    key = stored()
    keys.set_status(key, Status.ARCHIVED, seen_version=1, origin=PORTAL)
    page = read(as_viewer, key.last_five)
    assert key.get_absolute_url() in page
    assert "Archived</span>" in page


def test_several_entries_with_the_same_end_are_all_named(as_viewer: Client) -> None:
    one, other = stored(), stored(RETAIL)
    ProductKey.objects.filter(pk=other.pk).update(last_five=one.last_five)
    page = read(as_viewer, one.last_five)
    assert one.get_absolute_url() in page
    assert other.get_absolute_url() in page
    assert page.count("several end like this") == 2


def test_a_whole_key_is_found_exactly_and_never_shown_again(as_viewer: Client) -> None:
    key, alike = stored(), stored(RETAIL)
    ProductKey.objects.filter(pk=alike.pk).update(last_five=key.last_five)
    answer = asked(as_viewer, f"It is {key.code.open().lower()}, I think.")
    page = answer.content.decode()
    assert key.get_absolute_url() in page
    assert alike.get_absolute_url() not in page
    assert key.code.open()[:17].lower() not in page.lower()
    assert "no-store" in answer["Cache-Control"]


def test_an_unknown_whole_key_leads_to_the_wizard_without_the_key(as_manager: Client, as_viewer: Client) -> None:
    code = made_up_key(881_001)
    page = read(as_manager, code)
    assert "No entry that you may see" in page
    assert f'href="{reverse("productkeys:add")}"' in page
    assert code[:11] not in page
    assert "Add it" not in read(as_viewer, code)


def test_a_key_of_another_scope_is_not_there(in_role: Callable[..., User], berlin: Scope, bonn: Scope) -> None:
    reference.forget()
    key = stored(scope_id=berlin.pk)
    person = in_role()
    ScopedRole.objects.create(person=person, role=Group.objects.get(name="Viewer"), scope=bonn)
    client = Client()
    client.force_login(person)
    for text in (key.last_five, key.code.open()):
        page = read(client, text)
        assert "No entry that you may see" in page
        assert key.name not in page


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Nothing is here yet"),
        ("   \n ", "Nothing is here yet"),
        ("Hello, is it me", "No key was found in this text"),
        ("x" * (MAX_CHARACTERS + 1), "at most 500,000 are read at once"),
        ("a\0b", "Null characters are not allowed"),
    ],
)
def test_what_cannot_be_looked_up_is_said_beside_the_field(as_viewer: Client, text: str, message: str) -> None:
    page = read(as_viewer, text)
    assert message in page
    assert 'aria-invalid="true"' in page


def test_many_keys_take_no_more_queries_than_one(as_viewer: Client) -> None:
    def queries(text: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert asked(as_viewer, text).status_code == 200
        # The reference data is read anew every ten seconds, whatever the page asks.
        return sum('FROM "productkeys_productkey"' in query["sql"] for query in captured)

    for _number in range(20):
        keys.add_key(keys.KeyValues(**MAK, code=new_code()), origin=PORTAL)
    ends = list(ProductKey.objects.values_list("last_five", flat=True))
    whole = [key.code.open() for key in ProductKey.objects.all()]
    assert len(ends) > 100
    assert queries("\n".join([*ends, *whole])) == queries("\n".join([*ends[:1], *whole[:1]])) <= 3


def test_nothing_of_it_is_recorded(as_viewer: Client) -> None:
    before = TrailEntry.objects.count()
    asked(as_viewer, GVLK)
    assert TrailEntry.objects.count() == before


# A key without an entry becomes one


DLV_GERMAN = """Softwarelizenzierungsdienst-Version: 10.0.26100.1742

Name: Windows(R), Enterprise edition
Beschreibung: Windows(R) Operating System, VOLUME_MAK channel
Product Key-Kanal: Volume:MAK
Teil-Product Key: 7Q4KM
Lizenzstatus: Lizenziert
"""


def test_the_wizard_begins_with_what_the_machine_says_of_the_key(as_manager: Client) -> None:
    page = read(as_manager, DLV_GERMAN)
    told = dict(re.findall(r'<input type="hidden" name="(key_type|operating_system|edition)" value="([^"]*)">', page))
    assert told == {"key_type": "mak", "operating_system": "windows-11", "edition": "Enterprise"}

    answer = as_manager.post(PAGE, told | {"add": "1"}, follow=True)
    assert answer.context["form"].initial == {"key_type": "mak", "name": "Windows 11, Enterprise"}
    second = as_manager.get(answer.redirect_chain[-1][0].replace("general", "key"))
    assert {"operating_system": "windows-11", "edition": "Enterprise"}.items() <= second.context["form"].initial.items()


def test_a_machine_that_does_not_tell_its_version_leaves_the_product_open(as_manager: Client) -> None:
    page = read(as_manager, DLV_GERMAN.partition("\n\n")[2])
    assert 'name="key_type" value="mak"' in page
    assert 'name="operating_system" value=""' in page


def test_only_who_may_add_keys_begins_the_wizard_here(as_viewer: Client, as_manager: Client) -> None:
    assert 'name="add"' not in read(as_viewer, DLV_GERMAN)
    assert as_viewer.post(PAGE, {"add": "1", "key_type": "mak"}).status_code == 403
    for wrong in ({"operating_system": GVLK}, {"operating_system": "windows-11", "edition": "Starter"}):
        assert as_manager.post(PAGE, wrong | {"add": "1"}).status_code == 403
