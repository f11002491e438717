"""Say which keys fit an image, and why the others do not.

Ends with 0 where a key fits, with 1 where one does with a warning, with 2 where none does, with 3 where the image
cannot be read or was not named, or the portal's keys cannot be asked.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from productkeys.domain import keycode
from productkeys.domain.choices import Architecture
from productkeys.domain.matching import Catalogue, ImageFacts, Verdict
from productkeys.domain.rule import Problem
from productkeys.management.foreign import ForeignTextCommand
from productkeys.management.matching_output import add_purpose, lines_of, read_file
from productkeys.management.portal import asking_the_portal
from productkeys.models import ProductKey
from productkeys.services import matching, published_facts

_ENDS = {Verdict.FITS: 0, Verdict.WARNING: 1, Verdict.DOES_NOT_FIT: 2}
NO_ANSWER = 3


class Command(ForeignTextCommand):
    help = "Say which keys fit an image. Ends with 0: one fits, 1: with a warning, 2: none does, 3: no image."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, help="install.wim or install.esd; only its header and XML are read"
        )
        parser.add_argument("--index", type=int, help="number of the image in the file")
        parser.add_argument("--system", default="", help="short name of an operating system, such as windows-11")
        parser.add_argument("--build", type=int, help="such as 26100")
        parser.add_argument("--revision", type=int, help="the number after the build, such as 1742")
        parser.add_argument("--edition", default="", help="the EditionID, such as Professional or ServerStandardEval")
        parser.add_argument("--installation", choices=["Client", "Server", "Server Core"], default="")
        architectures = [value for value in Architecture.values if value != Architecture.ANY]
        parser.add_argument("--architecture", choices=architectures, default="")
        add_purpose(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with asking_the_portal(otherwise=NO_ANSWER):
            catalogue = published_facts.catalogue()
            facts = _of_file(options, catalogue) if options["file"] else _of_options(options, catalogue)
            answer = matching.answer_for(facts, ProductKey.objects.all(), options["purpose"])
        if options["json"]:
            said = {
                "image": {**asdict(facts), "systems": sorted(answer.image.systems)},
                "purpose": options["purpose"],
                "keys": list(map(matching.match_as_json, answer.matches)),
                "without_key": matching.keyless_as_json(answer),
            }
            self.stdout.write(json.dumps(said))
        else:
            self.stdout.write(catalogue.names(answer.image.systems) or "The operating system is unknown.")
            self.stdout.write("\n".join(lines_of(answer, all_keys=True)))
        if end := min((_ENDS[match.verdict] for match in answer.matches), default=_ENDS[Verdict.DOES_NOT_FIT]):
            sys.exit(end)


def _of_options(options: dict[str, Any], catalogue: Catalogue) -> ImageFacts:
    if options["system"] and options["system"] not in catalogue.systems:
        known = ", ".join(catalogue.systems)
        raise CommandError(f"There is no operating system {options['system']}. Known: {known}", returncode=NO_ANSWER)
    names = ("system", "build", "revision", "edition", "installation", "architecture")
    facts = ImageFacts(**{name: options[name] for name in names})
    if facts == ImageFacts():
        raise CommandError("Name an image file, or say what is known of the image: see --help.", returncode=NO_ANSWER)
    return facts


def _of_file(options: dict[str, Any], catalogue: Catalogue) -> ImageFacts:
    name = keycode.redact(str(options["file"]))
    try:
        found = read_file(options["file"])
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}", returncode=NO_ANSWER) from None
    if isinstance(found, Problem):
        raise CommandError(f"{name}: {found.text}", returncode=NO_ANSWER)
    chosen = [image for image in found if options["index"] in (None, image.number)]
    if len(chosen) != 1:
        known = ", ".join(f"{image.number} ({image.name})" for image in found)
        raise CommandError(f"Choose one image with --index: {known}", returncode=NO_ANSWER)
    return chosen[0].facts(catalogue)
