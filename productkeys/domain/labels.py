"""What may be a label of a key, and how labels stand in one text."""

import re
from collections.abc import Collection, Iterable, Iterator

from productkeys.domain import rulebook
from productkeys.domain.rulebook import Problem
from productkeys.domain.rules import problem_of_text

MAX_LABEL = 50
MAX_LABELS = 20
"""So many labels a key can have."""

_BETWEEN = re.compile(r"[,;\r\n]")


def split(text: str) -> tuple[str, ...]:
    """The labels in a text that has commas, semicolons or line breaks between them; each once, as first written."""
    return tuple(tidy(_BETWEEN.split(text)))


def is_divided(name: str) -> bool:
    """Whether `name` has signs that stand between names where several are one text."""
    return bool(_BETWEEN.search(name))


def joined(labels: Iterable[str]) -> str:
    """The text that `split` reads as these labels."""
    return ", ".join(labels)


def tidy(labels: Iterable[str]) -> list[str]:
    """`labels` without superfluous blanks, and without empty ones."""
    bare = (" ".join(label.split()) for label in labels)
    return list(dict.fromkeys(label for label in bare if label))


def problems_of(labels: Collection[str]) -> Iterator[Problem]:
    """Every rule that tidy `labels` of one key break, at most once each. Quotes no label that holds a product key."""
    readable = []
    refused = set()
    for label in sorted(labels):
        problem = problem_of_text(label, "labels")
        if problem is None:
            readable.append(label)
        elif problem.code not in refused:
            refused.add(problem.code)
            yield problem
    if too_long := [label for label in readable if len(label) > MAX_LABEL]:
        yield rulebook.LABEL_TOO_LONG.broken(label=f"{too_long[0][:MAX_LABEL]}…", limit=MAX_LABEL)
    if divided := [label for label in readable if is_divided(label)]:
        yield rulebook.LABEL_DIVIDED.broken(label=divided[0][:MAX_LABEL])
    if len(labels) > MAX_LABELS:
        yield rulebook.TOO_MANY_LABELS.broken(limit=MAX_LABELS, count=len(labels))
