"""The rules of product keys on plain values: no database, no form. Each refusal names its field and says what to do."""

from dataclasses import replace

import pytest
from django.utils import translation

from productkeys.domain import keycode, rules
from productkeys.domain.choices import Architecture, KeyType, Usage
from productkeys.domain.rulebook import RULES, Problem
from productkeys.domain.rules import Declaration, KnownKey
from productkeys.domain.systems import OfferingFacts, SystemFacts
from tests.made_up_keys import made_up_key, older_key

X64_ARM64 = frozenset({"x64", "arm64"})
WINDOWS_11 = SystemFacts(
    slug="windows-11",
    name="Windows 11",
    family="client",
    keys_have_n=True,
    offerings={
        "Enterprise": OfferingFacts("Enterprise", "Enterprise", "Enterprise", X64_ARM64),
        "EnterpriseG": OfferingFacts("EnterpriseG", "Enterprise G", "Enterprise G", frozenset({"x64"})),
    },
)
WINDOWS_7 = replace(WINDOWS_11, slug="windows-7", name="Windows 7", keys_have_n=False, has_esu=True)
A_GUEST = SystemFacts(
    slug="windows-server-2016",
    name="Windows Server 2016",
    family="server",
    keys_have_n=True,
    offerings={
        "ServerStandard": OfferingFacts("ServerStandard", "Standard", "Standard", frozenset({"x64"}), has_avma=True),
        "ServerWeb": OfferingFacts("ServerWeb", "Web", "Web", frozenset({"x64"})),
    },
)
GVLK = KnownKey(
    name="Windows 11 Enterprise / Windows 10 Enterprise",
    key_type="gvlk",
    system="windows-11-windows-10",
    edition="Enterprise",
    architecture="any",
    published=True,
)

A_GOOD_MAK = Declaration(
    key_type="mak",
    usage="activation",
    name="Windows 11 Enterprise, head office",
    quantity=500,
    edition="Enterprise",
    architecture="x64",
    code=keycode.parse(made_up_key(1)),
    system=WINDOWS_11,
)
A_GOOD_HOST_KEY = replace(A_GOOD_MAK, key_type="kms_host", quantity=6, edition="", architecture="any")
A_GOOD_RETAIL_KEY = replace(A_GOOD_MAK, key_type="retail", quantity=1, usage="installation_and_activation")
A_GOOD_ESU_KEY = replace(A_GOOD_MAK, key_type="esu", system=WINDOWS_7)
A_GOOD_AVMA_KEY = replace(
    A_GOOD_MAK, key_type="avma", usage="activation", quantity=None, system=A_GUEST, edition="ServerStandard"
)


def problems(declaration: Declaration) -> list[Problem]:
    return list(rules.problems_of(declaration))


def the_problem(declaration: Declaration) -> Problem:
    (problem,) = problems(declaration)
    return problem


@pytest.mark.parametrize(
    "declaration", [A_GOOD_MAK, A_GOOD_HOST_KEY, A_GOOD_RETAIL_KEY, A_GOOD_ESU_KEY, A_GOOD_AVMA_KEY]
)
def test_a_good_declaration_has_no_problem(declaration: Declaration) -> None:
    assert problems(declaration) == []


@pytest.mark.parametrize("usage", [Usage.INSTALLATION, Usage.BOTH])
@pytest.mark.parametrize(
    ("good", "key_type", "code"),
    [
        (A_GOOD_MAK, "mak", "mak_activation_only"),
        (A_GOOD_HOST_KEY, "kms_host", "kms_host_activation_only"),
        (A_GOOD_ESU_KEY, "esu", "esu_activation_only"),
    ],
)
def test_mak_kms_host_and_esu_keys_are_for_activation_only(
    good: Declaration, key_type: str, code: str, usage: Usage
) -> None:
    problem = the_problem(replace(good, key_type=key_type, usage=usage))
    assert (problem.field, problem.code) == ("usage", code)
    assert "activation only" in problem.message
    assert "Activation" in problem.advice


def test_a_mak_says_that_the_rollout_would_fail() -> None:
    assert "rollout fail" in the_problem(replace(A_GOOD_MAK, usage="installation")).text


