"""Operating systems, editions and releases in the admin: for those with the right, and every change is in the trail."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from keyportal.people.models import User
from productkeys.models import Offering, OperatingSystem, Release, TrailEntry, reference
from tests.crossing import just_before
from tests.factories import new_code, stored

pytestmark = pytest.mark.django_db

SYSTEMS = "/admin/productkeys/operatingsystem/"


@pytest.fixture(autouse=True)
def _reference_data_is_read_anew() -> Any:
    yield
    reference.forget()


def _page(client: Client, slug: str) -> dict[str, Any]:
    """What the page of a system would send if its button were pressed right away."""
    context = client.get(f"{SYSTEMS}{slug}/change/").context
    sent: dict[str, Any] = {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            if value not in (None, False):
                sent[field.html_name] = (
                    [getattr(item, "pk", item) for item in value] if isinstance(value, list) else value
                )
    return sent


@pytest.mark.parametrize(
    ("values", "mark", "missing"),
    [
        ({"key_type": "esu", "operating_system_id": "windows-10", "edition": ""}, "has_esu", "ESU"),
        (None, "has_avma", "AVMA"),
    ],
)
def test_a_mark_that_stored_keys_need_stays(
    as_admin: Client, values: dict[str, Any] | None, mark: str, missing: str
) -> None:
    """Else the rules would refuse those keys from then on, the published ones among them."""
    slug = "windows-10" if values else "windows-server-2025"
    if values:
        stored(**values)
    sent = _page(as_admin, slug)
    assert as_admin.post(f"{SYSTEMS}{slug}/change/", sent).status_code == 302
    for name in [name for name in sent if name.endswith(mark)]:
        del sent[name]
    answer = as_admin.post(f"{SYSTEMS}{slug}/change/", sent)
    assert f"of the type {missing} " in answer.content.decode()
    assert answer.status_code == 200


def test_a_mark_that_no_key_needs_can_go(as_admin: Client) -> None:
    sent = _page(as_admin, "windows-10")
    del sent["has_esu"]
    assert as_admin.post(f"{SYSTEMS}windows-10/change/", sent).status_code == 302
    assert not OperatingSystem.objects.get(pk="windows-10").has_esu


def test_a_new_windows_is_data(as_admin: Client) -> None:
    empty = {f"{rows}-{name}": 0 for rows in ("offerings", "releases") for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    values = empty | {
        "slug": "windows-12",
        "name": "Windows 12",
        "family": "client",
        "keys_have_n": "on",
        "position": 5,
        "offerings-TOTAL_FORMS": 1,
        "offerings-0-edition": "Professional",
        "offerings-0-label": "Pro",
        "offerings-0-architectures": ["x64", "arm64"],
        "offerings-0-certainty": "certain",
    }
    assert as_admin.post(f"{SYSTEMS}add/", values).status_code == 302
    assert Offering.objects.get(operating_system="windows-12").architectures == ["x64", "arm64"]
    assert stored(operating_system_id="windows-12", edition="Professional").edition_label == "Pro"
    entry = TrailEntry.objects.get(subject_name="Windows 12")
    assert (entry.action, entry.actor_name, entry.after["name"]) == ("added", "admin", "Windows 12")
    assert entry.after["offerings"] == ["+ windows-12: Pro"]
    assert not LogEntry.objects.exists()


def test_a_change_is_in_the_trail_and_in_the_history(as_admin: Client) -> None:
    values = _page(as_admin, "windows-11")
    row = next(name for name, value in values.items() if name.endswith("-edition") and value == "Professional")
    values |= {"name": "Windows 11 renamed", row.replace("-edition", "-label"): "Professional edition"}
    assert as_admin.post(f"{SYSTEMS}windows-11/change/", values).status_code == 302
    entry = TrailEntry.objects.get(subject_name="Windows 11 renamed")
    assert (entry.before, entry.after["name"]) == ({"name": "Windows 11"}, "Windows 11 renamed")
    assert entry.after["offerings"] == ["~ windows-11: Professional edition: label"]
    html = as_admin.get(f"{SYSTEMS}windows-11/history/").content.decode()
    assert "Windows 11 renamed" in html
    assert "Professional edition" in html


def test_saving_without_a_change_leaves_no_trace(as_admin: Client) -> None:
    before = TrailEntry.objects.count()
    assert as_admin.post(f"{SYSTEMS}windows-11/change/", _page(as_admin, "windows-11")).status_code == 302
    assert TrailEntry.objects.count() == before


def test_the_short_name_stays(as_admin: Client) -> None:
    values = _page(as_admin, "windows-11") | {"slug": "windows-eleven"}
    as_admin.post(f"{SYSTEMS}windows-11/change/", values)
    assert OperatingSystem.objects.filter(pk="windows-11").exists()
    assert not OperatingSystem.objects.filter(pk="windows-eleven").exists()


def test_a_system_with_keys_cannot_be_deleted(as_admin: Client) -> None:
    stored()
    as_admin.post(f"{SYSTEMS}windows-11/delete/", {"post": "yes"})
    assert OperatingSystem.objects.filter(pk="windows-11").exists()


def test_a_system_without_keys_can_and_the_trail_says_so(as_admin: Client) -> None:
    OperatingSystem.objects.create(slug="windows-x", name="Windows X", family="client")
    assert as_admin.post(f"{SYSTEMS}windows-x/delete/", {"post": "yes"}).status_code == 302
    assert TrailEntry.objects.filter(subject_name="Windows X", action="deleted").exists()


def test_a_shipped_system_cannot_be_deleted_since_the_next_start_would_bring_it_back(as_admin: Client) -> None:
    assert as_admin.post(f"{SYSTEMS}windows-11/delete/", {"post": "yes"}).status_code == 403
    assert "/windows-11/delete/" not in as_admin.get(f"{SYSTEMS}windows-11/change/").content.decode()
    as_admin.post(SYSTEMS, {"action": "delete_selected", "_selected_action": ["windows-11"], "post": "yes"})
    assert OperatingSystem.objects.filter(pk="windows-11").exists()


@pytest.mark.parametrize("rows", ["offerings", "releases"])
def test_neither_can_a_shipped_edition_or_release(as_admin: Client, rows: str) -> None:
    values = _page(as_admin, "windows-11")
    before = Offering.objects.count(), Release.objects.count()
    answer = as_admin.post(f"{SYSTEMS}windows-11/change/", values | {f"{rows}-0-DELETE": "on"})
    assert "comes with the portal and cannot be deleted. Change it instead." in answer.content.decode()
    assert (Offering.objects.count(), Release.objects.count()) == before


def test_an_edition_with_keys_cannot_be_deleted(as_admin: Client) -> None:
    Offering.objects.create(operating_system_id="windows-11", edition="Own", label="Own", architectures=["x64"])
    stored(edition="Own")
    values = _page(as_admin, "windows-11")
    row = next(name for name, value in values.items() if name.endswith("-edition") and value == "Own")
    answer = as_admin.post(f"{SYSTEMS}windows-11/change/", values | {row.replace("-edition", "-DELETE"): "on"})
    assert "Own cannot be deleted: 1 product key is stored for it." in answer.content.decode()
    assert Offering.objects.filter(operating_system="windows-11", edition="Own").exists()


def test_a_product_key_in_a_label_is_refused(as_admin: Client) -> None:
    values = _page(as_admin, "windows-11")
    row = next(name for name in values if name.startswith("offerings-") and name.endswith("-label"))
    answer = as_admin.post(f"{SYSTEMS}windows-11/change/", values | {row: new_code().open()})
    assert "This text contains a product key, and everybody can read it." in answer.content.decode()


def test_an_architecture_that_does_not_exist_is_refused(as_admin: Client) -> None:
    values = _page(as_admin, "windows-11")
    row = next(name for name in values if name.startswith("releases-") and name.endswith("-architectures"))
    assert as_admin.post(f"{SYSTEMS}windows-11/change/", values | {row: ["sparc"]}).status_code == 200
    assert all("sparc" not in release.architectures for release in Release.objects.all())


def test_it_is_for_those_with_the_right(as_manager: Client, manager: User) -> None:
    assert as_manager.get(SYSTEMS).status_code == 403
    manager.user_permissions.add(Permission.objects.get(codename="view_operatingsystem"))
    assert as_manager.get(SYSTEMS).status_code == 200
    assert as_manager.post(f"{SYSTEMS}windows-11/change/", {"name": "Mine"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_killed_while_ticked_systems_are_deleted_the_trail_says_nothing(as_admin: Client) -> None:
    OperatingSystem.objects.create(slug="windows-x", name="Windows X", family="client")

    def die() -> None:
        raise KeyboardInterrupt

    chosen = {"action": "delete_selected", "_selected_action": ["windows-x"], "post": "yes"}
    with just_before('DELETE FROM "productkeys_operatingsystem"', die), pytest.raises(KeyboardInterrupt):
        as_admin.post(SYSTEMS, chosen)
    assert OperatingSystem.objects.filter(slug="windows-x").exists()
    assert not TrailEntry.objects.filter(action="deleted").exists()
