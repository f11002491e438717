"""A person adds a key in the two pages of the wizard."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import Scope, TrailEntry
from tests.factories import agreement
from tests.made_up_keys import made_up_key
from tests.wizard import WINDOWS_11_ENTERPRISE as W11
from tests.wizard import Wizard, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def page_2(as_manager: Client) -> Wizard:
    """The second page for a MAK called "Head office"."""
    return Wizard(as_manager).describe("mak", comment="Agreement 2024")


def test_a_mak_is_added_in_two_pages(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(1), **W11, quantity="250")

    key = stored("Head office")
    assert (key.key_type, key.comment, key.quantity, key.usage) == ("mak", "Agreement 2024", 250, "activation")
    assert (key.operating_system_id, key.edition, key.architecture) == ("windows-11", "Enterprise", "any")
    assert key.code.open() == made_up_key(1)


def test_finish_leads_to_the_new_key_in_the_list(page_2: Wizard) -> None:
    answer = page_2.answer(code=made_up_key(1), quantity="1", **W11)

    assert answer["Location"] == f"{reverse('productkeys:list')}?open={stored('Head office').pk}"


def test_the_message_afterwards_names_the_last_five_and_not_the_key(page_2: Wizard) -> None:
    page_2.send(code=made_up_key(1), quantity="1", **W11)

    (message,) = page_2.page.context["messages"]
    assert str(message) == f"“Head office” is stored. Its key ends with {made_up_key(1)[-5:]}."


def test_adding_writes_one_entry_of_the_trail_without_the_key(page_2: Wizard) -> None:
    before = TrailEntry.objects.count()

    page_2.send(code=made_up_key(1), quantity="1", **W11)

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

    page.send(code=made_up_key(2), **W11)

    key = stored("Head office")
    assert (key.quantity, key.usage, key.architecture) == (quantity, usage, "any")


@pytest.mark.parametrize("key_type", ["kms_host", "esu"])
def test_keys_for_a_product_group_need_no_edition(as_manager: Client, key_type: str) -> None:
    page = Wizard(as_manager).describe(key_type)
    assert '<option value="" selected>all editions</option>' in page.text

    page.send(code=made_up_key(2), operating_system="windows-server-2016", quantity="6")

    assert stored("Head office").edition == ""


def test_a_gvlk_of_ones_own_has_no_quantity(as_manager: Client) -> None:
    page = Wizard(as_manager).describe("gvlk")
    assert 'id="div_id_key-quantity"' not in page.text

    page.send(code=made_up_key(2), quantity="", **W11)

    key = stored("Head office")
    assert (key.quantity, key.usage) == (None, "installation_and_activation")


_BLANKS = ["1 000", "1\N{NO-BREAK SPACE}000", "1\N{THIN SPACE}000", "1\N{NARROW NO-BREAK SPACE}000"]


@pytest.mark.parametrize(
    ("language", "grouped"),
    [(language, text) for language in ("en", "de") for text in ["1000", " 1000 ", "1’000", *_BLANKS]]
    + [("en", "1,000"), ("de", "1.000")],
)
def test_a_quantity_may_be_grouped_by_thousands(page_2: Wizard, language: str, grouped: str) -> None:
    page_2.client.defaults["HTTP_ACCEPT_LANGUAGE"] = language

    page_2.send(code=made_up_key(1), quantity=grouped, **W11)

    assert stored("Head office").quantity == 1000


@pytest.mark.parametrize(("language", "grouped"), [("en", "1.000"), ("de", "1,000"), ("en", "1.000.000")])
def test_a_separator_of_another_language_is_never_guessed_at(page_2: Wizard, language: str, grouped: str) -> None:
    page_2.client.defaults["HTTP_ACCEPT_LANGUAGE"] = language

    page_2.send(code=made_up_key(1), quantity=grouped, **W11)

    assert page_2.page.context["form"].errors.as_data()["quantity"][0].code == "ambiguous"
    assert page_2.value("quantity") == grouped


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
    page_2.send(code=pasted, quantity="1", **W11)

    assert stored("Head office").code.open() == made_up_key(3)


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


def test_who_may_not_see_keys_is_told_before_typing_one(client: Client) -> None:
    person = User.objects.create_user("anna.adder")
    person.user_permissions.set(Permission.objects.filter(codename="add_productkey"))
    client.force_login(person)
    assert client.get(reverse("productkeys:add")).status_code == 403
    assert f'href="{reverse("productkeys:add")}"' not in client.get("/product-keys/999999/").content.decode()


def test_the_second_page_sums_up_all_that_the_first_one_was_told(
    berlin: Scope, bonn: Scope, as_manager: Client
) -> None:
    paper = agreement(number="R-2026-17", vendor="Example Reseller", scope_id=bonn.pk)
    first = Wizard(as_manager)
    said = {"general-scope": str(bonn.pk), "general-agreement": str(paper.pk), "general-comment": "Second floor"}
    first.send(key_type="mak", name="Head office", labels="Server, Rollout 2027", **said)

    assert _summed_up(first) == {
        "Type": "MAK",
        "Name": "Head office",
        "Scope": "Bonn",
        "Agreement": "R-2026-17 · Example Reseller",
        "Labels": "Rollout 2027, Server",
        "Comment": "Second floor",
    }


def test_the_second_page_speaks_of_nothing_that_was_not_entered(as_manager: Client) -> None:
    assert _summed_up(Wizard(as_manager).describe("mak")) == {"Type": "MAK", "Name": "Head office"}


def _summed_up(wizard: Wizard) -> dict[str, str]:
    """What the page says was entered so far."""
    card = wizard.text.partition("Entered so far")[2].partition("</dl>")[0]
    facts = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", card, re.DOTALL)
    return {label: re.sub("<[^>]+>", "", fact).strip() for label, fact in facts}
