"""Errors of activation as a page shows them, in the present language."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from productkeys.domain.kms import ActivationError

_CONCERNS: dict[str, Promise] = {
    "kms": _("KMS client"),
    "mak": _("MAK"),
    "retail": _("Retail"),
    "host": _("KMS host"),
    "network": _("Network"),
}


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One error with its words."""

    code: str
    symbol: str
    meaning: str
    advice: str
    concerns: list[Promise]
    source: str


def rows_of(errors: Iterable[ActivationError]) -> list[ErrorRow]:
    """The errors in the present language."""
    german = get_language() == "de"
    return [
        ErrorRow(
            code=error.code,
            symbol=error.symbol,
            meaning=error.meaning_de if german else error.meaning,
            advice=error.advice_de if german else error.advice,
            concerns=[_CONCERNS[word] for word in error.concerns],
            source=error.source,
        )
        for error in errors
    ]
