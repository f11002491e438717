"""Acting on several keys of which some belong to others: those stay, with a reason; foreign ones are not there."""

from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import translation

from keyportal.people.models import User
from productkeys.models import ProductKey, Scope, TrailEntry
from productkeys.services import bulk_edit, keys
from productkeys.services.bulk_edit import Changes
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin
from productkeys.services.selection import Selection
from tests.bulk import BULK_PAGES, choices, tickets
from tests.factories import stored
from tests.scoped import of_each_kind, person_in, scopes, signed_in

pytestmark = pytest.mark.django_db

NOT_YOURS = "Your roles do not allow this for this key."
ACTS = ["edit", "archive", "compromise", "delete"]


@pytest.fixture
def berlin_and_bonn() -> list[Scope]:
    return scopes("Berlin", "Bonn")


@pytest.fixture
def made(berlin_and_bonn: list[Scope]) -> dict[str, ProductKey]:
    return of_each_kind(*berlin_and_bonn)


@pytest.fixture
def in_berlin(berlin_and_bonn: list[Scope]) -> User:
    return person_in(berlin_and_bonn[0], "Key manager", username="berta", is_staff=True)


@pytest.fixture(params=BULK_PAGES)
def page(request: pytest.FixtureRequest, in_berlin: User) -> Any:
    """The page in the workspace and in the admin, as (client, address)."""
    return signed_in(in_berlin), reverse(request.param)


def _post(page: tuple[Client, str], do: str, chosen: Any, step: str = "preview", **more: Any) -> Any:
    client, address = page
    changes = choices(**({"architecture": "any"} | more)) if do == "edit" else more
    return client.post(address, {"do": do, "step": step, "key": tickets(chosen), **changes})


def _untouched(made: dict[str, ProductKey], *names: str) -> bool:
    stored_now = ProductKey.objects.in_bulk([made[name].pk for name in names])
    return [key.version for key in stored_now.values()] == [1] * len(names)


@pytest.mark.parametrize("do", ACTS)
def test_keys_of_others_are_refused_with_a_reason_and_foreign_ones_are_not_there(
    page: Any, made: dict[str, ProductKey], do: str
) -> None:
    answer = _post(page, do, made.values())
    preview, html = answer.context["preview"], answer.content.decode()
    assert [step.key.name for step in preview.accepted] == ["Berlin's"]
    (refusal,) = preview.refusals
    assert {key.name for key in refusal.keys} == {"shared", "everybody's"}
    assert NOT_YOURS in html
    assert "Bonn" not in html


@pytest.mark.parametrize("do", ACTS)
def test_one_key_of_others_holds_back_all_until_it_is_left_out(page: Any, made: dict[str, ProductKey], do: str) -> None:
    seen = [made["Berlin's"], made["shared"], made["everybody's"]]
    assert _post(page, do, seen, "apply").status_code == 409
    assert _untouched(made, *made)
    assert _post(page, do, seen, "apply", leaving_out=2).status_code == 302
    assert _untouched(made, "Bonn's", "shared", "everybody's")
    assert not ProductKey.objects.filter(pk=made["Berlin's"].pk, version=1).exists()


@pytest.mark.parametrize("do", ACTS)
def test_a_foreign_key_holds_back_all_like_one_that_is_gone(page: Any, made: dict[str, ProductKey], do: str) -> None:
    gone = stored()
    answers = []
    for other in (made["Bonn's"], gone):
        ticked = tickets([made["Berlin's"], other])
        ProductKey.objects.filter(pk=gone.pk).delete()
        posted = {"do": do, "step": "apply", "key": ticked, **choices(architecture="any")}
        answers.append(page[0].post(page[1], posted))
    foreign, missing = answers
    assert foreign.status_code == missing.status_code == 409
    assert foreign.context["drift"] == missing.context["drift"]
    assert _untouched(made, "Berlin's", "Bonn's")


