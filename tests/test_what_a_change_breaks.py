"""Before a key is changed, the portal says which rollout templates would not work with it any more."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from keyportal.people.models import User
from productkeys.domain.choices import Status
from productkeys.models import ProductKey
from productkeys.services import keys
from productkeys.services.origin import PORTAL
from tests.factories import new_code, posted, stored
from tests.rollouts import template
from tests.scoped import person_in, scopes, signed_in

pytestmark = pytest.mark.django_db
BREAKS = "would not work any more: “Head office, floor 4”"
ASKS = "until somebody confirms it: “Head office, floor 4”"


@pytest.fixture
def manager(in_role: Callable[..., User]) -> Client:
    return signed_in(in_role("Key manager"))


@pytest.fixture
def used() -> ProductKey:
    key = stored(quantity=500, in_use=20)
    template(activation_key_id=key.pk)
    return key


def edited(client: Client, key: ProductKey, **changes: Any) -> Any:
    return client.post(f"{key.get_absolute_url()}edit/", posted(key, scope="all", **changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"edition": "Professional"}, BREAKS),
        ({"operating_system": "windows-10"}, BREAKS),
        ({"architecture": "arm64"}, BREAKS),
        ({"quantity": "20"}, BREAKS),
        ({"architecture": "any"}, ASKS),
        ({"operating_system": "windows-11-windows-10"}, ASKS),
    ],
)
def test_who_edits_a_key_is_told_and_saves_all_the_same(
    manager: Client, used: ProductKey, changes: dict[str, str], said: str
) -> None:
    told = edited(manager, used, **changes)

    assert said in told.content.decode()
    used.refresh_from_db()
    assert used.version == 1
    saved = edited(manager, used, **changes, consequences=told.context["consequences"].seen)

    assert saved.status_code == 302
    used.refresh_from_db()
    assert used.version == 2


@pytest.mark.parametrize("changes", [{"name": "Another"}, {"comment": "Hello"}, {"quantity": "499"}, {}])
def test_what_breaks_nothing_is_saved_at_once(manager: Client, used: ProductKey, changes: dict[str, str]) -> None:
    assert edited(manager, used, **changes).status_code == 302


def test_a_new_key_that_was_typed_is_not_lost_by_the_question(manager: Client, used: ProductKey) -> None:
    code = new_code()

    told = edited(manager, used, code=code.open())
    page = told.content.decode()
    assert ASKS in page
    assert code.open() not in page
    kept = told.context["form"]["kept_code"].value()
    edited(manager, used, code="", kept_code=kept, consequences=told.context["consequences"].seen)

    used.refresh_from_db()
    assert used.last_five == code.last_five


def test_another_answer_than_was_shown_is_asked_again(manager: Client, used: ProductKey) -> None:
    told = edited(manager, used, architecture="any")
    seen = told.context["consequences"].seen

    assert edited(manager, used, edition="Professional", consequences=seen).status_code == 409


def test_a_template_that_is_broken_already_is_not_told_again(manager: Client, used: ProductKey) -> None:
    keys.set_status(used, Status.COMPROMISED, seen_version=1, origin=PORTAL)

    assert edited(manager, used, name="Another").status_code == 302


def test_a_template_of_another_scope_is_not_named() -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    key = stored(scope_id=berlin.pk)
    template(activation_key_id=key.pk, scope_id=bonn.pk)
    somebody = signed_in(person_in(berlin, "Key manager"))

    answer = somebody.post(f"{key.get_absolute_url()}edit/", posted(key, scope=berlin.pk, architecture="any"))

    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"architecture": "any"}, ASKS),
        ({"architecture": "arm64"}, BREAKS),
        ({"quantity_do": "set", "quantity": "20"}, BREAKS),
        ({"status": "archived"}, BREAKS),
        ({"comment_do": "replace", "comment": "Hello"}, ""),
    ],
)
def test_the_preview_of_a_bulk_edit_says_it(manager: Client, used: ProductKey, form: dict[str, str], said: str) -> None:
    rows = [f"{key.pk}:{key.version}" for key in (used, stored())]

    page = manager.post("/product-keys/bulk/", {"key": rows, "do": "edit", "step": "preview", **form})

    assert "kp-table--bulk" in page.content.decode()
    assert said in page.content.decode() if said else "Head office" not in page.content.decode()


def test_many_templates_cost_no_more_queries(
    manager: Client, used: ProductKey, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for number in range(2):
        with django_assert_max_num_queries(80) as made:
            edited(manager, used, edition="Professional")
        counts.append(len(made))
        for one in range(0 if number else 10):
            template(name=f"More {one}", activation_key_id=used.pk)
    assert counts[0] == counts[1]
