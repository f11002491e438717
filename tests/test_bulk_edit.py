"""Editing several keys: chosen fields of all of them, shown before it happens, by the rules, all or nothing."""

from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.domain import keycode
from productkeys.models import ProductKey, TrailEntry
from tests.bulk import BULK_PAGES, choices, tickets
from tests.factories import KMS_HOST, MAK, RETAIL, new_code, stored
from tests.made_up_keys import older_key

pytestmark = pytest.mark.django_db


@pytest.fixture(params=BULK_PAGES)
def page(request: pytest.FixtureRequest, as_manager: Client) -> Any:
    """The page in the workspace and in the admin, as (client, address)."""
    return as_manager, reverse(request.param)


def _post(page: tuple[Client, str], keys: Any, step: str = "preview", **changes: Any) -> Any:
    client, address = page
    return client.post(address, {"do": "edit", "step": step, "key": tickets(keys), **choices(**changes)})


def test_the_first_page_leaves_every_field_as_it_is(page: Any) -> None:
    answer = _post(page, [stored(), stored()], step="")
    assert "What is to change on 2 keys" in answer.content.decode()
    assert answer.context["preview"] is None
    assert all(not field.value() for field in answer.context["form"])


def test_it_works(page: Any, manager: User) -> None:
    keys = [stored(), stored(KMS_HOST)]
    answer = _post(
        page, keys, step="apply", quantity_do="set", quantity="1,000", comment_do="append", comment="Checked"
    )
    assert answer.status_code == 302
    for key in keys:
        comment = key.comment
        key.refresh_from_db()
        assert (key.quantity, key.comment, key.version) == (1000, f"{comment}\nChecked", 2)
        assert (key.changed_by, key.search_text.endswith("checked\n" + key.last_five.lower())) == (manager, True)
        entry = TrailEntry.objects.filter(subject_uid=key.uid).latest("id")
        assert (entry.action, entry.actor_name, entry.after["quantity"]) == ("changed", "mara.manager", 1000)
        assert entry.before["comment"] == comment


def test_an_edit_to_active_restores_an_archived_key_and_washes_it_no_cleaner(page: Any) -> None:
    key = stored()
    for status in ("compromised", "archived"):
        assert _post(page, [key], step="apply", status=status, architecture="any").status_code == 302
        key.refresh_from_db()
    html = _post(page, [key], status="active").content.decode()
    assert '<b class="kp-lines">Compromised</b>' in html
    assert _post(page, [key], step="apply", status="active").status_code == 302
    key.refresh_from_db()
    assert key.status == "compromised"


def test_before_and_after_are_shown_and_nothing_happens_yet(page: Any) -> None:
    key = stored()
    html = _post(page, [key], operating_system="windows-10", comment_do="replace", comment="New text").content.decode()
    for words in ("1 key would change", "Windows 11", "Windows 10", "Contract 2024 to 2027", "New text"):
        assert words in html
    key.refresh_from_db()
    assert (key.version, key.operating_system_id) == (1, "windows-11")


REFUSED: list[Any] = [
    pytest.param(MAK, {"usage": "installation"}, "A MAK can be used for activation only.", id="mak for installation"),
    pytest.param(
        MAK, {"usage": "installation_and_activation"}, "A MAK can be used for activation only.", id="mak for both"
    ),
    pytest.param(
        KMS_HOST,
        {"usage": "installation"},
        "A KMS host key can be used for activation only.",
        id="host for installation",
    ),
    pytest.param(MAK, {"quantity_do": "none"}, "A MAK key needs a quantity of at least 1.", id="mak without quantity"),
    pytest.param(
        KMS_HOST, {"quantity_do": "none"}, "A KMS host key needs a quantity of at least 1.", id="host without quantity"
    ),
    pytest.param(
        MAK,
        {"quantity_do": "set", "quantity": "3"},
        "The quantity is below the 4 that are in use already.",
        id="below use",
    ),
    pytest.param(MAK, {"quantity_do": "set", "quantity": "0"}, "A MAK key needs a quantity of at least 1.", id="zero"),
    pytest.param(MAK, {"edition": "ServerStandard"}, "Windows 11 never had the edition ServerStandard.", id="edition"),
    pytest.param(
        MAK, {"architecture": "ia64"}, "Windows 11 was not made for IA-64 in this edition.", id="architecture"
    ),
    pytest.param(MAK, {"edition": "-"}, "The edition is missing.", id="no edition"),
    pytest.param(
        RETAIL,
        {"key_type": "gvlk"},
        "A GVLK key has no quantity: Microsoft sets no limit for it.",
        id="type and quantity",
    ),
    pytest.param(
        RETAIL, {"key_type": "mak"}, "A MAK can be used for activation only.", id="becomes a mak used for installation"
    ),
    pytest.param(
        MAK,
        {"comment_do": "append", "comment": "x" * 1999},
        "The comment would have more than 2,000 characters.",
        id="long",
    ),
]