@pytest.mark.parametrize("do", ACTS)
def test_a_role_taken_away_between_the_page_and_the_button(
    page: Any, made: dict[str, ProductKey], in_berlin: User, do: str
) -> None:
    assert _post(page, do, [made["Berlin's"]]).context["preview"].count == 1
    in_berlin.scoped_roles.all().delete()
    assert _post(page, do, [made["Berlin's"]], "apply").status_code == 403
    assert _untouched(made, "Berlin's")


@pytest.mark.parametrize("do", ACTS)
def test_a_role_changed_to_a_lesser_one_between_the_page_and_the_button(
    page: Any, made: dict[str, ProductKey], in_berlin: User, berlin_and_bonn: list[Scope], do: str
) -> None:
    in_berlin.scoped_roles.create(role=in_berlin.scoped_roles.get().role, scope=berlin_and_bonn[1])
    assert _post(page, do, [made["Bonn's"]]).context["preview"].count == 1
    in_berlin.scoped_roles.filter(scope=berlin_and_bonn[1]).delete()
    made["Bonn's"].shared_with.add(berlin_and_bonn[0])
    answer = _post(page, do, [made["Bonn's"]], "apply")
    assert answer.status_code == 409
    assert NOT_YOURS in answer.content.decode()
    assert _untouched(made, "Bonn's")


@pytest.mark.parametrize("do", ACTS)
def test_a_key_moved_to_another_scope_between_the_page_and_the_button(
    page: Any, made: dict[str, ProductKey], berlin_and_bonn: list[Scope], admin_user: User, do: str
) -> None:
    key = made["Berlin's"]
    ticked = tickets([key])
    values = keys.KeyValues.of(key, scope_id=berlin_and_bonn[1].pk)
    keys.change_key(key, values, seen_version=1, origin=Origin(admin_user))
    posted = {"do": do, "step": "apply", "key": ticked, **choices(architecture="any")}
    assert page[0].post(page[1], posted, follow=True).context["messages"]
    key.refresh_from_db()
    assert (key.version, key.status, key.architecture) == (2, "active", "x64")


