"""The rules of product keys as texts: what is wrong, what to do, and where the rule comes from.

`rules.py` decides which of them a declaration breaks; forms and the handbook show them.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from productkeys.domain import keycode
from productkeys.domain.rule import Problem, Rule

__all__ = ["KEY_FORMAT_RULES", "RULES", "Problem", "Rule"]

_LEARN_KMS = "Microsoft Learn: Key Management Services (KMS) client activation and product keys"
_LEARN_SHELL_SETUP = "Microsoft Learn: Unattended Windows Setup Reference, Microsoft-Windows-Shell-Setup, ProductKey"
_LEARN_AVMA = "Microsoft Learn: Automatic Virtual Machine Activation in Windows Server"
_LEARN_ESU = "Microsoft Learn: Extended Security Updates (ESU), product key"
_VOLUME_KEYS = "Microsoft Volume Licensing: Frequently asked questions about Volume License keys"
_ACMP = "ACMP manual: OS Deployment, product keys"
FORMAT = "Format and check digits of the 25-character product key"
EDITIONS = "KeyPortal reference data: editions of operating systems"


TYPE_UNKNOWN = Rule(
    "type_unknown",
    "key_type",
    _("The type of the key is missing or unknown."),
    _("Choose one of the types on offer."),
    _ACMP,
)
USAGE_NEEDED = Rule(
    "usage_needed",
    "usage",
    _("What the key is used for is missing or unknown."),
    _("Choose “Installation”, “Activation” or both."),
    _ACMP,
)
MAK_ACTIVATION_ONLY = Rule(
    "mak_activation_only",
    "usage",
    _("A MAK can be used for activation only."),
    _("Choose “Activation”: used for installation, a MAK makes the rollout fail."),
    _LEARN_SHELL_SETUP + "; " + _ACMP,
)
KMS_HOST_ACTIVATION_ONLY = Rule(
    "kms_host_activation_only",
    "usage",
    _("A KMS host key can be used for activation only."),
    _("Choose “Activation”: it activates the KMS host itself and never belongs on a client."),
    _LEARN_KMS,
)
ESU_ACTIVATION_ONLY = Rule(
    "esu_activation_only",
    "usage",
    _("An ESU key can be used for activation only."),
    _("Choose “Activation”: it is added to a Windows that is installed and activated already."),
    _LEARN_ESU,
)
QUANTITY_NEEDED = Rule(
    "quantity_needed",
    "quantity",
    _("A %(type)s key needs a quantity of at least 1."),
    _("The Microsoft 365 admin center or VAMT shows how many activations the key has."),
    _ACMP,
)
HOSTS_NEEDED = Rule(
    "hosts_needed",
    "quantity",
    _("A KMS host key needs a quantity of at least 1."),
    _("The quantity counts hosts; Microsoft usually allows 6 of them."),
    "Microsoft Learn: Planning for KMS activation",
)
NO_QUANTITY = Rule(
    "no_quantity",
    "quantity",
    _("A %(type)s key has no quantity: Microsoft sets no limit for it."),
    _("Leave the quantity empty."),
    _LEARN_KMS,
)
ONE_DEVICE = Rule(
    "one_device",
    "quantity",
    _("An OEM key belongs to one device."),
    _("Enter 1 as the quantity."),
    "Microsoft Learn: OEM licensing channels",
)
QUANTITY_AT_LEAST_ONE = Rule(
    "quantity_at_least_one",
    "quantity",
    _("The quantity must be at least 1."),
    _("Leave it empty where the key has no limit."),
    _ACMP,
)
QUANTITY_TOO_LARGE = Rule(
    "quantity_too_large",
    "quantity",
    _("The quantity is more than %(limit)s."),
    _("Check the figure in the Microsoft 365 admin center or VAMT."),
    "KeyPortal",
)
QUANTITY_BELOW_USE = Rule(
    "quantity_below_use",
    "quantity",
    _("The quantity is below the %(in_use)s that are in use already."),
    _("Enter at least %(in_use)s."),
    "KeyPortal",
)
HOSTS_BELOW_USE = Rule(
    "hosts_below_use",
    "quantity",
    _("This key has activated %(in_use)s KMS hosts, which is more than the quantity allows."),
    _("Microsoft sets how many it may activate: ask its activation centre for more, and enter what it allows."),
    "Microsoft Learn: KMS activation planning, operational requirements",
)
IN_USE_ON_ONE_DEVICE = Rule(
    "in_use_on_one_device",
    "in_use",
    _("An OEM key belongs to one device, so it is in use once at most."),
    _("Check the figure."),
    "Microsoft Learn: OEM licensing channels",
)
IN_USE_TOO_LARGE = Rule(
    "in_use_too_large",
    "in_use",
    _("More than %(limit)s are said to be in use."),
    _("Check the figure."),
    "KeyPortal",
)
NO_MICROSOFT_COUNT = Rule(
    "no_microsoft_count",
    "microsoft_used",
    _("Microsoft's count is kept for MAK and ESU keys."),
    _("Of a KMS host key the portal counts hosts, and Microsoft counts their activations; the others have no count."),
    _VOLUME_KEYS,
)
MICROSOFT_COUNT_RANGE = Rule(
    "microsoft_count_range",
    "microsoft_used",
    _("The number that Microsoft counts lies between 0 and %(limit)s."),
    _("Enter it as the Microsoft 365 admin center or VAMT shows it; it may be more than the quantity."),
    _VOLUME_KEYS,
)
COUNTED_IN_FUTURE = Rule(
    "counted_in_future",
    "microsoft_counted_on",
    _("This day is still to come."),
    _("Enter the day on which Microsoft showed the number."),
    "KeyPortal",
)
SYSTEM_NEEDED = Rule(
    "system_needed",
    "operating_system",
    _("The operating system is missing."),
    _("Choose what the key is for."),
    _ACMP,
)
EDITION_NEEDED = Rule(
    "edition_needed",
    "edition",
    _("The edition is missing."),
    _("Choose the edition that the key was bought for; only KMS host and ESU keys serve all editions."),
    _ACMP,
)
EDITION_NOT_OFFERED = Rule(
    "edition_not_offered",
    "edition",
    _("%(system)s never had the edition %(edition)s."),
    _("Choose an edition from the list, or another operating system."),
    EDITIONS,
)
AVMA_SYSTEM = Rule(
    "avma_system",
    "operating_system",
    _("There is no AVMA key for %(system)s."),
    _("Choose the Windows Server that the virtual machine runs, or another type of key."),
    _LEARN_AVMA,
)
AVMA_EDITION = Rule(
    "avma_edition",
    "edition",
    _("There is no AVMA key for %(system)s in this edition."),
    _("Choose one of the editions on offer, or another type of key."),
    _LEARN_AVMA,
)
ESU_SYSTEM = Rule(
    "esu_system",
    "operating_system",
    _("There are no Extended Security Updates for %(system)s."),
    _("Choose the Windows that the updates were bought for, or another type of key."),
    _LEARN_ESU,
)
ARCHITECTURE_UNKNOWN = Rule(
    "architecture_unknown",
    "architecture",
    _("The architecture is missing or unknown."),
    _("Choose one of those on offer, or “any”."),
    _ACMP,
)
ARCHITECTURE_NOT_OFFERED = Rule(
    "architecture_not_offered",
    "architecture",
    _("%(system)s was not made for %(architecture)s in this edition."),
    _("Choose one of %(known)s, or “any”."),
    EDITIONS,
)
N_MISSING = Rule(
    "n_missing",
    "code",
    _("Keys for %(system)s always hold the letter N, and this one does not."),
    _("Compare it with the original, or choose the older Windows that it was made for."),
    FORMAT,
)
TYPING_ERROR = Rule(
    "typing_error",
    "code",
    _("Possible typing error: the check digits do not agree with the key."),
    _("Compare it with the original and correct it, or confirm that it is typed exactly as issued."),
    FORMAT,
)
PUBLISHED_AS_OTHER_TYPE = Rule(
    "published_as_other_type",
    "code",
    _("This is no %(declared)s key but the published %(type)s of %(name)s."),
    _("It is in the portal already: use that entry, and enter the key that you bought here."),
    _LEARN_KMS + "; " + _LEARN_AVMA,
)
PUBLISHED_CONTRADICTED = Rule(
    "published_contradicted",
    "code",
    _("This published %(type)s belongs to %(name)s, and the product or architecture chosen here is another."),
    _("Use the entry that is in the portal already."),
    _LEARN_KMS + "; " + _LEARN_AVMA,
)
PUBLISHED_ALREADY = Rule(
    "published_already",
    "code",
    _("The published %(type)s of %(name)s comes with the portal."),
    _("There is nothing to add: use that entry."),
    _LEARN_KMS + "; " + _LEARN_AVMA,
)
ALREADY_STORED = Rule(
    "already_stored",
    "code",
    _("This product key is stored already, as “%(name)s”."),
    _("Open that entry and change it there, if it needs changing."),
    "KeyPortal",
)
ALREADY_STORED_ELSEWHERE = Rule(
    "already_stored_elsewhere",
    "code",
    _("This product key cannot be added here."),
    _("Ask an administrator of the portal."),
    "KeyPortal",
)
STORED_KEY_UNREADABLE = Rule(
    "stored_key_unreadable",
    "code",
    _("The stored key cannot be read: somebody changed it past the portal."),
    _("Ask an administrator of the portal."),
    "KeyPortal",
)
STANDARD_KEY_FIXED = Rule(
    "standard_key_fixed",
    "name",
    _("A standard key stays as Microsoft published it."),
    _("Change its comment, its labels or its status; add a key of your own for anything else."),
    _LEARN_KMS,
)
STANDARD_KEY_STAYS = Rule(
    "standard_key_stays",
    "name",
    _("A standard key comes with the portal and cannot be deleted."),
    _("Archive it to take it out of the list."),
    "KeyPortal",
)
STANDARD_KEY_IS_PUBLIC = Rule(
    "standard_key_is_public",
    "name",
    _("Microsoft published this key: it is no secret, so it cannot leak."),
    _("Archive it to take it out of the list."),
    _LEARN_KMS,
)
NAME_NEEDED = Rule(
    "name_needed",
    "name",
    _("The name is missing."),
    _("Choose one by which others recognise the key."),
    "KeyPortal",
)
NAME_TOO_LONG = Rule(
    "name_too_long",
    "name",
    _("The name has more than %(limit)s characters."),
    _("Shorten it; the comment has room for more."),
    "KeyPortal",
)
COMMENT_TOO_LONG = Rule(
    "comment_too_long",
    "comment",
    _("The comment would have more than %(limit)s characters."),
    _("Shorten it, or replace it."),
    "KeyPortal",
)
KEY_IN_TEXT = Rule(
    "key_in_text",
    "comment",
    _("This text contains a product key, and everybody can read it."),
    _("Take the key out; its place is the field “Product key”."),
    "KeyPortal",
)
TEXT_CHANGES_DIRECTION = Rule(
    "text_changes_direction",
    "comment",
    _("This text holds invisible characters that change the direction of writing."),
    _("Type it anew instead of pasting it: with them, it would look like another text."),
    "Unicode Standard Annex #9: Bidirectional Algorithm",
)
TEXT_INVISIBLE = Rule(
    "text_invisible",
    "comment",
    _("Character %(place)s of this text is invisible: %(character)s."),
    _("Take it out, or type the text anew instead of pasting it: with it, two texts can look the same."),
    "Unicode Standard Annex #44: Default_Ignorable_Code_Point",
)
LABEL_TOO_LONG = Rule(
    "label_too_long",
    "labels",
    _("The label “%(label)s” has more than %(limit)s characters."),
    _("Shorten the label; the comment has room for more."),
    "KeyPortal",
)
LABEL_DIVIDED = Rule(
    "label_divided",
    "labels",
    _("The label “%(label)s” holds a comma, a semicolon or a line break."),
    _("Write it without: these stand between labels."),
    "KeyPortal",
)
TOO_MANY_LABELS = Rule(
    "too_many_labels",
    "labels",
    _("A key can have %(limit)s labels, and these are %(count)s."),
    _("Take some of them away."),
    "KeyPortal",
)
SCOPE_NOT_YOURS = Rule(
    "scope_not_yours",
    "scope",
    _("Your roles do not allow this in the chosen scope."),
    _("Choose a scope in which you keep keys, or ask an administrator of the portal."),
    "KeyPortal",
)
KEY_NOT_YOURS = Rule(
    "key_not_yours",
    "scope",
    _("Your roles do not allow this for this key."),
    _("Leave it as it is, or ask an administrator of the portal."),
    "KeyPortal",
)
SHARING_NOT_YOURS = Rule(
    "sharing_not_yours",
    "shared_with",
    _("Your roles do not allow sharing keys with further scopes."),
    _("Ask an administrator of the portal."),
    "KeyPortal",
)
AGREEMENT_UNKNOWN = Rule(
    "agreement_unknown",
    "agreement",
    _("This agreement is not there."),
    _("Choose one of those on offer, or none."),
    "KeyPortal",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All rules in the order of this module: the handbook's list is made from it."""

KEY_FORMAT_RULES: Mapping[str, Rule] = {
    code: Rule(code, "code", message, advice, FORMAT) for code, (message, advice) in keycode.MESSAGES.items()
}
"""What can be wrong with the text of a key, by the code of `keycode.KeyFormatError`."""
