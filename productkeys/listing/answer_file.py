"""What the page of a checked deployment file shows: findings, places, facts, and what a correction changes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from productkeys.domain.answer_file.checking import codes_in
from productkeys.domain.answer_file.findings import Finding, Severity
from productkeys.domain.answer_file.places import PASSES_IN_ORDER, Place
from productkeys.domain.answer_file.reading import AnswerFile
from productkeys.domain.answer_file.report import Report
from productkeys.domain.answer_file.text import shown
from productkeys.domain.answer_file.values import Value
from productkeys.domain.answer_file.veil import ShownLine, excerpts
from productkeys.domain.answer_file.writing import Change, Written
from productkeys.domain.keycode import KeyCode
from productkeys.models import CheckedFile, ProductKey, reference
from productkeys.services.answer_files import Checked, architectures_in

MOST_FINDINGS = 200
_MOST_KEYS = 50
_MOST_PASSES = 20
_LOOKS = {
    Severity.ERROR: ("danger", "error", "bad"),
    Severity.WARNING: ("warn", "warn", "mild"),
    Severity.INFO: ("plain", "info", "hit"),
}
_BITS = {"amd64": "x64"}


@dataclass(frozen=True, slots=True)
class Look:
    """How a severity looks: the tint of its badge, its icon, and the edge of the line in question."""

    tint: str
    icon: str
    edge: str

    @classmethod
    def of(cls, severity: Severity) -> "Look":
        return cls(*_LOOKS[severity])


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding, the lines around it, and the stored key that it is about."""

    finding: Finding
    look: Look
    path: Sequence[str]
    lines: Sequence[ShownLine]
    key: ProductKey | None


@dataclass(frozen=True, slots=True)
class PassRow:
    """A configuration pass of the file, and how many findings of each severity are in it."""

    name: str
    counts: Sequence[tuple[Look, str]]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key in the file: its `number` in the order of the file, and the stored key that it is, if it is one."""

    number: int
    last_five: str
    line: int
    key: ProductKey | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check comes to in a headline; it never says that a file is right."""

    report: Report

    @property
    def look(self) -> Look:
        """How the headline looks."""
        return Look.of(self.report.worst or Severity.INFO)

    @property
    def headline(self) -> str:
        match self.report.worst:
            case Severity.ERROR:
                return _("With this file, the rollout fails")
            case Severity.WARNING:
                return _("With this file, the rollout may fail")
            case Severity.INFO:
                return _("Nothing was found on which the rollout would fail")
        return _("Nothing was found")

    @property
    def summary(self) -> str:
        lines = ngettext("%(count)d line", "%(count)d lines", self.lines) % {"count": self.lines}
        counts = Counter(finding.severity for finding in self.report.findings)
        found = [_counted(severity, counts[severity]) for severity in Severity if counts[severity]]
        if not found:
            return _("Looked at: product keys and the form of the file, in %(lines)s.") % {"lines": lines}
        return _("%(findings)s in %(lines)s.") % {"findings": _joined(found), "lines": lines}

    @property
    def lines(self) -> int:
        text = self.report.file.text.text
        return text.rstrip("\r\n").count("\n" if "\n" in text else "\r") + 1


