"""The list of rollout templates where there are more than a page shows. Nobody counts them."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from keyportal.people.models import User
from productkeys.domain.choices import Status
from productkeys.listing import rollout_templates as listing
from productkeys.models import RolloutTemplate
from productkeys.services import keys
from productkeys.services.origin import PORTAL
from tests.factories import stored
from tests.rollouts import template
from tests.scoped import signed_in

pytestmark = pytest.mark.django_db
LIST = "/rollout-templates/"


@pytest.fixture
def deployer(in_role: Callable[..., User]) -> Client:
    return signed_in(in_role("Deployer"))


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[RolloutTemplate]:
    """More templates than a page shows, by name; the last one does not work."""
    monkeypatch.setattr(listing, "PAGE", 2)
    monkeypatch.setattr(listing, "LOOKED_THROUGH", 3)
    key = stored()
    found = [template(name=f"T{number}") for number in range(4)]
    found.append(template(name="T4", activation_key_id=key.pk))
    keys.set_status(key, Status.COMPROMISED, seen_version=key.version, origin=PORTAL)
    return found


def test_the_list_goes_on_where_a_page_ends(deployer: Client, many: list[RolloutTemplate]) -> None:
    address, seen = LIST, []
    while address:
        answer = deployer.get(address)
        seen += [row.template for row in answer.context["page"].rows]
        onward = re.search(r'href="([^"]+)" rel="next"', answer.content.decode())
        address = f"{LIST}{unescape(onward[1])}" if onward else ""

    assert seen == many
    assert 'href="?page=2" rel="prev"' in answer.content.decode()


def test_templates_of_one_health_are_looked_for_page_by_page(deployer: Client, many: list[RolloutTemplate]) -> None:
    first = deployer.get(f"{LIST}?health=broken")
    assert "none is like that" in first.content.decode()
    assert 'href="?health=broken&amp;page=2" rel="next"' in first.content.decode()

    second = deployer.get(f"{LIST}?health=broken&page=2")
    assert [row.template for row in second.context["page"].rows] == many[-1:]
    assert 'rel="next"' not in second.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "999999999999999", "²", ""])
def test_a_page_that_is_not_there_is_no_fault(deployer: Client, many: list[RolloutTemplate], page: str) -> None:
    assert deployer.get(LIST, {"page": page}).status_code == 200
    assert deployer.get(LIST, {"page": page, "health": "fine"}).status_code == 200
