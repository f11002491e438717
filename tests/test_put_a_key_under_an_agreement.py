"""What a key was bought under: chosen where there is something to choose, shown beside it, changed like all it is."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import Agreement, ProductKey, Scope, TrailEntry
from productkeys.services import agreements, keys
from productkeys.services.keys import KeyValues, Refused
from productkeys.services.origin import PORTAL, Origin
from tests.admin_keys import typed
from tests.factories import MAK, agreement, new_code, posted, stored
from tests.scoped import person_in, signed_in
from tests.wizard import WINDOWS_11_ENTERPRISE, Wizard

pytestmark = pytest.mark.django_db


def _edit(client: Client, key: ProductKey, **changes: Any) -> Any:
    return client.post(reverse("productkeys:edit", args=[key.pk]), posted(key, **changes))


def _offered(page: str) -> list[str]:
    select = re.search(r'<select[^>]* name="(?:general-)?agreement".*?</select>', page, re.DOTALL)
    return re.findall(r">([^<>]+)</option>", select[0]) if select else []


def _page(client: Client, view: str, key: ProductKey | None = None) -> str:
    return client.get(reverse(f"productkeys:{view}", args=[key.pk] if key else [])).content.decode()


# Adding


def test_a_key_is_added_under_an_agreement(as_manager: Client) -> None:
    made = agreement("4500-1", vendor="Bechtle")
    wizard = Wizard(as_manager)
    assert _offered(wizard.text) == ["none", "4500-1 · Bechtle"]
    wizard.send(**{"general-key_type": "mak", "general-name": "new", "general-agreement": str(made.pk)})
    wizard.send(code=new_code().open(), quantity="5", **WINDOWS_11_ENTERPRISE)
    key = ProductKey.objects.get(name="new")
    assert key.agreement == made
    assert TrailEntry.objects.latest("id").after["agreement"] == "4500-1"


def test_a_portal_without_agreements_says_nothing_of_them(as_manager: Client) -> None:
    key = stored()
    assert 'name="general-agreement"' not in Wizard(as_manager).text
    for view in ("edit", "detail"):
        assert "greement" not in _page(as_manager, view, key).split('id="content"')[1]
    assert (
        "greement"
        not in as_manager.get(reverse("admin:productkeys_productkey_change", args=[key.pk]))
        .content.decode()
        .split('id="content"')[1]
    )


def test_two_thousand_agreements_are_offered_in_no_time(as_manager: Client) -> None:
    Agreement.objects.bulk_create(Agreement(number=f"4500-{number:04}", vendor="Bechtle") for number in range(2000))
    page = Wizard(as_manager)
    assert len(_offered(page.text)) == 2001
    wanted = Agreement.objects.get(number="4500-1234")
    page.send(**{"general-key_type": "mak", "general-name": "new", "general-agreement": str(wanted.pk)})
    assert page.step == "key"


def test_another_key_like_it_is_under_the_same_agreement(as_manager: Client) -> None:
    key = stored(agreement_id=agreement("4500-1").pk)
    page = as_manager.get(reverse("productkeys:duplicate", args=[key.pk]), follow=True).content.decode()
    assert re.findall(r"<option [^>]* selected>([^<]+)<", page) == ["4500-1"]


def test_one_that_is_gone_is_said_to_be_gone(as_manager: Client) -> None:
    agreement("4500-1")
    wizard = Wizard(as_manager).send(
        **{"general-key_type": "mak", "general-name": "new", "general-agreement": "987654321"}
    )
    assert wizard.errors["agreement"] == ["This agreement is not there. Choose one of those on offer, or none."]
    wizard.send(**{"general-agreement": "nonsense"})
    assert "agreement" in wizard.errors


# Changing


def test_a_key_is_moved_from_one_to_another_and_out(as_manager: Client) -> None:
    first, second = agreement("4500-1"), agreement("4500-2")
    key = stored(agreement_id=first.pk)
    assert _edit(as_manager, key, agreement=second.pk).status_code == 302
    key.refresh_from_db()
    assert key.agreement == second
    entry = TrailEntry.objects.latest("id")
    assert (entry.before, entry.after) == ({"agreement": "4500-1"}, {"agreement": "4500-2"})
    _edit(as_manager, key, agreement="")
    assert ProductKey.objects.get(pk=key.pk).agreement is None
    assert TrailEntry.objects.latest("id").after == {"agreement": None}


def test_a_standard_key_belongs_to_no_agreement(as_manager: Client) -> None:
    made = agreement()
    key = ProductKey.objects.filter(published=True).order_by("pk")[0]
    _edit(as_manager, key, agreement=made.pk, comment="ours")
    key.refresh_from_db()
    assert (key.agreement, key.comment) == (None, "ours")
    with pytest.raises(Refused, match="standard_key_fixed"):
        keys.change_key(key, KeyValues.of(key, agreement_id=made.pk), seen_version=key.version, origin=PORTAL)


def test_whoever_comes_second_sees_both_agreements(as_manager: Client) -> None:
    first, second = agreement("4500-1"), agreement("4500-2")
    key = stored()
    mine = posted(key, agreement=first.pk)
    keys.change_key(key, KeyValues.of(key, agreement_id=second.pk), seen_version=1, origin=PORTAL)
    answer = as_manager.post(reverse("productkeys:edit", args=[key.pk]), mine)
    assert answer.status_code == 409
    assert re.search(r"Agreement</th><td>4500-2</td><td><b>4500-1</b>", answer.content.decode())


def test_what_only_the_other_one_touched_follows_them(as_manager: Client) -> None:
    second, key = agreement("4500-2"), stored()
    mine = posted(key, name="mine")
    keys.change_key(key, KeyValues.of(key, agreement_id=second.pk), seen_version=1, origin=PORTAL)
    page = as_manager.post(reverse("productkeys:edit", args=[key.pk]), mine).content.decode()
    assert re.findall(r"<option [^>]* selected>([^<]+)</option></select>", page) == ["4500-2"]


def test_an_agreement_that_goes_at_the_same_moment_is_no_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    made = agreement()
    values = KeyValues(**MAK, code=new_code(), agreement_id=made.pk)
    agreements.delete(Agreement.objects.get(), seen_version=1, origin=PORTAL)
    with pytest.raises(Refused, match="agreement_unknown"):
        keys.add_key(values, origin=PORTAL)


# What a page about the key says


def test_its_page_and_its_pane_lead_to_the_agreement(as_viewer: Client) -> None:
    made = agreement("4500-1", vendor="Bechtle", valid_until=dt.date(2020, 1, 1))
    key = stored(agreement_id=made.pk)
    for page in (
        _page(as_viewer, "detail", key),
        as_viewer.get(reverse("productkeys:list"), {"open": key.pk}).content.decode(),
    ):
        assert f'<a href="{made.get_absolute_url()}">4500-1</a>, Bechtle' in page
        assert "It has ended." in page


# In the admin


def test_the_admin_puts_a_key_under_an_agreement(as_manager: Client) -> None:
    made = agreement("4500-1")
    address = reverse("admin:productkeys_productkey_add")
    assert _offered(as_manager.get(address).content.decode()) == ["none", "4500-1"]
    assert as_manager.post(address, typed(agreement=str(made.pk))).status_code == 302
    key = ProductKey.objects.latest("pk")
    assert key.agreement == made
    change = reverse("admin:productkeys_productkey_change", args=[key.pk])
    as_manager.post(change, posted(key, agreement=""))
    key.refresh_from_db()
    assert key.agreement is None


def test_the_admin_names_it_to_who_only_looks(in_role: Any) -> None:
    key = stored(agreement_id=agreement("4500-1").pk)
    client = signed_in(in_role("Viewer", is_staff=True))
    assert "4500-1" in client.get(reverse("admin:productkeys_productkey_change", args=[key.pk])).content.decode()


# In scopes


@pytest.fixture
def theirs(bonn: Scope) -> Agreement:
    return agreement("Rheinvertrag", scope_id=bonn.pk)


def _keeper(berlin: Scope, **options: Any) -> User:
    return person_in(berlin, "Key manager", **options)


def test_an_agreement_of_another_scope_is_neither_offered_nor_taken(berlin: Scope, theirs: Agreement) -> None:
    person = _keeper(berlin)
    assert 'name="general-agreement"' not in Wizard(signed_in(person)).text
    agreement("Rahmenvertrag")
    wizard = Wizard(signed_in(person))
    assert _offered(wizard.text) == ["none", "Rahmenvertrag"]
    wizard.send(**{"general-key_type": "mak", "general-name": "new", "general-agreement": str(theirs.pk)})
    assert wizard.errors["agreement"] == ["This agreement is not there. Choose one of those on offer, or none."]
    with pytest.raises(Refused, match="agreement_unknown"):
        keys.add_key(
            KeyValues(**MAK, code=new_code(), scope_id=berlin.pk, agreement_id=theirs.pk), origin=Origin(person)
        )


def test_a_key_under_one_that_is_not_there_for_me_stays_under_it(berlin: Scope, theirs: Agreement) -> None:
    key = stored(scope_id=berlin.pk, agreement_id=theirs.pk)
    client = signed_in(_keeper(berlin, is_staff=True))
    for page in (
        _page(client, "detail", key),
        _page(client, "edit", key),
        client.get(reverse("productkeys:list"), {"open": key.pk}).content.decode(),
        client.get(reverse("admin:productkeys_productkey_change", args=[key.pk])).content.decode(),
        client.get(reverse("admin:productkeys_productkey_history", args=[key.pk])).content.decode(),
    ):
        assert "Rheinvertrag" not in page
        assert "greement:" not in page
    for agreements_of_mine in (0, 1):
        if agreements_of_mine:
            agreement("Rahmenvertrag")
        _edit(client, key, name=f"Changed {agreements_of_mine}", agreement="")
        key.refresh_from_db()
        assert (key.name, key.agreement) == (f"Changed {agreements_of_mine}", theirs)


def test_both_versions_of_a_key_name_no_agreement_that_is_not_there_for_me(berlin: Scope, theirs: Agreement) -> None:
    mine = agreement("Rahmenvertrag")
    key = stored(scope_id=berlin.pk)
    form = posted(key, agreement=mine.pk)
    keys.change_key(key, KeyValues.of(key, agreement_id=theirs.pk), seen_version=1, origin=PORTAL)
    answer = signed_in(_keeper(berlin)).post(reverse("productkeys:edit", args=[key.pk]), form)
    assert answer.status_code == 409
    assert "Rheinvertrag" not in answer.content.decode()
