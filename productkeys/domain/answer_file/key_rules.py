"""What can be found about the keys in a file: what is wrong, what to do, where the rule comes from.

`checking.py` decides what a file is told; `structure_rules.py` has what is wrong with the file itself. What is certain
is an error; what depends on something that the file does not say is a warning.
"""

from functools import partial

from django.utils.translation import gettext_lazy as _

from productkeys.domain.answer_file.findings import SEEN, FileRule, Severity
from productkeys.domain.matching.reasons import COMMON_KNOWLEDGE
from productkeys.domain.rulebook import FORMAT

_REFERENCE = "Microsoft Learn: Unattended Windows Setup Reference"
_SETUP_KEY = f"{_REFERENCE}, Microsoft-Windows-Setup, UserData, ProductKey, Key"
SHELL_SETUP = f"{_REFERENCE}, Microsoft-Windows-Shell-Setup, ProductKey"
_IMAGE = f"{_REFERENCE}, Microsoft-Windows-Setup, ImageInstall, OSImage, InstallFrom, MetaData"
_SKIP_ACTIVATION = f"{_REFERENCE}, Microsoft-Windows-Security-SPP-UX, SkipAutoActivation"
_KMS = "Microsoft Learn: Key Management Services (KMS) client activation and product keys"
_NO_IMAGE = "Microsoft Support 2796988: the product key does not match any of the images"
_ESU = "Microsoft Learn: Extended Security Updates (ESU), product key"
_MEDIA = "Microsoft Learn: Windows Setup Edition Configuration and Product ID Files (EI.cfg and PID.txt)"
_MDT = "Microsoft Learn: Microsoft Deployment Toolkit, properties of CustomSettings.ini"
_PORTAL = "KeyPortal"

_error = partial(FileRule, severity=Severity.ERROR)
_warning = partial(FileRule, severity=Severity.WARNING)
_info = partial(FileRule, severity=Severity.INFO)

# The value of a place.

EMPTY_IN_SHELL_SETUP = _error(
    "empty_in_shell_setup",
    "key",
    _("The product key is empty, and an empty element is not allowed here."),
    _("Remove the element, or put a key into it."),
    SHELL_SETUP,
)
EMPTY_IN_WINDOWS_PE = _warning(
    "empty_in_windowspe",
    "key",
    _("The product key is empty. Microsoft does not allow that, though many such files work."),
    _("Remove the element, or put the key of the edition into it."),
    _SETUP_KEY,
)
EMPTY = _warning(
    "empty",
    "key",
    _("The product key is empty."),
    _("Remove the line, or put a key into it."),
    SEEN,
)
PLACEHOLDER = _warning(
    "placeholder",
    "key",
    _("This is a placeholder, not a product key."),
    _("Make sure that something replaces it before Windows Setup reads the file, or leave the key out."),
    SEEN,
)
REDACTED = _warning(
    "redacted",
    "key",
    _("Somebody took the product key out here before passing the file on."),
    _("Put the key in again before you use the file."),
    SEEN,
)
MALFORMED = _error(
    "malformed",
    "key",
    _("This is no product key. %(why)s"),
    _("Write five groups of five characters, joined by dashes. An invalid key makes Windows Setup fail."),
    _SETUP_KEY,
)
MORE_THAN_A_KEY = _error(
    "more_than_a_key",
    "key",
    _("More than the product key stands here."),
    _("Leave nothing but the key, five groups of five characters, joined by dashes."),
    _SETUP_KEY,
)
NOT_AS_ISSUED = _warning(
    "not_as_issued",
    "key",
    _("The product key is not written as Windows expects it."),
    _("Write capital letters, five groups joined by dashes, without blanks or line breaks around them."),
    _SETUP_KEY,
)
TYPING_ERROR = _warning(
    "typing_error",
    "key",
    _("Possible typing error: the check digits of this product key do not fit the rest of it."),
    _("Compare the key with its source, character by character."),
    FORMAT,
)

# The kind of key at its place.

