"""What somebody tries who has half a chance: a forged form, a stolen session, a page from before, a name that bites.

What concerns one page alone (guessing at sign-in, reveal by GET, foreign hosts, frames) is in the module of that page.
"""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.admin import base
from productkeys.models import ProductKey, Scope, TrailEntry
from tests.factories import posted, stored
from tests.routes import address_of, all_routes
from tests.wizard import Wizard

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough passphrase"
LOGIN = reverse("account_login")
REASON = {"reason": "device", "note": "INC-20418"}


@pytest.fixture
def key() -> ProductKey:
    return stored()


def test_no_address_takes_a_form_from_another_site(admin_user: User, key: ProductKey) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    before = (list(ProductKey.objects.order_by("pk").values()), TrailEntry.objects.count(), User.objects.count())
    addresses = [address_of(path, pk=key.pk, uid=key.uid) for _name, path in all_routes()]
    answers = {address: client.post(address, REASON | posted(key)).status_code for address in addresses}
    assert len(answers) > 40
    # Refused for the missing token, or there is nothing at that address, or nothing that takes a form.
    assert {address: status for address, status in answers.items() if status not in (403, 404, 405)} == {}
    assert (
        list(ProductKey.objects.order_by("pk").values()),
        TrailEntry.objects.count(),
        User.objects.count(),
    ) == before


def _sign_in(client: Client) -> None:
    User.objects.create_user("mara", password=PASSWORD)
    assert client.post(LOGIN, {"login": "mara", "password": PASSWORD}).status_code == 302


def test_a_session_that_was_planted_before_is_not_the_one_after_signing_in(client: Client) -> None:
    client.get(LOGIN)
    session = client.session
    session["planted"] = True
    session.save()
    planted = str(session.session_key)
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    _sign_in(client)
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert thief.get(reverse("people:preferences"))["Location"].startswith(LOGIN)


def test_a_session_that_was_made_up_is_not_adopted(client: Client) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    _sign_in(client)
    assert client.session.session_key != "a" * 32


def test_after_signing_out_a_copied_session_is_worth_nothing(client: Client) -> None:
    _sign_in(client)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = str(client.session.session_key)
    assert thief.get(reverse("people:preferences")).status_code == 200
    client.post(reverse("account_logout"))
    assert thief.get(reverse("people:preferences"))["Location"].startswith(LOGIN)


def _take_away(person: User, right: str) -> None:
    person.user_permissions.remove(Permission.objects.get(codename=f"{right}_productkey"))


def test_a_right_that_is_taken_away_between_page_and_button_is_gone(
    as_revealer: Client, revealer: User, as_manager: Client, manager: User, key: ProductKey
) -> None:
    as_revealer.get(key.get_absolute_url())
    _take_away(revealer, "reveal")
    assert as_revealer.post(reverse("productkeys:reveal", args=[key.pk]), REASON).status_code == 403

    address = reverse("productkeys:edit", args=[key.pk])
    as_manager.get(address)
    _take_away(manager, "change")
    assert as_manager.post(address, posted(key, name="Mine")).status_code == 403
    _take_away(manager, "view")
    assert as_manager.post(reverse("productkeys:delete", args=[key.pk]), {"version": key.version}).status_code == 404
    key.refresh_from_db()
    assert key.name != "Mine"


def test_who_is_deactivated_is_out_at_the_next_click(as_revealer: Client, revealer: User, key: ProductKey) -> None:
    as_revealer.get(key.get_absolute_url())
    revealer.is_active = False
    revealer.save()
    answer = as_revealer.post(reverse("productkeys:reveal", args=[key.pk]), REASON)
    assert answer["Location"].startswith(LOGIN)
    assert not TrailEntry.objects.filter(action="revealed").exists()


