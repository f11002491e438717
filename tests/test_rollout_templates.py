"""Rollout templates: keeping them, which keys they take, and how they say whether they still work."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from keyportal.people.models import User
from productkeys.domain.choices import Status
from productkeys.domain.rollout_health import Health
from productkeys.models import ProductKey, RolloutTemplate, SealedSecret, TrailEntry
from productkeys.models.trail import Action
from productkeys.services import keys, rollout_templates
from productkeys.services.importing.undoing import NotUndone, undo
from productkeys.services.keys import KeyValues
from productkeys.services.origin import PORTAL, Origin
from productkeys.services.rollout_templates import BroughtFile, TemplateValues
from productkeys.services.template_health import diagnoses
from tests.bringing import brought, imported, line
from tests.factories import KMS_HOST, MAK, RETAIL, agreement, stored
from tests.rollouts import posted, template
from tests.scoped import person_in, scopes, signed_in

pytestmark = pytest.mark.django_db
FILE = b"""<?xml version="1.0" encoding="utf-8"?>
<unattend xmlns="urn:schemas-microsoft-com:unattend">
  <settings pass="specialize">
    <component name="Microsoft-Windows-Shell-Setup" processorArchitecture="amd64">
      <ProductKey>%s</ProductKey>
    </component>
  </settings>
