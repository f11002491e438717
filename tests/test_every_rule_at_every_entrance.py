"""A mistake is refused wherever it comes in: wizard, duplicate, edit, admin form, bulk edit, release, and the database.

Each rule for itself, with all that its message says, is the subject of other modules; this one is their table.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from productkeys.domain import keycode
from productkeys.models import ProductKey, TrailEntry
from productkeys.services import standard_keys
from tests.bulk import choices, tickets
from tests.factories import KMS_HOST, MAK, RETAIL, new_code, posted, stored
from tests.made_up_keys import made_up_key, older_key
from tests.wizard import Wizard, mistyped

pytestmark = pytest.mark.django_db

HELD = made_up_key(640_001)
"""A key that another entry holds already."""

ESU = MAK | {"name": "ESU", "key_type": "esu", "operating_system_id": "windows-10", "edition": ""}

MISTAKES: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "MAK for installation": (MAK, {"usage": "installation"}, "A MAK can be used for activation only."),
    "MAK for both": (MAK, {"usage": "installation_and_activation"}, "A MAK can be used for activation only."),
    "KMS host key for installation": (KMS_HOST, {"usage": "installation"}, "A KMS host key can be used for activation"),
    "ESU key for installation": (ESU, {"usage": "installation"}, "An ESU key can be used for activation only."),
    "MAK without quantity": (MAK, {"quantity": ""}, "A MAK key needs a quantity of at least 1."),
    "KMS host key without quantity": (KMS_HOST, {"quantity": ""}, "A KMS host key needs a quantity of at least 1."),
    "retail key for nobody": (RETAIL, {"quantity": "0"}, "The quantity must be at least 1."),
    "quantity beyond reason": (MAK, {"quantity": "1000001"}, "1,000,000"),
    "edition that never was": (MAK, {"edition": "ServerStandard"}, "Windows 11 never had the edition ServerStandard."),
    "architecture that never was": (MAK, {"architecture": "ia64"}, "Windows 11 was not made for IA-64"),
    "no edition": (MAK, {"edition": ""}, "The edition is missing."),
    "a second time": (MAK, {"code": HELD}, "is stored already"),
    "wrong character": (MAK, {"code": made_up_key(640_002)[:-1] + "A"}, "does not occur in product keys"),
    "wrong length": (MAK, {"code": made_up_key(640_002)[:-6]}, "A product key has 25 characters; found here: 20."),
    "typing error": (MAK, {"code": mistyped(made_up_key(640_002))}, "Possible typing error"),
    "without N": (MAK, {"code": older_key(640_002)}, "always hold the letter N"),
    "placeholder": (MAK, {"code": "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX"}, "This is a placeholder, not a product key."),
    "GVLK as MAK": (MAK, {"code": "NPPR9-FWDCX-D2C8J-H872K-2YT43"}, "This is no MAK key but the published GVLK"),
}
BY_THE_DATABASE = {
    "MAK for installation",
    "MAK for both",
    "KMS host key for installation",
    "ESU key for installation",
    "MAK without quantity",
    "KMS host key without quantity",
    "retail key for nobody",
    "quantity beyond reason",
    "a second time",
}

mistake = pytest.mark.parametrize(("good", "wrong", "message"), MISTAKES.values(), ids=MISTAKES)
Answer = Any


@pytest.fixture(autouse=True)
def _another_entry_holds_a_key(db: None) -> None:
    stored(name="The other entry", code=keycode.parse(HELD))


def _typed(good: dict[str, Any], wrong: dict[str, str]) -> dict[str, str]:
    """What a form sends for `good`, with the mistake in it."""
    values = {name.removesuffix("_id"): str(value) for name, value in good.items()}
    return values | {"code": new_code().open()} | wrong


def _refused(act: Callable[[], Answer], message: str, status: int = 200) -> None:
    """Refused: the answer says so, and neither a key nor the trail is any different."""
    keys, entries = list(ProductKey.objects.order_by("pk").values()), TrailEntry.objects.count()
    answer = act()
    assert answer.status_code == status
    assert message in answer.content.decode()
    assert list(ProductKey.objects.order_by("pk").values()) == keys
    assert TrailEntry.objects.count() == entries


@mistake
def test_the_wizard(as_manager: Client, good: dict[str, Any], wrong: dict[str, str], message: str) -> None:
    typed = _typed(good, wrong)
    page = Wizard(as_manager).describe(typed.pop("key_type"), typed.pop("name"), typed.pop("comment"))
    _refused(lambda: page.answer(**typed), message)


@mistake
def test_a_duplicate(as_manager: Client, good: dict[str, Any], wrong: dict[str, str], message: str) -> None:
    page = Wizard(as_manager, f"{stored(good).get_absolute_url()}duplicate/").send()
    _refused(lambda: page.answer(**{"code": new_code().open()} | wrong), message)


@mistake
def test_the_edit_page(as_manager: Client, good: dict[str, Any], wrong: dict[str, str], message: str) -> None:
    key = stored(good)
    _refused(lambda: as_manager.post(reverse("productkeys:edit", args=[key.pk]), posted(key, **wrong)), message)


@mistake
def test_adding_in_the_admin(as_manager: Client, good: dict[str, Any], wrong: dict[str, str], message: str) -> None:
    _refused(lambda: as_manager.post("/admin/productkeys/productkey/add/", _typed(good, wrong)), message)


@mistake
def test_changing_in_the_admin(as_manager: Client, good: dict[str, Any], wrong: dict[str, str], message: str) -> None:
    key = stored(good)
    address = f"/admin/productkeys/productkey/{key.pk}/change/"
    _refused(lambda: as_manager.post(address, posted(key, **wrong)), message)


@pytest.mark.parametrize("page", ["productkeys:bulk", "admin:productkeys_productkey_bulk"])
@pytest.mark.parametrize(
    ("good", "wrong", "message"),
    [pytest.param(*row, id=name) for name, row in MISTAKES.items() if "code" not in row[1]],
)
def test_a_bulk_edit(as_manager: Client, page: str, good: dict[str, Any], wrong: dict[str, str], message: str) -> None:
    key = stored(good)
    changes = dict(wrong)
    if "quantity" in changes:
        changes["quantity_do"] = "set" if changes["quantity"] else "none"
    if changes.get("edition") == "":
        changes["edition"] = "-"
    data = {"do": "edit", "step": "apply", "key": tickets([key]), **choices(**changes)}
    _refused(lambda: as_manager.post(reverse(page), data), message, status=409)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"quantity": 5}, "has no quantity"),
        ({"edition": "ServerStandard"}, "never had the edition"),
        ({"architecture": "ia64"}, "was not made for IA-64"),
        ({"edition": ""}, "The edition is missing"),
        ({"usage": "deployment"}, "What the key is used for is missing or unknown"),
        ({"code": HELD[:-1] + "A"}, "does not occur in product keys"),
        ({"code": "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX"}, "placeholder"),
        ({"code": older_key(640_003)}, "always hold the letter N"),
        ({"key_type": "mak", "usage": "activation", "quantity": 5}, "only_public_types_are_published"),
    ],
)
def test_a_release(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    """What a faulty fixture would bring: nothing of it is loaded."""
    shipped = settings.BASE_DIR / "fixtures"
    (tmp_path / standard_keys.REFERENCE_FILE).write_text((shipped / standard_keys.REFERENCE_FILE).read_text())
    row = json.loads((shipped / standard_keys.KEYS_FILE).read_text())[0]
    row["fields"] |= {"uid": "00000000-0000-4000-8000-000000000009", "code": new_code().open()} | wrong
    (tmp_path / standard_keys.KEYS_FILE).write_text(json.dumps([row]))
    before = ProductKey.objects.count()
    with pytest.raises(standard_keys.NotLoaded, match=message):
        standard_keys.load(tmp_path)
    assert ProductKey.objects.count() == before


@pytest.mark.parametrize(
    ("good", "wrong"), [pytest.param(*MISTAKES[name][:2], id=name) for name in MISTAKES if name in BY_THE_DATABASE]
)
def test_the_database(good: dict[str, Any], wrong: dict[str, str]) -> None:
    """Past every form and service: the constraints."""
    values: dict[str, Any] = {"code": new_code().open()} | good | wrong
    if "quantity" in wrong:
        values["quantity"] = int(wrong["quantity"]) if wrong["quantity"] else None
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductKey.objects.create(**values)