def test_a_key_that_was_archived_between_page_and_button_stays_as_it_is(
    as_manager: Client, as_admin: Client, key: ProductKey
) -> None:
    form = posted(key, name="Changed meanwhile")
    as_admin.post(reverse("productkeys:archive", args=[key.pk]), {"version": key.version})
    answer = as_manager.post(reverse("productkeys:edit", args=[key.pk]), form)
    assert answer.status_code == 409
    key.refresh_from_db()
    assert (key.status, key.name) == ("archived", "Windows 11 Enterprise, head office")


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ settings }}{% now %}"]
)
def test_a_name_is_text_and_nothing_else_on_every_page(as_admin: Client, name: str) -> None:
    key = stored(name=name, comment=name)
    pages = [
        reverse("productkeys:list"),
        f"{reverse('productkeys:list')}?open={key.pk}&page=1",
        key.get_absolute_url(),
        *(reverse(f"productkeys:{verb}", args=[key.pk]) for verb in ("edit", "duplicate", "archive", "delete")),
        reverse("productkeys:trail"),
        "/admin/productkeys/productkey/",
        f"/admin/productkeys/productkey/{key.pk}/change/",
        f"/admin/productkeys/productkey/{key.pk}/history/",
    ]
    for address in pages:
        page = as_admin.get(address, follow=True).content.decode()
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address
    assert name in unescape(as_admin.get(key.get_absolute_url()).content.decode())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Office \u202eKAM", "change the direction of writing"),
        ("x" * 10_000, "at most 120 characters (it has 10000)"),
        ("a\0b", "Null characters are not allowed."),
        ("Off\u200bice", "Character 4 of this text is invisible: U+200B ZERO WIDTH SPACE."),
        ("Office \x1b[31m", "Character 8 of this text is invisible: U+001B."),
    ],
)
def test_a_name_that_bites_is_refused_beside_its_field(as_manager: Client, name: str, message: str) -> None:
    page = Wizard(as_manager).send(key_type="mak", name=name).page.content.decode()
    assert message in page
    assert not ProductKey.objects.filter(published=False).exists()


def test_a_body_that_is_too_large_is_refused_before_it_is_read(as_manager: Client) -> None:
    body = "name=" + "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    answer = as_manager.post(reverse("productkeys:search"), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413


def test_a_form_with_ten_thousand_fields_is_refused(as_manager: Client) -> None:
    answer = as_manager.post(reverse("productkeys:search"), {f"field{number}": "" for number in range(10_000)})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("address", "act", "ticked"),
    [
        *(("/admin/productkeys/productkey/", "archive_selected", ticked) for ticked in ("9" * 30, "x", "\u00b2", "\0")),
        *(("/admin/people/user/", "deactivate", ticked) for ticked in ("9" * 30, "x", "\u00b2", "\0")),
        ("/admin/productkeys/operatingsystem/", "delete_selected", "\0"),
    ],
)
def test_an_act_on_what_cannot_be_there_does_nothing(as_admin: Client, address: str, act: str, ticked: str) -> None:
    entries = TrailEntry.objects.count()
    sent = {"action": act, "_selected_action": [ticked, "1"], "index": "0"}
    assert as_admin.post(address, sent).status_code == 302
    assert TrailEntry.objects.count() == entries


@pytest.mark.parametrize(
    ("address", "rows"),
    [
        ("/admin/people/user/{pk}/change/", "scoped_roles"),
        ("/admin/productkeys/operatingsystem/windows-11/change/", "offerings"),
        ("/admin/productkeys/productkey/", "form"),
    ],
)
def test_a_form_that_says_it_has_a_million_rows_is_refused_unread(
    as_admin: Client, admin_user: User, monkeypatch: pytest.MonkeyPatch, address: str, rows: str
) -> None:
    monkeypatch.setattr(base, "_MOST_ROWS", 20)
    for name in ("Berlin", "Bonn"):
        Scope.objects.create(name=name)
    address = address.format(pk=admin_user.pk)
    sent = dict(re.findall(r'name="([^"]+-(?:TOTAL|INITIAL)_FORMS)" value="([^"]*)"', _text(as_admin.get(address))))
    assert f"{rows}-TOTAL_FORMS" in sent
    page = _text(as_admin.post(address, sent | {f"{rows}-TOTAL_FORMS": "1000000", "_save": "Save"}))
    assert f'id="id_{rows}-19-' in page
    assert f'id="id_{rows}-20-' not in page


def _text(answer: Any) -> str:
    text: str = answer.content.decode()
    return text