@pytest.mark.parametrize(("values", "changes", "message"), REFUSED)
def test_what_the_rules_refuse_is_named_with_its_reason(
    page: Any, values: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    key = stored(values, in_use=4 if values is MAK else 0)
    answer = _post(page, [key], step="apply", **changes)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "1 key is refused" in html
    assert message in html
    assert key.name in html
    key.refresh_from_db()
    assert key.version == 1


def test_a_key_without_n_is_refused_for_a_windows_that_has_it(page: Any) -> None:
    older = stored(operating_system_id="windows-7", edition="Enterprise", code=keycode.parse(older_key(5)))
    html = _post(page, [older], operating_system="windows-11").content.decode()
    assert "Keys for Windows 11 always hold the letter N, and this one does not." in html


def test_a_standard_key_cannot_be_contradicted(page: Any, standard_keys: QuerySet[ProductKey]) -> None:
    key = standard_keys.get(key_type="gvlk", last_five="T83GX")
    for change in ({"key_type": "mak"}, {"edition": "Enterprise"}, {"quantity_do": "set", "quantity": "5"}):
        html = _post(page, [key], step="apply", **change).content.decode()
        assert "A standard key stays as Microsoft published it." in html
    key.refresh_from_db()
    assert (key.key_type, key.edition, key.version) == ("gvlk", "Professional", 1)


def test_a_standard_key_can_be_commented(page: Any, standard_keys: QuerySet[ProductKey]) -> None:
    key = standard_keys.get(key_type="gvlk", last_five="T83GX")
    assert _post(page, [key], step="apply", comment_do="replace", comment="Ours too").status_code == 302
    key.refresh_from_db()
    assert key.comment == "Ours too"


def test_one_refused_key_holds_back_all(page: Any) -> None:
    mak, retail = stored(), stored(RETAIL)
    answer = _post(page, [mak, retail], step="apply", usage="installation")
    assert answer.status_code == 409
    assert not TrailEntry.objects.filter(action="changed").exists()
    retail.refresh_from_db()
    assert retail.usage == "installation_and_activation"


def test_leaving_refused_keys_as_they_are_is_a_choice_that_says_what_it_does(page: Any) -> None:
    keys = [stored(), stored(), stored(RETAIL)]
    html = _post(page, keys, usage="installation").content.decode()
    assert "Leave the 2 refused keys as they are" in html
    assert (
        "Ticked: 1 key would change, 2 keys would stay as they are. Not ticked: all or nothing, so nothing happens."
    ) in html
    answer = _post(page, keys, step="apply", usage="installation")
    assert "Nothing has happened: all or nothing holds until you tick this." in answer.content.decode()
    assert not TrailEntry.objects.filter(action="changed").exists()


def test_where_all_are_refused_there_is_nothing_to_choose(page: Any) -> None:
    html = _post(page, [stored(), stored()], usage="installation").content.decode()
    assert "2 keys are refused" in html
    assert "keys would change" not in html
    assert "leaving_out" not in html


def test_where_all_are_like_that_already_nothing_would_change(page: Any) -> None:
    html = _post(page, [stored(), stored()], usage="activation").content.decode()
    assert "Nothing would change" in html
    assert "2 keys are like that already" in html
    assert 'value="apply"' not in html


def test_refused_keys_are_left_out_only_where_the_person_says_so(page: Any) -> None:
    mak, retail = stored(), stored(RETAIL)
    assert _post(page, [mak, retail], step="apply", usage="installation", leaving_out="1").status_code == 302
    mak.refresh_from_db()
    retail.refresh_from_db()
    assert (mak.usage, mak.version) == ("activation", 1)
    assert (retail.usage, retail.version) == ("installation", 2)


def test_another_number_of_refused_keys_than_was_shown_holds_back_all(page: Any) -> None:
    assert (
        _post(page, [stored(), stored(RETAIL)], step="apply", usage="installation", leaving_out="2").status_code == 409
    )
    assert not TrailEntry.objects.filter(action="changed").exists()


def test_keys_that_are_like_that_already_are_counted_and_left_alone(page: Any) -> None:
    changes = {"operating_system": "windows-11"}
    keys = [stored(), stored(operating_system_id="windows-10")]
    assert "1 key is like that already" in _post(page, keys, **changes).content.decode()
    assert _post(page, keys, step="apply", **changes).status_code == 302
    assert [ProductKey.objects.get(pk=key.pk).version for key in keys] == [1, 2]


def test_a_key_that_a_colleague_changed_meanwhile_holds_back_all(page: Any, admin_user: User) -> None:
    keys = [stored(), stored()]
    seen = tickets(keys)
    ProductKey.objects.filter(pk=keys[0].pk).update(name="Renamed meanwhile", version=2, changed_by=admin_user)
    client, address = page
    answer = client.post(address, {"do": "edit", "step": "apply", "key": seen, **choices(architecture="any")})
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "Others have changed keys of this selection since you saw it." in html
    assert "“Renamed meanwhile”, changed by admin" in html
    assert not TrailEntry.objects.filter(action="changed").exists()
    assert answer.context["tickets"] == tickets(ProductKey.objects.get(pk=key.pk) for key in keys)


def test_a_key_that_is_gone_meanwhile_holds_back_all(page: Any) -> None:
    keys = [stored(), stored()]
    seen = tickets(keys)
    keys[1].delete()
    client, address = page
    answer = client.post(address, {"do": "edit", "step": "apply", "key": seen, **choices(architecture="any")})
    assert answer.status_code == 409
    assert "Number of keys then: 2, now: 1." in answer.content.decode()


def test_a_product_key_in_the_comment_is_refused(page: Any) -> None:
    key, leaked = stored(), new_code()
    answer = _post(page, [key], comment_do="append", comment=f"was {leaked.open()}")
    assert "This text contains a product key, and everybody can read it." in answer.content.decode()
    assert answer.context["preview"] is None
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "Nothing is to be changed yet. Choose at least one field."),
        ({"quantity_do": "set"}, "Enter the new quantity."),
        ({"quantity": "5"}, "Choose “Set to” for this quantity to count."),
        ({"quantity_do": "set", "quantity": "many"}, "The quantity is not a whole number."),
        ({"comment_do": "append"}, "Enter the line to add."),
        ({"comment": "Lost"}, "Choose whether this text is added or replaces the comment."),
    ],
)
def test_what_the_fields_do_not_say_is_asked_for(page: Any, changes: dict[str, str], message: str) -> None:
    answer = _post(page, [stored()], **changes)
    assert message in answer.content.decode()
    assert answer.context["preview"] is None


