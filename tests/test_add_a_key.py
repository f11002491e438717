"""A person adds a key in the two pages of the wizard."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from productkeys.models import ProductKey, TrailEntry
from tests.made_up_keys import made_up_key, older_key
from tests.wizard import ADD, WINDOWS_11_ENTERPRISE, Wizard, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def page_2(as_manager: Client) -> Wizard:
    """The second page for a MAK called "Head office"."""
    return Wizard(as_manager).describe("mak", comment="Agreement 2024")


def test_a_mak_is_added_in_two_pages(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(1), **WINDOWS_11_ENTERPRISE, quantity="250")

    key = stored("Head office")
    assert (key.key_type, key.comment, key.quantity, key.usage) == ("mak", "Agreement 2024", 250, "activation")
    assert (key.operating_system_id, key.edition, key.architecture) == ("windows-11", "Enterprise", "any")
    assert key.code.open() == made_up_key(1)


def test_finish_leads_to_the_new_key_in_the_list(page_2: Wizard) -> None:
    form = page_2.form
    answer = page_2.client.post(
        form.action, form.fields | {"key-code": made_up_key(1), "key-quantity": "1"} | _product("key-")
    )

    assert answer["Location"] == f"{reverse('productkeys:list')}?open={stored('Head office').pk}"


def test_the_message_afterwards_names_the_last_five_and_not_the_key(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(1), quantity="1", **WINDOWS_11_ENTERPRISE)

    (message,) = page_2.page.context["messages"]
    assert str(message) == f"“Head office” is stored. Its key ends with {made_up_key(1)[-5:]}."


def test_adding_writes_one_entry_of_the_trail_without_the_key(page_2: Wizard) -> None:
    before = TrailEntry.objects.count()

    page_2.send(code=made_up_key(1), quantity="1", **WINDOWS_11_ENTERPRISE)

    entry = TrailEntry.objects.first()
    assert TrailEntry.objects.count() == before + 1
    assert entry is not None
    assert (entry.action, entry.actor_name, entry.subject_name) == ("added", "mara.manager", "Head office")
    assert made_up_key(1)[:5] not in str(entry.after)


@pytest.mark.parametrize(
    ("key_type", "quantity", "usage"),
    [
        ("retail", 1, "installation_and_activation"),
        ("oem", 1, "installation_and_activation"),
        ("kms_host", 6, "activation"),
    ],
)
def test_what_most_keys_of_a_type_have_is_filled_in(
    as_manager: Client, key_type: str, quantity: int, usage: str
) -> None:
    page = Wizard(as_manager).describe(key_type)

    page.send(code=made_up_key(2), **WINDOWS_11_ENTERPRISE)

    key = stored("Head office")
    assert (key.quantity, key.usage, key.architecture) == (quantity, usage, "any")


@pytest.mark.parametrize("key_type", ["kms_host", "esu"])
def test_keys_for_a_product_group_need_no_edition(as_manager: Client, key_type: str) -> None:
    page = Wizard(as_manager).describe(key_type)
    assert '<option value="" selected>all editions</option>' in page.text

    page.send(code=made_up_key(2), operating_system="windows-server-2022", quantity="6")

    assert stored("Head office").edition == ""


def test_a_gvlk_of_ones_own_has_no_quantity(as_manager: Client) -> None:
    page = Wizard(as_manager).describe("gvlk")
    assert 'id="div_id_key-quantity"' not in page.text

    page.send(code=made_up_key(2), quantity="", **WINDOWS_11_ENTERPRISE)

    key = stored("Head office")
    assert (key.quantity, key.usage) == (None, "installation_and_activation")


@pytest.mark.parametrize("grouped", ["1000", "1.000", "1,000", "1 000", " 1000 "])
def test_a_quantity_may_be_grouped_by_thousands_in_any_language(page_2: Wizard, grouped: str) -> None:
    page_2.send(code=made_up_key(1), quantity=grouped, **WINDOWS_11_ENTERPRISE)

    assert stored("Head office").quantity == 1000


@pytest.mark.parametrize(
    "pasted",
    [
        made_up_key(3).lower(),
        made_up_key(3).replace("-", ""),
        f"  {made_up_key(3)}\r\n",
        made_up_key(3).replace("-", " "),
        made_up_key(3).replace("-", "\N{EN DASH}"),
        f"“{made_up_key(3)}”",
        f"Product key: {made_up_key(3)}",
    ],
)
def test_it_does_not_matter_what_the_key_is_pasted_as(page_2: Wizard, pasted: str) -> None:
    page_2.send(code=pasted, quantity="1", **WINDOWS_11_ENTERPRISE)

    assert stored("Head office").code.open() == made_up_key(3)


# What is refused, page 1.


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("key_type", None, "The type is missing. Choose what kind of licence the key stands for."),
        ("key_type", "volume", "This type is unknown. Choose one of those on offer."),
        ("name", "   ", "The name is missing. Choose one by which others recognise the key."),
        ("name", made_up_key(4), "This text contains a product key, and everybody can read it."),
        ("comment", f"It is {made_up_key(4)}.", "This text contains a product key, and everybody can read it."),
        ("comment", f"It is {made_up_key(4).lower()}.", "This text contains a product key, and everybody can read it."),
    ],
)
def test_page_1_is_refused_with(as_manager: Client, field: str, value: str | None, error: str) -> None:
    page = Wizard(as_manager).send(**{"key_type": "mak", "name": "Head office", "comment": "Agreement", field: value})

    assert page.step == "general"
    assert page.errors[field][0].startswith(error)


def test_a_refused_page_1_keeps_what_was_typed(as_manager: Client) -> None:
    page = Wizard(as_manager).send(key_type="kms_host", name="", comment="Ärger\nwith <b>it</b>")

    assert (page.value("key_type"), page.value("comment")) == ("kms_host", "Ärger\nwith <b>it</b>")


# What is refused, page 2.

W11 = WINDOWS_11_ENTERPRISE


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"quantity": ""}, "quantity", "A MAK key needs a quantity of at least 1."),
        ({"quantity": "0"}, "quantity", "A MAK key needs a quantity of at least 1."),
        ({"quantity": "-5"}, "quantity", "A MAK key needs a quantity of at least 1."),
        ({"quantity": "2.5"}, "quantity", "The quantity is not a whole number."),
        ({"quantity": "ten"}, "quantity", "The quantity is not a whole number."),
        ({"quantity": "9999999"}, "quantity", "The quantity is more than 1,000,000."),
        ({"quantity": "9" * 500}, "quantity", "The quantity is not a whole number."),
        ({"code": ""}, "code", "The product key is missing."),
        ({"code": "A" + made_up_key(5)[1:]}, "code", "“A” does not occur in product keys (position 1 of 25)."),
        ({"code": made_up_key(5)[:-1]}, "code", "A product key has 25 characters; found here: 24."),
        ({"code": f"{made_up_key(5)} {made_up_key(6)}"}, "code", "There is more than one product key in this field."),
        ({"code": "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX"}, "code", "This is a placeholder, not a product key."),
        ({"code": "B" * 500}, "code", "This text is too long for one product key."),
        ({"code": older_key(5)}, "code", "Keys for Windows 11 always hold the letter N, and this one does not."),
        ({"operating_system": ""}, "operating_system", "The operating system is missing."),
        ({"operating_system": "windows-12"}, "operating_system", "This operating system is unknown."),
        ({"edition": ""}, "edition", "The edition is missing."),
        ({"edition": "ServerStandard"}, "edition", "Windows 11 never had the edition ServerStandard."),
        ({"edition": "E" * 200}, "edition", ""),
        ({"architecture": "ia64"}, "architecture", "Windows 11 was not made for IA-64 in this edition."),
        ({"architecture": "mips"}, "architecture", "This architecture is unknown."),
        ({"usage": None}, "usage", "The use is missing."),
        ({"usage": "display"}, "usage", "This use is unknown."),
    ],
)
def test_page_2_is_refused_with(page_2: Wizard, changes: dict[str, str | None], field: str, error: str) -> None:
    page_2.send(**({"code": made_up_key(5), "quantity": "10"} | W11 | changes))

    assert page_2.step == "key"
    assert page_2.errors[field][0].startswith(error)
    assert not ProductKey.objects.filter(published=False).exists()


@pytest.mark.parametrize(
    ("key_type", "changes", "field", "error"),
    [
        ("kms_host", {"quantity": ""}, "quantity", "A KMS host key needs a quantity of at least 1."),
        ("oem", {"quantity": "2"}, "quantity", "An OEM key belongs to one device."),
        ("retail", {"quantity": "0"}, "quantity", "The quantity must be at least 1."),
        ("gvlk", {"quantity": "5"}, "quantity", "A GVLK key has no quantity: Microsoft sets no limit for it."),
        ("kms_host", {"usage": "installation"}, "usage", "A KMS host key can be used for activation only."),
        ("esu", {"usage": "installation_and_activation"}, "usage", "An ESU key can be used for activation only."),
    ],
)
def test_a_type_refuses_what_does_not_fit_it(
    as_manager: Client, key_type: str, changes: dict[str, str], field: str, error: str
) -> None:
    page = Wizard(as_manager).describe(key_type).send(**({"code": made_up_key(5)} | W11 | changes))

    assert page.errors[field][0].startswith(error)
    assert 'id="id_key-quantity_error"' in page.text or field != "quantity"


def test_every_mistake_is_said_at_once(page_2: Wizard) -> None:
    page_2.send(code="too short", quantity="0", operating_system="", usage="installation")

    assert page_2.errors.keys() == {"code", "quantity", "operating_system", "usage"}


def test_the_summary_on_top_links_each_mistake_to_its_field(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(5), quantity="0", edition="")

    for field in ("key-quantity", "key-operating_system"):
        assert f'<a href="#id_{field}">' in page_2.text
        assert f'id="id_{field}"' in page_2.text


# A typing error.


def _mistyped(seed: int) -> str:
    """A key in which one character is another than it was issued with."""
    key = made_up_key(seed)
    return key[:-1] + ("B" if key[-1] != "B" else "C")


def test_a_typing_error_is_said_and_may_be_insisted_on(page_2: Wizard) -> None:
    page_2.send(code=_mistyped(7), quantity="10", **W11)
    assert page_2.errors["code"][0].startswith("Possible typing error")
    assert 'type="checkbox" name="key-typing_confirmed"' in page_2.text

    page_2.send(typing_confirmed="on")

    assert stored("Head office").code.open() == _mistyped(7)


def test_a_faulty_key_is_shown_for_correction_in_this_answer_alone(page_2: Wizard) -> None:
    page_2.send(code=_mistyped(7), quantity="10", **W11)
    assert page_2.value("code") == _mistyped(7)
    assert "no-store" in page_2.page["Cache-Control"]

    page_2.reload()

    assert page_2.value("code") == ""
    assert _mistyped(7)[:10] not in page_2.text
    assert "Possible typing error" in page_2.text


def test_the_same_key_a_second_time_names_the_entry_that_holds_it(as_manager: Client, page_2: Wizard) -> None:
    page_2.send(code=made_up_key(8), quantity="10", **W11)

    second = Wizard(as_manager).describe("retail", "Branch").send(code=made_up_key(8).lower(), **W11)

    assert second.errors["code"][0].startswith("This product key is stored already, as “Head office”.")
    assert f'href="{stored("Head office").get_absolute_url()}"' in second.text


@pytest.mark.django_db(transaction=True)
def test_added_at_the_same_moment_the_key_is_stored_once_and_the_others_are_told(as_manager: Client) -> None:
    pages = [Wizard(as_manager).describe("mak", f"Tab {number}") for number in range(4)]
    start = Barrier(len(pages))

    def finish(page: Wizard) -> None:
        start.wait()
        try:
            page.send(code=made_up_key(9), quantity="1", **W11)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(pages)) as pool:
        list(pool.map(finish, pages))

    (key,) = ProductKey.objects.filter(published=False)
    refused = [page for page in pages if page.step == "key"]
    assert len(refused) == 3
    for page in refused:
        assert page.errors["code"][0].startswith(f"This product key is stored already, as “{key.name}”.")


# The key stays secret.


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
    assert f"•••••-•••••-•••••-•••••-{made_up_key(10)[-5:]} kept" in page_2.text


def test_the_session_never_holds_a_readable_key(page_2: Wizard) -> None:
    key = made_up_key(10)
    page_2.send(code=key, quantity="0", **W11)
    page_2.send(quantity=key, edition=key, usage=key)
    page_2.send(code=_mistyped(10), wizard_goto_step="general")
    page_2.send(name=key, comment=f"{key} {key}")

    text = _session_text()
    assert "wizard_add_key_" in text
    assert not [run for run in _runs(key) | _runs(_mistyped(10)) if run in text]


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


# Back, reload, language.


def test_back_keeps_page_2_and_does_not_judge_it(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(14), quantity="0", **W11, wizard_goto_step="general")
    assert (page_2.step, page_2.value("name"), page_2.errors) == ("general", "Head office", {})

    page_2.send(name="Branch")

    assert (page_2.step, page_2.errors) == ("key", {})
    assert page_2.value("quantity") == "0"
    assert (page_2.value("operating_system"), page_2.value("edition")) == ("windows-11", "Enterprise")
    page_2.send(quantity="5")
    assert stored("Branch").code.open() == made_up_key(14)


def test_another_type_after_going_back_unlocks_its_uses(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(14), quantity="3", **W11, wizard_goto_step="general").send(key_type="retail")
    assert 'value="installation" id="usage-i" disabled' not in page_2.text

    page_2.send(usage="installation")

    assert stored("Head office").usage == "installation"


def test_a_type_that_forbids_the_chosen_use_takes_it_back_to_activation(as_manager: Client) -> None:
    page = Wizard(as_manager).describe("retail").send(usage="installation", code=made_up_key(14), **W11, do="keep")
    page.open(page.url).send(wizard_goto_step="general").send(key_type="mak")

    assert page.value("usage") == "activation"


def test_a_reload_shows_the_page_as_it_was_sent(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(15), quantity="0", **W11).reload()

    assert (page_2.step, page_2.errors, page_2.value("quantity")) == ("key", {}, "0")
    page_2.send(quantity="1")
    assert stored("Head office").code.open() == made_up_key(15)


def test_a_change_of_language_loses_nothing(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(15), quantity="0", **W11)

    page_2.client.post(reverse("people:language"), {"language": "de", "next": page_2.url})
    page_2.reload()

    assert 'lang="de"' in page_2.text
    assert (page_2.value("quantity"), page_2.value("edition")) == ("0", "Enterprise")
    page_2.send(quantity="1")
    assert stored("Head office").code.open() == made_up_key(15)


def test_what_is_not_sent_yet_can_be_kept_before_the_page_is_left(page_2: Wizard) -> None:
    """As wizard.js does before a change of language or theme."""
    form = page_2.form
    answer = page_2.client.post(form.action, form.fields | {"key-code": made_up_key(15), "do": "keep"})
    assert (answer.status_code, answer.content) == (204, b"")

    page_2.reload()

    assert f"{made_up_key(15)[-5:]} kept" in page_2.text


def test_page_1_is_kept_as_well(as_manager: Client) -> None:
    page = Wizard(as_manager).send(key_type=None, name="Half", comment="done")

    page.reload()

    assert (page.step, page.errors, page.value("name"), page.value("comment")) == ("general", {}, "Half", "done")


# Choices.


def test_only_editions_and_architectures_that_exist_are_offered(page_2: Wizard) -> None:
    page_2.send(operating_system="windows-11", edition="Enterprise", do="update")

    options = page_2.form.options
    assert "Enterprise" in options["key-edition"]
    assert "ServerStandard" not in options["key-edition"]
    assert set(options["key-architecture"]) == {"any", "x64", "arm64"}
    assert "Windows 11 does not exist for x86." in page_2.text


def test_updating_the_choices_judges_nothing_and_loses_nothing(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(16), quantity="0", operating_system="windows-11", do="update")

    assert (page_2.errors, page_2.value("quantity")) == ({}, "0")
    assert f"{made_up_key(16)[-5:]} kept" in page_2.text


# And another.


def test_finish_and_add_another_keeps_what_is_the_same(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(17), quantity="8", architecture="x64", **W11, another="1")
    assert (page_2.step, page_2.value("name"), page_2.value("key_type")) == ("general", "", "mak")
    assert page_2.value("comment") == "Agreement 2024"

    page_2.send(name="Branch")
    assert "kept" not in page_2.text
    assert (page_2.value("quantity"), page_2.value("architecture")) == ("", "x64")
    page_2.send(code=made_up_key(18), quantity="9")

    assert stored("Branch").edition == "Enterprise"
    assert stored("Head office").quantity == 8


# Sent twice, too late, tampered with, without the right.


def test_sent_twice_the_second_is_told_that_the_key_is_stored(page_2: Wizard) -> None:
    form = page_2.form
    data = form.fields | {"key-code": made_up_key(19), "key-quantity": "1"} | _product("key-")
    page_2.client.post(form.action, data)

    second = page_2.client.post(form.action, data)

    assert second["Location"] == f"{reverse('productkeys:list')}?open={stored('Head office').pk}"
    assert ProductKey.objects.filter(published=False).count() == 1


def test_back_in_the_browser_after_finishing_leads_to_the_stored_key(page_2: Wizard) -> None:
    where = page_2.url
    page_2.send(code=made_up_key(19), quantity="1", **W11)

    page_2.open(where)

    assert page_2.url.endswith(f"?open={stored('Head office').pk}")
    assert "This product key is stored already, as “Head office”." in [str(m) for m in page_2.page.context["messages"]]


def test_after_the_session_has_ended_page_2_is_kept_and_page_1_asked_for_again(page_2: Wizard) -> None:
    form = page_2.form
    other = Client()
    other.force_login(stored_person := page_2.page.wsgi_request.user)
    assert stored_person.is_authenticated
    lost = Wizard(other)
    lost.page = other.post(form.action, form.fields | {"key-code": made_up_key(20), "key-quantity": "4"}, follow=True)

    assert lost.step == "general"
    assert "not kept any more" in lost.text
    lost.describe("mak", "Branch")
    assert lost.value("quantity") == "4"
    lost.send(**W11)
    assert stored("Branch").code.open() == made_up_key(20)


def test_signed_out_by_time_nothing_breaks(page_2: Wizard) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        page_2.send(code=made_up_key(20), quantity="1", **W11)

    assert page_2.url.startswith(reverse("account_login"))
    assert not ProductKey.objects.filter(published=False).exists()


@pytest.mark.parametrize(
    "url", [f"{ADD}?flow=nonsense&step=key", f"{ADD}?flow={'0' * 32}&step=key", f"{ADD}?step=elsewhere"]
)
def test_an_address_without_a_flow_behind_it_shows_page_1(as_manager: Client, url: str) -> None:
    page = Wizard(as_manager, url)

    assert (page.page.status_code, page.step) == (200, "general")


@pytest.mark.parametrize("step", ["", "done", "key\0"])
def test_a_tampered_step_is_a_bad_request(page_2: Wizard, step: str) -> None:
    name = next(name for name in page_2.form.fields if name.endswith("current_step"))

    assert page_2.send(**{name: step}).page.status_code == 400


def test_a_tampered_flow_is_a_bad_request(page_2: Wizard) -> None:
    assert page_2.send(flow="../../etc").page.status_code == 400


def test_without_the_right_to_add_there_is_no_wizard(as_viewer: Client, page_2: Wizard) -> None:
    form = page_2.form

    assert as_viewer.get(ADD).status_code == 403
    assert as_viewer.post(form.action, form.fields | {"key-code": made_up_key(21)}).status_code == 403
    assert as_viewer.post(reverse("productkeys:recognise"), form.fields).status_code == 403


def test_a_key_in_the_address_is_refused(as_manager: Client) -> None:
    assert as_manager.get(ADD, {"key-code": made_up_key(21)}).status_code == 400


def _product(prefix: str) -> dict[str, str]:
    return {f"{prefix}{name}": value for name, value in W11.items()}
