"""The keys that the form of a rollout template offers, where more fit than a page can show."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from keyportal.people.models import User
from productkeys.forms import rollout_template
from productkeys.models import ProductKey, RolloutTemplate
from tests.factories import stored
from tests.made_up_keys import made_up_key
from tests.rollouts import posted
from tests.scoped import signed_in

pytestmark = pytest.mark.django_db
ADD = "/rollout-templates/add/"
MORE = "More keys fit than are on offer here"


@pytest.fixture
def deployer(in_role: Callable[..., User]) -> Client:
    return signed_in(in_role("Deployer"))


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[ProductKey]:
    """More keys than are on offer, the best first."""
    monkeypatch.setattr(rollout_template, "_OFFERED", 3)
    places = ("Nord", "Ost", "Süd", "West", "Mitte")
    return [stored(name=f"Ärztehaus {place}", quantity=100 - number) for number, place in enumerate(places)]


def form_of(client: Client, **sent: Any) -> tuple[Any, str]:
    answer = client.post(ADD, posted(**{"name": "", "look": "1"} | sent))
    return answer.context["form"], answer.content.decode()


def offered(form: Any) -> list[str]:
    return [value for value, _label in form.fields["activation_key"].choices if value]


def test_of_very_many_the_best_are_on_offer_and_the_page_says_that_there_are_more(
    deployer: Client, many: list[ProductKey]
) -> None:
    form, html = form_of(deployer)

    gvlk = ProductKey.objects.get(published=True, last_five="2YT43")
    assert offered(form)[:3] == [str(key.pk) for key in (gvlk, *many[:2])]
    assert not set(offered(form)) & {str(key.pk) for key in many[2:]}
    assert MORE in html
    assert 'name="find"' in html


def test_where_all_are_on_offer_nothing_is_to_be_searched(deployer: Client) -> None:
    stored()

    _form, html = form_of(deployer)

    assert MORE not in html
    assert 'name="find"' not in html


@pytest.mark.parametrize("text", ["arztehaus mitte", "  MITTE   ärzte ", "last five"])
def test_any_key_is_found_by_its_name_or_its_last_five_characters(
    deployer: Client, many: list[ProductKey], text: str
) -> None:
    key = many[4]

    form, html = form_of(deployer, find=key.last_five.lower() if text == "last five" else text)

    assert offered(form) == [str(key.pk)]
    assert MORE not in html
    assert 'name="found"' in html


def test_the_chosen_key_stays_on_offer_whatever_is_searched_for(deployer: Client, many: list[ProductKey]) -> None:
    form, _html = form_of(deployer, find="nothing like it", activation_key=many[4].pk)

    assert offered(form) == [str(many[4].pk)]


def test_enter_in_the_search_searches_and_does_not_save_yet(deployer: Client, many: list[ProductKey]) -> None:
    sent = posted(find="Ärztehaus Mitte")
    first = deployer.post(ADD, sent)
    assert not RolloutTemplate.objects.exists()
    assert "error" not in first.content.decode().partition("<form")[2].partition("kp-aside")[0]

    deployer.post(ADD, sent | {"found": first.context["form"]["found"].value(), "activation_key": many[4].pk})

    assert RolloutTemplate.objects.get().activation_key == many[4]


@pytest.mark.parametrize("text", ["\0", "%", "'", "x" * 5000, "•" * 200, f"{made_up_key(3)} {'y' * 90}"])
def test_anything_can_be_searched_for(deployer: Client, many: list[ProductKey], text: str) -> None:
    form, html = form_of(deployer, find=text)
    assert made_up_key(3) not in html

    again = posted(find=form["find"].value(), found=form["found"].value())
    assert deployer.post(ADD, again).status_code == 302
