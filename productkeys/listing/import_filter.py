"""The filter of the list by the import that brought a key. The page of an import leads to it; no menu offers it.

It names an import by its moment alone: the file and its name are its person's own business.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from productkeys.models import Import

FILTER = "import"
_MOST = 20


def understood(values: Iterable[str]) -> tuple[str, ...]:
    """Those of `values`, from an address, that can name an import."""
    return tuple(value for value in dict.fromkeys(values) if _names_one(value))[:_MOST]


def condition(choices: Collection[str]) -> Q:
    """Keys that one of these imports brought."""
    return Q(import_uid__in=sorted(choices))


def called(choice: str) -> str:
    """When the import was done."""
    finished = Import.objects.filter(pk=choice).values_list("finished_at", flat=True).first()
    return date_format(timezone.localtime(finished), "SHORT_DATETIME_FORMAT") if finished else _("unknown")


def _names_one(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
