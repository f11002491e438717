"""What a check found in a file, and how scripts are told."""

from collections.abc import Mapping
from dataclasses import dataclass

from productkeys.domain import keycode
from productkeys.domain.answer_file.findings import Finding, Severity
from productkeys.domain.answer_file.known import KeyFacts
from productkeys.domain.answer_file.reading import AnswerFile
from productkeys.domain.answer_file.values import Held, Value
from productkeys.domain.keycode import KeyCode


@dataclass(frozen=True, slots=True)
class Report:
    """A file, what was found in it in the order of its lines, and what the portal knows of its keys."""

    file: AnswerFile
    findings: tuple[Finding, ...]
    facts: Mapping[KeyCode, KeyFacts]

    @property
    def worst(self) -> Severity | None:
        """The gravest severity found, None where nothing was."""
        found = {finding.severity for finding in self.findings}
        return next((severity for severity in Severity if severity in found), None)

    def facts_of(self, held: Held) -> KeyFacts | None:
        """What the portal knows of the key at a place, None where it stands for none."""
        return self.facts.get(held.code) if held.code else None

    def value_of(self, held: Held) -> Value:
        """What stands at a place, keys that Microsoft published told apart from others."""
        facts = self.facts_of(held)
        return Value.PUBLISHED if held.value is Value.KEY and facts and facts.published else held.value


def as_json(name: str, report: Report) -> dict[str, object]:
    """The report for scripts; a contract. `name` is what the file is called. Never holds a whole key."""
    file = report.file
    fault = file.faults[0] if file.faults else None
    return {
        "file": keycode.redact(name),
        "readable": file.is_readable,
        "fault": {"line": fault.line, "message": fault.message} if fault else None,
        "places": [
            {
                "pass": place.pass_name,
                "component": place.component,
                "architecture": place.architecture,
                "path": place.path,
                "line": place.line,
                "value": report.value_of(place.held).value,
                "last_five": place.held.last_five,
            }
            for place in file.places
        ],
        "elsewhere": [
            {
                "line": other.line,
                "where": other.where.value,
                "value": report.value_of(other.held).value,
                "last_five": other.held.last_five,
            }
            for other in file.elsewhere
        ],
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity.value,
                "line": finding.line,
                "message": finding.message,
                "advice": finding.advice,
            }
            for finding in report.findings
        ],
    }
