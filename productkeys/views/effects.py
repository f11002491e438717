"""What an act would bring about, in sentences, before it is done: to one key or to several."""

from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import ngettext

from productkeys.domain.choices import KeyType, Status
from productkeys.services.bulk_edit import Step


def counted(text: str, count: int) -> str:
    """`text`, which may name a `count`, with the number as people write it."""
    return text % {"count": number_format(count, force_grouping=True)}


def of_editing(steps: Sequence[Step]) -> list[str]:
    """Nothing: before and after stand side by side."""
    return []


def of_archiving(steps: Sequence[Step]) -> list[str]:
    return [
        ngettext(
            "The key leaves the list and stands in the archive from then on.",
            "The keys leave the list and stand in the archive from then on.",
            len(steps),
        ),
        *_in_use(steps),
        ngettext(
            "Nothing is lost: the key can be restored at any time.",
            "Nothing is lost: the keys can be restored at any time.",
            len(steps),
        ),
    ]


def of_restoring(steps: Sequence[Step]) -> list[str]:
    """An archived key becomes what it was; one that is marked as compromised in the list loses the mark."""
    archived = [step for step in steps if step.key.status == Status.ARCHIVED]
    leaked = sum(step.after["status"] == Status.COMPROMISED for step in archived)
    unmarked = sum(step.key.status == Status.COMPROMISED for step in steps)
    found = []
    if archived:
        text = ngettext(
            "The key stands in the list again, with all it had.",
            "The keys stand in the list again, with all they had.",
            len(archived),
        )
        found.append(text)
    if leaked:
        text = ngettext(
            "It was marked as compromised before it was archived, and will be so again.",
            "Keys that will be marked as compromised again, as they were before they were archived: %(count)s.",
            len(steps),
        )
        found.append(counted(text, leaked))
    if unmarked:
        text = ngettext(
            "The mark “compromised” goes away. Restore the key only if it did not leak after all.",
            "Keys that lose the mark “compromised”: %(count)s. Restore them only if they did not leak after all.",
            len(steps),
        )
        found.append(counted(text, unmarked))
    return found


def of_compromising(steps: Sequence[Step]) -> list[str]:
    return [
        ngettext(
            "The key stays in the list, and everybody sees that it must not be used any more.",
            "The keys stay in the list, and everybody sees that they must not be used any more.",
            len(steps),
        ),
        *_in_use(steps),
        ngettext(
            "The portal cannot block it: ask Microsoft for a new key, and replace this one wherever it is used.",
            "The portal cannot block them: ask Microsoft for new keys, and replace these wherever they are used.",
            len(steps),
        ),
    ]


def of_deleting(steps: Sequence[Step]) -> list[str]:
    return [
        ngettext(
            "The key is gone for good. Nobody can bring it back, and the portal cannot reveal it any more.",
            "The keys are gone for good. Nobody can bring them back, and the portal cannot reveal them any more.",
            len(steps),
        ),
        *_in_use(steps),
        ngettext(
            "The trail stays: it goes on saying who added, changed and revealed the key.",
            "The trail stays: it goes on saying who added, changed and revealed the keys.",
            len(steps),
        ),
        ngettext(
            "If you only want it out of the way, archive it instead.",
            "If you only want them out of the way, archive them instead.",
            len(steps),
        ),
    ]


def _in_use(steps: Sequence[Step]) -> list[str]:
    hosts = sum(step.key.in_use for step in steps if step.key.key_type == KeyType.KMS_HOST)
    uses = sum(step.key.in_use for step in steps) - hosts
    found = []
    if uses:
        text = ngettext(
            "%(count)s use is counted; the device stays activated.",
            "%(count)s uses are counted; the devices stay activated.",
            uses,
        )
        found.append(counted(text, uses))
    if hosts:
        text = ngettext("%(count)s KMS host stays activated.", "%(count)s KMS hosts stay activated.", hosts)
        found.append(counted(text, hosts))
    return found