</unattend>"""
LIST = "/rollout-templates/"


@pytest.fixture
def reader() -> User:
    return User.objects.create_superuser("root")


@pytest.fixture
def deployer(in_role: Callable[..., User]) -> Client:
    return signed_in(in_role("Deployer"))


def codes(one: RolloutTemplate, reader: User) -> set[str]:
    """The codes of everything that is wrong with a template."""
    one.refresh_from_db()
    said = diagnoses([one], reader)[one.pk]
    return {finding.code for finding in said.findings if finding.weight in ("error", "warning")}


def health(one: RolloutTemplate, reader: User) -> str:
    one.refresh_from_db()
    return diagnoses([one], reader)[one.pk].health


def test_a_deployer_adds_a_template_with_the_keys_that_fit(deployer: Client) -> None:
    mak = stored()

    answer = deployer.post(f"{LIST}add/", posted(activation_key=mak.pk), follow=True)

    one = RolloutTemplate.objects.get()
    assert one.activation_key == mak
    assert mak.last_five in answer.content.decode()
    assert TrailEntry.objects.filter(action=Action.TEMPLATE_ADDED, subject_uid=one.uid).count() == 1


def test_a_mak_is_never_the_installation_key(deployer: Client) -> None:
    answer = deployer.post(f"{LIST}add/", posted(installation_key=stored().pk))

    assert "activation only" in str(answer.context["form"].errors["installation_key"]) or (
        "MAK" in str(answer.context["form"].errors["installation_key"])
    )
    assert not RolloutTemplate.objects.exists()


@pytest.mark.parametrize("changes", [KMS_HOST, MAK | {"operating_system_id": "windows-10"}])
def test_a_key_that_does_not_fit_is_refused_at_its_field(deployer: Client, changes: dict[str, Any]) -> None:
    key = stored(changes | {"usage": "activation"})

    answer = deployer.post(f"{LIST}add/", posted(activation_key=key.pk))

    assert "activation_key" in answer.context["form"].errors
    assert not RolloutTemplate.objects.exists()


def test_the_keys_that_fit_are_offered_once_the_system_is_known(deployer: Client) -> None:
    mak, other = stored(), stored(operating_system_id="windows-10")

    offered = deployer.post(f"{LIST}add/", posted(look="1", name="")).context["form"].fields["activation_key"].choices

    assert str(mak.pk) in dict(offered)
    assert str(other.pk) not in dict(offered)


def test_an_edition_that_another_system_does_not_have_is_let_go_where_only_the_keys_are_looked_for(
    deployer: Client,
) -> None:
    sent = posted(look="1", operating_system="windows-server-2025")

    form = deployer.post(f"{LIST}add/", sent).context["form"]

    assert form["edition"].value() == ""
    assert "edition" not in form.errors


def test_the_keys_that_fit_are_offered_the_best_first_and_the_chosen_one_whatever_it_is(deployer: Client) -> None:
    few, many = stored(name="A", quantity=10), stored(name="B", quantity=500)
    other = stored(operating_system_id="windows-10")

    asked = posted(look="1", name="", activation_key=other.pk)
    offered = deployer.post(f"{LIST}add/", asked).context["form"].fields["activation_key"].choices

    of_ours = [pk for pk, _label in offered if pk in {str(key.pk) for key in (few, many, other)}]
    assert of_ours == [str(many.pk), str(few.pk), str(other.pk)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 101),
        ("operating_system", "windows-95"),
        ("edition", "Nothing"),
        ("build", "99999"),
        ("build", "many"),
        ("kms_host", "no host!"),
        ("activation_key", "99999999"),
        ("activation_key", "x"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(deployer: Client, field: str, value: str) -> None:
    answer = deployer.post(f"{LIST}add/", posted(**{field: value}))

    assert field in answer.context["form"].errors
    assert not RolloutTemplate.objects.exists()


def test_a_name_is_there_once(deployer: Client) -> None:
    template()

    assert "name" in deployer.post(f"{LIST}add/", posted()).context["form"].errors


def test_a_template_without_keys_is_fine_and_says_why(reader: User) -> None:
    one = template()

    said = diagnoses([one], reader)[one.pk]

    assert said.health == Health.FINE
    assert {"rollout_without_key", "volume_only"} <= {finding.code for finding in said.findings}


def test_it_turns_red_as_well_when_the_key_that_it_installs_with_is_used_up(reader: User) -> None:
    key = stored(RETAIL)
    one = template(edition="Professional", installation_key_id=key.pk)
    assert health(one, reader) == Health.FINE

    ProductKey.objects.filter(pk=key.pk).update(in_use=1)

    assert health(one, reader) == Health.BROKEN
    assert codes(one, reader) >= {"none_left"}


def test_it_turns_red_when_its_key_is_archived_used_up_changed_or_deleted(reader: User) -> None:
    key = stored(quantity=5)
    one = template(activation_key_id=key.pk)
    assert health(one, reader) == Health.FINE

    ProductKey.objects.filter(pk=key.pk).update(in_use=5)
    assert codes(one, reader) == {"none_left"}
    ProductKey.objects.filter(pk=key.pk).update(in_use=0)
    keys.set_status(key, Status.ARCHIVED, seen_version=key.version, origin=PORTAL)
    assert codes(one, reader) == {"key_archived"}
    keys.set_status(key, Status.ACTIVE, seen_version=key.version, origin=PORTAL)
    assert health(one, reader) == Health.FINE
    keys.change_key(key, KeyValues.of(key, operating_system_id="windows-10"), seen_version=key.version, origin=PORTAL)
    assert codes(one, reader) == {"other_system", "template_key_changed"}
    keys.delete(key, seen_version=key.version, origin=PORTAL)
    assert codes(one, reader) == {"template_key_deleted"}
    assert health(one, reader) == Health.BROKEN


def test_a_comment_on_its_key_is_no_change(reader: User) -> None:
    key = stored()
    one = template(activation_key_id=key.pk)

    keys.change_key(key, KeyValues.of(key, comment="Other"), seen_version=key.version, origin=PORTAL)

    assert health(one, reader) == Health.FINE


def test_an_agreement_that_ended_is_a_warning(reader: User) -> None:
    key = stored(agreement_id=agreement(valid_until=dt.date(2020, 1, 1)).pk)

    one = template(activation_key_id=key.pk)

    assert codes(one, reader) == {"template_agreement_ended"}
    assert health(one, reader) == Health.WARNING


def test_somebody_confirms_a_key_that_was_changed(deployer: Client, reader: User) -> None:
    key = stored(architecture="x64")
    one = template(activation_key_id=key.pk)
    keys.change_key(key, KeyValues.of(key, architecture="any"), seen_version=key.version, origin=PORTAL)
    assert codes(one, reader) == {"template_key_changed"}

    deployer.post(f"{LIST}{one.pk}/confirm/", {"version": one.version})

    assert health(one, reader) == Health.FINE


def test_the_findings_of_its_answer_file_count(reader: User) -> None:
    empty = template(answer_file=BroughtFile("unattend.xml", FILE % b""))
    filled = template(name="B", answer_file=BroughtFile("unattend.xml", FILE % b""), activation_key_id=stored().pk)

    assert health(empty, reader) == Health.BROKEN
    assert health(filled, reader) == Health.FINE  # the download puts the key there


def test_a_file_is_kept_sealed_and_goes_with_the_template(deployer: Client) -> None:
    file = SimpleUploadedFile("unattend.xml", FILE % b"NW6C2-QMPVW-D7KKK-3GKT6-VCFB2")

    deployer.post(f"{LIST}add/", posted(answer_file=file))

    one = RolloutTemplate.objects.get()
    assert one.answer_file
    secret = one.answer_file
    assert "unattend" not in secret.sealed
    assert rollout_templates.file_of(one) == FILE % b"NW6C2-QMPVW-D7KKK-3GKT6-VCFB2"
    deployer.post(f"{LIST}{one.pk}/delete/", {"version": one.version})
    assert not RolloutTemplate.objects.exists()
    assert not SealedSecret.objects.filter(pk=secret.pk).exists()


@pytest.mark.parametrize(
    "data", [b"no xml at all", b"<unattend><", b"[Settings]\r\nPriority=Default\r\n", b"\0" * 2**21]
)
def test_what_is_no_answer_file_is_refused(deployer: Client, data: bytes) -> None:
    answer = deployer.post(f"{LIST}add/", posted(answer_file=SimpleUploadedFile("unattend.xml", data)))

    assert "answer_file" in answer.context["form"].errors
    assert not SealedSecret.objects.exists()


def test_a_red_template_may_still_be_described_anew(deployer: Client, reader: User) -> None:
    key = stored()
    one = template(activation_key_id=key.pk)
    keys.set_status(key, Status.COMPROMISED, seen_version=key.version, origin=PORTAL)

    deployer.post(f"{LIST}{one.pk}/edit/", posted(activation_key=key.pk, description="Ask Mara", version=one.version))

    one.refresh_from_db()
    assert (one.description, one.version) == ("Ask Mara", 2)
    assert codes(one, reader) == {"key_compromised"}


def test_who_comes_second_is_shown_both_versions(deployer: Client) -> None:
    one = template()
    rollout_templates.change(one, TemplateValues.of(one, description="First"), seen_version=1, origin=PORTAL)

    answer = deployer.post(f"{LIST}{one.pk}/edit/", posted(kms_host="kms.example.com", version=1))

    assert answer.status_code == 409
    assert answer.context["form"].shown["description"] == "First"
    assert RolloutTemplate.objects.get().kms_host == ""


def test_a_copy_says_the_same_under_another_name(deployer: Client) -> None:
    one = template(kms_host="kms.example.com")

    form = deployer.get(f"{LIST}{one.pk}/duplicate/").context["form"]

    assert form.initial["kms_host"] == "kms.example.com"
    assert form.initial["name"] != one.name


def test_a_template_of_another_scope_is_not_there_and_everybodys_is_only_read() -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    own, other = template(name="Own", scope_id=berlin.pk), template(name="Other", scope_id=bonn.pk)
    everybodys = template(name="Everybody's")
    person = signed_in(person_in(berlin, "Deployer"))

    page = person.get(LIST).content.decode()

    assert "Own" in page
    assert "Other" not in page
    answers = [person.get(f"{LIST}{one.pk}/edit/").status_code for one in (own, other, everybodys)]
    assert answers == [200, 404, 403]


def test_a_key_of_another_scope_is_not_named() -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    key = stored(name="Bonn's own", scope_id=bonn.pk)
    one = template(name="Everybody's", activation_key_id=key.pk)
    person = person_in(berlin, "Deployer")

    page = signed_in(person).get(f"{LIST}{one.pk}/").content.decode()

    assert key.last_five not in page
    assert codes(one, person) == {"template_key_unseen"}


def test_a_key_of_another_scope_is_not_named_where_two_people_change_the_template() -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    key = stored(name="Bonn's own", scope_id=bonn.pk)
    one = template(scope_id=berlin.pk)
    rollout_templates.change(one, TemplateValues.of(one, activation_key_id=key.pk), seen_version=1, origin=PORTAL)
    person = signed_in(person_in(berlin, "Deployer"))

    answer = person.post(f"{LIST}{one.pk}/edit/", posted(name="Mine", scope=berlin.pk, version=1))

    assert answer.status_code == 409
    page = answer.content.decode()
    assert key.last_five not in page
    assert "Bonn" not in page
    assert "of another scope" in page


def test_a_key_of_another_scope_may_stay_and_the_windows_beside_it_stays_as_well() -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    key = stored(scope_id=bonn.pk)
    one = template(scope_id=berlin.pk, activation_key_id=key.pk)
    seen = one.seen
    person = person_in(berlin, "Deployer")
    client, sent = signed_in(person), posted(scope=berlin.pk, activation_key=key.pk, version=1)

    refused = client.post(f"{LIST}{one.pk}/edit/", sent | {"operating_system": "windows-10"})
    stored_ = client.post(f"{LIST}{one.pk}/edit/", sent | {"description": "Ask Mara"})

    assert [error.code for error in refused.context["form"].errors["activation_key"].as_data()] == [
        "template_key_unseen_stays"
    ]
    assert "Made for" not in refused.content.decode()
    assert stored_.status_code == 302
    one.refresh_from_db()
    assert (one.description, one.activation_key_id, one.seen) == ("Ask Mara", key.pk, seen)


def test_what_a_person_does_not_see_they_do_not_confirm() -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    key = stored(scope_id=bonn.pk)
    one = template(scope_id=berlin.pk, activation_key_id=key.pk)
    keys.change_key(key, KeyValues.of(key, edition="Education"), seen_version=key.version, origin=PORTAL)

    rollout_templates.confirm(one, seen_version=1, origin=Origin(person_in(berlin, "Deployer")))

    assert "template_key_changed" in codes(one, User.objects.create_superuser("root"))


def test_a_deleted_key_is_told_to_those_alone_who_see_all_keys(reader: User) -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    key = stored(scope_id=bonn.pk)
    one = template(scope_id=berlin.pk, activation_key_id=key.pk)
    keys.delete(key, seen_version=key.version, origin=PORTAL)
    person = person_in(berlin, "Deployer")

    for address in (LIST, one.get_absolute_url()):
        assert key.last_five not in signed_in(person).get(address).content.decode()
        assert f"…{key.last_five}" in signed_in(reader).get(address).content.decode()
    assert codes(one, person) == {"template_unseen_key_deleted"}


def test_the_list_is_narrowed_by_health_and_by_key(deployer: Client) -> None:
    key = stored()
    broken = template(name="Broken", activation_key_id=key.pk)
    template(name="Other")
    keys.set_status(key, Status.COMPROMISED, seen_version=key.version, origin=PORTAL)

    for query in ("health=broken", f"key={key.pk}"):
        rows = deployer.get(f"{LIST}?{query}").context["page"].rows
        assert [row.template for row in rows] == [broken]


def test_a_list_of_many_costs_no_more_queries_than_one_of_few(
    deployer: Client, django_assert_max_num_queries: Any
) -> None:
    def fill(names: range) -> None:
        for number in names:
            template(
                name=f"T{number}",
                activation_key_id=stored().pk,
                answer_file=BroughtFile("unattend.xml", FILE % b"NW6C2-QMPVW-D7KKK-3GKT6-VCFB2"),
            )

    fill(range(2))
    deployer.get(LIST)
    with django_assert_max_num_queries(99) as few:
        deployer.get(LIST)
    fill(range(2, 12))
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert len(deployer.get(LIST).context["page"].rows) == 12


def test_no_role_sees_templates_without_the_right(in_role: Callable[..., User]) -> None:
    Group.objects.get(name="Viewer").permissions.filter(codename="view_rollouttemplate").delete()

    assert signed_in(in_role("Viewer")).get(LIST).status_code == 403


def test_a_key_says_which_templates_use_it_and_what_would_break() -> None:
    key = stored()
    one = template(activation_key_id=key.pk)
    person = signed_in(User.objects.create_superuser("mara"))
    page = key.get_absolute_url()

    assert one.get_absolute_url() in person.get(page).content.decode()
    for verb in ("archive", "compromised", "delete"):
        assert "would not work any more: “Head office, floor 4”" in person.get(f"{page}{verb}/").content.decode()


def test_a_key_names_no_template_of_a_foreign_scope() -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    key = stored(scope_id=None)
    template(activation_key_id=key.pk, scope_id=bonn.pk)

    page = signed_in(person_in(berlin, "Key manager")).get(key.get_absolute_url()).content.decode()

    assert "Head office, floor 4" not in page


def test_an_import_whose_key_a_template_uses_is_not_undone(in_role: Callable[..., User]) -> None:
    imp = imported(brought([line(), line()], in_role("Key manager")))
    key = ProductKey.objects.filter(import_uid=imp.pk).latest("pk")
    rules = {"operating_system_id": key.operating_system_id, "edition": key.edition, "architecture": key.architecture}
    one = template(activation_key_id=key.pk, **rules)

    with pytest.raises(NotUndone):
        undo(imp, origin=PORTAL)

    one.refresh_from_db()
    assert one.activation_key == key
