"""Whose a key is: chosen where there is a choice, settled where there is none, moved and shared by whoever may."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from keyportal.people.models import ScopedRole, User
from productkeys.models import ProductKey, Scope, TrailEntry
from productkeys.services import keys
from productkeys.services.keys import KeyValues
from productkeys.services.origin import PORTAL
from tests.factories import new_code, posted, stored
from tests.wizard import Wizard

pytestmark = pytest.mark.django_db

Signed = Callable[..., Client]


@pytest.fixture
def signed_in(in_role: Callable[..., User]) -> Signed:
    """A function that signs somebody in who keeps keys in these scopes, or has roles everywhere."""

    def make(
        *scopes: Scope, role: str = "Key manager", everywhere: tuple[str, ...] = (), staff: bool = False
    ) -> Client:
        person = in_role(*everywhere, username="somebody", is_staff=staff)
        for scope in scopes:
            ScopedRole.objects.create(person=person, role=Group.objects.get(name="Key manager"), scope=scope)
        client = Client()
        client.force_login(person)
        return client

    return make


def _page(client: Client, view: str, key: ProductKey | None = None) -> str:
    return client.get(reverse(f"productkeys:{view}", args=[key.pk] if key else [])).content.decode()


def _offered(page: str) -> list[str]:
    select = re.search(r'<select name="(?:general-)?scope".*?</select>', page, re.DOTALL)
    return re.findall(r">([^<>]+)</option>", select[0]) if select else []


# Adding


def _add(client: Client, **general: str) -> ProductKey:
    code = new_code()
    wizard = Wizard(client)
    wizard.send(**{"general-key_type": "mak", "general-name": "new", **general})
    wizard.send(
        **{
            "key-code": code.open(),
            "key-operating_system": "windows-11",
            "key-edition": "Enterprise",
            "key-usage": "activation",
            "key-quantity": "5",
        }
    )
    found: ProductKey = ProductKey.objects.get(name="new")
    return found


def test_a_new_key_goes_silently_where_its_person_may_put_keys(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    client = signed_in(berlin)
    assert _offered(_page(client, "add")) == []
    assert _add(client).scope == berlin


def test_who_keeps_all_keys_is_asked_whose_a_new_one_is(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    client = signed_in(everywhere=("Key manager",))
    assert _offered(_page(client, "add")) == ["Everybody&#x27;s", "Berlin", "Bonn"]
    assert _add(client, **{"general-scope": str(bonn.pk)}).scope == bonn


def test_a_choice_names_no_scope_without_a_right(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    Scope.objects.create(name="Cologne")
    client = signed_in(berlin, bonn)
    assert _offered(_page(client, "add")) == ["Choose …", "Berlin", "Bonn"]


def test_in_a_portal_with_a_single_scope_nobody_is_asked(berlin: Scope, signed_in: Signed) -> None:
    assert _offered(_page(signed_in(everywhere=("Key manager",)), "add")) == []


def test_the_trail_names_the_scope(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    key = _add(signed_in(berlin))
    assert TrailEntry.objects.get(subject_uid=key.uid).after["scope"] == "Berlin"


def test_another_one_like_it_stays_in_the_scope(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    client = signed_in(berlin, bonn)
    key = stored(scope_id=bonn.pk)
    page = client.get(reverse("productkeys:duplicate", args=[key.pk]), follow=True).content.decode()
    assert re.search(rf'<option value="{bonn.pk}" selected>Bonn', page)


def test_a_key_of_another_scope_cannot_be_added_and_is_not_named(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    code = new_code()
    stored(code=code, name="Bonn's secret name", scope_id=bonn.pk)
    wizard = Wizard(signed_in(berlin))
    wizard.send(**{"general-key_type": "mak", "general-name": "new"})
    wizard.send(
        **{
            "key-code": code.open(),
            "key-operating_system": "windows-11",
            "key-edition": "Enterprise",
            "key-usage": "activation",
            "key-quantity": "5",
        }
    )
    page = wizard.page.content.decode()
    assert "This product key cannot be added here." in page
    assert "Bonn" not in page
    assert code.open() not in page


# Moving and sharing


def _save(client: Client, key: ProductKey, **changes: object) -> int:
    return client.post(reverse("productkeys:edit", args=[key.pk]), posted(key, **changes)).status_code


def test_a_key_is_moved_by_whoever_may_change_it_here_and_add_it_there(
    berlin: Scope, bonn: Scope, signed_in: Signed
) -> None:
    key = stored(scope_id=berlin.pk)
    assert _save(signed_in(berlin, bonn), key, scope=bonn.pk) == 302
    key.refresh_from_db()
    assert key.scope == bonn
    entry = TrailEntry.objects.filter(subject_uid=key.uid).first()
    assert entry is not None
    assert (entry.before["scope"], entry.after["scope"]) == ("Berlin", "Bonn")


def test_where_a_key_may_not_be_moved_its_scope_is_text(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    key, client = stored(scope_id=berlin.pk), signed_in(berlin)
    page = _page(client, "edit", key)
    assert _offered(page) == []
    assert "<dt>Scope</dt><dd>Berlin</dd>" in page
    assert _save(client, key, scope=bonn.pk, name="renamed") == 302
    key.refresh_from_db()
    assert (key.scope, key.name) == (berlin, "renamed")


def test_a_key_is_shared_by_whoever_may_change_all(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    key, client = stored(scope_id=berlin.pk), signed_in(everywhere=("Key manager",))
    assert "Also shared with" in _page(client, "edit", key)
    assert _save(client, key, scope=berlin.pk, shared_with=[bonn.pk]) == 302
    assert list(key.shared_with.all()) == [bonn]
    entry = TrailEntry.objects.filter(subject_uid=key.uid).first()
    assert entry is not None
    assert (entry.before, entry.after) == ({"shared_with": []}, {"shared_with": ["Bonn"]})


def test_nobody_shares_a_key_by_a_right_in_a_scope(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    key, client = stored(scope_id=berlin.pk), signed_in(berlin, bonn)
    assert "Also shared with" not in _page(client, "edit", key)
    assert _save(client, key, scope=berlin.pk, shared_with=[bonn.pk]) == 302
    assert not key.shared_with.exists()


def test_who_comes_second_reads_scopes_by_name(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    key, client = stored(scope_id=berlin.pk), signed_in(everywhere=("Key manager",))
    stale = posted(key, scope=berlin.pk)
    _save(client, key, scope=bonn.pk)
    response = client.post(reverse("productkeys:edit", args=[key.pk]), stale | {"name": "mine"})
    assert response.status_code == 409
    assert '<th scope="row">Scope</th><td>Bonn</td>' in response.content.decode()


# What the pages of one key offer


@pytest.mark.parametrize(
    ("place", "status", "offers_edit", "offers_reveal"),
    [
        ("own", 200, True, False),
        ("shared", 200, False, False),
        ("everybody's", 200, False, False),
        ("foreign", 404, None, None),
    ],
)
def test_buttons_are_those_of_the_key(
    berlin: Scope,
    bonn: Scope,
    signed_in: Signed,
    place: str,
    status: int,
    offers_edit: bool | None,
    offers_reveal: bool | None,
) -> None:
    key = stored(scope_id={"own": berlin.pk, "everybody's": None}.get(place, bonn.pk))
    if place == "shared":
        key.shared_with.add(berlin)
    client = signed_in(berlin)
    response = client.get(key.get_absolute_url())
    assert response.status_code == status
    if status == 200:
        page = response.content.decode()
        assert (reverse("productkeys:edit", args=[key.pk]) in page) is offers_edit
        assert ('href="#reveal"' in page) is offers_reveal
        listed = client.get(reverse("productkeys:list"), {"open": key.pk}).content.decode()
        assert (reverse("productkeys:edit", args=[key.pk]) in listed) is offers_edit
        assert client.get(reverse("productkeys:edit", args=[key.pk])).status_code == (200 if offers_edit else 403)


def test_a_shared_key_names_no_scope_to_who_has_no_right_there(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    key = stored(scope_id=bonn.pk)
    key.shared_with.add(berlin)
    page = _page(signed_in(berlin), "detail", key)
    assert "<dt>Scope</dt><dd>shared with you</dd>" in page
    assert "Bonn" not in page


def test_a_refused_reveal_of_a_key_that_is_only_seen_is_recorded(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    key = stored(scope_id=berlin.pk)
    client = signed_in(berlin)
    assert client.post(reverse("productkeys:reveal", args=[key.pk]), {"reason": "ticket"}).status_code == 403
    assert TrailEntry.objects.filter(subject_uid=key.uid, action="reveal-refused").exists()


# Several keys at once


def test_keys_that_are_only_seen_are_refused_with_a_reason(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    own, shared = stored(name="own", scope_id=berlin.pk), stored(name="shared", scope_id=bonn.pk)
    shared.shared_with.add(berlin)
    client = signed_in(berlin)
    both = {"do": "archive", "key": [f"{key.pk}:{key.version}" for key in (own, shared)]}
    page = client.post(reverse("productkeys:bulk"), both).content.decode()
    assert "Your roles do not allow this for this key" in page
    client.post(reverse("productkeys:bulk"), both | {"step": "apply", "leaving_out": "1"})
    own.refresh_from_db()
    shared.refresh_from_db()
    assert (own.status, shared.status) == ("archived", "active")


@pytest.mark.parametrize("act", ["archive", "delete"])
def test_a_key_that_moved_away_meanwhile_stays_as_it_is(
    berlin: Scope, bonn: Scope, signed_in: Signed, act: str
) -> None:
    key, client = stored(scope_id=berlin.pk), signed_in(berlin)
    seen = {"do": act, "key": [f"{key.pk}:{key.version}"], "step": "apply"}
    ProductKey.objects.filter(pk=key.pk).update(scope=bonn)
    client.post(reverse("productkeys:bulk"), seen)
    key.refresh_from_db()
    assert key.status == "active"


# The administration


def test_a_row_of_the_admin_that_is_only_seen_is_closed_and_a_forged_one_refused(
    berlin: Scope, bonn: Scope, signed_in: Signed
) -> None:
    key, client = stored(name="seen", scope_id=bonn.pk), signed_in(berlin, staff=True)
    key.shared_with.add(berlin)
    address = reverse("admin:productkeys_productkey_changelist") + "?origin=own"
    page = client.get(address).content.decode()
    assert re.search(r'<input type="text" name="form-0-name"[^>]* disabled>', page)
    row = {"id": key.pk, "version": key.version, "name": "forged", "comment": key.comment}
    row |= {"initial-form-0-name": "seen"}
    forged = {f"form-0-{name}" if not name.startswith("initial") else name: value for name, value in row.items()}
    forged |= {"initial-form-0-comment": key.comment, "_save": "Save"}
    forged |= {f"form-{name}": value for name, value in {"TOTAL_FORMS": 1, "INITIAL_FORMS": 1}.items()}
    answer = client.post(address, forged).content.decode()
    assert "Your roles do not allow this for this key" in answer
    key.refresh_from_db()
    assert key.name == "seen"


def test_the_admin_asks_for_the_key_itself(berlin: Scope, bonn: Scope, signed_in: Signed) -> None:
    own, shared, foreign = (stored(scope_id=scope.pk) for scope in (berlin, bonn, bonn))
    shared.shared_with.add(berlin)
    client = signed_in(berlin, staff=True)
    address = {key: reverse("admin:productkeys_productkey_change", args=[key.pk]) for key in (own, shared, foreign)}
    assert 'name="_save"' in client.get(address[own]).content.decode()
    assert 'name="_save"' not in client.get(address[shared]).content.decode()
    assert client.post(address[shared], posted(shared)).status_code == 403
    assert client.get(reverse("admin:productkeys_productkey_delete", args=[shared.pk])).status_code == 403
    assert client.get(address[foreign]).status_code == 302  # to the index: there is no such key


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_portal_with_a_single_scope_never_shows_the_word(
    as_admin: Client, admin_user: User, number: int, language: str
) -> None:
    for name in ["Berlin"][:number]:
        Scope.objects.create(name=name)
    key = stored(scope_id=Scope.objects.values_list("pk", flat=True).first())
    admin_user.language = language
    admin_user.save()
    pages = [
        key.get_absolute_url(),
        reverse("productkeys:list") + f"?open={key.pk}",
        *(reverse("productkeys:list") + f"?facet={facet}" for facet in ("usage", "columns")),
        *(reverse(f"productkeys:{view}") for view in ("add", "trail", "rules")),
        *(reverse(f"productkeys:{view}", args=[key.pk]) for view in ("edit", "archive", "delete")),
        reverse("admin:productkeys_productkey_changelist"),
        reverse("admin:productkeys_productkey_add"),
        *(reverse(f"admin:productkeys_productkey_{page}", args=[key.pk]) for page in ("change", "history")),
    ]
    for address in pages:
        page = re.sub(r'scope="(row|col)"|<script.*?</script>', "", as_admin.get(address).content.decode())
        text = re.sub(r"<[^>]*>", " ", page)
        assert not re.search(r"\bscope|\bBereich", text, re.IGNORECASE), address


def test_the_history_names_no_scope_to_who_has_no_right_there(signed_in: Signed, berlin: Scope, bonn: Scope) -> None:
    key = stored(scope_id=bonn.pk)
    keys.change_key(key, KeyValues.of(key, scope_id=berlin.pk), seen_version=key.version, origin=PORTAL)
    history = f"/admin/productkeys/productkey/{key.pk}/history/"
    page = signed_in(berlin, staff=True).get(history).content.decode()
    assert "another scope" in page
    assert "Berlin" in page
    assert "Bonn" not in page
