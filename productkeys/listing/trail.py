"""The trail as auditors read it: which entries, one page of them, and each in words.

Pages go on by id and never count or skip; a page costs the same number of queries whatever is on it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from keyportal.people.models import User
from productkeys.forms.reveal import readable_reason
from productkeys.forms.trail import TrailForm
from productkeys.listing.changes import FieldChange, in_words
from productkeys.listing.export_words import export_in_words
from productkeys.listing.history import actor_of
from productkeys.listing.import_words import import_in_words
from productkeys.models import Agreement, ProductKey, RolloutTemplate, TrailEntry, TrailRow
from productkeys.models.trail import ABOUT_AGREEMENTS, ABOUT_TEMPLATES, Action

PAGE = 50
_LAST_FIVE = 5


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Entries, newest first; `newer` and `older` are the ids to go on from, None where nothing is there."""

    entries: Sequence[TrailEntry]
    newer: int | None = None
    older: int | None = None


@dataclass(frozen=True, slots=True)
class TrailLine:
    """An entry in words.

    `who` is empty where nobody was signed in; `key_url` is set where the reader can open the key, the agreement or the
    template.

    `is_about_person` says that the entry is about an account and not about a key or another thing.
    """

    entry: TrailEntry
    who: str
    reason: str
    changes: Sequence[FieldChange]
    key_url: str
    is_about_person: bool


def select(form: TrailForm, *, reader: User) -> QuerySet[TrailEntry]:
    """The entries that `form` asks for, newest first."""
    entries = TrailEntry.objects.all()
    asked = form.cleaned_data
    if person := asked.get("person"):
        entries = entries.filter(Q(actor_uid=person.uid) | Q(subject_uid=person.uid))
    if text := asked.get("key"):
        entries = entries.filter(_about_key(text, reader))
    if kind := asked.get("kind"):
        entries = entries.filter(action=kind)
    if form.begin:
        entries = entries.filter(at__gte=form.begin)
    if form.end:
        entries = entries.filter(at__lt=form.end)
    return entries.order_by("-id")


def page_of(entries: QuerySet[TrailEntry], *, before: int | None = None, after: int | None = None) -> TrailPage:
    """The entries older than the id `before`, or newer than `after`, or the newest."""
    if after is not None:
        found = list(entries.filter(id__gt=after).order_by("id")[: PAGE + 1])
        if len(found) > PAGE:
            rows = found[:PAGE][::-1]
            return TrailPage(rows, newer=rows[0].pk, older=rows[-1].pk)
        before = None  # that is the first page
    found = list(entries.filter(id__lt=before)[: PAGE + 1] if before is not None else entries[: PAGE + 1])
    rows = found[:PAGE]
    return TrailPage(
        rows,
        newer=rows[0].pk if rows and before is not None else None,
        older=rows[-1].pk if len(found) > PAGE else None,
    )


def rows_of(entries: Iterable[TrailEntry], *, reader: User) -> list[TrailLine]:
    """`entries` in words, with links to what `reader` may open."""
    entries = list(entries)
    subjects = {entry.subject_uid for entry in entries if entry.subject_uid}
    visible = ProductKey.objects.visible_to(reader).filter(uid__in=subjects)
    links: dict[UUID | None, str] = {
        uid: reverse("productkeys:detail", args=[pk]) for uid, pk in visible.values_list("uid", "pk")
    }
    papers = Agreement.objects.visible_to(reader).filter(uid__in=subjects)
    links |= {uid: reverse("productkeys:agreement", args=[pk]) for uid, pk in papers.values_list("uid", "pk")}
    templates = RolloutTemplate.objects.visible_to(reader).filter(uid__in=subjects)
    links |= {uid: reverse("productkeys:rollout-template", args=[pk]) for uid, pk in templates.values_list("uid", "pk")}
    people = set(User.objects.filter(uid__in=subjects).values_list("uid", flat=True))
    return [
        TrailLine(
            entry=entry,
            who=actor_of(entry),
            reason=readable_reason(entry.reason),
            changes=_changes(entry, is_person=entry.subject_uid in people),
            key_url=links.get(entry.subject_uid, ""),
            is_about_person=entry.subject_uid in people,
        )
        for entry in entries
    ]


def _about_key(text: str, reader: User) -> Q:
    """Entries about the keys called `text`, those about many keys among them; also of keys that are deleted by now."""
    called = _keys_called(text, reader)
    once_called = TrailEntry.objects.filter(subject_name=text, subject_uid__isnull=False).order_by()
    rows = TrailRow.objects.filter(Q(subject_uid__in=called) | Q(subject_uid__in=once_called.values("subject_uid")))
    return Q(subject_uid__in=called) | Q(subject_name=text) | Q(uid__in=rows.order_by().values("entry_uid"))


def _keys_called(text: str, reader: User) -> QuerySet[ProductKey, UUID]:
    called = Q(name__iexact=text)
    if len(text) == _LAST_FIVE:
        called |= Q(last_five=text.upper())
    uids: QuerySet[ProductKey, UUID] = ProductKey.objects.visible_to(reader).filter(called).values("uid")
    return uids


def _changes(entry: TrailEntry, *, is_person: bool) -> list[FieldChange]:
    if entry.action == Action.EXPORTED:
        return [FieldChange(_filter_label(name), "", _filter_value(name, value)) for name, value in entry.after.items()]
    if entry.action in (Action.IMPORTED, Action.IMPORT_UNDONE):
        return list(import_in_words(entry.after))
    if entry.action == Action.KEYS_EXPORTED:
        return list(export_in_words(entry.after))
    if entry.action == Action.PRUNED and "sequence" in entry.after:
        return [FieldChange(_("Removed, from before"), "", entry.after["before"])]
    model: type[User | Agreement | RolloutTemplate | ProductKey] = ProductKey
    if is_person:
        model = User
    elif entry.action in ABOUT_AGREEMENTS:
        model = Agreement
    elif entry.action in ABOUT_TEMPLATES:
        model = RolloutTemplate
    return list(in_words(entry.before, entry.after, model=model))


def _filter_label(name: str) -> str:
    label: str | Promise | None = _("Format") if name == "format" else TrailForm.base_fields[name].label
    return str(label)


def _filter_value(name: str, value: str) -> str:
    return str(Action(value).label) if name == "kind" else value
