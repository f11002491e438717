"""Rows of a licence list, read into the values of a key: filled up to a whole one, and never more than was said."""

from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from productkeys.domain import keycode
from productkeys.domain.rules import Declaration, problems_of
from productkeys.incoming.fields import Field
from productkeys.incoming.row import IncomingRow, Reader, Reading
from tests.known_systems import SYSTEMS
from tests.made_up_keys import made_up_key

KEY = made_up_key(1)
LAST_FIVE = KEY[-5:]


def read(row: Mapping[Field, str], **reading: object) -> IncomingRow:
    """The row of a table with these columns."""
    return Reader(Reading(list(row), **reading), SYSTEMS).read(list(row.values()))  # type: ignore[arg-type]


def a_mak(**cells: str) -> dict[Field, str]:
    good = {"code": KEY, "product": "Win11 Ent", "key_type": "MAK", "quantity": "1.000"}
    return {Field(name): text for name, text in (good | cells).items()}


def test_it_works() -> None:
    row = read(a_mak(name="Zentrale", in_use="118", comment="Frau Seidel", scope="Berlin", shared_with="Bonn; Köln"))
    assert row == IncomingRow(
        code_text=KEY,
        name="Zentrale",
        comment="Frau Seidel",
        key_type="mak",
        operating_system_id="windows-11",
        edition="Enterprise",
        architecture="any",
        usage="activation",
        quantity=1000,
        in_use=118,
        scope="Berlin",
        shared_with=("Bonn", "Köln"),
        given=frozenset(
            {
                "name",
                "comment",
                "key_type",
                "operating_system",
                "edition",
                "quantity",
                "in_use",
                "scope",
                "shared_with",
            }
        ),
    )


@pytest.mark.parametrize(
    ("row", "more"),
    [
        (a_mak(), {}),
        (a_mak(key_type="KMS", product="Windows Srv 2022 DataCtr/Std", quantity=""), {"quantity": 6, "edition": ""}),
        (a_mak(key_type="Retail", quantity=""), {"quantity": 1, "usage": "installation_and_activation"}),
        (a_mak(key_type="OEM:DM", quantity=""), {"quantity": 1}),
        (
            a_mak(key_type="", product="Windows 10 ESU Year 1"),
            {"key_type": "esu", "usage": "activation", "edition": ""},
        ),
    ],
)
def test_a_row_is_filled_up_to_a_key_that_may_be_stored(row: dict[Field, str], more: dict[str, object]) -> None:
    read_row = read(row)
    assert {name: getattr(read_row, name) for name in more} == more
    assert read_row.unknown == ()
    declared = Declaration(
        key_type=read_row.key_type,
        usage=read_row.usage,
        name=read_row.name,
        quantity=read_row.quantity,
        edition=read_row.edition,
        architecture=read_row.architecture,
        code=keycode.parse(read_row.code_text),
        system=SYSTEMS["windows-10" if read_row.key_type == "esu" else read_row.operating_system_id],
    )
    assert list(problems_of(declared)) == []


def test_what_was_filled_in_is_not_given() -> None:
    assert read(a_mak()).given == {"key_type", "operating_system", "edition", "quantity"}


@pytest.mark.parametrize("nothing", ["", " ", "-", "n/a", "k. A."])
def test_an_empty_cell_is_not_given(nothing: str) -> None:
    row = read(a_mak(comment=nothing, in_use=nothing, status=nothing, labels=nothing))
    assert row.given.isdisjoint({"comment", "in_use", "status", "labels"})


def test_what_the_portal_itself_exported_is_read_to_the_letter() -> None:
    row = {Field.CODE: KEY, Field.KEY_TYPE: "mak", Field.NAME: " n/a", Field.COMMENT: "-\n", Field.LABELS: "n/a"}
    exported = read(row, column_names=list(row))
    assert (exported.name, exported.comment, exported.labels) == (" n/a", "-\n", ("n/a",))
    of_somebody = read(row, column_names=["Key", *list(row)[1:]])
    assert (of_somebody.comment, of_somebody.labels) == ("", ())


def test_a_short_row_has_empty_cells_at_its_end() -> None:
    reader = Reader(Reading([Field.CODE, Field.PRODUCT, Field.COMMENT, Field.KEEP_IN_COMMENT]), SYSTEMS)
    assert reader.read([KEY]).given == frozenset()
    assert reader.read([]) == reader.read([""])


# The product


