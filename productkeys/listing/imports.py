"""An import as its pages show it: the rows of its preview, its counts, how far it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from productkeys.domain import keycode
from productkeys.domain.choices import Architecture, KeyType, Status
from productkeys.incoming.fields import LABELS_OF_FIELDS, Field
from productkeys.listing import badges, import_filter
from productkeys.listing.changes import FieldChange, in_words
from productkeys.models import Agreement, Import, ProductKey, reference
from productkeys.services.importing.outcomes import REMARKED, STORED, Outcome
from productkeys.services.importing.plan import Plan
from productkeys.services.importing.preview import PreviewRow
from productkeys.services.importing.progress import Progress

_LOOK: Mapping[str, tuple[str, str]] = {
    Outcome.NEW: ("ok", "check-c"),
    Outcome.CHANGES: ("mak", "pencil"),
    Outcome.SAME: ("plain", "check"),
    Outcome.STANDARD: ("gvlk", "info"),
    Outcome.NOT_OURS: ("plain", "x"),
    Outcome.REFUSED: ("danger", "error"),
}
_PATIENCE = timedelta(seconds=10)
_TROUBLE_FIRST = (Outcome.REFUSED, Outcome.NEW, Outcome.CHANGES, Outcome.SAME, Outcome.STANDARD, Outcome.NOT_OURS)


_COMMENT_SHOWN = 80
_OF_AGREEMENTS = frozenset(field for field in Field if field.startswith("agreement_"))


def outcome_badge(outcome: str) -> SafeString:
    """The badge of what becomes of a row: glyph, word, tint."""
    tint, glyph = _LOOK[outcome]
    return format_html(
        '<span class="kp-badge kp-badge--{}">{}{}</span>', tint, badges.icon(glyph), Outcome(outcome).label
    )


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with a row, at which field, and what to do about it."""

    field: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the preview. `tone` marks its edge; the cells are ready to be shown. `also` is what has no cell.

    `remarks` say why it is refused, `notes` what the row says and nothing comes of.
    """

    index: int
    number: int
    outcome: str
    badge: SafeString
    tone: str
    key_type: str
    name: SafeString | str
    system: SafeString | str
    edition: SafeString | str
    architecture: SafeString | str
    stock: SafeString | str
    key: SafeString | str
    also: str
    remarks: Sequence[Remark]
    notes: Sequence[Remark]
    changes: Sequence[FieldChange]
    existing: tuple[int, str] | None

    @property
    def says_more(self) -> bool:
        return bool(self.also or self.remarks or self.notes or self.changes or self.existing)

    @property
    def may_be_mended(self) -> bool:
        return self.outcome == Outcome.REFUSED


def line_of(row: PreviewRow) -> Line:
    """`row` in the reader's words."""
    values, facts, wrong = row.values, reference.current(), {problem.field for problem in row.problems}
    slug, edition = str(values.get("operating_system") or ""), str(values.get("edition") or "")
    architecture = _architecture(values.get("architecture")) if row.outcome != Outcome.NOT_OURS else ""
    tones = {Outcome.REFUSED: "is-bad", Outcome.CHANGES: "is-mild"}
    return Line(
        index=row.index,
        number=row.number,
        outcome=row.outcome,
        badge=outcome_badge(row.outcome),
        tone=tones.get(Outcome(row.outcome), "is-mild" if row.remarks else ""),
        key_type=str(values.get("key_type") or "") if values.get("key_type") in KeyType.values else "",
        name=_marked(keycode.redact(str(values.get("name") or "")), Field.NAME in wrong),
        system=_marked(facts.system_name(slug) if slug else "", Field.OPERATING_SYSTEM in wrong),
        edition=_marked(facts.edition_label(slug, edition) if edition else "", Field.EDITION in wrong),
        architecture=_marked(architecture, Field.ARCHITECTURE in wrong),
        stock=_marked(_stock(values), bool(wrong & {Field.QUANTITY, Field.IN_USE})),
        key=_key(row, Field.CODE in wrong),
        also=_also(values) if row.outcome == Outcome.NEW else "",
        remarks=[Remark(_field_label(problem.field), problem.message, problem.advice) for problem in row.problems],
        notes=notes_of(row),
        changes=_changes(row),
        existing=row.existing,
    )


