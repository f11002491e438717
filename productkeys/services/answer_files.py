"""Deployment files that people bring to have them checked: kept sealed for an hour, and what is wrong with them."""

import base64
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from productkeys.domain import keycode
from productkeys.domain.answer_file import checking, reading, repairing
from productkeys.domain.answer_file.product import Product
from productkeys.domain.answer_file.report import Report
from productkeys.domain.answer_file.writing import Written
from productkeys.domain.keycode import KeyCode
from productkeys.models import CheckedFile, ProductKey, SealedSecret, reference
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import published_facts, sealed_secrets
from productkeys.services.known_keys import entries_holding, facts_of, gvlk_in
from productkeys.services.origin import Origin

if TYPE_CHECKING:
    from keyportal.people.models import User

KEPT = timedelta(hours=1)
MAX_MB = 20
_KEPT_OF_A_PERSON = 5


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a file, and the stored keys among its own that the person may know of."""

    report: Report
    keys: Mapping[KeyCode, ProductKey]
    product: Product | None


@transaction.atomic
def keep(data: bytes, *, name: str, origin: Origin) -> CheckedFile:
    """Keep a file for the person who brought it, for an hour; of several files the newest five."""
    assert origin.person
    sealed = sealed_secrets.keep(base64.b64encode(zlib.compress(data)).decode())
    kept = CheckedFile.objects.create(
        person=origin.person, name=keycode.redact(name)[:200], size=len(data), secret_id=UUID(sealed)
    )
    for old in CheckedFile.objects.filter(person=origin.person)[_KEPT_OF_A_PERSON:]:
        forget(old)
    return kept


def kept_of(person: "User") -> list[CheckedFile]:
    """The files of a person that are still kept, the newest first."""
    return list(CheckedFile.objects.filter(person=person, created_at__gt=timezone.now() - KEPT))


def find(uid: UUID, person: "User") -> CheckedFile | None:
    """The file `uid` of a person; None where it is gone, an hour old, or somebody else's."""
    return CheckedFile.objects.filter(pk=uid, person=person, created_at__gt=timezone.now() - KEPT).first()


def data_of(kept: CheckedFile) -> bytes:
    """The file as it was brought.

    Raises SealedSecret.DoesNotExist where it is gone meanwhile, InvalidTag where somebody changed it in the database.
    """
    return zlib.decompress(base64.b64decode(sealed_secrets.read(kept.secret_id)))


def forget(kept: CheckedFile) -> None:
    """Remove a file for good."""
    SealedSecret.objects.filter(pk=kept.secret_id).delete()


def remove_old() -> int:
    """Forget the files that are an hour old; returns how many."""
    old = CheckedFile.objects.filter(created_at__lte=timezone.now() - KEPT)
    secrets = list(old.values_list("secret_id", flat=True))
    sealed_secrets.forget(secrets)
    return len(secrets)


def check(data: bytes, *, name: str, keys: ProductKeyQuerySet) -> Checked:
    """What is wrong with a file, where `keys` are those that the person may see. Never raises because of the file."""
    file, systems = reading.read(data, name), reference.current().systems
    found = entries_holding(checking.codes_in(file), keys)
    facts = {code: facts_of(key) for code, key in found.items()}
    report = checking.check(file, known=facts.get, systems=systems, changes=published_facts.edition_changes())
    return Checked(report, found, checking.product_of_file(file, systems))


def repair(checked: Checked, *, keys: ProductKeyQuerySet) -> Written:
    """The file with its wrong places cleaned; `keys` are those that the person may see. Raises NotWritten."""
    return repairing.repair(checked.report, gvlk_of=gvlk_in(keys), systems=reference.current().systems)


def architectures_in(file: reading.AnswerFile) -> Iterable[str]:
    """The architectures of the components of a file, each once, as it writes them."""
    components = (element for element in file.markup.elements if element.name == "component")
    return dict.fromkeys(one.attributes.get("processorArchitecture", "") for one in components)
