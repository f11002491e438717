"""A person labels keys: short words of the house, written one way, carried by whatever is added like a labelled key."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from keyportal.people.models import User
from productkeys.models import Label, ProductKey, Scope, TrailEntry
from productkeys.services import keys
from productkeys.services.keys import KeyValues, Refused
from productkeys.services.origin import Origin
from tests.admin_keys import change_page, typed
from tests.bulk import BULK_PAGES, choices, tickets
from tests.factories import posted, stored
from tests.listed import page
from tests.made_up_keys import made_up_key
from tests.scoped import of_each_kind, person_in, signed_in
from tests.wizard import WINDOWS_11_ENTERPRISE, Wizard
from tests.wizard import stored as entry_called

pytestmark = pytest.mark.django_db


def labelled(*labels: str, **values: Any) -> ProductKey:
    return stored(labels=frozenset(labels), **values)


def labels_of(key: ProductKey) -> list[str]:
    return list(key.labels.values_list("name", flat=True))


def _edit(client: Client, key: ProductKey, labels: str, **changes: Any) -> Any:
    return client.post(reverse("productkeys:edit", args=[key.pk]), posted(key, labels=labels, **changes))


# Where labels are typed


def test_the_first_page_of_the_wizard_takes_labels(as_manager: Client) -> None:
    first = Wizard(as_manager).send(key_type="mak", name="Head office", labels="Server, Rollout 2027")
    first.send(code=made_up_key(60), quantity="250", **WINDOWS_11_ENTERPRISE)

    assert labels_of(entry_called("Head office")) == ["Rollout 2027", "Server"]


def test_the_edit_page_shows_them_and_takes_others(as_manager: Client) -> None:
    key = labelled("Server", "Berlin")

    assert 'value="Berlin, Server"' in as_manager.get(reverse("productkeys:edit", args=[key.pk])).content.decode()
    assert _edit(as_manager, key, "Berlin; Rollout\u00a0 2027,, ").status_code == 302
    assert labels_of(key) == ["Berlin", "Rollout 2027"]


def test_an_emptied_field_takes_all_of_them_off(as_manager: Client) -> None:
    key = labelled("Server")
    assert _edit(as_manager, key, "").status_code == 302
    assert labels_of(key) == []


def test_a_copy_carries_the_labels_of_its_model(as_manager: Client) -> None:
    copy = Wizard(as_manager, reverse("productkeys:duplicate", args=[labelled("Server", "Berlin").pk]))
    assert copy.value("labels") == "Berlin, Server"


def test_the_administration_takes_them_as_well(as_manager: Client) -> None:
    as_manager.post("/admin/productkeys/productkey/add/", typed(labels="Server"))
    key = ProductKey.objects.get(published=False)
    assert labels_of(key) == ["Server"]
    as_manager.post(change_page(key), posted(key, labels="Berlin"))
    assert labels_of(key) == ["Berlin"]


def test_a_standard_key_can_be_labelled(as_manager: Client, standard_keys: QuerySet[ProductKey]) -> None:
    key = standard_keys[0]
    assert _edit(as_manager, key, "Kiosk").status_code == 302
    assert labels_of(key) == ["Kiosk"]


def test_labels_in_use_are_proposed_and_unused_ones_are_not(as_manager: Client) -> None:
    key = labelled("Kiosk", "Lab")
    _edit(as_manager, key, "Lab")

    html = Wizard(as_manager).text

    assert '<option value="Lab">' in html
    assert "Kiosk" not in html


# One label, one spelling


def test_what_differs_only_in_case_or_accents_is_one_label(as_manager: Client) -> None:
    labelled("Zürich")
    other = labelled("zurich", "ZÜRICH", "Bern")

    assert labels_of(other) == ["Bern", "Zürich"]
    assert Label.objects.count() == 2


def test_a_label_that_no_key_carries_any_more_is_spelled_anew(as_manager: Client) -> None:
    key = labelled("zurich")
    _edit(as_manager, key, "")
    key.refresh_from_db()
    _edit(as_manager, key, "Zürich")
    assert labels_of(key) == ["Zürich"]


def test_another_spelling_of_the_same_labels_changes_nothing(as_manager: Client) -> None:
    key = labelled("Zürich")
    entries = TrailEntry.objects.count()
    assert _edit(as_manager, key, "ZURICH").status_code == 302
    key.refresh_from_db()
    assert (key.version, TrailEntry.objects.count()) == (1, entries)


# What is refused

REFUSED = {
    "a product key": (made_up_key(7), "This text contains a product key"),
    "a product key between others": (f"Server, {made_up_key(7)}", "This text contains a product key"),
    "a disguise": ("Ber\u202enil", "change the direction of writing"),
    "a long one": ("x" * 51, "has more than 50 characters"),
    "too many": (", ".join(f"label {number}" for number in range(21)), "A key can have 20 labels, and these are 21."),
}
refused = pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)


@refused
def test_the_edit_page_refuses(as_manager: Client, text: str, message: str) -> None:
    key = labelled("Server")
    answer = _edit(as_manager, key, text)
    assert message in answer.content.decode()
    assert labels_of(key) == ["Server"]


@refused
def test_the_wizard_refuses_on_the_page_where_they_stand(as_manager: Client, text: str, message: str) -> None:
    first = Wizard(as_manager).send(key_type="mak", name="Head office", labels=text)
    assert first.step == "general"
    assert message in first.text


@refused
@pytest.mark.parametrize("address", BULK_PAGES)
def test_a_bulk_edit_refuses(as_manager: Client, address: str, text: str, message: str) -> None:
    key = labelled("Server")
    sent = {"do": "edit", "step": "preview", "key": tickets([key]), **choices(add_labels=text)}
    assert message in as_manager.post(reverse(address), sent).content.decode()


def test_the_service_refuses_what_no_form_has_seen(manager: User) -> None:
    for label, code in (("a, b", "label_divided"), ("a; b", "label_divided"), (made_up_key(7), "key_in_text")):
        with pytest.raises(Refused) as caught:
            labelled(label)
        assert [problem.code for problem in caught.value.problems] == [code]


# What is kept of it


def test_the_trail_says_which_labels_came_and_went(as_manager: Client) -> None:
    key = labelled("Server")
    added = TrailEntry.objects.latest("id")
    assert added.after["labels"] == ["Server"]

    _edit(as_manager, key, "Berlin, Server")
    changed = TrailEntry.objects.latest("id")
    assert (changed.before, changed.after) == ({"labels": ["Server"]}, {"labels": ["Berlin", "Server"]})

    key.refresh_from_db()
    keys.delete(key, seen_version=key.version, origin=Origin())
    assert TrailEntry.objects.latest("id").before["labels"] == ["Berlin", "Server"]


def test_who_comes_second_sees_the_labels_of_the_first_and_sets_none_of_them_back(as_manager: Client) -> None:
    key = labelled("Server")
    sent = posted(key, labels="Server", comment="Mine")
    _edit(as_manager, key, "Berlin")

    answer = as_manager.post(reverse("productkeys:edit", args=[key.pk]), sent)

    assert answer.status_code == 409
    assert 'name="labels" value="Berlin"' in answer.content.decode()


def test_labels_that_both_changed_are_shown_side_by_side(as_manager: Client) -> None:
    key = labelled("Server")
    sent = posted(key, labels="Bonn")
    _edit(as_manager, key, "Berlin")

    html = " ".join(as_manager.post(reverse("productkeys:edit", args=[key.pk]), sent).content.decode().split())

    assert '<th scope="row">Labels</th><td>Berlin</td><td><b>Bonn</b></td>' in html


def test_an_edit_that_says_nothing_of_labels_leaves_them(manager: User) -> None:
    key = labelled("Server")
    values = KeyValues.of(key, comment="Changed")
    keys.change_key(key, values, seen_version=key.version, origin=Origin(manager))
    assert labels_of(key) == ["Server"]


# Many keys at once


def _bulk(client: Client, chosen: list[ProductKey], address: str = BULK_PAGES[0], **changes: str) -> Any:
    sent = {"do": "edit", "step": "apply", "key": tickets(chosen), **choices(**changes)}
    return client.post(reverse(address), sent)


@pytest.mark.parametrize("address", BULK_PAGES)
def test_labels_are_put_on_and_taken_off_many_keys(as_manager: Client, address: str) -> None:
    chosen = [labelled("Server", "Old"), labelled("Lab"), stored()]

    assert _bulk(as_manager, chosen, address, add_labels="lab, Rollout", remove_labels="OLD").status_code == 302

    assert [labels_of(key) for key in chosen] == [["Lab", "Rollout", "Server"], ["Lab", "Rollout"], ["Lab", "Rollout"]]
    entries = TrailEntry.objects.order_by("-id")[:3]
    assert {tuple(entry.before["labels"]) for entry in entries} == {("Old", "Server"), ("Lab",), ()}
    assert all("Lab" in entry.after["labels"] for entry in entries)  # as it was spelled before
    for key in chosen:
        key.refresh_from_db()
        assert key.version == 2


def test_a_key_that_carries_the_label_already_is_left_alone(as_manager: Client) -> None:
    key, other = labelled("Server"), stored()
    assert _bulk(as_manager, [key, other], add_labels="SERVER").status_code == 302
    key.refresh_from_db()
    assert key.version == 1
    assert labels_of(other) == ["Server"]


def test_the_preview_names_the_labels_before_and_after(as_manager: Client) -> None:
    key = labelled("Server")
    sent = {"do": "edit", "step": "preview", "key": tickets([key]), **choices(add_labels="Lab")}
    html = as_manager.post(reverse(BULK_PAGES[0]), sent).content.decode()
    assert '<span class="kp-lines">Server</span>' in html
    assert '<b class="kp-lines">Lab, Server</b>' in html


def test_a_key_that_would_have_too_many_is_refused(as_manager: Client) -> None:
    full = labelled(*(f"label {number}" for number in range(20)))
    answer = _bulk(as_manager, [full], add_labels="one more")
    assert answer.status_code == 409
    assert "A key can have 20 labels, and these are 21." in answer.content.decode()


def test_the_same_label_on_and_off_is_a_contradiction(as_manager: Client) -> None:
    answer = _bulk(as_manager, [stored()], add_labels="Server", remove_labels="server")
    assert "“Server” stands in both fields." in answer.content.decode()


def test_the_number_of_statements_does_not_grow_with_the_keys(as_manager: Client) -> None:
    asked = []
    for number in (3, 30):
        chosen = [labelled("Server") for _number in range(number)]
        with CaptureQueriesContext(connection) as captured:
            _bulk(as_manager, chosen, add_labels="Lab")
        asked.append(len(captured))
    assert asked[0] == asked[1]


# Where labels are seen


def test_the_page_of_a_key_shows_them_as_ways_to_their_like(as_viewer: Client) -> None:
    key = labelled("Lab & Co")
    html = as_viewer.get(key.get_absolute_url()).content.decode()
    assert '<a class="kp-label" href="/product-keys/?label=Lab+%26+Co">Lab &amp; Co</a>' in html


def test_so_does_the_pane_beside_the_list(as_viewer: Client) -> None:
    assert 'href="/product-keys/?label=Lab">Lab</a>' in page(as_viewer, page=1, open=labelled("Lab").pk)


def test_labels_of_keys_that_a_person_does_not_see_are_not_proposed(berlin: Scope, bonn: Scope) -> None:
    made = of_each_kind(berlin, bonn)
    for name, key in made.items():
        keys.change_key(
            key, KeyValues.of(key, labels=frozenset({f"of {name}"})), seen_version=key.version, origin=Origin()
        )
    keeper = signed_in(person_in(berlin, "Key manager"))

    html = Wizard(keeper).text

    offered = {name for name in made if f"of {name}".replace("'", "&#x27;") in html}
    assert offered == {"Berlin's", "shared", "everybody's"}
    assert "All scopes share the same labels" in html


def test_a_portal_without_scopes_does_not_speak_of_them_at_the_field(as_manager: Client) -> None:
    assert "scope" not in Wizard(as_manager).text.split("general-labels")[1].split("</form>")[0].lower()


def test_a_label_on_a_key_and_the_label_of_an_edition_are_two_words_in_german() -> None:
    with translation.override("de"):
        assert str(Label._meta.verbose_name) == "Etikett"
