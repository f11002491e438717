"""What the acts on several keys are called, and where it is said what each would bring about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext

from productkeys.forms.bulk import Act
from productkeys.services.bulk_edit import Step
from productkeys.views import effects


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one act. `button` and `done` take the number of keys; `effects` the keys that would change."""

    title: str | Promise
    icon: str
    button: Callable[[int], str]
    done: Callable[[int], str]
    effects: Callable[[Sequence[Step]], list[str]]
    final: bool = False


WORDS: dict[Act, Words] = {
    Act.EDIT: Words(
        title=gettext_lazy("Edit several keys"),
        icon="pencil",
        button=lambda count: ngettext("Change %(count)d key", "Change %(count)d keys", count),
        done=lambda count: ngettext("%(count)d key is changed.", "%(count)d keys are changed.", count),
        effects=effects.of_editing,
    ),
    Act.ARCHIVE: Words(
        title=gettext_lazy("Archive several keys"),
        icon="archive",
        button=lambda count: ngettext("Archive %(count)d key", "Archive %(count)d keys", count),
        done=lambda count: ngettext("%(count)d key is in the archive.", "%(count)d keys are in the archive.", count),
        effects=effects.of_archiving,
    ),
    Act.RESTORE: Words(
        title=gettext_lazy("Restore several keys"),
        icon="restore",
        button=lambda count: ngettext("Restore %(count)d key", "Restore %(count)d keys", count),
        done=lambda count: ngettext("%(count)d key is restored.", "%(count)d keys are restored.", count),
        effects=effects.of_restoring,
    ),
    Act.COMPROMISE: Words(
        title=gettext_lazy("Mark several keys as compromised"),
        icon="warn",
        button=lambda count: ngettext("Mark %(count)d key as compromised", "Mark %(count)d keys as compromised", count),
        done=lambda count: ngettext(
            "%(count)d key is marked as compromised.", "%(count)d keys are marked as compromised.", count
        ),
        effects=effects.of_compromising,
    ),
    Act.DELETE: Words(
        title=gettext_lazy("Delete several keys for good"),
        icon="trash",
        button=lambda count: ngettext("Delete %(count)d key for good", "Delete %(count)d keys for good", count),
        done=lambda count: ngettext("%(count)d key is deleted.", "%(count)d keys are deleted.", count),
        effects=effects.of_deleting,
        final=True,
    ),
}
