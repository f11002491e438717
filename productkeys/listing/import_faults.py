"""What ended an import, or led back to its preview, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from productkeys.models import Import
from productkeys.services.importing.worker import DAMAGED, INTERNAL, NO_RIGHT, NOT_AS_SEEN, TOO_OLD
from productkeys.tables import faults

_SENTENCES: Mapping[str, str | Promise] = {
    NOT_AS_SEEN: gettext_lazy(
        "Nothing was stored: a key that this import touches was changed since you saw the preview. Look at it again."
    ),
    INTERNAL: gettext_lazy("Nothing was stored: something in the portal broke. The log of the server says what."),
    DAMAGED: gettext_lazy(
        "Nothing was stored: what waited in the database is not what was brought. Tell the administrator, and bring it"
        " again."
    ),
    NO_RIGHT: gettext_lazy("Nothing was stored: your account may not add keys any more."),
    TOO_OLD: gettext_lazy("Nobody decided about it for a day, so what was brought is deleted."),
}


def fault_of(imp: Import) -> str:
    """Why `imp` ended, or has to be looked at again; empty where nothing went wrong."""
    code = imp.fault.get("code", "")
    if code in _SENTENCES:
        return str(_SENTENCES[code])
    rule = faults.RULES.get(code)
    return rule.broken(**imp.fault.get("params", {})).text if rule else _("Nothing was stored.") if code else ""
