"""What `match_key` and `read_image` share: their purpose, an image file, and how a person reads an answer."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from productkeys.domain import image
from productkeys.domain.choices import KeyType, Usage
from productkeys.domain.image import Image, ImageUnreadable
from productkeys.domain.keycode import mask
from productkeys.domain.matching import Answer, Verdict
from productkeys.domain.rule import Problem


def add_purpose(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--purpose",
        choices=[Usage.INSTALLATION.value, Usage.ACTIVATION.value],
        default=Usage.INSTALLATION.value,
        help="what the key is to do in the rollout (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="answer as one JSON object")


def read_file(path: Path) -> list[Image] | Problem:
    """The images in a WIM or ESD, of which only header and XML are read, or why there are none."""
    try:
        with path.open("rb") as file:
            return image.read(file)
    except ImageUnreadable as refusal:
        return refusal.problem


def lines_of(answer: Answer, *, all_keys: bool) -> Iterator[str]:
    """An answer as people read it: the keys that fit, on request the others, and when no key is needed."""
    for match in answer.matches:
        if match.verdict is Verdict.DOES_NOT_FIT and not all_keys:
            continue
        key = match.key
        yield f"  {match.verdict.label}: {key.name} ({KeyType(key.key_type).label}, {mask(key.last_five)})"
        yield from (f"      {reason.problem.text}" for reason in match.reasons)
    if not any(match.verdict is not Verdict.DOES_NOT_FIT for match in answer.matches):
        yield "  No key fits."
    yield "  It may do without a key:"
    yield from (f"      {problem.text}" for problem in answer.without_key)