@pytest.mark.parametrize(
    ("cells", "system", "edition"),
    [
        ({"product": "Win11 Ent x64"}, "windows-11", "Enterprise"),
        ({"operating_system": "Windows 11", "edition": "Pro N"}, "windows-11", "ProfessionalN"),
        ({"operating_system": "windows-8-1", "edition": "ProfessionalN"}, "windows-8-1", "ProfessionalN"),
        ({"operating_system": "Windows 11 Enterprise"}, "windows-11", "Enterprise"),
        ({"operating_system": "11", "edition": "Enterprise"}, "windows-11", "Enterprise"),
        (
            {"operating_system": "Windows 10", "edition": "Enterprise LTSC 2021"},
            "windows-10-enterprise-ltsc-2021",
            "EnterpriseS",
        ),
        ({"operating_system": "Windows Server", "edition": "2022 Standard"}, "windows-server-2022", "ServerStandard"),
        ({"product": "Windows(R), Enterprise edition", "operating_system": "Windows 10"}, "windows-10", "Enterprise"),
        ({"product": "Windows 11 Pro", "edition": "Enterprise"}, "windows-11", "Enterprise"),
        ({"product": "Windows 11 Pro", "operating_system": "Windows 10"}, "windows-10", ""),
    ],
)
def test_cells_that_say_together_which_windows_it_is(cells: dict[str, str], system: str, edition: str) -> None:
    row = read({Field(name): text for name, text in cells.items()})
    assert (row.operating_system_id, row.edition) == (system, edition)
    assert {"operating_system", "edition"} - row.given == (set() if edition else {"edition"})


def test_architecture_and_type_may_stand_in_the_product() -> None:
    row = read({Field.PRODUCT: "Win11 Ent x64 MAK"})
    assert (row.architecture, row.key_type) == ("x64", "mak")
    assert row.given >= {"architecture", "key_type"}


def test_their_own_cells_count_more() -> None:
    row = read({Field.PRODUCT: "Win11 Ent x64 MAK", Field.ARCHITECTURE: "ARM64", Field.KEY_TYPE: "Retail"})
    assert (row.architecture, row.key_type) == ("arm64", "retail")


def test_a_name_says_the_product_where_nothing_else_does_and_changes_no_stored_key() -> None:
    row = read({Field.CODE: KEY, Field.NAME: "Windows 11 Enterprise"})
    assert (row.name, row.operating_system_id, row.edition) == ("Windows 11 Enterprise", "windows-11", "Enterprise")
    assert row.given == {"name"}


@pytest.mark.parametrize(
    "product", ["Office Professional Plus 2021", "SQL Server on Windows Server 2022", "Windows Server 2022 CAL"]
)
def test_a_row_about_something_else_is_not_ours(product: str) -> None:
    assert read(a_mak(product=product)).not_ours
    assert read({Field.CODE: KEY, Field.OPERATING_SYSTEM: product}).not_ours


def test_a_row_whose_name_is_about_something_else_is_not_ours() -> None:
    assert read({Field.CODE: KEY, Field.NAME: "Office Standard 2019"}).not_ours
    assert read({Field.CODE: KEY, Field.NAME: "Office LTSC 2021"}).not_ours
    assert not read({Field.CODE: KEY, Field.NAME: "Office Köln, Win 11 Enterprise"}).not_ours
    assert not read(a_mak(name="Office Köln")).not_ours


# Names


@pytest.mark.parametrize(
    ("product", "name"),
    [
        ("Win11 Ent", f"Windows 11 Enterprise {LAST_FIVE}"),
        ("Win10 LTSC 2021", f"Windows 10 Enterprise LTSC 2021 {LAST_FIVE}"),
        ("Win10 LTSC N 2021", f"Windows 10 Enterprise LTSC 2021 N {LAST_FIVE}"),
        ("Windows 8.1", f"Windows 8.1 (Core) {LAST_FIVE}"),
        ("WinSrv 2019 DC", f"Windows Server 2019 Datacenter {LAST_FIVE}"),
        ("something unknown", "something unknown"),
    ],
)
def test_a_key_without_a_name_is_named_by_its_product(product: str, name: str) -> None:
    row = read(a_mak(product=product))
    assert row.name == name
    assert "name" not in row.given


def test_a_key_that_is_no_key_adds_nothing_to_the_name() -> None:
    assert read(a_mak(code="2,3E+24")).name == "Windows 11 Enterprise"


# Counts


@pytest.mark.parametrize(
    ("cells", "quantity", "in_use"),
    [
        ({"quantity": "150", "in_use": "118"}, 150, 118),
        ({"use_of_quantity": "118/150"}, 150, 118),
        ({"use_of_quantity": "118 von 150"}, 150, 118),
        ({"quantity": "150", "remaining": "32"}, 150, 118),
        ({"in_use": "118", "remaining": "32"}, 150, 118),
        ({"quantity": "unbegrenzt"}, None, 0),
    ],
)
def test_counts(cells: dict[str, str], quantity: int | None, in_use: int) -> None:
    row = read({Field(name): text for name, text in cells.items()} | {Field.KEY_TYPE: "Retail"})
    assert (row.quantity, row.in_use) == (quantity, in_use)
    assert "quantity" in row.given
    assert ("in_use" in row.given) == bool(in_use)


