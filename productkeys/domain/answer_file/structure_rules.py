"""What can be wrong with an answer file itself: that it is no XML, or that Windows finds nothing in it.

`wellformed.py` and `checking.py` decide what a file is told.
"""

from functools import partial

from django.utils.translation import gettext_lazy as _

from productkeys.domain.answer_file.findings import SEEN, FileRule, Severity

_XML = "W3C: Extensible Markup Language (XML) 1.0"
_REFERENCE = "Microsoft Learn: Unattended Windows Setup Reference"
_SETUP_KEY = f"{_REFERENCE}, Microsoft-Windows-Setup, UserData, ProductKey, Key"
_SHELL_SETUP = f"{_REFERENCE}, Microsoft-Windows-Shell-Setup, ProductKey"
_PORTAL = "KeyPortal"

_error = partial(FileRule, severity=Severity.ERROR)
_warning = partial(FileRule, severity=Severity.WARNING)
_info = partial(FileRule, severity=Severity.INFO)

# The file as XML.

NOT_OPENED = _error(
    "not_opened",
    "file",
    _("The file cannot be opened (%(detail)s)."),
    _("Check its name, and whether you may read it."),
    _PORTAL,
)
TOO_LARGE = _error(
    "too_large",
    "file",
    _("The file is too large to be read."),
    _("Check that it is an answer file: one of more than a few hundred kilobytes is unusual."),
    _PORTAL,
)
BEFORE_DECLARATION = _error(
    "before_declaration",
    "file",
    _("Something stands before the XML declaration: a comment, a text or an empty line."),
    _("Let the file begin with “<?xml”, and move a comment behind this line."),
    _XML,
)
DOCTYPE = _error(
    "doctype",
    "file",
    _("The file has a DOCTYPE. It is not read, because it can define entities that harm whoever reads them."),
    _("Remove the DOCTYPE; answer files need none."),
    _XML,
)
PREFIX_UNDEFINED = _error(
    "prefix_undefined",
    "file",
    _("A name has a prefix that is not declared."),
    _('Declare it, such as xmlns:wcm="http://schemas.microsoft.com/WMIConfig/2002/State" for “wcm:”.'),
    _XML,
)
ENTITY_UNDEFINED = _error(
    "entity_undefined",
    "file",
    _("The file refers to an entity that is not defined."),
    _("Write the character itself, or &amp; for an ampersand."),
    _XML,
)
BARE_AMPERSAND = _error(
    "bare_ampersand",
    "file",
    _("An ampersand stands by itself."),
    _("Write &amp; instead of &."),
    _XML,
)
DASHES_IN_COMMENT = _error(
    "dashes_in_comment",
    "file",
    _("Two dashes stand in a comment."),
    _("Leave one of them out: “--” is allowed only where a comment ends."),
    _XML,
)
BYTE_OF_OTHER_ENCODING = _error(
    "byte_of_other_encoding",
    "file",
    _("A character is not written in the encoding that the file declares."),
    _("Save the file as UTF-8."),
    _XML,
)
ENCODING_WRONG = _error(
    "encoding_wrong",
    "file",
    _("The encoding that the file declares is unknown or not the one in which it is written."),
    _('Save the file as UTF-8 and declare encoding="utf-8".'),
    _XML,
)
ATTRIBUTES_JOINED = _error(
    "attributes_joined",
    "file",
    _("Between two attributes there is no blank."),
    _("Put one between them."),
    _XML,
)
TAGS_CROSSED = _error(
    "tags_crossed",
    "file",
    _("An element is closed by the tag of another one."),
    _("Close every element, the inner one first. A word in angle brackets counts as an element."),
    _XML,
)
CUT_OFF = _error(
    "cut_off",
    "file",
    _("The file ends in the middle of something."),
    _("Fetch it anew: it was probably cut off when it was copied."),
    _XML,
)
MORE_THAN_ONE_ROOT = _error(
    "more_than_one_root",
    "file",
    _("Something stands behind the end of the outermost element."),
    _("Keep one element “unattend” that holds everything."),
    _XML,
)
NO_XML = _error(
    "no_xml",
    "file",
    _("The file holds no XML."),
    _("Check whether it is the right file."),
    _XML,
)
NOT_WELL_FORMED = _error(
    "not_well_formed",
    "file",
    _("The file is no well-formed XML (%(detail)s)."),
    _("Mend this line: Windows Setup reads nothing of such a file."),
    _XML,
)
TEMPLATE_NOT_RENDERED = _warning(
    "template_not_rendered",
    "file",
    _("This is a template, and no XML before it is filled in."),
    _("Check the finished file as well."),
    SEEN,
)
NOT_UTF_8 = _info(
    "not_utf_8",
    "file",
    _("The file is written in %(encoding)s."),
    _("Save it as UTF-8, which Windows Setup reads everywhere."),
    _REFERENCE,
)

