"""What tests of checking answer files share: a checker that knows some keys, and how to look at what it found."""

from collections.abc import Callable

from productkeys.domain import keycode
from productkeys.domain.answer_file.checking import check
from productkeys.domain.answer_file.known import KeyFacts
from productkeys.domain.answer_file.reading import read
from productkeys.domain.answer_file.report import Report
from productkeys.models import ProductKey, reference
from productkeys.services.known_keys import known_in
from productkeys.services.published_facts import edition_changes
from tests.made_up_keys import made_up_key
from tests.typed_keys import OTHER

MAK, UNKNOWN = made_up_key(100), OTHER
LTSC = "M7XTQ-FN8P6-TTKYV-9D4CC-J462D"
OF_2012_R2, OF_2016 = "D2N9P-3P6X9-2R39C-7RTCD-MDVJX", "WC2BQ-8NRM3-FDDYY-2BFGV-KHKQY"
STORED = KeyFacts("House", "mak", "windows-11", "Enterprise", "any", "activation", "active", 100)
Check = Callable[..., Report]


def checker() -> Check:
    """A function that checks a text; it knows Microsoft's keys, and the MAK with the facts that are given."""
    published = known_in(ProductKey.objects.all())
    systems = reference.current().systems

    def checked(text: str | bytes, name: str = "unattend.xml", *, held: KeyFacts = STORED) -> Report:
        own = {keycode.parse(MAK): held}
        data = text if isinstance(text, bytes) else text.encode()
        return check(
            read(data, name),
            known=lambda code: own.get(code) or published(code),
            systems=systems,
            changes=edition_changes(),
        )

    return checked


def codes_of(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def the_only(report: Report) -> tuple[str, str, int]:
    (finding,) = report.findings
    return finding.code, finding.severity.value, finding.line
