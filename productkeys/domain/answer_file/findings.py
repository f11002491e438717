"""What a finding in an answer file is, and how bad; `structure_rules.py` and `key_rules.py` have all there can be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from productkeys.domain.rule import Problem, Rule

if TYPE_CHECKING:
    from productkeys.domain.answer_file.places import Place

SEEN = "Answer files that people have published"
"""A source without a title of its own."""

_SENTENCE_END = re.compile(r"(?<=[\w”“)][\w”“)])\.\s(?=[A-Z„“%])")


class Severity(TextChoices):
    """What a finding means for the rollout; part of the contract with scripts."""

    ERROR = "error", _("Error")  # the rollout fails, or the key does nothing
    WARNING = "warning", _("Warning")  # it may fail: somebody has to look
    INFO = "info", _("Hint")


@dataclass(frozen=True, slots=True)
class FileRule(Rule):
    """A rule of deployment files. Its `field` is what it is about: the file, its structure, or a key in it."""

    severity: Severity = Severity.ERROR

    def at(self, line: int, place: "Place | None" = None, **params: object) -> "Finding":
        """The finding that this rule is broken in `line`, at `place` where it is about one."""
        return Finding(self, line, place, params)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a file breaks, and where. Never holds a key."""

    rule: FileRule
    line: int
    place: "Place | None" = None
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    @property
    def message(self) -> str:
        return self._problem.message

    @property
    def title(self) -> str:
        """The first sentence of the message, as a heading."""
        return (self._sentences[0] % self.params).removesuffix(".")

    @property
    def detail(self) -> str:
        """What follows the first sentence of the message; often nothing."""
        return "".join(self._sentences[1:]) % self.params

    @property
    def advice(self) -> str:
        return self._problem.advice

    @property
    def source(self) -> str:
        return self.rule.source

    @property
    def _sentences(self) -> list[str]:
        """The first sentence, and the others where there are any; particulars may hold a full stop themselves."""
        return _SENTENCE_END.split(str(self.rule.message), maxsplit=1)

    @property
    def _problem(self) -> Problem:
        return self.rule.broken(**self.params)
