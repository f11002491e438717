"""What the acts on several keys are called, and what each would bring about, said before it is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from productkeys.forms.bulk import Act
from productkeys.services.bulk_edit import Step


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one act. `button` and `done` take the number of keys; `effects` the keys that would change."""

    title: str | Promise
    icon: str
    button: Callable[[int], str]
    done: Callable[[int], str]
    effects: Callable[[Sequence[Step]], list[str]]
    final: bool = False


def _nothing_more(steps: Sequence[Step]) -> list[str]:
    return []


def _effects_of_archiving(steps: Sequence[Step]) -> list[str]:
    return [
        _("The keys leave the list and stand in the archive from then on."),
        *_in_use(steps),
        _("Nothing is lost: they can be restored at any time."),
    ]


def _effects_of_restoring(steps: Sequence[Step]) -> list[str]:
    return [
        _("The keys stand in the list again, with all they had. The mark “compromised” goes away where there is one.")
    ]


def _effects_of_compromising(steps: Sequence[Step]) -> list[str]:
    return [
        _("The keys stay in the list, and everybody sees that they must not be used any more."),
        *_in_use(steps),
        _("The portal cannot block them: ask Microsoft for new keys, and replace these wherever they are used."),
    ]


def _effects_of_deleting(steps: Sequence[Step]) -> list[str]:
    return [
        _("The keys are gone for good. Nobody can bring them back, and the portal cannot reveal them any more."),
        *_in_use(steps),
        _("The trail stays: it goes on saying who added, changed and revealed them."),
        _("If you only want them out of the way, archive them instead."),
    ]


def _in_use(steps: Sequence[Step]) -> list[str]:
    count = sum(step.key.in_use for step in steps)
    text = ngettext(
        "%(count)d use is counted on them; the device stays activated.",
        "%(count)d uses are counted on them; the devices stay activated.",
        count,
    )
    return [text % {"count": count}] if count else []


WORDS: dict[Act, Words] = {
    Act.EDIT: Words(
        title=gettext_lazy("Edit several keys"),
        icon="pencil",
        button=lambda count: ngettext("Change %(count)d key", "Change %(count)d keys", count),
        done=lambda count: ngettext("%(count)d key is changed.", "%(count)d keys are changed.", count),
        effects=_nothing_more,
    ),
    Act.ARCHIVE: Words(
        title=gettext_lazy("Archive several keys"),
        icon="archive",
        button=lambda count: ngettext("Archive %(count)d key", "Archive %(count)d keys", count),
        done=lambda count: ngettext("%(count)d key is in the archive.", "%(count)d keys are in the archive.", count),
        effects=_effects_of_archiving,
    ),
    Act.RESTORE: Words(
        title=gettext_lazy("Restore several keys"),
        icon="restore",
        button=lambda count: ngettext("Restore %(count)d key", "Restore %(count)d keys", count),
        done=lambda count: ngettext("%(count)d key is active again.", "%(count)d keys are active again.", count),
        effects=_effects_of_restoring,
    ),
    Act.COMPROMISE: Words(
        title=gettext_lazy("Mark several keys as compromised"),
        icon="warn",
        button=lambda count: ngettext("Mark %(count)d key as compromised", "Mark %(count)d keys as compromised", count),
        done=lambda count: ngettext(
            "%(count)d key is marked as compromised.", "%(count)d keys are marked as compromised.", count
        ),
        effects=_effects_of_compromising,
    ),
    Act.DELETE: Words(
        title=gettext_lazy("Delete several keys for good"),
        icon="trash",
        button=lambda count: ngettext("Delete %(count)d key for good", "Delete %(count)d keys for good", count),
        done=lambda count: ngettext("%(count)d key is deleted.", "%(count)d keys are deleted.", count),
        effects=_effects_of_deleting,
        final=True,
    ),
}