@pytest.mark.parametrize("good", [A_GOOD_MAK, A_GOOD_ESU_KEY, A_GOOD_HOST_KEY], ids=lambda good: good.key_type)
@pytest.mark.parametrize("quantity", [None, 0, -5])
def test_counted_types_need_a_quantity(good: Declaration, quantity: int | None) -> None:
    problem = the_problem(replace(good, quantity=quantity))
    assert problem.field == "quantity"
    assert "at least 1" in problem.message


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_retail_key_takes_no_quantity_below_one(quantity: int) -> None:
    assert the_problem(replace(A_GOOD_RETAIL_KEY, quantity=quantity)).code == "quantity_at_least_one"


def test_a_retail_key_may_have_no_limit() -> None:
    assert problems(replace(A_GOOD_RETAIL_KEY, quantity=None)) == []


@pytest.mark.parametrize("quantity", [None, 0, 2])
def test_an_oem_key_belongs_to_one_device(quantity: int | None) -> None:
    assert the_problem(replace(A_GOOD_RETAIL_KEY, key_type="oem", quantity=quantity)).code == "one_device"


@pytest.mark.parametrize("good", [replace(A_GOOD_RETAIL_KEY, key_type="gvlk"), A_GOOD_AVMA_KEY])
def test_published_types_have_no_quantity(good: Declaration) -> None:
    assert the_problem(replace(good, quantity=1)).code == "no_quantity"


def test_a_quantity_has_an_end() -> None:
    assert the_problem(replace(A_GOOD_MAK, quantity=rules.MAX_QUANTITY + 1)).code == "quantity_too_large"
    assert problems(replace(A_GOOD_MAK, quantity=rules.MAX_QUANTITY)) == []


@pytest.mark.parametrize(("language", "limit"), [("en", "1,000,000"), ("de", "1.000.000")])
def test_numbers_in_a_refusal_are_written_as_the_language_does(language: str, limit: str) -> None:
    with translation.override(language):
        assert limit in the_problem(replace(A_GOOD_MAK, quantity=rules.MAX_QUANTITY + 1)).message


def test_a_quantity_below_what_is_in_use_is_refused() -> None:
    problem = the_problem(replace(A_GOOD_MAK, quantity=486, in_use=487))
    assert problem.code == "quantity_below_use"
    assert "487" in problem.text
    assert problems(replace(A_GOOD_MAK, quantity=487, in_use=487)) == []


def test_a_seventh_host_is_refused_with_the_way_to_the_activation_centre() -> None:
    key = replace(A_GOOD_MAK, key_type="kms_host", edition="", architecture="any", quantity=6)
    problem = the_problem(replace(key, in_use=7))
    assert problem.code == "hosts_below_use"
    assert "activation centre" in problem.advice
    assert problems(replace(key, in_use=6)) == []


def test_an_edition_that_the_system_never_had_is_refused() -> None:
    problem = the_problem(replace(A_GOOD_MAK, edition="ServerStandard"))
    assert (problem.field, problem.message) == ("edition", "Windows 11 never had the edition ServerStandard.")


def test_an_architecture_that_the_edition_does_not_have_is_refused() -> None:
    problem = the_problem(replace(A_GOOD_MAK, architecture="ia64"))
    assert problem.field == "architecture"
    assert "x64, ARM64" in problem.advice
    assert the_problem(replace(A_GOOD_MAK, edition="EnterpriseG", architecture="arm64")).field == "architecture"


def test_any_architecture_fits_every_edition_that_exists() -> None:
    assert problems(replace(A_GOOD_MAK, architecture=Architecture.ANY)) == []


def test_only_kms_host_and_esu_keys_may_name_no_edition() -> None:
    assert problems(A_GOOD_HOST_KEY) == []
    assert problems(replace(A_GOOD_ESU_KEY, edition="")) == []
    assert the_problem(replace(A_GOOD_MAK, edition="")).code == "edition_needed"


def test_avma_is_refused_for_a_system_that_is_no_guest_of_it() -> None:
    problem = the_problem(replace(A_GOOD_AVMA_KEY, system=WINDOWS_11, edition="Enterprise"))
    assert (problem.field, problem.message) == ("operating_system", "There is no AVMA key for Windows 11.")


def test_avma_is_refused_for_an_edition_without_it() -> None:
    problem = the_problem(replace(A_GOOD_AVMA_KEY, edition="ServerWeb"))
    assert (problem.field, problem.code) == ("edition", "avma_edition")
    assert the_problem(replace(A_GOOD_AVMA_KEY, edition="ServerHPC")).code == "edition_not_offered"


