"""What a cell of a licence list says, in German and English; a text that says nothing known says so."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from productkeys.incoming import remembering, values
from productkeys.incoming.catalogue import catalogue_of
from productkeys.incoming.values import Count, Mangled, UseOfQuantity
from productkeys.incoming.words import join_names
from tests.known_systems import SYSTEMS
from tests.made_up_keys import made_up_key


@pytest.mark.parametrize(
    ("text", "key_type"),
    [
        ("MAK", "mak"),
        (" mak ", "mak"),
        ("MAK-Schlüssel", "mak"),
        ("Mehrfachaktivierungsschlüssel", "mak"),
        ("Multiple Activation Key", "mak"),
        ("Volume:MAK", "mak"),
        ("VOLUME_MAK_B", "mak"),
        ("GVLK", "gvlk"),
        ("KMS-Client-Setupschlüssel", "gvlk"),
        ("VOLUME_KMSCLIENT channel", "gvlk"),
        ("KMS", "kms_host"),
        ("KMS-Hostschlüssel", "kms_host"),
        ("Volume:CSVLK", "kms_host"),
        ("VOLUME_KMS_2012-R2_WIN10", "kms_host"),
        ("VOLUME_KMS_WS22 channel", "kms_host"),
        ("Retail", "retail"),
        ("Retail(Free)", "retail"),
        ("FPP", "retail"),
        ("Einzelhandel", "retail"),
        ("OEM:DM", "oem"),
        ("OEM_COA_NSLP", "oem"),
        ("COA", "oem"),
        ("AVMA", "avma"),
        ("VIRTUAL_MACHINE_ACTIVATION", "avma"),
        ("ESU", "esu"),
        ("MAK (ESU)", "esu"),
        ("Volume", None),
        ("Retail:TB:Eval", None),
        ("TIMEBASED_EVAL", None),
        ("MAK/KMS", None),
        ("Makro", None),
        ("poem", None),
        ("", None),
    ],
)
def test_the_type_of_a_key(text: str, key_type: str | None) -> None:
    assert values.read_type(text) == key_type


@pytest.mark.parametrize(
    ("text", "architecture"),
    [
        ("x64", "x64"),
        ("AMD64", "x64"),
        ("x86_64", "x64"),
        ("x86-64", "x64"),
        ("64-bit", "x64"),
        ("64 Bit", "x64"),
        ("64", "x64"),
        ("x86", "x86"),
        ("32bit", "x86"),
        ("i386", "x86"),
        ("ARM64", "arm64"),
        ("aarch64", "arm64"),
        ("Itanium", "ia64"),
        ("IA-64", "ia64"),
        ("any", "any"),
        ("beliebig", "any"),
        ("x86/x64", "any"),
        ("32/64 Bit", "any"),
        ("128 Bit", None),
        ("Enterprise", None),
        ("", None),
    ],
)
def test_the_architecture(text: str, architecture: str | None) -> None:
    assert values.read_architecture(text) == architecture


@pytest.mark.parametrize(
    ("text", "usage"),
    [
        ("Installation", "installation"),
        ("nur Installation", "installation"),
        ("Aktivierung", "activation"),
        ("activation", "activation"),
        ("Installation und Aktivierung", "installation_and_activation"),
        ("installation_and_activation", "installation_and_activation"),
        ("Installation & Activation", "installation_and_activation"),
        ("beides", "installation_and_activation"),
        ("Deko", None),
        ("", None),
    ],
)
def test_what_a_key_is_used_for(text: str, usage: str | None) -> None:
    assert values.read_usage(text) == usage


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("150", Count(150)),
        (" 150 ", Count(150)),
        ("150,0", Count(150)),
        ("150.00", Count(150)),
        ("1.000", Count(1000)),
        ("1,000", Count(1000)),
        ("1 000", Count(1000)),
        ("1\u00a0000", Count(1000)),
        ("1'000", Count(1000)),
        ("1.000.000", Count(1_000_000)),
        ("1.000,00", Count(1000)),
        ("150 Stück", Count(150)),
        ("150 activations", Count(150)),
        ("0", Count(0)),
        ("unbegrenzt", Count(None)),
        ("Unlimited", Count(None)),
        ("Kein Kontingent", Count(None)),
        ("12,5", None),
        ("-3", None),
        ("1.00.000", None),
        ("viele", None),
        ("9" * 5000, None),
        ("", None),
    ],
)
def test_how_many(text: str, count: Count | None) -> None:
    assert values.read_count(text) == count


@pytest.mark.parametrize(
    "text", ["118/150", "118 / 150", "118 von 150", "118 of 150", "118 used of 150", "118 von 150 verbraucht"]
)
def test_how_many_of_how_many(text: str) -> None:
    assert values.read_use_of_quantity(text) == UseOfQuantity(118, 150)


def test_how_many_of_any_number() -> None:
    assert values.read_use_of_quantity("1.118 / unbegrenzt") == UseOfQuantity(1118, None)
    assert values.read_use_of_quantity("unbegrenzt/5") is None
    assert values.read_use_of_quantity("118") is None


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-03",
        "2025-11-03T00:00:00",
        "2025-11-03 00:00:00",
        "03.11.2025",
        "3.11.25",
        "3. November 2025",
        "3 Nov 2025",
        "Nov 3, 2025",
        "03-Nov-25",
        "3rd November 2025",
        "03/11/2025",
        "45964",
        "45964,0",
    ],
)
def test_a_date(text: str) -> None:
    assert values.read_date(text) == date(2025, 11, 3)


@pytest.mark.parametrize(
    ("text", "day_first", "expected"),
    [
        ("11/03/2025", False, date(2025, 11, 3)),
        ("11/03/2025", True, date(2025, 3, 11)),
        ("11/25/2025", True, date(2025, 11, 25)),
        ("11.03.2025", False, date(2025, 3, 11)),
        ("März 2025", True, None),
        ("31.02.2025", True, None),
        ("150", True, None),
        ("unbefristet", True, None),
    ],
)
def test_a_date_that_begins_with_the_day_or_the_month(text: str, *, day_first: bool, expected: date | None) -> None:
    assert values.read_date(text, day_first=day_first) == expected


def test_german_months() -> None:
    months = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ]
    assert [values.read_date(f"1. {month} 2025") for month in months] == [
        date(2025, month, 1) for month in range(1, 13)
    ]


def test_a_column_of_dates_shows_whether_the_day_comes_first() -> None:
    assert values.day_first_in(["03/04/2025", "25/04/2025"]) is True
    assert values.day_first_in(["03/04/2025", "04/25/2025"]) is False
    assert values.day_first_in(["03/04/2025", "", "2025-04-03"]) is None


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("aktiv", "active"),
        ("Active", "active"),
        ("archiviert", "archived"),
        ("Retired", "archived"),
        ("kompromittiert", "compromised"),
        ("expired", None),
        ("", None),
    ],
)
def test_what_has_become_of_a_key(text: str, status: str | None) -> None:
    assert values.read_status(text) == status


def test_labels() -> None:
    assert values.read_labels("Schulung, Labor;labor ;\n  two  words ,") == ("Schulung", "Labor", "two words")
    assert values.read_labels(" ") == ()


@pytest.mark.parametrize("names", [("Berlin", "Bonn"), ("Köln, Süd", ' "West"; 2 ', '"'), ("berlin", "Berlin"), ()])
def test_names_of_any_spelling_stand_in_one_cell(names: tuple[str, ...]) -> None:
    assert values.read_names(join_names(names)) == names


def test_a_quotation_mark_within_a_name_is_a_part_of_it() -> None:
    assert values.read_names('19" rack, "A" and "B"; C') == ('19" rack', '"A" and "B"', "C")


@pytest.mark.parametrize("text", ["", "  ", "-", "—", "n/a", "N/A", "k. A.", "keine Angabe", "NULL", "?"])
def test_a_cell_that_says_nothing(text: str) -> None:
    assert values.says_nothing(text)


@pytest.mark.parametrize("text", ["0", "no", "Enterprise"])
def test_a_cell_that_says_something(text: str) -> None:
    assert not values.says_nothing(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2.34567E+24", Mangled.SCIENTIFIC),
        ("2,3E+11", Mangled.SCIENTIFIC),
        ("#NAME?", Mangled.ERROR_VALUE),
        ("#WERT!", Mangled.ERROR_VALUE),
        ("#BEZUG!", Mangled.ERROR_VALUE),
        ("########", Mangled.ERROR_VALUE),
        ("2025-03-01 00:00:00", Mangled.DATE),
        ("01.03.2025", Mangled.DATE),
        ("234567", Mangled.NUMBER),
        ("150,5", Mangled.NUMBER),
        ("T83GX", Mangled.LAST_PART),
        ("*****-*****-*****-*****-T83GX", Mangled.LAST_PART),
        ("XXXXX-XXXXX-XXXXX-XXXXX-T83GX", Mangled.LAST_PART),
        ("WFGWX-YVC9B-4J6C9-T83GX", Mangled.LOST_PART),
        ("-WFGWX-YVC9B-4J6C9-T83GX", Mangled.LOST_PART),
        ("W269N-WFGWX-YVC9B-4J6C9-", Mangled.LOST_PART),
    ],
)
def test_what_a_spreadsheet_made_of_a_key(text: str, reason: Mangled) -> None:
    assert values.mangled_key(text) is reason
    assert str(values.MANGLED_TEXTS[reason])


@pytest.mark.parametrize(
    "text", ["", made_up_key(1), made_up_key(1).replace("-", ""), made_up_key(1).lower(), "see mail", "Windows 11"]
)
def test_what_no_spreadsheet_has_touched(text: str) -> None:
    assert values.mangled_key(text) is None


@given(text=st.text() | st.text(alphabet="0123456789/.,-EW windowsserver2kBCDFG()", max_size=60))
@settings(max_examples=1000, deadline=None)
def test_no_reader_raises_whatever_a_cell_holds(text: str) -> None:
    for read in (
        values.read_type,
        values.read_architecture,
        values.read_usage,
        values.read_count,
        values.read_use_of_quantity,
        values.read_date,
        values.read_status,
        values.read_labels,
        values.read_names,
        values.read_yes_or_no,
        values.is_not_ours,
        values.mangled_key,
        values.says_nothing,
    ):
        read(text)
    values.read_date(text, day_first=False)
    values.read_product(text, SYSTEMS)
    catalogue_of(SYSTEMS).system(text)
    catalogue_of(SYSTEMS).edition(text, "windows-11")


def test_a_text_is_read_once_but_a_key_is_never_kept() -> None:
    seen: list[str] = []
    reader = remembering.remembered(seen.append)
    for text in ("Windows 11", "Windows 11", made_up_key(1), made_up_key(1), made_up_key(1)[:17], made_up_key(1)[:17]):
        reader(text)
    assert seen == ["Windows 11", *[made_up_key(1)] * 2, *[made_up_key(1)[:17]] * 2]
