"""What the acts on several keys are called, and what the preview of each says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from productkeys.forms.bulk import Act
from productkeys.listing.bulk_preview import Preview
from productkeys.listing.template_use import consequences_of, what_breaks
from productkeys.services.bulk_edit import Step
from productkeys.views import effects
from productkeys.views.effects import counted

if TYPE_CHECKING:
    from keyportal.people.models import User


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one act: most of them by the number of keys; `effects` takes the keys that would change."""

    icon: str
    title: Callable[[int], str]
    would: Callable[[int], str]
    button: Callable[[int], str]
    done: Callable[[int], str]
    effects: Callable[[Sequence[Step]], list[str]]
    final: bool = False


@dataclass(frozen=True, slots=True)
class PreviewWords:
    """What stands around the rows of a preview; `choice` and `outcome` are about the keys that are refused."""

    heading: str
    effects: Sequence[str]
    button: str
    choice: str
    outcome: str

    @classmethod
    def of(cls, act: Act, preview: Preview, *, reader: "User") -> "PreviewWords":
        words, refused = WORDS[act], preview.refused
        broken: Sequence[str] = ()
        if act in (Act.ARCHIVE, Act.COMPROMISE, Act.DELETE):
            broken = what_breaks((step.key for step in preview.accepted), reader)
        elif act is Act.EDIT:
            broken = consequences_of(((step.key, step.after) for step in preview.accepted), reader).sentences
        would = counted(words.would(preview.count), preview.count)
        stay = ngettext("%(count)s key would stay as it is", "%(count)s keys would stay as they are", refused)
        choice = ngettext("Leave the refused key as it is", "Leave the %(count)s refused keys as they are", refused)
        return cls(
            heading=would if preview.count else _("Nothing would change"),
            effects=[*broken, *words.effects(preview.accepted)],
            button=counted(words.button(preview.count), preview.count),
            choice=counted(choice, refused),
            outcome=_("Ticked: %(would)s, %(stay)s. Not ticked: all or nothing, so nothing happens.")
            % {"would": would, "stay": counted(stay, refused)},
        )


WORDS: dict[Act, Words] = {
    Act.EDIT: Words(
        icon="pencil",
        title=lambda count: ngettext("Edit one key", "Edit several keys", count),
        would=lambda count: ngettext("%(count)s key would change", "%(count)s keys would change", count),
        button=lambda count: ngettext("Change %(count)s key", "Change %(count)s keys", count),
        done=lambda count: ngettext("%(count)s key is changed.", "%(count)s keys are changed.", count),
        effects=effects.of_editing,
    ),
    Act.ARCHIVE: Words(
        icon="archive",
        title=lambda count: ngettext("Archive one key", "Archive several keys", count),
        would=lambda count: ngettext("%(count)s key would be archived", "%(count)s keys would be archived", count),
        button=lambda count: ngettext("Archive %(count)s key", "Archive %(count)s keys", count),
        done=lambda count: ngettext("%(count)s key is in the archive.", "%(count)s keys are in the archive.", count),
        effects=effects.of_archiving,
    ),
    Act.RESTORE: Words(
        icon="restore",
        title=lambda count: ngettext("Restore one key", "Restore several keys", count),
        would=lambda count: ngettext("%(count)s key would be restored", "%(count)s keys would be restored", count),
        button=lambda count: ngettext("Restore %(count)s key", "Restore %(count)s keys", count),
        done=lambda count: ngettext("%(count)s key is restored.", "%(count)s keys are restored.", count),
        effects=effects.of_restoring,
    ),
    Act.COMPROMISE: Words(
        icon="warn",
        title=lambda count: ngettext("Mark one key as compromised", "Mark several keys as compromised", count),
        would=lambda count: ngettext(
            "%(count)s key would be marked as compromised", "%(count)s keys would be marked as compromised", count
        ),
        button=lambda count: ngettext("Mark %(count)s key as compromised", "Mark %(count)s keys as compromised", count),
        done=lambda count: ngettext(
            "%(count)s key is marked as compromised.", "%(count)s keys are marked as compromised.", count
        ),
        effects=effects.of_compromising,
    ),
    Act.DELETE: Words(
        icon="trash",
        title=lambda count: ngettext("Delete one key for good", "Delete several keys for good", count),
        would=lambda count: ngettext("%(count)s key would be deleted", "%(count)s keys would be deleted", count),
        button=lambda count: ngettext("Delete %(count)s key for good", "Delete %(count)s keys for good", count),
        done=lambda count: ngettext("%(count)s key is deleted.", "%(count)s keys are deleted.", count),
        effects=effects.of_deleting,
        final=True,
    ),
}
