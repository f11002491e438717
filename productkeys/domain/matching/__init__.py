"""Which product key fits which image, and why not: plain facts in, verdicts with their reasons out.

`facts.py` is what is known of images, keys and Windows; `identifying.py` what an image may be; `verdicts.py` decides,
`reasons.py` says why; `keyless.py` says when no key is needed; `asking.py` reads what people
write of an image; `changing.py` which edition becomes another one; `hosts.py` what the key of a KMS host is good for.
"""

from productkeys.domain.matching.asking import asked
from productkeys.domain.matching.changing import supported_change
from productkeys.domain.matching.facts import (
    AvmaGuest,
    Catalogue,
    EditionChange,
    ImageFacts,
    KeyFacts,
    KmsHosts,
    ReleaseFacts,
)
from productkeys.domain.matching.identifying import Identified, identify, named
from productkeys.domain.matching.keyless import ways_without_a_key
from productkeys.domain.matching.reasons import Reason, Verdict
from productkeys.domain.matching.verdicts import Answer, Match, answer, match, order

__all__ = [
    "Answer",
    "AvmaGuest",
    "Catalogue",
    "EditionChange",
    "Identified",
    "ImageFacts",
    "KeyFacts",
    "KmsHosts",
    "Match",
    "Reason",
    "ReleaseFacts",
    "Verdict",
    "answer",
    "asked",
    "identify",
    "match",
    "named",
    "order",
    "supported_change",
    "ways_without_a_key",
]