@pytest.mark.parametrize("name", ["Bonn's", "shared", "everybody's"])
def test_the_services_refuse_whoever_calls_them(made: dict[str, ProductKey], in_berlin: User, name: str) -> None:
    key, origin = made[name], Origin(in_berlin)
    seen = Selection.of_pairs([(key.pk, key.version)])
    everything = ProductKey.objects.get_queryset()
    for act in (
        lambda: keys.set_status(key, "archived", seen_version=1, origin=origin),
        lambda: keys.delete(key, seen_version=1, origin=origin),
        lambda: keys.change_key(key, keys.KeyValues.of(key, name="Ours"), seen_version=1, origin=origin),
        lambda: bulk_edit.apply_changes(seen, Changes({"status": "archived"}), among=everything, origin=origin),
        lambda: bulk_edit.apply_changes(seen, Changes({"architecture": "any"}), among=everything, origin=origin),
        lambda: bulk_edit.apply_deletion(seen, among=everything, origin=origin),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert {problem.code for problem in refused.value.problems} == {"key_not_yours"}
    assert _untouched(made, name)


def test_many_keys_of_others_are_judged_without_asking_for_each(
    page: Any, berlin_and_bonn: list[Scope], django_assert_max_num_queries: Any
) -> None:
    berlin, bonn = berlin_and_bonn
    many = [stored(scope_id=berlin.pk) for _number in range(30)] + [stored() for _number in range(30)]
    shared = [stored(scope_id=bonn.pk) for _number in range(30)]
    berlin_shares = ProductKey.shared_with.through
    berlin_shares.objects.bulk_create(berlin_shares(productkey=key, scope=berlin) for key in shared)
    for do in ACTS:
        with django_assert_max_num_queries(20):
            assert _post(page, do, [*many, *shared]).context["preview"].refused == 60


# Moving keys to another scope


@pytest.fixture(params=BULK_PAGES)
def everywhere(request: pytest.FixtureRequest, manager: User) -> Any:
    """The page for somebody who keeps all keys."""
    return signed_in(manager), reverse(request.param)


def _offered(answer: Any) -> list[str]:
    form = answer.context["form"]
    return [str(label) for _value, label in form.fields["scope"].choices][1:] if "scope" in form.fields else []


def test_keys_are_moved_and_the_trail_names_both_scopes(
    everywhere: Any, made: dict[str, ProductKey], berlin_and_bonn: list[Scope]
) -> None:
    moved = [made["Berlin's"], made["everybody's"]]
    html = _post(everywhere, "edit", moved, architecture="", scope=str(berlin_and_bonn[1].pk)).content.decode()
    assert '<b class="kp-lines">Bonn</b>' in html
    assert '<span class="kp-lines">everybody&#x27;s</span>' in html
    assert (
        _post(everywhere, "edit", moved, "apply", architecture="", scope=str(berlin_and_bonn[1].pk)).status_code == 302
    )
    for key, before in zip(moved, ("Berlin", None), strict=True):
        key.refresh_from_db()
        assert key.scope == berlin_and_bonn[1]
        entry = TrailEntry.objects.filter(subject_uid=key.uid).latest("id")
        assert (entry.before, entry.after) == ({"scope": before}, {"scope": "Bonn"})


def test_deleting_says_in_the_trail_where_a_key_was(everywhere: Any, made: dict[str, ProductKey]) -> None:
    assert _post(everywhere, "delete", [made["Berlin's"]], "apply").status_code == 302
    assert TrailEntry.objects.get(subject_uid=made["Berlin's"].uid, action="deleted").before["scope"] == "Berlin"


def test_a_standard_key_stays_everybodys(
    everywhere: Any, berlin_and_bonn: list[Scope], standard_keys: QuerySet[ProductKey]
) -> None:
    answer = _post(everywhere, "edit", standard_keys[:1], "apply", architecture="", scope=str(berlin_and_bonn[0].pk))
    assert "A standard key stays as Microsoft published it." in answer.content.decode()
    assert not standard_keys.exclude(scope=None).exists()


def test_only_scopes_are_offered_in_which_the_person_may_add(everywhere: Any, page: Any, made: Any) -> None:
    assert _offered(_post(everywhere, "edit", made.values(), "")) == ["everybody's", "Berlin", "Bonn"]
    assert _offered(_post(page, "edit", made.values(), "")) == ["Berlin"]


@pytest.mark.parametrize("scope", ["bonn", "everybody", "999999", "x"])
def test_a_scope_that_is_not_offered_is_refused_alike(
    page: Any, made: dict[str, ProductKey], berlin_and_bonn: list[Scope], scope: str
) -> None:
    wanted = str(berlin_and_bonn[1].pk) if scope == "bonn" else scope
    answer = _post(page, "edit", [made["Berlin's"]], "apply", architecture="", scope=wanted)
    assert answer.context["form"].errors["scope"]
    assert "Bonn" not in answer.content.decode()
    assert _untouched(made, "Berlin's")


def test_the_service_moves_no_key_to_where_the_person_may_add_none(
    made: dict[str, ProductKey], in_berlin: User, berlin_and_bonn: list[Scope]
) -> None:
    plan = bulk_edit.plan_changes(
        [made["Berlin's"]], Changes({"scope_id": berlin_and_bonn[1].pk}), origin=Origin(in_berlin)
    )
    assert [problem.code for problem in plan.refused[0].problems] == ["scope_not_yours"]


@pytest.mark.parametrize("names", [[], ["Berlin"]])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_portal_with_less_than_two_scopes_never_says_the_word(
    everywhere: Any, manager: User, names: list[str], language: str
) -> None:
    made_scopes = scopes(*names)
    manager.language = language
    manager.save()
    key = stored(scope_id=made_scopes[0].pk if made_scopes else None)
    for do in ACTS:
        for step in ("", "preview"):
            html = _post(everywhere, do, [key], step).content.decode().split('id="content"')[-1].lower()
            with translation.override(language):
                assert "scope" not in html.replace('scope="col"', ""), (do, step)
                assert "bereich" not in html, (do, step)