def test_what_is_left_of_a_quantity_that_is_not_named_is_kept() -> None:
    row = read({Field.KEY_TYPE: "MAK", Field.REMAINING: "432", Field.MICROSOFT_REMAINING: "430"})
    assert (row.quantity, row.in_use, row.remaining, row.microsoft_remaining) == (None, 0, 432, 430)
    assert row.given == {"key_type", "remaining", "microsoft_remaining"}


def test_more_left_than_there_are_is_not_understood() -> None:
    row = read({Field.QUANTITY: "10", Field.REMAINING: "32", Field.MICROSOFT_REMAINING: "11"})
    assert row.in_use == 0
    assert row.unknown == ((Field.REMAINING, "32"), (Field.MICROSOFT_REMAINING, "11"))


def test_what_microsoft_counts() -> None:
    row = read(a_mak(microsoft_used="430", microsoft_counted_on="01.11.2025"))
    assert (row.microsoft_used, row.microsoft_counted_on) == (430, date(2025, 11, 1))
    assert read(a_mak(microsoft_remaining="570")).microsoft_used == 430


# Agreements, labels, comments


def test_an_agreement() -> None:
    row = read(
        a_mak(
            agreement="4711-0815",
            agreement_vendor="Example GmbH",
            agreement_bought_on="3.2.2024",
            agreement_valid_until="unbefristet",
            agreement_licences="500 Stück",
            agreement_cost_centre="17",
            agreement_proof="R-12",
            agreement_note="a note",
        )
    )
    assert row.agreement == {
        "number": "4711-0815",
        "vendor": "Example GmbH",
        "bought_on": date(2024, 2, 3),
        "licences": 500,
        "cost_centre": "17",
        "proof": "R-12",
        "note": "a note",
    }
    assert "agreement" in row.given
    assert row.unknown == ()


def test_american_dates_where_the_column_has_them() -> None:
    assert read(a_mak(agreement_bought_on="03/04/2025"), day_first=False).agreement["bought_on"] == date(2025, 3, 4)


def columns(*meanings: Field, names: Sequence[str] = (), **reading: object) -> Reader:
    return Reader(Reading(meanings, names, **reading), SYSTEMS)  # type: ignore[arg-type]


def test_what_nobody_knows_is_kept_in_the_comment_under_its_name() -> None:
    reader = columns(Field.COMMENT, Field.KEEP_IN_COMMENT, Field.KEEP_IN_COMMENT, names=["Kommentar", "Standort", ""])
    assert reader.read(["Frau Seidel", "Berlin", "Raum 7"]).comment == "Frau Seidel\nStandort: Berlin\nRaum 7"
    assert reader.read(["", "Berlin", "-"]).comment == "Standort: Berlin"
    assert reader.read(["", "", ""]).given == frozenset()


def test_what_nobody_knows_is_kept_as_a_label() -> None:
    reader = columns(Field.LABELS, Field.KEEP_AS_LABEL, Field.KEEP_AS_LABEL, names=["Tags", "Standort", "Schulung"])
    assert reader.read(["Labor, Test", "Berlin", "x"]).labels == ("Labor", "Test", "Berlin", "Schulung")
    assert reader.read(["labor", "Labor", "nein"]).labels == ("labor",)


def test_a_column_that_is_left_out_is_left_out() -> None:
    assert columns(Field.IGNORE, Field.NAME).read(["Windows 11", "Zentrale"]) == columns(Field.NAME).read(["Zentrale"])


# What a person said


def test_values_mapped_by_a_person() -> None:
    mapped = {"product": {"W-ENT": "windows-11/Enterprise"}, "key_type": {"Konzern": "mak", "Sonder": ""}}
    row = read(a_mak(product=" W-ENT ", key_type="Konzern"), values=mapped)
    assert (row.operating_system_id, row.edition, row.key_type) == ("windows-11", "Enterprise", "mak")
    assert row.unknown == ()
    assert read(a_mak(key_type="Sonder"), values=mapped).given.isdisjoint({"key_type"})


