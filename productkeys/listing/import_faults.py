"""What ended an import, led back to its preview or kept it from being undone, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from productkeys.models import Import
from productkeys.models.importing import State
from productkeys.services.importing.undoing import NOT_UNDONE, NotUndone
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
_WHILE_UNDOING: Mapping[str, str | Promise] = {
    INTERNAL: gettext_lazy("Nothing was undone: something in the portal broke. The log of the server says what."),
    NO_RIGHT: gettext_lazy("Nothing was undone: your account may not add keys any more."),
}


def fault_of(imp: Import) -> str:
    """Why `imp` ended, has to be looked at again, or was not undone; empty where nothing went wrong, and where
    `against_undoing` says it.
    """
    code = imp.fault.get("code", "")
    if imp.state == State.DONE:
        return str(_WHILE_UNDOING.get(code, ""))
    if code in _SENTENCES:
        return str(_SENTENCES[code])
    rule = faults.RULES.get(code)
    return rule.broken(**imp.fault.get("params", {})).text if rule else _("Nothing was stored.") if code else ""


def against_undoing(imp: Import) -> NotUndone | None:
    """Why `imp` was not undone when its person wanted that: what became of its keys, and what the rules say."""
    return NotUndone.of_fault(imp.fault["params"]) if imp.fault.get("code") == NOT_UNDONE else None