def notes_of(row: PreviewRow) -> list[Remark]:
    """What the row says and nothing comes of, and why, in the reader's words."""
    found = []
    for remark in row.remarks:
        said, has = (_in_words(remark.field, value, row) for value in (remark.said, remark.has))
        found.append(Remark(_field_label(remark.field), *remark.rule.told({"said": said, "has": has})))
    return found


def _in_words(field: str, value: Any, row: PreviewRow) -> str:
    """`value` of `field` as people say it, in one line; a dash where there is none."""
    name, model = (field.removeprefix("agreement_"), Agreement) if field in _OF_AGREEMENTS else (field, ProductKey)
    told = value.isoformat() if isinstance(value, date) else value
    system = str(row.values.get("operating_system") or "")
    words = next((change.before for change in in_words({name: told}, {}, system=system, model=model)), "")
    return " ".join(words.split())[:_COMMENT_SHOWN] or "–"


def _also(values: Mapping[str, Any]) -> str:
    """What a new key brings along beside what has a column: whose it is, what it was bought under, labels and so on."""
    status = values.get("status")
    found = {
        _("Scope"): values.get("scope"),
        _("Agreement"): values.get("agreement"),
        _("Labels"): ", ".join(values.get("labels") or ()),
        _("Status"): Status(status).label if status in Status.values and status != Status.ACTIVE else "",
        _("Microsoft's count"): _microsofts_count(values),
        _("Comment"): " ".join(str(values.get("comment") or "").split())[:_COMMENT_SHOWN],
    }
    return " · ".join(f"{label}: {value}" for label, value in found.items() if value)


def _microsofts_count(values: Mapping[str, Any]) -> str:
    """What Microsoft counted, and on which day."""
    used, day = values.get("microsoft_used"), values.get("microsoft_counted_on")
    if used is None:
        return ""
    return f"{_grouped(used)} ({date_format(day, 'SHORT_DATE_FORMAT')})" if day else _grouped(used)


def _marked(text: str, is_wrong: bool) -> SafeString | str:
    """What stands in a cell, with a mark where something is wrong with it."""
    return format_html('<span class="kp-mark">{}</span>', text) if text and is_wrong else text


def _architecture(value: object) -> str:
    return str(Architecture(value).label) if value in Architecture.values else ""


def _stock(values: Mapping[str, Any]) -> str:
    """In use and quantity, as "118 / 150"; empty where the row says neither."""
    in_use, quantity = values.get("in_use"), values.get("quantity")
    if quantity is None:
        return number_format(in_use, force_grouping=True) if in_use else ""
    return f"{number_format(in_use or 0, force_grouping=True)} / {number_format(quantity, force_grouping=True)}"


def _key(row: PreviewRow, is_wrong: bool) -> SafeString | str:
    if not row.shown_key:
        return "–"
    if keycode.MASK_CHARACTER not in row.shown_key:
        return badges.public_key(row.shown_key)
    if is_wrong:
        hidden = keycode.mask(row.last_five)[:-5]
        return format_html('<span class="kp-key">{}<b class="kp-mark">{}</b></span>', hidden, row.last_five)
    return badges.masked_key(row.last_five)


def _field_label(name: str) -> str:
    return str(LABELS_OF_FIELDS[Field(name)]) if name in set(Field) else ""


def _changes(row: PreviewRow) -> list[FieldChange]:
    before = {name: old for name, old, _new in row.changes}
    after = {name: new for name, _old, new in row.changes}
    return list(in_words(before, after, system=str(row.values.get("operating_system") or "")))


@dataclass(frozen=True, slots=True)
class Tab:
    """One filter of the preview, and how many rows it has."""

    label: str
    url: str
    count: str
    current: bool