def test_defaults_fill_in_what_a_row_does_not_say() -> None:
    defaults = {
        "operating_system": "windows-11",
        "edition": "Enterprise",
        "key_type": "mak",
        "quantity": "500",
        "scope": "Berlin",
        "labels": "Labor",
        "comment": "from the list",
        "agreement": "4711",
        "status": "archived",
    }
    row = read({Field.CODE: KEY}, defaults=defaults)
    assert (row.operating_system_id, row.edition, row.key_type, row.quantity) == (
        "windows-11",
        "Enterprise",
        "mak",
        500,
    )
    assert (row.scope, row.labels, row.comment, row.status) == ("Berlin", ("Labor",), "from the list", "archived")
    assert row.agreement == {"number": "4711"}
    assert row.name == f"Windows 11 Enterprise {LAST_FIVE}"
    assert row.given == frozenset()


def test_defaults_never_overrule_a_row() -> None:
    defaults = {"operating_system": "windows-10", "edition": "Professional", "key_type": "retail", "quantity": "5"}
    row = read(a_mak(product="Windows Server 2022 Standard"), defaults=defaults)
    assert (row.operating_system_id, row.edition) == ("windows-server-2022", "ServerStandard")
    assert (row.key_type, row.quantity) == ("mak", 1000)


def test_a_default_windows_completes_an_edition() -> None:
    row = read({Field.PRODUCT: "Windows(R), Enterprise edition"}, defaults={"operating_system": "windows-10"})
    assert (row.operating_system_id, row.edition, row.unknown) == ("windows-10", "Enterprise", ())
    assert "operating_system" not in row.given


def test_a_default_that_a_type_does_not_allow_is_not_for_it() -> None:
    defaults = {"usage": "installation", "quantity": "50"}
    assert read(a_mak(), defaults=defaults).usage == "activation"
    assert read(a_mak(key_type="Retail"), defaults=defaults).usage == "installation"
    assert read(a_mak(key_type="OEM", quantity=""), defaults=defaults).quantity == 1
    assert read(a_mak(key_type="GVLK", quantity=""), defaults=defaults).quantity is None


def test_what_a_row_says_against_the_rules_is_said() -> None:
    assert read(a_mak(usage="Installation")).usage == "installation"
    assert read(a_mak(key_type="GVLK")).quantity == 1000


# What nobody understood


def test_texts_that_nobody_understood_are_listed() -> None:
    cells = {
        "product": "Windows 11 Pro for Worksations",
        "key_type": "Konzern",
        "architecture": "128 Bit",
        "usage": "Deko",
        "quantity": "viele",
        "in_use": "einige",
        "status": "expired",
        "agreement_bought_on": "bald",
    }
    row = read(a_mak(**cells))
    assert dict(row.unknown) == {Field(name): text for name, text in cells.items()}
    assert row.given == {"operating_system"}


def test_a_product_without_its_edition_is_listed_unless_another_cell_has_it() -> None:
    assert read({Field.PRODUCT: "Windows 11"}).unknown == ((Field.PRODUCT, "Windows 11"),)
    assert read({Field.PRODUCT: "Windows 11", Field.EDITION: "Pro"}).unknown == ()
    assert read({Field.PRODUCT: "Windows Server 2022", Field.KEY_TYPE: "KMS"}).unknown == ()


@pytest.mark.parametrize("edition", ["all editions", "alle Editionen", "Alle"])
def test_a_key_for_all_editions_names_none(edition: str) -> None:
    row = {Field.OPERATING_SYSTEM: "Windows Server 2022", Field.KEY_TYPE: "KMS host", Field.EDITION: edition}
    for said in (read(row), read(row, defaults={"edition": "Standard"})):
        assert (said.operating_system_id, said.edition, said.unknown) == ("windows-server-2022", "", ())


def test_a_key_in_the_wrong_column_does_not_come_out_of_it() -> None:
    for field in (
        Field.PRODUCT,
        Field.EDITION,
        Field.KEY_TYPE,
        Field.QUANTITY,
        Field.STATUS,
        Field.AGREEMENT_BOUGHT_ON,
    ):
        row = read({Field.CODE: KEY, field: KEY})
        assert row.unknown
        assert KEY not in repr(row)
        assert all(KEY not in text for _field, text in row.unknown)


CELLS = st.text(max_size=40) | st.sampled_from(
    [KEY, "MAK", "Windows 11 Pro", "118/150", "unbegrenzt", "1.000", "x", "Office 2019"]
)


@given(columns_read=st.lists(st.sampled_from(Field), max_size=10), cells=st.lists(CELLS, max_size=10))
@settings(max_examples=1000, deadline=None)
def test_any_row_can_be_read(columns_read: list[Field], cells: list[str]) -> None:
    reader = Reader(Reading(columns_read, [field.value for field in columns_read]), SYSTEMS)
    row = reader.read(cells)
    assert reader.read(cells) == row
    assert all(hasattr(row, f"{name}_id" if name == "operating_system" else name) for name in row.given)
    assert KEY not in repr(row)
