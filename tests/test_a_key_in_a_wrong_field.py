"""A key that was typed where everybody could read it is refused, and comes back on the page masked alone."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from productkeys.domain.keycode import mask
from productkeys.models import RolloutTemplate
from tests.factories import agreement, posted, stored
from tests.made_up_keys import made_up_key
from tests.rollouts import posted as template_posted
from tests.wizard import Wizard

pytestmark = pytest.mark.django_db

KEY = made_up_key(8)


def _is_masked(answer: Any) -> None:
    html = answer if isinstance(answer, str) else answer.content.decode()
    assert KEY[:11] not in html
    assert f"for {mask(KEY[-5:])}" in html


@pytest.mark.parametrize("field", ["name", "comment"])
def test_on_the_page_that_edits_a_key(as_manager: Client, field: str) -> None:
    key = stored()
    _is_masked(as_manager.post(reverse("productkeys:edit", args=[key.pk]), posted(key, **{field: f"for {KEY}"})))
    key.refresh_from_db()
    assert key.version == 1


def test_among_labels(as_manager: Client) -> None:
    key = stored()
    _is_masked(as_manager.post(reverse("productkeys:edit", args=[key.pk]), posted(key, labels=f"for {KEY}")))


@pytest.mark.parametrize("field", ["name", "comment"])
def test_in_the_wizard(as_manager: Client, field: str) -> None:
    _is_masked(Wizard(as_manager).describe("mak", **{field: f"for {KEY}"}).text)


def test_where_keys_are_pasted(as_manager: Client) -> None:
    address = reverse("productkeys:agreement-paste", args=[agreement().pk])
    other = made_up_key(9)
    wrong = other[:-1] + ("B" if other[-1] != "B" else "C")
    html = as_manager.post(address, {"name": "x", "comment": f"for {KEY}", "lines": wrong}).content.decode()
    _is_masked(html)
    assert wrong in html  # a line at fault comes back, to be corrected


def test_in_the_reason_of_a_reveal(as_revealer: Client) -> None:
    address = reverse("productkeys:reveal", args=[stored().pk])
    _is_masked(as_revealer.post(address, {"reason": "other", "note": f"for {KEY}"}))


@pytest.mark.parametrize("field", ["name", "description", "kms_host"])
def test_on_a_rollout_template(as_admin: Client, field: str) -> None:
    sent = template_posted(**{field: f"for {KEY}"})
    _is_masked(as_admin.post(reverse("productkeys:rollout-template-add"), sent))
    _is_masked(as_admin.post(reverse("productkeys:rollout-template-add"), sent | {"look": "1"}))
    assert not RolloutTemplate.objects.exists()


@pytest.mark.parametrize("field", ["microsoft_used", "microsoft_counted_on"])
def test_in_the_count_of_microsoft(as_manager: Client, field: str) -> None:
    address = reverse("productkeys:microsoft-count", args=[stored().pk])
    sent = {"version": 1, "microsoft_used": "7", "microsoft_counted_on": "2026-01-31"} | {field: f"for {KEY}"}
    _is_masked(as_manager.post(address, sent))


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("admin:people_user_add", "username"),
        ("admin:auth_group_add", "name"),
        ("admin:productkeys_scope_add", "name"),
        ("admin:productkeys_operatingsystem_add", "name"),
    ],
)
def test_in_the_administration(as_admin: Client, address: str, field: str) -> None:
    _is_masked(as_admin.post(reverse(address), {field: f"for {KEY}"}))