@dataclass(frozen=True)
class FilePage:
    """Everything that the page says of a checked file."""

    kept: CheckedFile
    checked: Checked

    @property
    def file(self) -> AnswerFile:
        return self.checked.report.file

    @cached_property
    def verdict(self) -> "Verdict":
        return Verdict(self.checked.report)

    @cached_property
    def findings(self) -> list[FindingRow]:
        found = self.checked.report.findings[:MOST_FINDINGS]
        around = excerpts(self.file, (finding.line for finding in found))
        elsewhere = (other.held.code for other in self.file.elsewhere if other.held.value is Value.KEY)
        return [
            FindingRow(
                finding,
                Look.of(finding.severity),
                _path_of(finding.place),
                around.get(finding.line, ()),
                self._key_of(finding, elsewhere),
            )
            for finding in found
        ]

    @property
    def more_findings(self) -> int:
        return max(len(self.checked.report.findings) - MOST_FINDINGS, 0)

    def _key_of(self, finding: Finding, elsewhere: Iterator[KeyCode | None]) -> ProductKey | None:
        """The key that a finding is about; of one at no place of a key, the next of those `elsewhere`."""
        if finding.place:
            code = finding.place.held.code
        else:
            code = next(elsewhere, None) if finding.rule.field == "elsewhere" else None
        return self.checked.keys.get(code) if code else None

    @cached_property
    def passes(self) -> list[PassRow]:
        """The passes of the file, in the order in which Windows comes to them, then what Windows does not know."""
        found = dict.fromkeys(name for name, _first, _last in self._lines_of_passes)
        ordered = [name for name in PASSES_IN_ORDER if name in found]
        ordered += [name for name in found if name not in ordered]
        counts = Counter((self._pass_of(finding), finding.severity) for finding in self.checked.report.findings)
        return [
            PassRow(name, [(Look.of(one), _counted(one, counts[name, one])) for one in Severity if counts[name, one]])
            for name in ordered[:_MOST_PASSES]
        ]

    @cached_property
    def _lines_of_passes(self) -> list[tuple[str, int, int]]:
        """The name of each settings element, and its first and last line."""
        text = self.file.text
        elements = (one for one in self.file.markup.elements if one.name == "settings")
        return [
            (shown(one.attributes.get("pass", "")), text.line(one.start), text.line(one.end))
            for one in islice(elements, _MOST_PASSES * 5)
            if one.attributes.get("pass")
        ]

    def _pass_of(self, finding: Finding) -> str:
        """The pass in which a finding is: by its place, else by its line."""
        if finding.place:
            return finding.place.pass_name
        around = (name for name, first, last in self._lines_of_passes if first <= finding.line <= last)
        return next(around, "")

    @property
    def keys(self) -> list[KeyRow]:
        """The keys in the file, each once, with the line where it stands first."""
        lines: dict[object, int] = {}
        for spot in self.file.spots:
            lines.setdefault(spot.held.code, spot.line)
        return [
            KeyRow(number, code.last_five, lines[code], self.checked.keys.get(code))
            for number, code in islice(enumerate(codes_in(self.file)), _MOST_KEYS)
        ]

    @property
    def checked_for(self) -> str:
        """The Windows that the file installs or was made for, as people read it; empty where it does not tell."""
        product = self.checked.product
        if product is None:
            return ""
        known = reference.current()
        names = [known.system_name(slug) for slug in known.systems if slug in product.systems]
        labels = [known.edition_label(slug, product.edition) for slug in product.systems][:1] or [product.edition]
        return ", ".join(word for word in (*names, *labels) if word)

    @property
    def encoding(self) -> str:
        text = self.file.text
        words = [text.encoding.upper().removesuffix("-LE").removesuffix("-BE")]
        words += [_("with byte order mark")] if text.text.startswith("\ufeff") else []
        return ", ".join(words)

    @property
    def line_ends(self) -> str:
        text = self.file.text.text
        return "CRLF (Windows)" if "\r\n" in text else "LF (Linux)" if "\n" in text else ""

    @property
    def architectures(self) -> str:
        names = [shown(name) for name in architectures_in(self.file) if name]
        return ", ".join(f"{name} ({_BITS[name]})" if name in _BITS else name for name in names[:6])


def changes_of(written: Written) -> Iterator[tuple[str, str, str]]:
    """What a rewrite does: line and pass, and in words what becomes of the place."""
    for change in written.changes:
        yield _("Line %(number)d") % {"number": change.line}, change.pass_name, _what(change)


def _what(change: Change) -> str:
    if change.after is None:
        return _("removed")
    words = {"last_five": change.after.last_five}
    if change.before.code is None:
        return _("gets …%(last_five)s") % words
    if change.before.code == change.after:
        return _("…%(last_five)s, written as issued") % words
    return _("…%(before)s becomes …%(last_five)s") % (words | {"before": change.before.last_five})


def _path_of(place: Place | None) -> list[str]:
    """The way to a place: pass, component with its architecture, and the elements."""
    if place is None:
        return []
    component = f"{place.component} ({place.architecture})" if place.architecture else place.component
    return [word for word in (place.pass_name, component, *place.path.split("/")) if word]


def _counted(severity: Severity, count: int) -> str:
    match severity:
        case Severity.ERROR:
            text = ngettext("%(count)d error", "%(count)d errors", count)
        case Severity.WARNING:
            text = ngettext("%(count)d warning", "%(count)d warnings", count)
        case _:
            text = ngettext("%(count)d hint", "%(count)d hints", count)
    return text % {"count": count}


def _joined(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
