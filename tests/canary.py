"""Canaries: made-up keys that are planted, and the search for every piece of them in whatever comes out.

A piece is any run of ten characters of a key, with or without its dashes, in capitals or small letters, and the base64
of the whole: less than that says no more than the five characters that are shown anyway and what surrounds them.
"""

import base64
import os
import re
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PIECE = 10
_LONG_WORD = re.compile(rb"[0-9A-Za-z-]{%d,}" % PIECE)


def pieces_of(key: str) -> set[bytes]:
    """Everything that would give `key` away."""
    plain = key.replace("-", "")
    runs = {text[start : start + PIECE] for text in (key, plain) for start in range(len(text) - PIECE + 1)}
    found = {run.encode() for run in runs} | {run.lower().encode() for run in runs}
    for text in (key, plain):
        # The first 24 bytes of a text encode alike whatever follows; the last group would depend on its neighbours.
        found.add(base64.b64encode(text.encode())[:32])
        found |= {text.encode("utf-16-le")[: 2 * PIECE]}
    return found


class Canaries:
    """Planted keys, and where pieces of them were found. `sightings` must stay empty."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.pieces = set().union(*(pieces_of(key) for key in keys))
        self._runs = {piece for piece in self.pieces if len(piece) == PIECE}
        self._others = self.pieces - self._runs
        self.sightings: list[str] = []

    def search(self, place: str, data: str | bytes) -> None:
        """Note `place` if any piece of a planted key stands in `data`."""
        raw = data.encode(errors="replace") if isinstance(data, str) else data
        if self._holds_a_run(raw) or any(piece in raw for piece in self._others):
            self.sightings.append(place)

    def _holds_a_run(self, raw: bytes) -> bool:
        # Thousands of runs: each word of the data is looked up among them, instead of each of them in the data.
        words = _LONG_WORD.findall(raw)
        return any(word[at : at + PIECE] in self._runs for word in words for at in range(len(word) - PIECE + 1))

    def search_files(self, folder: Path) -> int:
        """Search every file below `folder` (databases with their journals, temporary files); returns how many.

        grep looks for all pieces at once: one after the other they would be looked for through gigabytes.
        """
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        in_text = sorted(piece for piece in self.pieces if b"\0" not in piece)
        found = subprocess.run(
            [
                "grep",
                "--recursive",
                "--files-with-matches",
                "--no-messages",
                "--text",
                "--fixed-strings",
                "--file=-",
                str(folder),
            ],
            input=b"\n".join(in_text),
            capture_output=True,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
        assert not found.stderr  # a file that is gone meanwhile is no news
        self.sightings += [f"file {Path(line).name}" for line in found.stdout.decode().splitlines()]
        wide = [piece for piece in self.pieces if b"\0" in piece]
        for path in files:
            with suppress(FileNotFoundError):
                data = path.read_bytes()
                if any(piece in data for piece in wide):
                    self.sightings.append(f"file {path.name}")
        return len(files)
