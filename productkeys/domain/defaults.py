"""What a new key is filled in with where nobody says otherwise: in the wizard, in the admin, in an import."""

from productkeys.domain.choices import KeyType, Usage
from productkeys.domain.rules import ACTIVATION_ONLY_TYPES

_QUANTITIES = {KeyType.RETAIL.value: 1, KeyType.OEM.value: 1, KeyType.KMS_HOST.value: 6}


def default_usage(key_type: str) -> str:
    """The only possible use, or the one that serves the whole rollout."""
    only_activates = key_type in ACTIVATION_ONLY_TYPES or key_type == KeyType.AVMA
    return (Usage.ACTIVATION if only_activates else Usage.BOTH).value


def default_quantity(key_type: str) -> int | None:
    """How many activations a key of this type usually allows; None where there is no usual number."""
    return _QUANTITIES.get(key_type)