MAK_IN_WINDOWS_PE = _error(
    "mak_in_windowspe",
    "key",
    _("“%(name)s” is a MAK and stands in the pass windowsPE. A MAK is for activation only: the rollout fails."),
    _(
        "Move it to the pass specialize, Microsoft-Windows-Shell-Setup, ProductKey. Put the GVLK of the edition here, "
        "or nothing where InstallFrom chooses the image. An image that DISM applies never runs windowsPE."
    ),
    SHELL_SETUP,
)
UNKNOWN_IN_WINDOWS_PE = _warning(
    "unknown_in_windowspe",
    "key",
    _("The portal does not know this product key. If this is a MAK, the rollout fails."),
    _(
        "Add the key to the portal, so that this can be told. A MAK belongs into the pass specialize; here belongs the "
        "GVLK of the edition."
    ),
    SHELL_SETUP,
)
KMS_HOST_KEY = _error(
    "kms_host_key",
    "key",
    _("“%(name)s” is a KMS host key and never belongs on a machine that is rolled out."),
    _("Use the GVLK of the edition: KMS clients carry that one."),
    _KMS,
)
ESU_KEY = _error(
    "esu_key",
    "key",
    _("“%(name)s” is an ESU key: an add-on for a Windows that is installed and activated already."),
    _("Take it out, and install it with slmgr /ipk after the rollout."),
    _ESU,
)
OEM_KEY = _warning(
    "oem_key",
    "key",
    _("“%(name)s” is an OEM key: it belongs to one device, and an answer file serves many."),
    _("Use a volume licence key, or leave the key out: Windows Setup finds the one in the firmware."),
    _NO_IMAGE,
)
GVLK_FOR_MAK = _warning(
    "gvlk_for_mak",
    "key",
    _("A MAK is meant here, and “%(name)s” is a GVLK, which activates by KMS only."),
    _("Put the MAK here, or correct what says that it is one."),
    _KMS,
)
MAK_FOR_GVLK = _warning(
    "mak_for_gvlk",
    "key",
    _("A GVLK is meant here, and “%(name)s” is a MAK: the machine will not be a KMS client."),
    _("Put the GVLK of the edition here, or take out what sets it up for KMS."),
    _KMS,
)
RETAIL_NOT_ACTIVATED = _warning(
    "retail_not_activated",
    "key",
    _("“%(name)s” is a retail key, and SkipAutoActivation keeps Windows from activating with it."),
    _("Take SkipAutoActivation out, or activate later with slmgr /ato."),
    _SKIP_ACTIVATION,
)
ONLY_IN_WINDOWS_PE = _info(
    "only_in_windowspe",
    "key",
    _("The product key stands in the pass windowsPE only; the first start may ask for a key."),
    _("Put the key for activation into specialize, Microsoft-Windows-Shell-Setup, ProductKey, where that happens."),
    SHELL_SETUP,
)

# The key and the image.

OTHER_SYSTEM = _error(
    "other_system",
    "key",
    _("The key is that of %(key)s. The file installs %(image)s."),
    _("Put the key of the edition here that is installed."),
    _NO_IMAGE,
)
OTHER_EDITION = _error(
    "other_edition",
    "key",
    _("The key is that of %(key)s, another edition. The file installs %(image)s."),
    _("Put the key of the edition here that is installed."),
    _NO_IMAGE,
)
EDITION_CHANGES = _warning(
    "edition_changes",
    "key",
    _("The key is that of %(key)s. The file installs %(image)s, and Windows changes its edition with this key."),
    _("Install the edition that you want, or keep the key if the change is meant."),
    SHELL_SETUP,
)
EVALUATION = _warning(
    "evaluation_takes_none",
    "key",
    _("The key is that of %(key)s. The file installs %(image)s, an evaluation, which is installed without a key."),
    _("Leave the key out, and change the edition afterwards where Microsoft supports that."),
    COMMON_KNOWLEDGE,
)
MADE_FOR_OTHER = _warning(
    "made_for_other",
    "key",
    _("The key is that of %(key)s. The file was made for %(image)s."),
    _("Make sure that the file and the key belong to the image that is rolled out."),
    _IMAGE,
)
OTHER_ARCHITECTURE = _warning(
    "other_architecture",
    "key",
    _("“%(name)s” is kept for %(architecture)s in the portal, and this component is for another architecture."),
    _("Choose a key that is kept for this architecture."),
    _PORTAL,
)

