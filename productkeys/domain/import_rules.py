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

# What a row says and nothing comes of: the row is not refused for it, and it is told beside it.

_SAID_AND_HAD = _("The file says %(said)s, the portal has %(has)s.")

LEFT_AS_IT_IS = Rule(
    code="import-left-as-it-is",
    field="",
    message=_SAID_AND_HAD,
    advice=_("Not changed: keys that the portal holds already are to stay as they are."),
    source=_HOUSE,
)
STATUS_STAYS = Rule(
    code="import-status-stays",
    field="status",
    message=_SAID_AND_HAD,
    advice=_("Not changed: an import takes no key out of the archive and clears no compromised one."),
    source=_HOUSE,
)
AGREEMENT_STAYS = Rule(
    code="import-agreement-stays",
    field="agreement",
    message=_SAID_AND_HAD,
    advice=_("Not changed: an import changes no agreement that is there. Change it on its own page."),
    source=_HOUSE,
)
AGREEMENT_CONTRADICTED = Rule(
    code="import-agreement-contradicted",
    field="agreement",
    message=_("The row says %(said)s, an earlier one about the same agreement %(has)s."),
    advice=_("The earlier row counts."),
    source=_HOUSE,
)
AGREEMENT_OF_ANOTHER_VENDOR = Rule(
    code="import-agreement-of-another-vendor",
    field="agreement_vendor",
    message=_("The row says %(said)s; there is an agreement with the same number from %(has)s."),
    advice=_("They are taken for two agreements. Rows without a vendor belong to the first."),
    source=_HOUSE,
)
COUNTS_CONTRADICT = Rule(
    code="import-counts-contradict",
    field="quantity",
    message=_("The row says %(said)s, but by its other counts it is %(has)s."),
    advice=_("The other counts are kept."),
    source=_HOUSE,
)
COUNT_SAYS_NOTHING = Rule(
    code="import-count-says-nothing",
    field="remaining",
    message=_("The row says %(said)s, but not of how many, so that it says nothing."),
    advice=_("It is not kept. Name the quantity as well."),
    source=_HOUSE,
)
COUNTED_ON_NO_DAY = Rule(
    code="import-counted-on-no-day",
    field="microsoft_counted_on",
    message=_("The row does not say when Microsoft's count was read."),
    advice=_("The day of the import is kept."),
    source=_HOUSE,
)
DAY_OF_NO_COUNT = Rule(
    code="import-day-of-no-count",
    field="microsoft_counted_on",
    message=_("The row says %(said)s, but not what Microsoft counted on that day."),
    advice=_("The day is not kept."),
    source=_HOUSE,
)
SHARED_BY_NOBODY = Rule(
    code="import-shared-by-nobody",
    field="shared_with",
    message=_("The row says %(said)s, but the key is everybody's."),
    advice=_("It is shared with nobody in particular."),
    source=_HOUSE,
)
STANDARD_KEY_KEEPS = Rule(
    code="import-standard-key-keeps",
    field="code",
    message=_("Microsoft publishes this key, so the portal does not keep all that the row says of it."),
    advice=_("Comment and labels are kept, nothing else."),
    source=_HOUSE,
)
