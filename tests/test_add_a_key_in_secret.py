"""A key that is being added stays secret, whatever else is wrong with the page it was typed on."""

import base64

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from productkeys.domain import keycode
from tests.made_up_keys import made_up_key
from tests.wizard import WINDOWS_11_ENTERPRISE as W11
from tests.wizard import Wizard, mistyped, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def page_2(as_manager: Client) -> Wizard:
    """The second page for a MAK called "Head office"."""
    return Wizard(as_manager).describe("mak", comment="Agreement 2024")


def _runs(key: str) -> set[str]:
    """Every piece of ten characters by which a key could be read, in every spelling."""
    plain = key.replace("-", "")
    spellings = {key, plain, key.lower(), plain.lower(), base64.b64encode(plain.encode()).decode()}
    return {spelling[at : at + 10] for spelling in spellings for at in range(len(spelling) - 9)}


def _session_text() -> str:
    rows = [f"{row.session_data} {row.get_decoded()}" for row in Session.objects.all()]
    return "\n".join(rows)


def test_a_good_key_is_not_sent_back_when_something_else_is_refused(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(10), quantity="0", **W11)

    assert not [run for run in _runs(made_up_key(10)) if run in page_2.text]
    mask = keycode.mask(made_up_key(10)[-5:])
    assert f"{mask} kept" in page_2.text
    assert f'placeholder="{mask}"' not in page_2.text


def test_the_session_never_holds_a_readable_key(page_2: Wizard) -> None:
    key = made_up_key(10)
    page_2.send(code=key, quantity="0", **W11)
    page_2.send(quantity=key, edition=key, usage=key)
    page_2.send(code=mistyped(made_up_key(10)), wizard_goto_step="general")
    page_2.send(name=key, comment=f"{key} {key}")

    text = _session_text()
    assert "wizard_add_key_" in text
    assert not [run for run in _runs(key) | _runs(mistyped(made_up_key(10))) if run in text]


def test_a_key_in_a_wrong_field_is_not_shown_again_later(page_2: Wizard) -> None:
    page_2.send(quantity=made_up_key(10), edition=made_up_key(11)).reload()

    assert not [run for run in _runs(made_up_key(10)) | _runs(made_up_key(11)) if run in page_2.text]


def test_an_empty_field_means_the_key_that_was_kept(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(12), quantity="0", **W11)
    assert page_2.value("code") == ""

    page_2.send(quantity="10")

    assert stored("Head office").code.open() == made_up_key(12)


def test_a_newly_typed_key_replaces_the_kept_one(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(12), quantity="0", **W11).send(code=made_up_key(13), quantity="10")

    assert stored("Head office").code.open() == made_up_key(13)


def test_the_kept_key_can_be_taken_away(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(12), quantity="0", **W11).send(do="forget")
    assert (page_2.value("quantity"), "kept" in page_2.text) == ("0", False)

    page_2.send(quantity="10")

    assert page_2.errors["code"][0].startswith("The product key is missing.")


def test_a_finished_wizard_leaves_nothing_of_it_in_the_session(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(12), quantity="1", **W11)

    assert "wizard_add_key_" not in str([list(row.get_decoded()) for row in Session.objects.all()])


def test_no_page_of_the_wizard_may_be_stored_by_the_browser(page_2: Wizard) -> None:
    pages = [page_2.page, page_2.send(code=made_up_key(12), quantity="0").page, page_2.reload().page]
    pages.append(page_2.send(wizard_goto_step="general").page)

    assert all("no-store" in page["Cache-Control"] for page in pages)
