"""Tables as people have them, in German and English: what the columns mean is seen, whatever they are called."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from productkeys.incoming.columns import REASONS, Guess, Reason, dates_begin_with_the_day, recognise_columns
from productkeys.incoming.fields import LABELS_OF_FIELDS, MULTIPLE, SYNONYMS, Field
from tests.known_systems import SYSTEMS
from tests.made_up_keys import made_up_key, older_key

KEYS = [made_up_key(seed) for seed in range(1, 20)]


def guesses(names: Sequence[str], *rows: Sequence[str]) -> list[Guess]:
    return recognise_columns(names, rows, SYSTEMS)


def fields(names: Sequence[str], *rows: Sequence[str]) -> list[Field]:
    return [guess.field for guess in guesses(names, *rows)]


def test_a_german_spreadsheet() -> None:
    names = ["Bezeichnung", "Produktschlüssel", "Betriebssystem", "Edition", "Typ", "Menge", "Verbraucht", "Bemerkung"]
    assert fields(
        names,
        ["Zentrale", KEYS[0], "Windows 11", "Enterprise", "MAK", "1.000", "118", "Frau Seidel"],
        ["Werk 2", KEYS[1], "Windows Server 2022", "Standard", "MAK", "50", "2", ""],
    ) == [
        Field.NAME,
        Field.CODE,
        Field.OPERATING_SYSTEM,
        Field.EDITION,
        Field.KEY_TYPE,
        Field.QUANTITY,
        Field.IN_USE,
        Field.COMMENT,
    ]


def test_an_english_spreadsheet() -> None:
    names = ["Key", "Product", "Arch", "Used for", "Used/Total", "Status", "Tags", "Cost center", "PO Number"]
    assert fields(
        names,
        [KEYS[0], "Windows 11 Enterprise", "x64", "Activation", "118/150", "active", "lab, training", "4711", "PO-17"],
        [KEYS[1], "Win10 Pro", "any", "Activation", "2/50", "archived", "", "4711", "PO-18"],
    ) == [
        Field.CODE,
        Field.PRODUCT,
        Field.ARCHITECTURE,
        Field.USAGE,
        Field.USE_OF_QUANTITY,
        Field.STATUS,
        Field.LABELS,
        Field.AGREEMENT_COST_CENTRE,
        Field.AGREEMENT,
    ]


def test_a_list_of_the_admin_center_with_products_that_are_not_ours() -> None:
    names = ["Product", "Product Key", "Type", "MAK Activations Used/Available", "Organization", "License ID"]
    assert fields(
        names,
        ["Windows 10 Enterprise", KEYS[0], "MAK", "118/150", "Example GmbH", "4711-0815"],
        ["Office Professional Plus 2021", KEYS[1], "MAK", "1/50", "Example GmbH", "4711-0815"],
        ["Windows Srv 2019 DataCtr/Std KMS", KEYS[2], "KMS", "N/A", "Example GmbH", "4711-0815"],
        ["SQL Server 2019 Standard", KEYS[3], "MAK", "7/50", "Example GmbH", "4711-0815"],
    ) == [Field.PRODUCT, Field.CODE, Field.KEY_TYPE, Field.USE_OF_QUANTITY, Field.SCOPE, Field.AGREEMENT]


def test_a_list_as_vamt_might_export_it() -> None:
    names = ["Product Key", "Key Type", "Description", "Remaining Activation Count", "Comment"]
    assert fields(names, [KEYS[0], "MAK", "Windows 10 Enterprise Volume:MAK", "432", ""]) == [
        Field.CODE,
        Field.KEY_TYPE,
        Field.PRODUCT,
        Field.MICROSOFT_REMAINING,
        Field.COMMENT,
    ]


def test_a_list_of_an_inventory_with_purchases() -> None:
    names = ["Name", "Serial", "Qty", "Purchased", "Expires", "Vendor", "Invoice number", "Location"]
    assert fields(
        names, ["Windows 11 Pro", KEYS[0], "5", "03/14/2025", "2027-01-01", "Example Ltd", "R-12", "Berlin"]
    ) == [
        Field.NAME,
        Field.CODE,
        Field.QUANTITY,
        Field.AGREEMENT_BOUGHT_ON,
        Field.AGREEMENT_VALID_UNTIL,
        Field.AGREEMENT_VENDOR,
        Field.AGREEMENT_PROOF,
        Field.KEEP_IN_COMMENT,
    ]


def test_our_own_export_is_read_back_as_it_is() -> None:
    names = [field.value for field in Field if field not in (Field.KEEP_IN_COMMENT, Field.KEEP_AS_LABEL, Field.IGNORE)]
    assert fields(names) == [Field(name) for name in names]
    row = {
        Field.NAME: "Head office",
        Field.CODE: KEYS[0],
        Field.KEY_TYPE: "mak",
        Field.OPERATING_SYSTEM: "windows-11-windows-10",
        Field.EDITION: "ProfessionalWorkstation",
        Field.ARCHITECTURE: "any",
        Field.USAGE: "activation",
        Field.QUANTITY: "500",
        Field.IN_USE: "0",
        Field.STATUS: "active",
        Field.STATUS_BEFORE: "",
        Field.SCOPE: "Berlin",
        Field.SHARED_WITH: "Bonn, Köln",
        Field.LABELS: "lab",
        Field.COMMENT: "Windows 11 Enterprise",
        Field.AGREEMENT: "4711",
        Field.AGREEMENT_BOUGHT_ON: "2025-03-14",
        Field.AGREEMENT_LICENCES: "500",
        Field.MICROSOFT_USED: "12",
        Field.MICROSOFT_COUNTED_ON: "2025-11-01",
    }
    assert fields([field.value for field in row], list(row.values())) == list(row)


def test_the_order_of_the_columns_does_not_matter() -> None:
    names = ["Typ", "Menge", "Produktschlüssel", "Produkt"]
    row = ["MAK", "50", KEYS[0], "Win11 Ent"]
    expected = dict(zip(names, fields(names, row), strict=True))
    assert dict(zip(reversed(names), fields(names[::-1], row[::-1]), strict=True)) == expected


@pytest.mark.parametrize("name", ["", "Menge", "Kommentar", "Spalte 4", "Irgendwas"])
@pytest.mark.parametrize("key", [KEYS[0], KEYS[0].lower().replace("-", " "), older_key(1), f"Key: {KEYS[0]}"])
def test_a_column_of_keys_is_one_whatever_its_name(name: str, key: str) -> None:
    (guess,) = guesses([name], [key], ["-"], [KEYS[1]])
    assert guess.field is Field.CODE
    assert guess.certainty == 1.0


@pytest.mark.parametrize(
    ("names", "row", "expected"),
    [
        (["Menge", "Produktschlüssel"], [KEYS[0], "50"], [Field.CODE, Field.QUANTITY]),
        (["Key", "Name"], ["Zentrale", KEYS[0]], [Field.NAME, Field.CODE]),
        (
            ["Key", "Edition", "Architektur"],
            [KEYS[0], "x64", "Enterprise"],
            [Field.CODE, Field.ARCHITECTURE, Field.EDITION],
        ),
        (
            ["Key", "Typ", "Betriebssystem"],
            [KEYS[0], "Windows 11", "MAK"],
            [Field.CODE, Field.OPERATING_SYSTEM, Field.KEY_TYPE],
        ),
    ],
)
def test_swapped_headings_are_noticed(names: list[str], row: list[str], expected: list[Field]) -> None:
    assert fields(names, row, row) == expected


def test_who_sees_a_swapped_heading_is_told_so() -> None:
    assert [guess.reason for guess in guesses(["Menge", "Key"], [KEYS[0], "50"])] == [Reason.CONTENT, Reason.SWAPPED]


def test_of_two_columns_of_keys_the_fuller_one_counts_and_the_other_is_not_put_where_all_can_read_it() -> None:
    old, new = guesses(["Product key", "Ersatz"], ["", KEYS[0]], [KEYS[1], KEYS[2]], ["", KEYS[3]])
    assert new.field is Field.CODE
    assert (old.field, old.reason) == (Field.IGNORE, Reason.MORE_KEYS)
    assert old.certainty < 0.5


def test_a_table_without_headings() -> None:
    row = [KEYS[0], "Windows 11 Pro", "MAK", "50"]
    assert fields(["", "", "", ""], row) == [Field.CODE, Field.PRODUCT, Field.KEY_TYPE, Field.QUANTITY]
    assert fields(["Spalte 1", "Spalte 2", "Column C", "D"], row) == fields([], row)


def test_keys_one_a_line() -> None:
    assert fields([""], [KEYS[0]], [KEYS[1]]) == [Field.CODE]


def test_the_windows_in_one_column_and_the_edition_in_another() -> None:
    assert fields(["OS", "SKU", "Key"], ["Windows 10", "Pro N", KEYS[0]]) == [
        Field.OPERATING_SYSTEM,
        Field.EDITION,
        Field.CODE,
    ]


def test_a_whole_product_under_the_heading_of_the_operating_system() -> None:
    assert fields(["Betriebssystem", "Key"], ["Windows 11 Enterprise", KEYS[0]]) == [Field.PRODUCT, Field.CODE]


def test_a_name_that_names_the_product_stays_a_name() -> None:
    assert fields(["Name", "Key"], ["Windows 11 Enterprise", KEYS[0]]) == [Field.NAME, Field.CODE]


@pytest.mark.parametrize("name", ["Vertragslaufzeit", "Inventarnummer", "Standort", "Column 7"])
def test_a_column_nobody_knows_is_kept_and_never_left_out_silently(name: str) -> None:
    guess = guesses(["Key", name], [KEYS[0], "something"])[1]
    assert guess.field is Field.KEEP_IN_COMMENT
    assert guess.certainty < 0.5
    assert guess.reason == Reason.UNKNOWN


@pytest.mark.parametrize("name", ["Last 5", "Letzte 5", "Column 2"])
def test_the_ends_of_the_keys_beside_them_are_left_out(name: str) -> None:
    rows = [[key, key[-5:]] for key in KEYS[:3]]
    assert fields(["Key", name], *rows)[1] is Field.IGNORE
    assert fields(["Key", name], *rows, [KEYS[4], KEYS[5][-5:]])[1] is Field.KEEP_IN_COMMENT


def test_a_key_that_stands_there_in_pieces_as_well_comes_into_no_comment() -> None:
    heads = ["Key", *(f"Teil {number}" for number in range(1, 6)), "Standort"]
    rows = [[key, *key.lower().split("-"), "Kiel"] for key in KEYS[:3]]
    assert fields(heads, *rows) == [Field.CODE, *[Field.IGNORE] * 5, Field.KEEP_IN_COMMENT]


@pytest.mark.parametrize("name", ["Betriebssystem", "Operating system", "OS"])
def test_an_operating_system_that_names_its_edition_is_the_product(name: str) -> None:
    rows = [["Microsoft Windows 11 Pro", KEYS[0]], ["Microsoft Windows 11 Pro", KEYS[1]]]
    few = [*rows, ["Windows 10 Enterprise LTSC", KEYS[2]], ["macOS 14", KEYS[3]]]
    assert fields([name, "Key"], *rows)[0] is fields([name, "Key"], *few)[0] is Field.PRODUCT
    with_edition = [["Windows 11", "Pro", KEYS[0]], ["Windows 10", "Enterprise", KEYS[1]]]
    assert fields([name, "Edition", "Key"], *with_edition)[:2] == [Field.OPERATING_SYSTEM, Field.EDITION]


def test_an_empty_column_is_what_it_is_called() -> None:
    assert fields(["Key", "Kommentar", "", "Standort"], [KEYS[0], "", "", ""]) == [
        Field.CODE,
        Field.COMMENT,
        Field.IGNORE,
        Field.KEEP_IN_COMMENT,
    ]


def test_a_column_of_mangled_keys_is_still_the_column_of_keys() -> None:
    assert fields(["Produktschlüssel", "Menge"], ["2.34567E+24", "50"], ["#NAME?", "20"]) == [
        Field.CODE,
        Field.QUANTITY,
    ]


def test_a_heading_that_its_column_contradicts_is_not_believed() -> None:
    assert (
        fields(["Key", "Produkt", "Menge"], [KEYS[0], "Windows 11 Pro", "Windows 10 Pro"])[2] is Field.KEEP_IN_COMMENT
    )


def test_a_table_of_hundreds_of_columns() -> None:
    names = [*(f"Feld {number}" for number in range(299)), "Produktschlüssel"]
    found = fields(names, *([*(f"Windows {number} {row}" for number in range(299)), KEYS[row]] for row in range(15)))
    assert len(found) == 300
    assert found[-1] is Field.CODE


def test_values_that_nobody_understands_do_not_lose_a_column_its_name() -> None:
    guess = guesses(["Key", "Typ"], [KEYS[0], "Konzern"], [KEYS[1], "Sonder"])[1]
    assert guess.field is Field.KEY_TYPE
    assert guess.certainty < 0.5


def test_a_date_is_what_the_heading_says_and_nothing_without_one() -> None:
    assert fields(["Key", "Gekauft am", "Gültig bis", "x"], [KEYS[0], "01.02.2024", "31.01.2027", "05.05.2025"]) == [
        Field.CODE,
        Field.AGREEMENT_BOUGHT_ON,
        Field.AGREEMENT_VALID_UNTIL,
        Field.KEEP_IN_COMMENT,
    ]


def test_the_columns_of_dates_show_whether_the_day_comes_first() -> None:
    meanings = [Field.COMMENT, Field.AGREEMENT_BOUGHT_ON]
    assert dates_begin_with_the_day(meanings, [["01/25/2024", "03/04/2025"]])
    assert dates_begin_with_the_day(meanings, [["", "03/04/2025"], ["", "25/04/2025"]])
    assert not dates_begin_with_the_day(meanings, [["", "03/04/2025"], [], ["25/01/2024", "04/25/2025"]])


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("product_key", Field.CODE),
        ("productKey", Field.CODE),
        ("PRODUKTSCHLUESSEL", Field.CODE),
        ("MAK-Schlüssel (25-stellig)", Field.CODE),
        ("Produktschlüsel", Field.CODE),
        ("Anzahl der Lizenzen", Field.QUANTITY),
        ("Vertrags-Nr.", Field.AGREEMENT),
        ("Noch verfügbar", Field.REMAINING),
        ("Interne Bemerkungen", Field.COMMENT),
    ],
)
def test_headings_in_many_spellings(name: str, field: Field) -> None:
    assert fields([name]) == [field]


def test_every_synonym_is_known() -> None:
    for field, names in SYNONYMS.items():
        for name in names:
            (guess,) = guesses([name])
            assert guess.field is field or name in SYNONYMS[guess.field]


def test_a_meaning_is_given_once() -> None:
    found = fields(["Menge", "Anzahl", "Tags", "Labels", "Key"], ["1", "2", "a", "b", KEYS[0]])
    single = [field for field in found if field not in MULTIPLE]
    assert len(single) == len(set(single))
    assert found.count(Field.LABELS) == 2


def test_rows_may_be_shorter_and_longer_than_the_headings() -> None:
    assert fields(["Key"], [KEYS[0], "Windows 11 Pro"], [], [KEYS[1]]) == [Field.CODE, Field.PRODUCT]
    assert fields([]) == []


def test_every_meaning_and_every_reason_can_be_said() -> None:
    assert set(LABELS_OF_FIELDS) == set(Field)
    assert set(REASONS) == set(Reason)


@given(
    names=st.lists(st.text(max_size=30), max_size=6),
    rows=st.lists(
        st.lists(st.text(max_size=30) | st.sampled_from([*KEYS, "MAK", "50", "Windows 11"]), max_size=6), max_size=6
    ),
)
@settings(max_examples=200, deadline=None)
def test_any_table_has_a_guess_for_each_column(names: list[str], rows: list[list[str]]) -> None:
    found = guesses(names, *rows)
    assert len(found) == max([len(names), *map(len, rows)], default=0)
    assert all(0 <= guess.certainty <= 1 for guess in found)
    single = [guess.field for guess in found if guess.field not in MULTIPLE]
    assert len(single) == len(set(single))


@pytest.mark.parametrize("numbers", [("EA-4711", "EA-4712"), ("4100012345", "4100012399")])
def test_swapped_heads_of_quantity_and_agreement_are_noticed(numbers: tuple[str, str]) -> None:
    names = ["Key", "Quantity", "Agreement"]
    found = guesses(names, [KEYS[0], numbers[0], "150"], [KEYS[1], numbers[1], "1,000"])
    assert [guess.field for guess in found] == [Field.CODE, Field.AGREEMENT, Field.QUANTITY]
    assert [guess.reason for guess in found[1:]] == [Reason.SWAPPED, Reason.SWAPPED]


@pytest.mark.parametrize("cells", [("150", "4711"), ("150", "EA-4711"), ("many", "4711"), ("150", "")])
def test_heads_that_are_not_swapped_stay(cells: tuple[str, str]) -> None:
    assert fields(["Key", "Quantity", "Agreement"], [KEYS[0], *cells]) == [Field.CODE, Field.QUANTITY, Field.AGREEMENT]
