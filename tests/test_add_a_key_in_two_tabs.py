"""Two tabs, or more, each in a wizard of its own: nothing mixes, and the oldest gives way."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from productkeys.domain import keycode
from productkeys.models import ProductKey
from productkeys.views.wizard_storage import MAX_FLOWS
from tests.made_up_keys import made_up_key
from tests.wizard import ADD, WINDOWS_11_ENTERPRISE, Wizard, stored

pytestmark = pytest.mark.django_db


def test_two_tabs_never_mix(as_manager: Client) -> None:
    left, right = Wizard(as_manager), Wizard(as_manager)
    left.describe("mak", "Left", "from the left")
    right.describe("retail", "Right", "from the right")

    right.send(code=made_up_key(31), quantity="2", **WINDOWS_11_ENTERPRISE)
    left.send(code=made_up_key(30), quantity="100", operating_system="windows-10", edition="Professional")

    mak, retail = stored("Left"), stored("Right")
    assert (mak.key_type, mak.comment, mak.usage, mak.quantity) == ("mak", "from the left", "activation", 100)
    assert (mak.operating_system_id, mak.edition) == ("windows-10", "Professional")
    assert (retail.key_type, retail.comment, retail.quantity) == ("retail", "from the right", 2)
    assert (mak.code.open(), retail.code.open()) == (made_up_key(30), made_up_key(31))


def test_a_key_kept_in_one_tab_is_not_the_other_tabs_key(as_manager: Client) -> None:
    left, right = (Wizard(as_manager).describe("mak", name) for name in ("Left", "Right"))
    left.send(code=made_up_key(30), quantity="0", **WINDOWS_11_ENTERPRISE)

    right.send(quantity="1", **WINDOWS_11_ENTERPRISE)

    assert right.errors["code"][0].startswith("The product key is missing.")
    assert made_up_key(30)[-5:] not in right.text


def test_opening_the_wizard_again_leaves_the_other_tab_alone(as_manager: Client) -> None:
    page = Wizard(as_manager).describe("mak", "Left")
    for _tab in range(2 * MAX_FLOWS):
        as_manager.get(ADD)

    page.reload()

    assert page.step == "key"


def test_refused_in_one_tab_finished_in_the_other(as_manager: Client) -> None:
    left, right = (Wizard(as_manager).describe("mak", name) for name in ("Left", "Right"))
    left.send(code=made_up_key(30), quantity="0", **WINDOWS_11_ENTERPRISE)
    right.send(code=made_up_key(31), quantity="1", **WINDOWS_11_ENTERPRISE)

    left.send(quantity="5")

    assert stored("Left").code.open() == made_up_key(30)


def test_a_session_keeps_five_flows_and_the_oldest_goes(as_manager: Client) -> None:
    tabs = [Wizard(as_manager).describe("mak", f"Tab {number}") for number in range(MAX_FLOWS + 1)]

    (session,) = Session.objects.all()
    assert sum(name.startswith("wizard_add_key_") for name in session.get_decoded()) == MAX_FLOWS
    assert tabs[1].reload().step == "key"
    assert tabs[0].reload().step == "general"


def test_a_flow_that_had_to_go_asks_for_page_1_again_and_keeps_page_2(as_manager: Client) -> None:
    tabs = [Wizard(as_manager).describe("mak", f"Tab {number}") for number in range(MAX_FLOWS + 1)]

    tabs[0].send(code=made_up_key(30), quantity="7", **WINDOWS_11_ENTERPRISE)
    assert tabs[0].step == "general"
    assert not ProductKey.objects.filter(published=False).exists()

    tabs[0].describe("mak", "Once more").send()
    assert stored("Once more").code.open() == made_up_key(30)


def test_a_finished_flow_makes_room(as_manager: Client) -> None:
    tabs = [Wizard(as_manager).describe("mak", f"Tab {number}") for number in range(MAX_FLOWS)]
    tabs[-1].send(code=made_up_key(30), quantity="1", **WINDOWS_11_ENTERPRISE)

    Wizard(as_manager).describe("mak", "One more")

    assert tabs[0].reload().step == "key"


def test_the_id_of_a_flow_opens_nothing_in_another_session(as_manager: Client, as_admin: Client) -> None:
    page = Wizard(as_manager).describe("mak", "Left", "only mine")
    page.send(code=made_up_key(30), quantity="0", **WINDOWS_11_ENTERPRISE)

    theirs = Wizard(as_admin, page.url)

    assert theirs.step == "general"
    assert "only mine" not in theirs.text
    assert made_up_key(30)[-5:] not in theirs.text


def test_a_tab_whose_key_another_tab_has_stored_is_led_to_the_entry(as_manager: Client) -> None:
    one = Wizard(as_manager).describe("mak", "Twice")
    other = Wizard(as_manager, one.url)
    one.send(code=made_up_key(33), quantity="1", **WINDOWS_11_ENTERPRISE)

    answer = as_manager.post(reverse("productkeys:recognise"), other.form.fields, headers={"HX-Request": "true"})

    assert other.open(answer["HX-Redirect"]).url.endswith(f"?open={stored('Twice').pk}")


def test_a_kept_key_that_another_tab_has_stored_is_not_offered_for_use(as_manager: Client) -> None:
    left, right = (Wizard(as_manager).describe("mak", name) for name in ("Left", "Right"))
    left.send(code=made_up_key(34), quantity="0", **WINDOWS_11_ENTERPRISE)
    assert "leave the field empty to use it" in left.text
    right.send(code=made_up_key(34), quantity="1", **WINDOWS_11_ENTERPRISE)

    left.reload()

    assert f"{keycode.mask(made_up_key(34)[-5:])} is stored already: enter another key." in left.text
    assert "leave the field empty" not in left.text
    assert "not stored yet" not in left.text
