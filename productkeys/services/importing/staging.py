"""Where the file and the rows of an import wait: sealed, in pieces, and gone when the import is over."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from productkeys.models import Import, ImportChunk, ImportPart, SealedSecret
from productkeys.services import sealed_secrets

PART_BYTES = 512 * 1024
CHUNK_ROWS = 500


@dataclass(slots=True, kw_only=True)
class StagedRow:
    """A row as it was brought: its `number` in the file, its cells, what was wrong with it there (code, particulars).

    `mended` are texts that a person entered for it, by field. `twin` is the number of an earlier row with the same key,
    `version` that of the existing key which the check compared it with.
    """

    number: int
    cells: Sequence[str]
    fault: tuple[str, Mapping[str, Any]] | None = None
    mended: Mapping[str, str] | None = None
    twin: int | None = None
    version: int | None = None

    def as_json(self) -> list[Any]:
        return [self.number, self.cells, self.fault, self.mended, self.twin, self.version]

    @classmethod
    def of_json(cls, kept: Sequence[Any]) -> "StagedRow":
        number, cells, fault, mended, twin, version = kept
        return cls(number=number, cells=cells, fault=fault, mended=mended, twin=twin, version=version)


def keep_file(imp: Import, data: bytes) -> None:
    """Seal the brought file away."""
    for number, start in enumerate(range(0, len(data), PART_BYTES)):
        piece = base64.b64encode(data[start : start + PART_BYTES]).decode()
        ImportPart.objects.create(owner=imp, number=number, secret_id=sealed_secrets.keep(piece))


def read_file(imp: Import) -> bytes:
    """The brought file. Raises InvalidTag where somebody changed it in the database."""
    references = imp.parts.values_list("secret_id", flat=True)
    return b"".join(base64.b64decode(sealed_secrets.read(reference)) for reference in references)


def add_chunk(imp: Import, *, number: int, first: int, rows: Sequence[StagedRow], outcomes: Iterable[str]) -> None:
    """Keep consecutive rows, the first of which is the row `first` of the import."""
    ImportChunk.objects.create(
        owner=imp,
        number=number,
        first=first,
        outcomes="".join(outcomes),
        secret_id=sealed_secrets.keep(_written(rows)),
    )


def rewrite_chunk(chunk: ImportChunk, rows: Sequence[StagedRow], outcomes: Iterable[str]) -> None:
    """Keep the rows of `chunk` as they are now."""
    sealed_secrets.replace(chunk.secret_id, _written(rows))
    ImportChunk.objects.filter(pk=chunk.pk).update(outcomes="".join(outcomes))


def rows_of(chunk: ImportChunk) -> list[StagedRow]:
    """The rows of `chunk`. Raises InvalidTag where somebody changed it in the database."""
    return [StagedRow.of_json(kept) for kept in json.loads(sealed_secrets.read(chunk.secret_id))]


def chunks_of(imp: Import) -> Iterator[ImportChunk]:
    """The chunks of an import in their order, one at a time: what they hold may be large."""
    number = -1
    while chunk := imp.chunks.filter(number__gt=number).order_by("number").first():
        yield chunk
        number = chunk.number


@transaction.atomic
def discard_rows(imp: Import) -> None:
    """Remove the rows, so that the file is read anew."""
    SealedSecret.objects.filter(pk__in=imp.chunks.values("secret_id")).delete()


@transaction.atomic
def discard(imp: Import) -> None:
    """Remove everything secret of an import: rows, file and plan."""
    discard_rows(imp)
    SealedSecret.objects.filter(pk__in=imp.parts.values("secret_id")).delete()
    if imp.plan_id:
        SealedSecret.objects.filter(pk=imp.plan_id).delete()
        imp.plan = None


def _written(rows: Iterable[StagedRow]) -> str:
    return json.dumps([row.as_json() for row in rows], ensure_ascii=False, separators=(",", ":"))
