"""What a key may be used for, as cards to choose from: what is not possible is shown, locked, with its reason."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.domain import rulebook, rules
from productkeys.domain.choices import KeyType, Usage


@dataclass(frozen=True, slots=True)
class UsageCard:
    """One use to choose. `element_id` is what rollout.css makes the rollout picture follow."""

    usage: Usage
    element_id: str
    text: str | Promise
    chosen: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class UsageLock:
    """Why keys of a type are for activation only: a word on the card, and the rule below the cards."""

    word: str | Promise
    rule: str | Promise
    consequence: str | Promise


_TEXTS: dict[str, tuple[str, str | Promise]] = {
    Usage.INSTALLATION: ("usage-i", _("Selects the image in Setup.")),
    Usage.ACTIVATION: ("usage-a", _("Activates the finished Windows.")),
    Usage.BOTH: ("usage-b", _("Stands in both places.")),
}
_LOCKS = {
    KeyType.MAK.value: UsageLock(
        _("Not with a MAK"),
        rulebook.MAK_ACTIVATION_ONLY.message,
        _("Used for installation, it makes the rollout fail."),
    ),
    KeyType.KMS_HOST.value: UsageLock(
        _("Not with a KMS host key"),
        rulebook.KMS_HOST_ACTIVATION_ONLY.message,
        _("It activates the KMS host itself and never belongs on a client."),
    ),
    KeyType.ESU.value: UsageLock(
        _("Not with an ESU key"),
        rulebook.ESU_ACTIVATION_ONLY.message,
        _("It is added to a Windows that is installed and activated already."),
    ),
}


def lock_of(key_type: str) -> UsageLock | None:
    """Why keys of this type are for activation only; None where they are not."""
    return _LOCKS.get(key_type)


def cards_of(chosen: str, key_type: str) -> list[UsageCard]:
    """All uses; one that the type does not allow is locked and never the chosen one."""
    allowed = rules.allowed_usages(key_type)
    if chosen not in allowed and len(allowed) == 1:
        chosen = allowed[0]
    return [
        UsageCard(usage, *_TEXTS[usage], chosen=usage == chosen, locked=usage not in allowed)
        for usage in (Usage.INSTALLATION, Usage.ACTIVATION, Usage.BOTH)
    ]
