"""The packed folder that a workbook is: looked at before it is opened, and unpacked no further than its limits.

What the folder's directory says of a part's size is what is read of it at most, so a directory that lies gives a
damaged part and no larger one.
"""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from productkeys.tables import faults
from productkeys.tables.formats import Limits

BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
_END, _END_SIZE = b"PK\x05\x06", 22
_LARGER_END = b"PK\x06\x07"
_LARGEST_DIRECTORY = 512 * 1024
_ENCRYPTED = 0x1
_DAMAGES = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)


class Package:
    """A workbook's parts by their names. Raises Unreadable where opening it would be dangerous or makes no sense."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        _check_directory(data)
        with _damages_told():
            self._packed = ZipFile(io.BytesIO(data))
        parts = self._packed.infolist()
        unpacked = sum(part.file_size for part in parts)
        if unpacked > limits.max_unpacked or unpacked > max(limits.small, len(data) * limits.max_ratio):
            raise faults.Unreadable(faults.WORKBOOK_TOO_LARGE.broken())
        if any(part.flag_bits & _ENCRYPTED for part in parts):
            raise faults.Unreadable(faults.WORKBOOK_ENCRYPTED.broken())
        if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
            raise faults.Unreadable(faults.NO_TABLE.broken())
        self.sizes = {part.filename: part.file_size for part in parts}

    @contextmanager
    def part(self, name: str) -> Iterator[IO[bytes]]:
        """One part to read from. Raises Unreadable if there is none of that name, or while a damaged one is read."""
        with _damages_told(), self._open(name) as part:
            yield part

    def _open(self, name: str) -> IO[bytes]:
        if name not in self.sizes:
            raise faults.Unreadable(faults.WORKBOOK_DAMAGED.broken())
        return self._packed.open(name)


@contextmanager
def _damages_told() -> Iterator[None]:
    try:
        yield
    except _DAMAGES:
        raise faults.Unreadable(faults.WORKBOOK_DAMAGED.broken()) from None


def _check_directory(data: bytes) -> None:
    """Refuse a directory that would fill the memory before any of its sizes is known."""
    end = len(data) - _END_SIZE
    if not (data.startswith(_END, max(end, 0)) and data.endswith(b"\0\0")):
        end = data.rfind(_END)
    if end < 0:
        raise faults.Unreadable(faults.WORKBOOK_DAMAGED.broken())
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    if size > _LARGEST_DIRECTORY or _LARGER_END in data[max(end - 20, 0) : end]:
        raise faults.Unreadable(faults.WORKBOOK_TOO_LARGE.broken())
