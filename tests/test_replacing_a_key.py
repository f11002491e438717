"""A key that leaked is replaced in all rollout templates at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from keyportal.people.models import User
from productkeys.domain.choices import Status
from productkeys.domain.rollout_health import Health
from productkeys.forms import key_replacement
from productkeys.models import ProductKey, RolloutTemplate, TrailEntry
from productkeys.models.trail import Action
from productkeys.services import keys
from productkeys.services.origin import PORTAL
from productkeys.services.template_health import diagnoses
from tests.factories import KMS_HOST, MAK, stored
from tests.rollouts import template
from tests.scoped import person_in, scopes, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def deployer(in_role: Callable[..., User]) -> Client:
    return signed_in(in_role("Deployer"))


@pytest.fixture
def leaked() -> ProductKey:
    """A MAK that is in the templates "A" and "B"."""
    key = stored(name="Leaked")
    for name in ("A", "B"):
        template(name=name, activation_key_id=key.pk)
    keys.set_status(key, Status.COMPROMISED, seen_version=key.version, origin=PORTAL)
    return key


def address(key: ProductKey) -> str:
    return f"/product-keys/{key.pk}/replace/"


def tickets(*names: str) -> list[str]:
    wanted = RolloutTemplate.objects.filter(name__in=names) if names else RolloutTemplate.objects.all()
    return [f"{one.pk}:{one.version}" for one in wanted]


def asking(other: ProductKey, *names: str, **more: Any) -> dict[str, Any]:
    return {"templates": tickets(*names), "replacement": other.pk, **more}


def in_use(key: ProductKey) -> list[str]:
    return list(RolloutTemplate.objects.filter(activation_key=key).values_list("name", flat=True))


def test_a_leaked_mak_is_replaced_in_all_templates(deployer: Client, leaked: ProductKey) -> None:
    fresh = stored(name="Fresh")

    assert address(leaked) in deployer.get(leaked.get_absolute_url()).content.decode()
    preview = deployer.post(address(leaked), asking(fresh))
    assert {str(row.badge) for row in preview.context["rows"]} == {str(preview.context["rows"][0].badge)}
    assert "kp-badge--ok" in preview.context["rows"][0].badge
    assert in_use(leaked) == ["A", "B"]  # so far it only was shown
    answer = deployer.post(address(leaked), asking(fresh, apply="1"), follow=True)

    assert "replaced in 2 rollout templates" in answer.content.decode()
    assert (in_use(leaked), in_use(fresh)) == ([], ["A", "B"])
    reader = User.objects.create_superuser("root")
    assert {one.health for one in diagnoses(list(RolloutTemplate.objects.all()), reader).values()} == {Health.FINE}
    entries = TrailEntry.objects.filter(action=Action.TEMPLATE_CHANGED)
    assert sorted(entry.subject_name for entry in entries) == ["A", "B"]
    assert {tuple(entry.after) for entry in entries} == {("activation_key",)}


def test_where_more_keys_fit_than_are_on_offer_the_page_says_so(
    deployer: Client, leaked: ProductKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(name="Fresh")
    number = len(deployer.get(address(leaked)).context["form"].fields["replacement"].choices) - 1
    said = "More keys fit than are on offer here"
    for offered, is_said in ((number, False), (number - 1, True)):
        monkeypatch.setattr(key_replacement, "_OFFERED", offered)
        page = deployer.get(address(leaked))
        assert len(page.context["form"].fields["replacement"].choices) == 1 + offered
        assert (said in page.content.decode()) is is_said


def test_only_the_ticked_templates_are_changed(deployer: Client, leaked: ProductKey) -> None:
    fresh = stored(name="Fresh")

    deployer.post(address(leaked), asking(fresh, "B", apply="1"))

    assert (in_use(leaked), in_use(fresh)) == (["A"], ["B"])


def test_keys_are_offered_that_fit_all_templates(deployer: Client, leaked: ProductKey) -> None:
    fresh, pro = stored(name="Fresh"), stored(name="Pro", edition="Professional")
    spent, old = stored(quantity=5, in_use=5), stored(operating_system_id="windows-10")
    host = stored(KMS_HOST)

    offered = dict(deployer.get(address(leaked)).context["form"].fields["replacement"].choices)

    assert str(fresh.pk) in offered
    assert {str(key.pk) for key in (pro, spent, old, host, leaked)} & offered.keys() == set()


def test_what_is_offered_fits_each_of_different_templates(deployer: Client) -> None:
    both = {"operating_system_id": "windows-11-windows-10"}
    leaked, joined, only_11 = stored(MAK | both), stored(MAK | both), stored()
    template(name="A", activation_key_id=leaked.pk)
    template(name="B", activation_key_id=leaked.pk, operating_system_id="windows-10")

    offered = dict(deployer.get(address(leaked)).context["form"].fields["replacement"].choices)
    fewer = deployer.post(address(leaked), {"templates": tickets("A"), "look": "1"})

    assert str(joined.pk) in offered
    assert str(only_11.pk) not in offered
    assert str(only_11.pk) in dict(fewer.context["form"].fields["replacement"].choices)
    assert not fewer.context["form"].is_valid()  # and nothing was said of it
    assert "kp-summary" not in fewer.content.decode()


def test_it_is_said_which_templates_the_chosen_key_does_not_fit(deployer: Client) -> None:
    leaked, only_11 = stored(operating_system_id="windows-11-windows-10"), stored()
    template(name="Newest", activation_key_id=leaked.pk)
    template(name="Ancient", activation_key_id=leaked.pk, operating_system_id="windows-10")

    answer = deployer.post(address(leaked), asking(only_11, apply="1"))

    (error,) = answer.context["form"].errors["replacement"]
    assert "“Ancient”" in error
    assert len(in_use(leaked)) == 2


@pytest.mark.parametrize("number", ["99999999", "x", "", "0", "9" * 40])
def test_a_key_that_is_not_there_is_refused(deployer: Client, leaked: ProductKey, number: str) -> None:
    answer = deployer.post(address(leaked), {"templates": tickets(), "replacement": number, "apply": "1"})

    assert "replacement" in answer.context["form"].errors


def test_a_key_does_not_replace_itself(deployer: Client) -> None:
    key = stored()
    template(activation_key_id=key.pk)

    assert "replacement" in deployer.post(address(key), asking(key, apply="1")).context["form"].errors


def test_no_ticked_template_is_said_at_the_field(deployer: Client, leaked: ProductKey) -> None:
    answer = deployer.post(address(leaked), {"replacement": stored().pk, "apply": "1"})

    assert "templates" in answer.context["form"].errors


@pytest.mark.parametrize("said", [["1"], ["x:y"], [""], ["99999:1"]])
def test_what_was_changed_meanwhile_is_asked_anew(deployer: Client, leaked: ProductKey, said: list[str]) -> None:
    answer = deployer.post(address(leaked), {"templates": said, "replacement": stored().pk, "apply": "1"})

    assert answer.status_code == 409
    assert len(in_use(leaked)) == 2


def test_all_of_them_or_none(deployer: Client, leaked: ProductKey) -> None:
    seen = asking(stored(), apply="1")
    RolloutTemplate.objects.filter(name="B").update(version=7)

    answer = deployer.post(address(leaked), seen)

    assert answer.status_code == 409
    assert "Nothing has happened yet" in answer.content.decode()
    assert in_use(leaked) == ["A", "B"]


def test_templates_of_other_scopes_are_left_alone() -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    key, fresh = stored(), stored(name="Fresh")
    template(name="Of Berlin", activation_key_id=key.pk, scope_id=berlin.pk)
    template(name="Of Bonn", activation_key_id=key.pk, scope_id=bonn.pk)
    template(name="Of everybody", activation_key_id=key.pk)
    somebody = signed_in(person_in(berlin, "Deployer"))

    shown = somebody.get(address(key))
    page = shown.content.decode()
    assert [row.template.name for row in shown.context["rows"]] == ["Of Berlin"]
    assert [one.name for one in shown.context["others"]] == ["Of everybody"]
    assert "Of Bonn" not in page
    refused = somebody.post(address(key), asking(fresh, apply="1"))
    somebody.post(address(key), asking(fresh, "Of Berlin", apply="1"))

    assert refused.status_code == 409
    assert in_use(fresh) == ["Of Berlin"]


def test_the_second_key_of_a_template_is_not_confirmed_along_with_it(deployer: Client) -> None:
    reader = User.objects.create_superuser("root")
    leaked, other = stored(), ProductKey.objects.get(published=True, last_five="2YT43")
    one = template(activation_key_id=leaked.pk, installation_key_id=other.pk)
    ProductKey.objects.filter(pk=other.pk).update(architecture="x64")

    deployer.post(address(leaked), asking(stored(name="Fresh"), apply="1"))

    one.refresh_from_db()
    assert diagnoses([one], reader)[one.pk].needs_confirmation
    assert one.seen["activation_key"]["last_five"] == ProductKey.objects.get(name="Fresh").last_five


def test_a_key_that_no_template_uses_has_nothing_to_replace(deployer: Client) -> None:
    key = stored()

    assert "No rollout template uses this key" in deployer.get(address(key)).content.decode()
    assert address(key) not in deployer.get(key.get_absolute_url()).content.decode()


def test_who_only_looks_is_told_and_not_offered_it(in_role: Callable[..., User], leaked: ProductKey) -> None:
    page = signed_in(in_role("Viewer")).get(leaked.get_absolute_url()).content.decode()

    assert address(leaked) not in page
    assert "2 rollout templates use this key" in page


def test_many_templates_cost_no_more_queries(
    deployer: Client, leaked: ProductKey, django_assert_max_num_queries: Any
) -> None:
    fresh = stored(name="Fresh")
    counts = []
    for number in range(2):
        for sent in (None, asking(fresh)):
            with django_assert_max_num_queries(60) as made:
                deployer.post(address(leaked), sent) if sent else deployer.get(address(leaked))
            counts.append(len(made))
        for one in range(0 if number else 12):
            spare = stored()
            template(name=f"More {one}", activation_key_id=spare.pk)
            RolloutTemplate.objects.filter(name=f"More {one}").update(activation_key=leaked)
    assert counts[:2] == counts[2:]
