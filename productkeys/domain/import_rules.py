"""The rules of a row that is brought: what can be wrong with it beside what can be wrong with any product key."""

from django.utils.translation import gettext_lazy as _

from productkeys.domain.rule import Rule

_HOUSE = "KeyPortal"

KEY_MISSING = Rule(
    code="import-key-missing",
    field="code",
    message=_("There is no product key in this row."),
    advice=_("Enter it, or choose the column that holds the keys."),
    source=_HOUSE,
)
KEY_MANGLED = Rule(
    code="import-key-mangled",
    field="code",
    message=_("A spreadsheet has turned the product key into something else."),
    advice=_("Enter the key from its original: what is left of it here cannot be turned back."),
    source=_HOUSE,
)
KEY_MASKED = Rule(
    code="import-key-masked",
    field="code",
    message=_("The product key is masked here: only its last five characters are left."),
    advice=_("Enter the whole key, or export the list again with plain keys."),
    source=_HOUSE,
)
KEY_TWICE = Rule(
    code="import-key-twice",
    field="code",
    message=_("The same product key stands in row %(row)s of this file."),
    advice=_("Leave one of the two rows out."),
    source=_HOUSE,
)
KEY_TWICE_IN_LINES = Rule(
    code="import-key-twice-in-lines",
    field="code",
    message=_("The same product key stands in line %(row)s of this file."),
    advice=_("Leave one of the two lines out."),
    source=_HOUSE,
)
VALUE_UNKNOWN = Rule(
    code="import-value-unknown",
    field="",
    message=_("“%(text)s” says nothing that the portal knows here."),
    advice=_("Choose what it means, for this row or for all rows that say so."),
    source=_HOUSE,
)
AGREEMENT_UNCLEAR = Rule(
    code="import-agreement-unclear",
    field="agreement",
    message=_("There are several agreements with the number %(number)s."),
    advice=_("Name the vendor as well, or put the keys under the right one later."),
    source=_HOUSE,
)
AGREEMENT_WITHOUT_NUMBER = Rule(
    code="import-agreement-without-number",
    field="agreement",
    message=_("This row names details of an agreement, but not its number."),
    advice=_("Enter the number, here or for all rows that name none, or leave the columns with the details out."),
    source=_HOUSE,
)
CHANGED_SINCE = Rule(
    code="import-changed-since",
    field="code",
    message=_("Something that this row needs was changed since it was checked."),
    advice=_("Look at the preview again."),
    source=_HOUSE,
)
