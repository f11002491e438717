"""Lists as Microsoft's tools and resellers lay them out: what is Windows is taken, the rest is skipped and counted.

The tables are made up after what is known of them; no real file was at hand.
"""

from datetime import date

import pytest

from keyportal.people.models import User
from productkeys.incoming.fields import Field
from productkeys.models import Import, ProductKey, Scope
from productkeys.services.importing import plan as plans
from productkeys.services.importing import preview, steps, worker
from productkeys.services.origin import Origin
from tests.bringing import HEADS, brought, imported, line
from tests.factories import new_code

pytestmark = pytest.mark.django_db

ADMIN_CENTER = ("Organization", "Product", "Product Key", "Type", "Activations used", "Activations available")


def _listed(product: str, key_type: str = "MAK") -> list[str]:
    return ["Contoso GmbH", product, new_code().open(), key_type, "118", "500"]


def test_a_list_with_office_and_sql_server_brings_its_windows_keys(manager: User) -> None:
    rows = [_listed("Windows 11 Enterprise"), _listed("Office LTSC 2021"), _listed("SQL Server 2022 Standard")]
    imp = imported(brought(rows, manager, heads=ADMIN_CENTER))
    assert imp.counts == {"n": 1, "x": 2}
    key = ProductKey.objects.get(import_uid=imp.uid)
    assert (key.quantity, key.in_use, key.comment) == (500, 118, "Organization: Contoso GmbH")


def test_where_there_are_scopes_the_organisation_may_be_one(berlin: Scope, bonn: Scope, manager: User) -> None:
    imp = brought([_listed("Windows 11 Enterprise")], manager, heads=ADMIN_CENTER)
    assert plans.read(imp).fields[0] == Field.SCOPE
    assert imp.counts == {"r": 1}


@pytest.mark.parametrize("said", ["", "everybody's"])
def test_a_scope_that_is_everybodys_is_no_strange_one(manager: User, said: str) -> None:
    imp = brought([[*line(), said]], manager, heads=(*HEADS, "Bereich"))
    assert imp.counts == {"n": 1}
    assert plans.read(imp).fields[-1] in (Field.SCOPE, Field.KEEP_IN_COMMENT)
    assert imported(imp).stored == 1
    assert ProductKey.objects.get(import_uid=imp.uid).comment == ""


@pytest.mark.parametrize(
    "product", ["Windows 10 ESU Year 1", "Windows 10 Extended Security Updates", "Win 10 ESU Year1 MAK"]
)
def test_a_key_for_extended_updates_that_arrives_as_a_mak_is_none(manager: User, product: str) -> None:
    (row,) = preview.page(brought([_listed(product)], manager, heads=ADMIN_CENTER)).rows
    assert (row.values["key_type"], row.values["edition"]) == ("esu", "")
    assert row.values["name"] == f"{product} {row.last_five}"


def test_words_in_place_of_a_key_are_all_that_is_said_of_their_row(manager: User) -> None:
    listed = f"""<root><YourKey>
<Product_Key Name="Windows 10"><Key ID="1" Type="Not Applicable">This product needs no key.</Key></Product_Key>
<Product_Key Name="Windows 11 Pro"><Key ID="2" Type="Retail">{new_code().open()}</Key></Product_Key>
</YourKey></root>"""
    imp = steps.begin(listed.encode(), name="keys.xml", origin=Origin(manager))
    worker.carry_out(imp)
    assert imp.counts == {"n": 1, "r": 1}
    assert plans.read(imp).unknown == ()
    refused = preview.row(imp, 0)
    assert refused is not None
    assert [problem.field for problem in refused.problems] == ["code"]


def test_days_of_an_american_list_begin_with_the_month(manager: User) -> None:
    heads = (*HEADS, "Last update", "microsoft_used")
    rows = [[*line(), f"{day} 9:00:00 AM", "7"] for day in ("3/12/2024", "4/1/2024")]
    imp = imported(brought(rows, manager, heads=heads))
    days = ProductKey.objects.filter(import_uid=imp.uid).values_list("microsoft_counted_on", flat=True)
    assert set(days) == {date(2024, 3, 12), date(2024, 4, 1)}
    assert Import.objects.get().counts == {"n": 2}