def tabs(imp: Import, chosen: str) -> list[Tab]:
    """All rows, those of each outcome that there is, and those with remarks; the chosen one is there without rows."""
    address = reverse("productkeys:import", args=[imp.pk])
    counts = {outcome: imp.counts.get(outcome, 0) for outcome in Outcome.values}
    found = [Tab(_("All"), f"{address}#preview", _grouped(sum(counts.values())), not chosen)]
    for outcome in _TROUBLE_FIRST:
        if counts[outcome] or outcome == chosen:
            url = f"{address}?outcome={outcome.value}#preview"
            found.append(Tab(str(outcome.label), url, _grouped(counts[outcome]), outcome == chosen))
    if (remarked := imp.counts.get(REMARKED, 0)) or chosen == REMARKED:
        url = f"{address}?outcome={REMARKED}#preview"
        found.append(Tab(_("With remarks"), url, _grouped(remarked), chosen == REMARKED))
    return found


def ready(imp: Import) -> int:
    """How many rows storing would act on."""
    return sum(imp.counts.get(outcome, 0) for outcome in STORED)


def refused(imp: Import) -> int:
    return int(imp.counts.get(Outcome.REFUSED, 0))


def counts_of(imp: Import) -> list[tuple[str, str]]:
    """How many rows have each outcome; those without any are left out."""
    return [
        (str(outcome.label), _grouped(imp.counts[outcome])) for outcome in _TROUBLE_FIRST if imp.counts.get(outcome)
    ]


def tally(imp: Import) -> list[tuple[str, str]]:
    """What became of the rows of an import that is done, each figure with its words."""
    found = [(_grouped(count), _became(outcome, count)) for outcome in Outcome if (count := imp.counts.get(outcome, 0))]
    if count := imp.counts.get(REMARKED, 0):
        said = ngettext("of these rows was not kept as a whole", "of these rows were not kept as a whole", count)
        found.append((_grouped(count), said))
    return found


def _became(outcome: Outcome, count: int) -> str:
    match outcome:
        case Outcome.NEW:
            return ngettext("key was added", "keys were added", count)
        case Outcome.CHANGES:
            return ngettext("key was changed as the file says", "keys were changed as the file says", count)
        case Outcome.SAME:
            return ngettext("row says what the portal holds already", "rows say what the portal holds already", count)
        case Outcome.STANDARD:
            return ngettext(
                "row has a standard key of Microsoft, which is here anyway",
                "rows have standard keys of Microsoft, which are here anyway",
                count,
            )
        case Outcome.NOT_OURS:
            return ngettext(
                "row is about another product than Windows", "rows are about other products than Windows", count
            )
        case Outcome.REFUSED:
            return ngettext("row was refused and left out", "rows were refused and left out", count)


def address_of_keys(imp: Import) -> str:
    """The list of the keys that `imp` added; of the last changed ones where it added none."""
    shelf = ProductKey.objects.filter(import_uid=imp.uid).order_by("shelf").values_list("shelf", flat=True).first()
    asked: dict[str, object] = {"sort": "-changed"} if shelf is None else {import_filter.FILTER: imp.uid}
    if shelf:
        asked["status"] = Status.ARCHIVED.value
    return f"{reverse('productkeys:list')}?{urlencode(asked)}"


def is_forgotten(imp: Import, far: Progress) -> bool:
    """Whether the import waits for a worker longer than one that runs would let it wait."""
    waiting_since = imp.began_at or imp.created_at
    return not far.working and timezone.now() - waiting_since > _PATIENCE


def time_left(seconds: float | None) -> str:
    """How long it takes yet, in words; empty where nobody can say."""
    if seconds is None:
        return ""
    if seconds < 60:
        whole = max(1, round(seconds))
        return ngettext("About %(count)s second left.", "About %(count)s seconds left.", whole) % {"count": whole}
    minutes = round(seconds / 60)
    return ngettext("About %(count)s minute left.", "About %(count)s minutes left.", minutes) % {"count": minutes}


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)


def lacks_product(plan: Plan) -> bool:
    """Whether no column of the file says what its keys are for: it has to be said once for all."""
    said = {*plan.fields, *plan.defaults}
    return Field.PRODUCT not in said and Field.OPERATING_SYSTEM not in said
