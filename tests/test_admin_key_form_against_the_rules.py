"""What the rules refuse in the admin's forms, and what they allow."""

from typing import Any

import pytest
from django.test import Client

from tests.admin_keys import ADD, change_page, own_keys, typed
from tests.factories import KMS_HOST, RETAIL, posted, stored
from tests.made_up_keys import made_up_key, older_key

pytestmark = pytest.mark.django_db


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
    answer = as_manager.post(ADD, typed(**changes))
    assert answer.status_code == 200
    assert message in " ".join(answer.context["adminform"].form.errors[field])
    assert not own_keys().exists()


@pytest.mark.parametrize(("changes", "field", "message"), [case for case in REFUSED if "code" not in case.values[0]])
def test_what_the_rules_refuse_is_refused_for_a_stored_key_as_well(
    as_manager: Client, changes: dict[str, Any], field: str, message: str
) -> None:
    key = stored()
    answer = as_manager.post(change_page(key), posted(key, **changes))
    assert message in " ".join(answer.context["adminform"].form.errors[field])
    key.refresh_from_db()
    assert key.version == 1


def test_the_same_key_a_second_time_names_the_entry(as_manager: Client) -> None:
    key = stored(name="First entry")
    answer = as_manager.post(ADD, typed(key.code.open()))
    assert "This product key is stored already, as “First entry”." in answer.content.decode()


def test_a_quantity_below_what_is_in_use_is_refused(as_manager: Client) -> None:
    key = stored(in_use=40)
    answer = as_manager.post(change_page(key), posted(key, quantity=39))
    assert "The quantity is below the 40 that are in use already." in answer.content.decode()


def test_a_key_with_other_check_digits_is_stored_where_the_person_confirms_it(as_manager: Client) -> None:
    sent = typed("W269N-WFGWX-YVC9B-4J6C9-T83GY")
    assert "The key is typed exactly as it was issued" in as_manager.post(ADD, sent).content.decode()
    assert as_manager.post(ADD, sent | {"typing_confirmed": "on"}).status_code == 302


def test_a_kms_host_key_needs_no_edition(as_manager: Client) -> None:
    values = {name.removesuffix("_id"): value for name, value in KMS_HOST.items()}
    assert as_manager.post(ADD, typed(**values)).status_code == 302


def test_a_retail_key_is_added_without_a_limit(as_manager: Client) -> None:
    values = {name.removesuffix("_id"): value for name, value in RETAIL.items()}
    assert as_manager.post(ADD, typed(**values | {"quantity": ""})).status_code == 302
    assert own_keys().get().quantity is None