# The structure of an answer file.

ROOT_WRONG = _error(
    "root_wrong",
    "structure",
    _("The outermost element is “%(name)s”."),
    _("Name it “unattend”, with the namespace urn:schemas-microsoft-com:unattend."),
    _REFERENCE,
)
NAMESPACE_MISSING = _warning(
    "namespace_missing",
    "structure",
    _("The outermost element has no namespace."),
    _('Write xmlns="urn:schemas-microsoft-com:unattend" into its tag.'),
    _REFERENCE,
)
NAMESPACE_WRONG = _warning(
    "namespace_wrong",
    "structure",
    _("The namespace of the outermost element is not that of answer files."),
    _('Write xmlns="urn:schemas-microsoft-com:unattend" into its tag.'),
    _REFERENCE,
)
PASS_UNKNOWN = _info(
    "pass_unknown",
    "structure",
    _("Windows has no configuration pass “%(name)s”: nothing in it is applied."),
    _("Remove what is not needed. A product key in it stays readable for everybody who gets the file."),
    _REFERENCE,
)
PLACE_UNREAD = _warning(
    "place_unread",
    "structure",
    _("Windows reads no product key at this place."),
    _(
        "The key that chooses the edition belongs into the pass windowsPE, component Microsoft-Windows-Setup, "
        "UserData/ProductKey/Key; the one that activates into specialize, Microsoft-Windows-Shell-Setup, ProductKey."
    ),
    _REFERENCE,
)
OUTSIDE_KEY = _error(
    "outside_key",
    "structure",
    _("The text stands in “ProductKey” itself, and Windows Setup reads the element “Key” in it."),
    _("Put the key into UserData/ProductKey/Key."),
    _SETUP_KEY,
)
WITHIN_KEY = _error(
    "within_key",
    "structure",
    _("In this component the product key stands in “ProductKey” itself, not in an element in it."),
    _("Put the key straight into “ProductKey”."),
    _SHELL_SETUP,
)
WOW64 = _warning(
    "wow64",
    "structure",
    _("A component for wow64 never bears a product key."),
    _("Move the key into the component of the machine's own architecture."),
    _REFERENCE,
)

# What cannot be written.

NO_ANSWER_FILE = _error(
    "no_answer_file",
    "file",
    _("This is no answer file: keys are written into answer files only."),
    _("Choose an unattend.xml, or start without a file."),
    _PORTAL,
)
MEND_FIRST = _error(
    "mend_first",
    "file",
    _("The file is broken, so nothing is written into it."),
    _("Mend what the check of the file says first."),
    _PORTAL,
)
NOT_WRITABLE = _error(
    "not_writable",
    "file",
    _("The key cannot be written into this file without changing something else in it."),
    _("Put the key in by hand, at the place that the check of the file names."),
    _PORTAL,
)

STRUCTURE_RULES: tuple[FileRule, ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, FileRule)
)
"""All of them in the order of this module."""