# Several places.

ARCHITECTURES_CONTRADICT = _warning(
    "architectures_contradict",
    "key",
    _("The components for several architectures hold different product keys."),
    _("Put the same key into each of them, unless they are meant to differ."),
    SEEN,
)
REPEATED_DIFFERENTLY = _warning(
    "repeated_differently",
    "key",
    _("The same place occurs more than once in this file, with different product keys."),
    _("Keep one of them: which one Windows takes is not documented."),
    SEEN,
)
PASSES_DIFFER = _warning(
    "passes_differ",
    "key",
    _("windowsPE and specialize hold different published keys, of %(key)s and %(other)s."),
    _(
        "Put the same key at both places, unless the change is meant. The one in specialize takes precedence, says "
        "Microsoft of Windows Embedded Standard 7."
    ),
    SHELL_SETUP,
)
UNKNOWN_PASSES_DIFFER = _info(
    "unknown_passes_differ",
    "key",
    _("windowsPE and specialize hold different product keys."),
    _("That is allowed: the first chooses the edition, the second activates. Check that both are meant."),
    SHELL_SETUP,
)

# The entry in the portal.

ARCHIVED = _warning(
    "archived",
    "key",
    _("“%(name)s” is archived in the portal."),
    _("Choose a key that is in use."),
    _PORTAL,
)
COMPROMISED = _warning(
    "compromised",
    "key",
    _("“%(name)s” is marked as compromised in the portal."),
    _("Replace it in this file and wherever else it stands."),
    _PORTAL,
)
USED_UP = _warning(
    "used_up",
    "key",
    _("“%(name)s” has no activations left, as the portal counts them."),
    _("Choose another key, or compare the number with Microsoft's."),
    _PORTAL,
)
OTHER_USAGE = _warning(
    "other_usage",
    "key",
    _("“%(name)s” is kept for “%(usage)s” in the portal, and this place is not that."),
    _("Choose a key that is kept for this use, or change what it is used for in the portal."),
    _PORTAL,
)

# Keys at other places.

IN_COMMENT = _warning(
    "in_comment",
    "elsewhere",
    _("A product key stands in a comment. Who gets the file can read it, and a rewrite leaves it there."),
    _("Take it out before you pass the file on."),
    SEEN,
)
IN_SCRIPT = _warning(
    "in_script",
    "elsewhere",
    _("A product key stands in a command or script. A rewrite of the file leaves it there."),
    _("Change it there as well, or take it out."),
    SEEN,
)
IN_OTHER_PLACE = _warning(
    "in_other_place",
    "elsewhere",
    _("A product key stands at a place that Windows does not read as one. A rewrite of the file leaves it there."),
    _("Take it out before you pass the file on."),
    SEEN,
)
PUBLISHED_ELSEWHERE = _info(
    "published_elsewhere",
    "elsewhere",
    _("A key that Microsoft published stands in a comment, a script or a text. A rewrite of the file leaves it there."),
    _("Change it there as well if the file is to install something else."),
    SEEN,
)

# Other files.

PID_INSTALLS = _error(
    "pid_installs",
    "key",
    _("“%(name)s” is a MAK, and PID.txt only installs: it does not activate, and the rollout fails."),
    _("Put the GVLK of the edition here, and the MAK into the answer file, pass specialize."),
    _MEDIA,
)
PID_IGNORED = _info(
    "pid_ignored",
    "file",
    _("Windows Setup ignores this file where it has an answer file."),
    _("Put the key into the answer file if there is one."),
    _MEDIA,
)
MAK_AS_PRODUCT_KEY = _warning(
    "mak_as_product_key",
    "key",
    _("“%(name)s” is a MAK, and ProductKey also installs with it."),
    _("Write OverrideProductKey for a MAK: it is applied after Windows has been set up."),
    _MDT,
)

KEY_RULES: tuple[FileRule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, FileRule))
"""All of them in the order of this module."""
