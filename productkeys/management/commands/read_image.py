"""Say which images a WIM or ESD holds and which keys fit them; only its header and its XML part are read.

Ends with 0 where the file was read, with 2 where it is no image or cannot be read, with 3 where the portal's keys
cannot be asked.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from productkeys.domain import keycode
from productkeys.domain.image import Image
from productkeys.domain.matching import Answer
from productkeys.domain.rule import Problem
from productkeys.management.foreign import ForeignTextCommand
from productkeys.management.matching_output import add_purpose, lines_of, read_file
from productkeys.management.portal import asking_the_portal
from productkeys.models import ProductKey
from productkeys.services import matching, published_facts

UNREADABLE = 2
NO_ANSWER = 3


class Command(ForeignTextCommand):
    help = "Say which images a WIM or ESD holds, and which keys fit them. Ends with 0: read, 2: cannot be read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="install.wim or install.esd")
        add_purpose(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        name = keycode.redact(str(options["file"]))
        try:
            found = read_file(options["file"])
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror}", returncode=UNREADABLE) from None
        if isinstance(found, Problem):
            if not options["json"]:
                raise CommandError(f"{name}: {found.text}", returncode=UNREADABLE)
            fault = {"code": found.code, "message": found.message, "advice": found.advice}
            self._write(name, images=[], fault=fault)
            sys.exit(UNREADABLE)
        with asking_the_portal(otherwise=NO_ANSWER):
            catalogue = published_facts.catalogue()
            keys = ProductKey.objects.all()
            answers = [matching.answer_for(one.facts(catalogue), keys, options["purpose"]) for one in found]
        if options["json"]:
            self._write(name, images=list(map(_as_json, found, answers)), fault=None)
            return
        for one, answer in zip(found, answers, strict=True):
            self.stdout.write(_title(one))
            self.stdout.write("\n".join(lines_of(answer, all_keys=False)))

    def _write(self, file: str, **said: Any) -> None:
        self.stdout.write(json.dumps({"file": file, "readable": said["fault"] is None, **said}))


def _title(image: Image) -> str:
    told = [image.edition, image.version, image.architecture, image.installation, " ".join(image.languages)]
    return f"{image.number}: {image.name or '-'} ({', '.join(filter(None, told)) or 'nothing else is said of it'})"


def _as_json(image: Image, answer: Answer) -> dict[str, Any]:
    fitting = [match for match in map(matching.match_as_json, answer.matches) if match["verdict"] != "does not fit"]
    return {
        **asdict(image),
        "systems": sorted(answer.image.systems),
        "keys": fitting,
        "without_key": matching.keyless_as_json(answer),
    }