def test_an_esu_key_is_refused_for_a_system_without_extended_updates() -> None:
    problem = the_problem(replace(A_GOOD_ESU_KEY, system=WINDOWS_11))
    assert (problem.field, problem.code) == ("operating_system", "esu_system")
    assert "no Extended Security Updates for Windows 11" in problem.message


def test_the_operating_system_is_needed() -> None:
    assert the_problem(replace(A_GOOD_MAK, system=None)).code == "system_needed"


def test_a_missing_edition_is_said_together_with_the_missing_system() -> None:
    nothing = replace(A_GOOD_MAK, system=None, edition="")
    assert [problem.code for problem in problems(nothing)] == ["system_needed", "edition_needed"]
    assert [problem.code for problem in problems(replace(nothing, key_type="esu"))] == ["system_needed"]


def test_a_key_without_n_is_refused_from_windows_8_on() -> None:
    older = keycode.parse(older_key(1))
    problem = the_problem(replace(A_GOOD_MAK, code=older))
    assert (problem.field, problem.code) == ("code", "n_missing")
    assert "letter N" in problem.message
    assert problems(replace(A_GOOD_MAK, code=older, system=WINDOWS_7)) == []


def test_failing_check_digits_are_a_possible_typing_error_that_can_be_confirmed() -> None:
    mistyped = keycode.parse("W269N-WFGWX-YVC9B-4J6C9-T83GY")
    problem = the_problem(replace(A_GOOD_MAK, code=mistyped))
    assert problem.message.startswith("Possible typing error")
    assert "valid" not in problem.text
    assert problems(replace(A_GOOD_MAK, code=mistyped, typing_confirmed=True)) == []


def test_a_published_gvlk_entered_as_mak_is_named() -> None:
    problem = the_problem(replace(A_GOOD_MAK, code=keycode.parse("NPPR9-FWDCX-D2C8J-H872K-2YT43"), known=GVLK))
    assert problem.code == "published_as_other_type"
    assert "GVLK of Windows 11 Enterprise / Windows 10 Enterprise" in problem.message


def test_a_published_key_cannot_be_contradicted() -> None:
    other = replace(A_GOOD_RETAIL_KEY, key_type="gvlk", quantity=None, known=GVLK)
    assert the_problem(other).code == "published_contradicted"


def test_a_published_key_need_not_be_added() -> None:
    joined = replace(WINDOWS_11, slug="windows-11-windows-10")
    same = replace(A_GOOD_RETAIL_KEY, key_type="gvlk", quantity=None, system=joined, architecture="any", known=GVLK)
    assert the_problem(same).code == "published_already"


def test_the_same_key_again_names_the_entry_to_those_who_may_know_it() -> None:
    stored = replace(GVLK, name="Production", published=False)
    assert "“Production”" in the_problem(replace(A_GOOD_MAK, known=stored)).message
    assert "Production" not in the_problem(replace(A_GOOD_MAK, known=replace(stored, named=False))).text


@pytest.mark.parametrize("field", ["name", "comment"])
def test_a_key_in_a_text_that_everybody_reads_is_refused(field: str) -> None:
    text = f"ask Mara: {made_up_key(3).lower()}"
    problem = the_problem(replace(A_GOOD_MAK, name=text) if field == "name" else replace(A_GOOD_MAK, comment=text))
    assert (problem.field, problem.code) == (field, "key_in_text")
    assert text[10:25] not in problem.text


@pytest.mark.parametrize("mark", ["\u202e", "\u202a", "\u2067"])
@pytest.mark.parametrize("field", ["name", "comment"])
def test_a_text_that_would_be_read_as_another_is_refused(field: str, mark: str) -> None:
    text = f"Office {mark}KAM 2024"
    problem = the_problem(replace(A_GOOD_MAK, name=text) if field == "name" else replace(A_GOOD_MAK, comment=text))
    assert (problem.field, problem.code) == (field, "text_changes_direction")


