"""What `slmgr /dli` and `slmgr /dlv` print on a machine, in English or German, and the partial keys in any text.

No more than the last five characters of a key ever leave this module.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from productkeys.domain.choices import LicenceStatus
from productkeys.domain.keycode_text import ALPHABET
from productkeys.domain.matching import Catalogue, ImageFacts, named

MAX_FOUND = 1000

_LAST_FIVE = f"[{ALPHABET}N]{{4}}[{ALPHABET}]"
_ALONE = rf"(?<![\w-])({_LAST_FIVE})(?![\w-])"
_NAME_LINE = re.compile(r"[ \t>#|]*(?:LICENSE )?NAME\s*:", re.IGNORECASE)
_VERSION = re.compile(r"version[^:\n]{0,60}:\s*(\d{1,3}\.\d{1,3}\.\d{4,5}(?:\.\d{1,6})?)", re.IGNORECASE)
_NAME = re.compile(r"\bname\s*:\s*(Windows.{0,60}?|Office.{0,80}?),\s*(\w{2,60}) edition\b", re.IGNORECASE)
_KEY = re.compile(rf"(?i:key|schl(?:ü|ue)ssel)\s*:\s*{_ALONE}")
_CHANNEL_OF_KEY = re.compile(r"(?:key ?channel|key-kanal)\s*:\s*([A-Z]+(?::[A-Z]+){0,2})", re.IGNORECASE)
_CHANNEL = re.compile(r"\b([A-Z][A-Z0-9_-]{2,40}(?:\(Free\))?) channel\b")
_STATUS = re.compile(r"(?:license status|lizenzstatus)\s*:\s*([\w-]+(?: [\w-]+)?)", re.IGNORECASE)
_LEFT = re.compile(r"(?:expiration|remaining|ablauf[^:\n]{0,40}|zeit)\s*:\s*(\d{1,9}) minute", re.IGNORECASE)
_HOST = re.compile(
    r"KMS[ -](?:machine name|computername)(?: \w+ DNS)?\s*:\s*([a-z0-9._-]+(?::\d{1,5})?)", re.IGNORECASE
)
_ERROR = re.compile(r"\b0x([C8][0-9A-F]{7})\b", re.IGNORECASE)
# What slmgr says of a licence; a table may hold colons as well, but not behind the head of a line.
_LABELLED = re.compile(r"[^:;,\t]{1,80}:(?:\s|$)")
_NO_LABEL = re.compile(r"(?!)")
_GROUPED = re.compile(rf"(?<![\w-])(?:[\w*•?]{{5}}-){{4}}({_LAST_FIVE})(?![\w-])")
_BARE = re.compile(_ALONE)


_STATUS_WORDS = (
    (("licensed", "lizenziert"), LicenceStatus.LICENSED),
    (("unlicensed", "nicht lizenziert"), LicenceStatus.UNLICENSED),
    (("notification", "benachrichtigung"), LicenceStatus.NOTIFICATION),
    (
        ("initial grace", "additional grace", "non-genuine grace", "extended grace"),
        LicenceStatus.GRACE,
    ),
)


@dataclass(frozen=True, slots=True)
class Licence:
    """One licence that a machine shows. `version` is that of the licensing service, `errors` are codes like 0xC004F074.

    `channel` is the one of the key (Volume:GVLK), or else of the description (VOLUME_KMSCLIENT); `licensed` is None
    where nothing is said, `status` is empty where it is said in words that are not known here. `minutes_left` is how
    long the activation or the grace period lasts, None where it has no end.
    """

    name: str = ""
    edition: str = ""
    channel: str = ""
    last_five: str = ""
    licensed: bool | None = None
    kms_host: str = ""
    version: str = ""
    errors: tuple[str, ...] = ()
    status: str = ""
    minutes_left: int | None = None

    def facts(self, catalogue: Catalogue) -> ImageFacts:
        """What matching knows of the Windows that shows this licence."""
        told = named(self.name.replace("(R)", ""), catalogue)
        numbers = self.version.split(".")
        build = int(numbers[2]) if len(numbers) > 2 and not told.system else None
        # Windows 10 kept the licensing service of version 2004 up to 22H2, and LTSC 2021 has it as well.
        if build == 19041 and "EnterpriseS" in self.edition:
            build = 19044
        return ImageFacts(system=told.system, build=build, edition=self.edition)


@dataclass(frozen=True, slots=True)
class PartialKey:
    """The last five characters of a key that stand in a text, with what the text tells of the product."""

    last_five: str
    product: str = ""
    channel: str = ""


def read(text: str) -> list[Licence]:
    """Every licence in the output of one machine or of many; wrapped and double-spaced lines do not matter."""
    found = (_licence(" ".join(block.split())) for block in _blocks(text))
    return [licence for licence in found if licence != Licence()][:MAX_FOUND]


def partial_keys(text: str, licences: Sequence[Licence] | None = None) -> dict[PartialKey, int]:
    """The last five characters of each key in a text, and how often it stands there, in the order of the text.

    The text is the output of slmgr, or holds masks or keys, and partial keys beside them; or it is any text with
    partial keys in it. A line of partial keys alone may be in small letters. `licences` are those in it, where they
    were read already.
    """
    shown = read(text) if licences is None else licences
    found = [PartialKey(one.last_five, one.name, one.channel) for one in shown if one.last_five]
    if not found:
        found = [PartialKey(last_five) for last_five in _GROUPED.findall(text)]
    lines = [line for line in text.splitlines() if line.strip()]
    listed = [_alone_in(line) for line in lines]
    plain = all(listed)
    labelled = _LABELLED if found else _NO_LABEL
    for line, words in zip(lines, listed, strict=True):
        bare = words or ([] if labelled.match(line) else _BARE.findall(line))
        found += [PartialKey(word) for word in bare if plain or not word.isdigit()]
    return dict(islice(Counter(found).items(), MAX_FOUND))


def _alone_in(line: str) -> list[str]:
    """The partial keys of a line that holds nothing else."""
    words = re.split(r"[\s,;]+", line.strip().upper())
    return words if all(re.fullmatch(_LAST_FIVE, word) for word in words) else []


def key_type_of(channel: str, channels: Mapping[str, str]) -> str:
    """The type of key behind a channel, by a table in which `*` ends a pattern; empty where the channel tells none."""
    if channel in channels:
        return channels[channel]
    patterns = [name for name in channels if name.endswith("*") and channel.startswith(name[:-1])]
    return channels[patterns[0]] if patterns else ""


def _blocks(text: str) -> Iterator[str]:
    """The text of each licence: it begins with its name, or with the version that stands above the first name.

    PowerShell prints properties in any order, so one may begin with its key as well.
    """
    block: list[str] = []
    has_name = has_key = False
    for line in text.splitlines():
        is_name, is_key = _NAME_LINE.match(line) is not None, _KEY.search(line) is not None
        if (has_name and (is_name or _VERSION.search(line))) or (has_key and is_key):
            yield "\n".join(block)
            block, has_name, has_key = [], False, False
        has_name, has_key = has_name or is_name, has_key or is_key
        block.append(line)
    yield "\n".join(block)


def _licence(text: str) -> Licence:
    def told(pattern: re.Pattern[str], group: int = 1) -> str:
        match = pattern.search(text)
        return match[group] if match else ""

    status = told(_STATUS).casefold()
    left = told(_LEFT)
    product, edition = told(_NAME), told(_NAME, 2)
    return Licence(
        name=f"{product}, {edition}" if product else "",
        edition=edition if product.casefold().startswith("windows") else "",
        channel=told(_CHANNEL_OF_KEY) or told(_CHANNEL),
        last_five=told(_KEY),
        licensed=_status(status) == LicenceStatus.LICENSED if status else None,
        kms_host=told(_HOST),
        version=told(_VERSION),
        errors=tuple(dict.fromkeys(f"0x{code.upper()}" for code in _ERROR.findall(text))),
        status=_status(status),
        minutes_left=int(left) if left else None,
    )


def _status(words: str) -> str:
    """The status behind the first two words of it, in small letters; the word after it may be of the next line."""
    if "toleranz" in words:
        return LicenceStatus.GRACE.value
    for known, status in _STATUS_WORDS:
        if any(words == word or words.startswith(f"{word} ") for word in known):
            return status.value
    return ""