def test_the_preview_shows_the_first_fifty_and_counts_the_rest(page: Any) -> None:
    keys = [stored() for _number in range(53)]
    answer = _post(page, keys, architecture="any")
    assert len(answer.context["preview"].rows) == 50
    html = answer.content.decode()
    assert "53 keys would change" in html
    assert "and 3 more in the same way" in html


def test_the_number_of_queries_does_not_grow_with_the_keys(page: Any, django_assert_max_num_queries: Any) -> None:
    keys = [stored() for _number in range(40)]
    with django_assert_max_num_queries(20):
        assert (
            _post(page, keys, step="apply", comment_do="append", comment="Checked", architecture="any").status_code
            == 302
        )


def test_it_leads_back_to_the_list_it_came_from(page: Any) -> None:
    client, address = page
    values = {"do": "edit", "step": "apply", "key": tickets([stored()]), **choices(architecture="any")}
    assert client.post(address, values | {"next": "/product-keys/?type=mak"})["Location"] == "/product-keys/?type=mak"


def test_it_never_leads_to_another_site(page: Any) -> None:
    client, address = page
    values = {"do": "edit", "step": "apply", "key": tickets([stored()]), **choices(architecture="any")}
    assert client.post(address, values | {"next": "https://elsewhere.example/"})["Location"].startswith("/")


def test_without_the_right_nothing_is_shown_or_done(as_viewer: Client) -> None:
    key = stored()
    answer = _post((as_viewer, reverse("productkeys:bulk")), [key], step="apply", architecture="any")
    assert answer.status_code == 403
    key.refresh_from_db()
    assert key.version == 1


def test_keys_that_are_not_there_for_the_person_are_not_named(as_manager: Client, manager: User) -> None:
    key = stored()
    manager.user_permissions.set(manager.user_permissions.exclude(codename="view_productkey"))
    answer = _post((as_manager, reverse("productkeys:bulk")), [key], step="preview", architecture="any")
    assert answer.status_code == 302
    assert _post((as_manager, reverse("productkeys:bulk")), [key], step="apply", architecture="any").status_code in (
        302,
        403,
    )
    key.refresh_from_db()
    assert key.version == 1


@pytest.mark.parametrize("nonsense", ["", "x", "1", "1:x", "99999999999999999999:1", "-1:1", "7:7:7"])
def test_tickets_that_name_no_key_select_none(page: Any, nonsense: str) -> None:
    client, address = page
    answer = client.post(address, {"do": "edit", "key": [nonsense]}, follow=True)
    assert "No key is selected." in answer.content.decode()


def test_clearing_the_selection_leads_back(page: Any) -> None:
    client, address = page
    assert client.post(address, {"do": "clear", "next": "/product-keys/?q=lab"})["Location"] == "/product-keys/?q=lab"


def test_a_reload_by_address_leads_to_the_list(page: Any) -> None:
    client, address = page
    assert client.get(address).status_code == 302