@pytest.mark.parametrize("field", ["name", "comment"])
@pytest.mark.parametrize(
    ("text", "place", "character"),
    [
        ("Office\u200b 2024", 7, "U+200B ZERO WIDTH SPACE"),
        ("Off\u00adice", 4, "U+00AD SOFT HYPHEN"),
        ("\ufeffOffice", 1, "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("Office \x1b[2J", 8, "U+001B"),
        ("Office\x9b2J", 7, "U+009B"),
        ("Office\x00", 7, "U+0000"),
        ("Office\u200d", 7, "U+200D ZERO WIDTH JOINER"),
        ("Off\u200cice", 4, "U+200C ZERO WIDTH NON-JOINER"),
        ("Office\u200e", 7, "U+200E LEFT-TO-RIGHT MARK"),
        ("Office\ufe0f", 7, "U+FE0F VARIATION SELECTOR-16"),
        ("Office\u3164", 7, "U+3164 HANGUL FILLER"),
        ("Office\u2028", 7, "U+2028 LINE SEPARATOR"),
        ("Office\U000e0041", 7, "U+E0041 TAG LATIN CAPITAL LETTER A"),
        ("Office\ud800", 7, "U+D800"),
    ],
)
def test_a_text_with_a_character_that_nobody_sees_is_refused(field: str, text: str, place: int, character: str) -> None:
    problem = the_problem(replace(A_GOOD_MAK, name=text) if field == "name" else replace(A_GOOD_MAK, comment=text))
    assert (problem.field, problem.code) == (field, "text_invisible")
    assert problem.message == f"Character {place} of this text is invisible: {character}."


def test_a_name_has_one_line_and_a_comment_has_several() -> None:
    assert the_problem(replace(A_GOOD_MAK, name="Office\n2024")).code == "text_invisible"
    assert not list(rules.problems_of(replace(A_GOOD_MAK, comment="Office\r\n\t2024")))


@pytest.mark.parametrize(
    "text",
    [
        "Größe, 50 €, naïve, Ελλάδα, Škoda",
        "می\u200cشود",
        "क्\u200dष, र\u200d्य",
        "👨\u200d💻 ❤\ufe0f 👩🏽\u200d🚀",
        "葛\U000e0100城",
        "ᠠ\u180b",
    ],
    ids=["Europe", "Persian", "Indian", "emoji", "Japanese", "Mongolian"],
)
def test_what_writing_needs_is_allowed_where_it_does_something(text: str) -> None:
    assert not list(rules.problems_of(replace(A_GOOD_MAK, name=text, comment=text)))


def test_a_name_that_is_written_from_right_to_left_is_a_name_like_any_other() -> None:
    assert not list(rules.problems_of(replace(A_GOOD_MAK, name="\u200fמשרד ראשי\u200f 2024")))


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (replace(A_GOOD_MAK, key_type="volume"), "type_unknown"),
        (replace(A_GOOD_RETAIL_KEY, usage=""), "usage_needed"),
        (replace(A_GOOD_RETAIL_KEY, usage="both"), "usage_needed"),
        (replace(A_GOOD_MAK, architecture="amd64"), "architecture_unknown"),
        (replace(A_GOOD_MAK, name=" "), "name_needed"),
        (replace(A_GOOD_MAK, name="x" * 121), "name_too_long"),
        (replace(A_GOOD_MAK, comment="x" * 2001), "comment_too_long"),
    ],
)
def test_values_that_no_form_would_send_are_problems_and_no_crash(bad: Declaration, code: str) -> None:
    assert the_problem(bad).code == code


def test_several_problems_come_at_once() -> None:
    bad = replace(A_GOOD_MAK, usage="installation", quantity=None, edition="ServerStandard")
    assert [problem.field for problem in problems(bad)] == ["usage", "quantity", "edition"]


def test_no_problem_ever_holds_the_key() -> None:
    code = made_up_key(5)
    bad = replace(A_GOOD_MAK, code=keycode.parse(code), known=replace(GVLK, published=False), usage="installation")
    assert code[:11] not in "".join(problem.text + repr(problem) for problem in problems(bad))


@pytest.mark.parametrize("key_type", KeyType.values)
def test_the_allowed_usages_are_those_the_rules_let_through(key_type: str) -> None:
    for usage in Usage.values:
        refused = any(p.field == "usage" for p in problems(replace(A_GOOD_MAK, key_type=key_type, usage=usage)))
        assert refused is (usage not in rules.allowed_usages(key_type))


def test_every_rule_says_what_is_wrong_what_to_do_and_where_it_comes_from() -> None:
    codes = [rule.code for rule in RULES]
    assert len(codes) == len(set(codes)) > 20
    for rule in RULES:
        assert rule.field, rule.code
        assert str(rule.message).endswith("."), rule.code
        assert str(rule.advice).endswith("."), rule.code
        assert rule.source, rule.code
