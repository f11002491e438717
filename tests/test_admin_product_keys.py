"""Product keys in the admin: the list, its search and filters, and the form, under the same rules as everywhere."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import ProductKey, TrailEntry
from tests.canary import Canaries
from tests.factories import KMS_HOST, MAK, RETAIL, new_code, posted, stored
from tests.made_up_keys import made_up_key, older_key

pytestmark = pytest.mark.django_db

LIST = "/admin/productkeys/productkey/"
ADD = f"{LIST}add/"


def _change(key: ProductKey) -> str:
    return f"{LIST}{key.pk}/change/"


def _typed(code: str = "", **changes: Any) -> dict[str, Any]:
    """What the add form sends for a good MAK, with `changes`."""
    values = {name.removesuffix("_id"): value for name, value in MAK.items()}
    return values | {"code": code or new_code().open()} | changes


def _own() -> QuerySet[ProductKey]:
    own: QuerySet[ProductKey] = ProductKey.objects.filter(published=False)
    return own


# The door


def test_who_is_not_signed_in_signs_in_at_the_portal_and_comes_back(client: Client, manager: User) -> None:
    answer = client.get(LIST)
    assert answer["Location"] == f"/accounts/login/?next={LIST}"
    manager.set_password("correct horse battery")
    manager.save()
    answer = client.post(
        answer["Location"], {"login": "mara.manager", "password": "correct horse battery", "next": LIST}
    )
    assert answer["Location"] == LIST


def test_the_admins_own_sign_in_leads_to_the_portals(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/")["Location"].startswith("/accounts/login/?next=")


def test_who_is_no_staff_does_not_get_in(as_viewer: Client) -> None:
    for address in ("/admin/", LIST, ADD):
        assert as_viewer.get(address, follow=True).status_code == 403


def test_staff_without_the_right_sees_no_keys(as_manager: Client, manager: User) -> None:
    manager.user_permissions.clear()
    key = stored()
    assert as_manager.get(LIST).status_code == 403
    assert as_manager.get(_change(key)).status_code in (403, 302)


# The list


def test_the_list_shows_active_keys_own_ones_first(as_manager: Client) -> None:
    stored(name="Zebra")
    archived = stored(name="Shelved")
    ProductKey.objects.filter(pk=archived.pk).update(status="archived")
    answer = as_manager.get(LIST)
    assert answer.context["cl"].result_list[0].name == "Zebra"
    assert "Shelved" not in answer.content.decode()
    assert "Shelved" in as_manager.get(LIST, {"status": "archived"}).content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "type=mak",
        "os=windows-11",
        "edition=Enterprise",
        "architecture=x64",
        "usage=activation",
        "stock=free",
        "origin=own",
    ],
)
def test_filters_find_what_they_find_in_the_workspace(as_manager: Client, address: str) -> None:
    mak = stored(name="Wanted")
    stored(KMS_HOST, in_use=6)
    found = as_manager.get(f"{LIST}?{address}").context["cl"].queryset
    workspace = as_manager.get(f"/product-keys/?{address}")
    assert mak in found
    listed = re.findall(r'name="key" value="(\d+):', workspace.content.decode())
    assert listed
    assert {str(key.pk) for key in found} >= set(listed)


def test_an_operating_system_also_finds_the_keys_of_the_product_that_covers_it(as_manager: Client) -> None:
    found = as_manager.get(LIST, {"os": "windows-11", "edition": "Professional"}).context["cl"].queryset
    assert "windows-11-windows-10" in {key.operating_system_id for key in found}


@pytest.mark.parametrize(
    "probe", ["fingerprint__startswith=a", "code__contains=a", "last_five__regex=.", "version=1", "comment__contains=a"]
)
def test_no_address_probes_the_columns_of_the_key(as_manager: Client, probe: str) -> None:
    assert as_manager.get(f"{LIST}?{probe}").status_code == 400


@pytest.mark.parametrize("column", range(7))
@pytest.mark.parametrize("direction", ["", "-"])
def test_every_column_sorts(as_manager: Client, column: int, direction: str) -> None:
    stored()
    assert as_manager.get(LIST, {"o": f"{direction}{column}.1"}).status_code == 200


def test_sorting_by_name_puts_umlauts_where_people_look(as_manager: Client) -> None:
    for name in ("Zug", "Ärger", "arm"):
        stored(name=name)
    found = as_manager.get(LIST, {"o": "2", "origin": "own"}).context["cl"].result_list
    assert [key.name for key in found] == ["Ärger", "arm", "Zug"]


def test_the_search_is_posted_and_leads_to_an_address_that_can_be_shared(as_manager: Client) -> None:
    wanted, _other = stored(name="Ärztehaus"), stored(name="Front desk")
    answer = as_manager.post(f"{LIST}search/", {"q": "ärzte", "query": "?type=mak&q=old"})
    assert answer["Location"] == f"{LIST}?type=mak&q=%C3%A4rzte"
    assert list(as_manager.get(answer["Location"]).context["cl"].queryset) == [wanted]


def test_the_search_finds_the_last_five_characters(as_manager: Client) -> None:
    key = stored()
    assert list(as_manager.get(LIST, {"q": key.last_five.lower()}).context["cl"].queryset) == [key]


def test_a_whole_key_leads_to_its_entry_and_into_no_address(as_manager: Client) -> None:
    key = stored()
    answer = as_manager.post(f"{LIST}search/", {"q": key.code.open().lower(), "query": "?"})
    assert answer["Location"] == _change(key)


def test_a_whole_key_that_is_not_there_is_not_repeated(as_manager: Client) -> None:
    unknown = made_up_key(77)
    answer = as_manager.post(f"{LIST}search/", {"q": unknown}, follow=True)
    html = answer.content.decode()
    assert "No entry holds this product key." in html
    assert unknown[:11] not in html


def test_a_key_typed_into_the_search_of_another_list_gets_into_no_address(as_admin: Client) -> None:
    answer = as_admin.post("/admin/people/user/search/", {"q": made_up_key(78)})
    assert answer["Location"] == "/admin/people/user/"


def test_an_address_with_a_key_is_refused(as_manager: Client) -> None:
    assert as_manager.get(LIST, {"q": made_up_key(79)}).status_code == 400


def test_the_number_of_queries_does_not_grow_with_the_rows(as_manager: Client, django_assert_num_queries: Any) -> None:
    stored()
    with django_assert_num_queries(5):  # session, person, two for rights; count and rows
        as_manager.get(LIST)
    for _number in range(20):
        stored()
    with django_assert_num_queries(5):
        as_manager.get(LIST)


def test_no_row_takes_a_template_of_its_own(as_manager: Client) -> None:
    stored()
    templates = len(as_manager.get(LIST, {"origin": "own"}).templates)
    for _number in range(20):
        stored()
    assert len(as_manager.get(LIST, {"origin": "own"}).templates) == templates


def test_the_count_stops_at_a_bound(as_manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("productkeys.admin.base.CappedPaginator.bound", 60)
    html = as_manager.get(LIST).content.decode()
    assert "more than 60" in html


# The form


def test_adding_works(as_manager: Client, manager: User) -> None:
    assert as_manager.post(ADD, _typed()).status_code == 302
    key = _own().get()
    assert (key.name, key.quantity, key.created_by) == (MAK["name"], 500, manager)
    entry = TrailEntry.objects.get(subject_uid=key.uid)
    assert (entry.action, entry.actor_name) == ("added", "mara.manager")
    assert not LogEntry.objects.exists()


def test_add_another_leads_to_an_empty_form(as_manager: Client) -> None:
    answer = as_manager.post(ADD, _typed(_addanother="1"), follow=True)
    assert answer.context["adminform"].form["name"].value() == ""


PLACEHOLDER = "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX"
REFUSED: list[Any] = [
    pytest.param(
        {"usage": "installation"}, "usage", "A MAK can be used for activation only.", id="mak for installation"
    ),
    pytest.param(
        {"usage": "installation_and_activation"}, "usage", "A MAK can be used for activation only.", id="mak for both"
    ),
    pytest.param(
        {"key_type": "kms_host", "usage": "installation"},
        "usage",
        "A KMS host key can be used for activation only.",
        id="host for installation",
    ),
    pytest.param({"quantity": ""}, "quantity", "A MAK key needs a quantity of at least 1.", id="mak without quantity"),
    pytest.param({"quantity": "many"}, "quantity", "The quantity is not a whole number.", id="quantity is no number"),
    pytest.param(
        {"code": "W269N-WFGWX-YVC9B-4J6C9-T83GX"},
        "code",
        "This is no MAK key but the published GVLK of Windows 11 Pro / Windows 10 Pro.",
        id="gvlk as mak",
    ),
    pytest.param({"code": PLACEHOLDER}, "code", "This is a placeholder, not a product key.", id="placeholder"),
    pytest.param({"code": "W269N"}, "code", "A product key has 25 characters; found here: 5.", id="length"),
    pytest.param(
        {"code": "W269A-WFGWX-YVC9B-4J6C9-T83GX"}, "code", "“A” does not occur in product keys", id="character"
    ),
    pytest.param(
        {"code": "W269N-WFGWX-YVC9B-4J6C9-T83GY"}, "code", "Possible typing error: the check digits", id="check digits"
    ),
    pytest.param({"code": older_key(9)}, "code", "Keys for Windows 11 always hold the letter N", id="without n"),
    pytest.param(
        {"edition": "ServerStandard"}, "edition", "Windows 11 never had the edition ServerStandard.", id="edition"
    ),
    pytest.param(
        {"architecture": "ia64"},
        "architecture",
        "Windows 11 was not made for IA-64 in this edition.",
        id="architecture",
    ),
    pytest.param({"edition": ""}, "edition", "The edition is missing.", id="no edition"),
    pytest.param({"operating_system": ""}, "operating_system", "The operating system is missing.", id="no system"),
    pytest.param({"name": ""}, "name", "The name is missing.", id="no name"),
    pytest.param(
        {"comment": f"was {made_up_key(80)}"},
        "comment",
        "This text contains a product key, and everybody can read it.",
        id="key in comment",
    ),
    pytest.param(
        {"name": made_up_key(81)},
        "name",
        "This text contains a product key, and everybody can read it.",
        id="key in name",
    ),
]


@pytest.mark.parametrize(("changes", "field", "message"), REFUSED)
def test_what_the_rules_refuse_is_said_beside_the_field(
    as_manager: Client, changes: dict[str, Any], field: str, message: str
) -> None:
    answer = as_manager.post(ADD, _typed(**changes))
    assert answer.status_code == 200
    assert message in " ".join(answer.context["adminform"].form.errors[field])
    assert not _own().exists()


@pytest.mark.parametrize(("changes", "field", "message"), [case for case in REFUSED if "code" not in case.values[0]])
def test_what_the_rules_refuse_is_refused_for_a_stored_key_as_well(
    as_manager: Client, changes: dict[str, Any], field: str, message: str
) -> None:
    key = stored()
    answer = as_manager.post(_change(key), posted(key, **changes))
    assert message in " ".join(answer.context["adminform"].form.errors[field])
    key.refresh_from_db()
    assert key.version == 1


def test_the_same_key_a_second_time_names_the_entry(as_manager: Client) -> None:
    key = stored(name="First entry")
    answer = as_manager.post(ADD, _typed(key.code.open()))
    assert "This product key is stored already, as “First entry”." in answer.content.decode()


def test_a_quantity_below_what_is_in_use_is_refused(as_manager: Client) -> None:
    key = stored(in_use=40)
    answer = as_manager.post(_change(key), posted(key, quantity=39))
    assert "The quantity is below the 40 that are in use already." in answer.content.decode()


def test_a_key_with_other_check_digits_is_stored_where_the_person_confirms_it(as_manager: Client) -> None:
    typed = _typed("W269N-WFGWX-YVC9B-4J6C9-T83GY")
    assert "The key is typed exactly as it was issued" in as_manager.post(ADD, typed).content.decode()
    assert as_manager.post(ADD, typed | {"typing_confirmed": "on"}).status_code == 302


def test_a_kms_host_key_needs_no_edition(as_manager: Client) -> None:
    values = {name.removesuffix("_id"): value for name, value in KMS_HOST.items()}
    assert as_manager.post(ADD, _typed(**values)).status_code == 302


def test_a_typed_key_without_fault_is_kept_but_not_shown(as_manager: Client) -> None:
    code = new_code()
    answer = as_manager.post(ADD, _typed(code.open(), name=""))
    html = answer.content.decode()
    assert code.open()[:11] not in html
    assert f"Kept as you typed it: {code}" in html
    kept = re.search(r'name="kept_code" value="([^"]+)"', html)
    assert kept
    assert as_manager.post(ADD, _typed(code="", kept_code=kept[1]) | {"code": ""}).status_code == 302
    assert _own().get().code.open() == code.open()


def test_what_another_person_kept_is_of_no_use(as_manager: Client, as_admin: Client) -> None:
    html = as_manager.post(ADD, _typed(name="")).content.decode()
    kept = re.search(r'name="kept_code" value="([^"]+)"', html)
    assert kept
    answer = as_admin.post(ADD, _typed(kept_code=kept[1]) | {"code": ""})
    assert "The product key is missing." in answer.content.decode()


def test_changing_works(as_manager: Client, manager: User) -> None:
    key = stored()
    assert as_manager.post(_change(key), posted(key, name="Renamed", quantity="1,000")).status_code == 302
    key.refresh_from_db()
    assert (key.name, key.quantity, key.version, key.changed_by) == ("Renamed", 1000, 2, manager)
    entry = TrailEntry.objects.filter(subject_uid=key.uid).latest("id")
    assert (entry.before, entry.after) == (
        {"name": MAK["name"], "quantity": 500},
        {"name": "Renamed", "quantity": 1000},
    )


def test_a_new_key_replaces_the_stored_one(as_manager: Client) -> None:
    key, code = stored(), new_code()
    assert as_manager.post(_change(key), posted(key, code=code.open())).status_code == 302
    key.refresh_from_db()
    assert key.code.open() == code.open()
    assert TrailEntry.objects.latest("id").after == {"code": "changed"}


def test_the_second_of_two_people_is_told_and_loses_nothing(as_manager: Client, admin_user: User) -> None:
    key = stored()
    seen = posted(key, comment="Mine")
    ProductKey.objects.filter(pk=key.pk).update(name="Theirs", version=2, changed_by=admin_user)
    answer = as_manager.post(_change(key), seen)
    html = answer.content.decode()
    assert "admin changed “Theirs” meanwhile. Nothing is saved yet. Stored now: Name: Theirs;" in html
    assert "Mine" in html
    assert ProductKey.objects.get(pk=key.pk).comment == MAK["comment"]
    form = answer.context["adminform"].form
    assert form["version"].value() == "2"
    assert as_manager.post(_change(key), seen | {"version": "2"}).status_code == 302


def test_a_standard_key_takes_a_comment_and_nothing_else(
    as_manager: Client, standard_keys: QuerySet[ProductKey]
) -> None:
    key = standard_keys.get(key_type="gvlk", last_five="T83GX")
    page = as_manager.get(_change(key))
    assert "A standard key stays as Microsoft published it." in page.content.decode()
    assert "code" not in page.context["adminform"].form.fields
    changes = posted(key, name="Ours", key_type="mak", quantity=5, comment="Ours", code=new_code().open())
    assert as_manager.post(_change(key), changes).status_code == 302
    key.refresh_from_db()
    assert (key.name, key.key_type, key.quantity) == ("Windows 11 Pro / Windows 10 Pro", "gvlk", None)
    assert key.comment == "Ours"
    assert key.public_code == "W269N-WFGWX-YVC9B-4J6C9-T83GX"


def test_deleting_asks_first(as_manager: Client) -> None:
    key = stored(name="To be deleted")
    question = as_manager.get(f"{LIST}{key.pk}/delete/").content.decode()
    assert "Delete 1 key for good" in question
    assert _own().exists()


def test_djangos_own_post_to_the_delete_page_deletes_nothing(as_manager: Client) -> None:
    key = stored()
    as_manager.post(f"{LIST}{key.pk}/delete/", {"post": "yes"})
    assert _own().exists()


def test_a_standard_key_cannot_be_deleted(as_manager: Client, standard_keys: QuerySet[ProductKey]) -> None:
    question = as_manager.get(f"{LIST}{standard_keys[0].pk}/delete/").content.decode()
    assert "A standard key comes with the portal and cannot be deleted." in question
    assert "for good</button>" not in question


@pytest.mark.parametrize("missing", ["add", "change", "delete"])
def test_each_act_needs_its_right(as_manager: Client, manager: User, missing: str) -> None:
    manager.user_permissions.set(manager.user_permissions.exclude(codename=f"{missing}_productkey"))
    key = stored()
    answers = {
        "add": as_manager.post(ADD, _typed()),
        "change": as_manager.post(_change(key), posted(key, name="Changed")),
        "delete": as_manager.get(f"{LIST}{key.pk}/delete/"),
    }
    assert answers[missing].status_code == 403
    key.refresh_from_db()
    assert (key.name == "Changed") == (missing != "change")


def test_who_may_only_look_sees_a_page_without_fields(as_manager: Client, manager: User) -> None:
    manager.user_permissions.set(manager.user_permissions.filter(codename="view_productkey"))
    html = as_manager.get(_change(stored())).content.decode()
    assert "Windows 11 Enterprise, head office" in html
    assert "_save" not in html
    assert "_save" not in as_manager.get(LIST).content.decode()


# Secrecy


def test_no_admin_page_shows_a_piece_of_a_key(as_admin: Client) -> None:
    code = new_code()
    canaries = Canaries([code.open()])
    as_admin.post(ADD, _typed(code.open()))
    key = _own().get()
    pages = [
        "/admin/",
        LIST,
        f"{LIST}?q={key.last_five}",
        f"{LIST}?o=1",
        ADD,
        _change(key),
        f"{LIST}{key.pk}/history/",
        f"{LIST}{key.pk}/delete/",
        "/admin/productkeys/trailentry/",
        f"/admin/productkeys/trailentry/{TrailEntry.objects.latest('id').pk}/change/",
    ]
    for page in pages:
        answer = as_admin.get(page)
        assert answer.status_code == 200
        canaries.search(page, answer.content)
    for refused in (posted(key, name=""), posted(key, code=code.open(), quantity=""), posted(key, version=9)):
        canaries.search("change refused", as_admin.post(_change(key), refused).content)
    bulk = {"do": "edit", "step": "preview", "key": f"{key.pk}:{key.version}", "architecture": "any"}
    canaries.search("bulk", as_admin.post(reverse("admin:productkeys_productkey_bulk"), bulk).content)
    assert canaries.sightings == []


def test_a_published_key_is_shown_whole(as_manager: Client) -> None:
    html = as_manager.get(LIST, {"q": "T83GX"}).content.decode()
    assert "W269N-WFGWX-YVC9B-4J6C9-<b>T83GX</b>" in html


def test_a_retail_key_is_added_without_a_limit(as_manager: Client) -> None:
    values = {name.removesuffix("_id"): value for name, value in RETAIL.items()}
    assert as_manager.post(ADD, _typed(**values | {"quantity": ""})).status_code == 302
    assert _own().get().quantity is None
