"""Rollout templates in the admin: found and read by those who may see them, and changed by nobody there."""

from typing import Any

import pytest
from django.test import Client

from productkeys.models import RolloutTemplate
from tests.factories import stored
from tests.rollouts import posted, template
from tests.scoped import person_in, scopes, signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/productkeys/rollouttemplate/"


def test_a_template_is_found_and_read(as_admin: Client) -> None:
    one, _other = template(kms_host="kms.example.com"), template(name="Branches")

    found = as_admin.get(LIST, {"q": "floor 4"}).content.decode()
    page = as_admin.get(f"{LIST}{one.pk}/change/").content.decode()

    assert "Windows 11, Enterprise, x64" in found
    assert "Branches" not in found
    assert "kms.example.com" in page
    assert one.get_absolute_url() in page
    assert as_admin.get(f"{LIST}{one.pk}/history/")["Location"] == f"{one.get_absolute_url()}#history"


def test_nobody_changes_one_past_the_rules(as_admin: Client) -> None:
    one = template()

    answers = [
        as_admin.post(f"{LIST}{one.pk}/{verb}/", posted(name="Changed", post="yes")) for verb in ("change", "delete")
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert RolloutTemplate.objects.get().name == one.name


def test_templates_and_keys_of_other_scopes_are_not_there() -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    foreign = template(name="Of Bonn", scope_id=bonn.pk)
    key = stored(name="Secret of Bonn", scope_id=bonn.pk)
    own = template(name="Of Berlin", scope_id=berlin.pk, activation_key_id=key.pk)
    somebody = signed_in(person_in(berlin, "Deployer", is_staff=True))

    assert "Of Bonn" not in somebody.get(LIST).content.decode()
    assert "Secret of Bonn" not in somebody.get(f"{LIST}{own.pk}/change/").content.decode()
    assert somebody.get(f"{LIST}{foreign.pk}/history/").status_code == 404
    assert somebody.get(f"{LIST}x/history/").status_code == 404
    assert somebody.get(f"{LIST}{foreign.pk}/change/").status_code == 302


def test_many_templates_cost_no_more_queries(as_admin: Client, django_assert_max_num_queries: Any) -> None:
    counts = []
    for number in range(2):
        template(name=f"First {number}")
        with django_assert_max_num_queries(40) as made:
            as_admin.get(LIST)
        counts.append(len(made))
        for one in range(0 if number else 10):
            template(name=f"More {one}")
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "probe", ["seen__icontains={last_five}", "activation_key={pk}", "activation_key__isnull=0", "answer_file__isnull=1"]
)
def test_no_address_probes_what_is_not_shown(probe: str) -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    key = stored(scope_id=bonn.pk)
    template(scope_id=berlin.pk, activation_key_id=key.pk)
    person = signed_in(person_in(berlin, "Viewer", is_staff=True))
    assert person.get(f"{LIST}?{probe.format(last_five=key.last_five, pk=key.pk)}").status_code == 400


@pytest.mark.parametrize(
    "probe", ["user/?uid__startswith=a", "user/?email__contains=@", "user/?last_login__isnull=1", "user/?is_active=1"]
)
def test_people_are_narrowed_by_the_filters_on_offer_alone(as_admin: Client, probe: str) -> None:
    answer = as_admin.get(f"/admin/people/{probe}")
    assert answer.status_code == (200 if "is_active" in probe else 400)
