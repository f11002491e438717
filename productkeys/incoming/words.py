"""Cells that name one of few things: type, architecture, usage, status, labels; None where nothing known is named."""

import re
from collections.abc import Iterable, Mapping

from productkeys.domain.choices import Architecture, KeyType, Status, Usage
from productkeys.incoming.remembering import remembered
from productkeys.incoming.spelling import any_of, folded, plain

_KEY = r"(?:[- ]?(?:key|schluessel))?"
_GROUP = r"(?: (?:r2|b|c|2012-r2|w(?:in)?10|ws\d\d))*"
# In the order in which they win: an ESU key arrives as a MAK, and a KMS client key has nothing of a host.
_TYPES: Mapping[KeyType, str] = {
    KeyType.ESU: r"esu\d?|extended security updates?|erweiterte sicherheitsupdates?",
    KeyType.AVMA: r"avma|automatic (?:virtual machine|vm) activation|virtual machine activation|vt:ia",
    KeyType.GVLK: rf"(?:volume[: ])?gvlk|(?:volume )?kms-? ?client(?:[- ]?(?:setup|installation))?{_KEY}",
    KeyType.KMS_HOST: rf"(?:volume[: ])?csvlk|(?:volume )?kms(?:[- ]?host)?{_KEY}{_GROUP}",
    KeyType.MAK: rf"(?:volume[: ])?mak(?: b)?{_KEY}|multiple activation(?: key)?|mehrfachaktivierung(?:sschluessel)?",
    KeyType.OEM: r"oem(?:[: ](?:dm|slp|nonslp|coa(?: n?slp)?))?|coa|system ?builder|dsp",
    KeyType.RETAIL: r"retail(?:\(free\))?|fpp|full packaged product|einzelhandel(?:sversion)?"
    r"|einzel(?:platz)?lizenz(?:en)?|vollversion(?:en)?",
}
_TYPE_PATTERNS = {key_type: re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])") for key_type, words in _TYPES.items()}
_NO_TYPE_OF_OURS = re.compile(r"timebased|:tb\b|\btrial\b|\bsub\b")
_ABOVE_OTHERS = (KeyType.ESU, KeyType.AVMA, KeyType.GVLK)


def take_type(text: str) -> tuple[str | None, str]:
    """The one key type that a folded text names, and the text without its words."""
    found: list[KeyType] = []
    for key_type, pattern in _TYPE_PATTERNS.items():
        rest = pattern.sub(" ", text)
        if rest != text:
            found.append(key_type)
            text = rest
    if not found:
        return None, text
    if found[0] in _ABOVE_OTHERS or len(found) == 1:
        return found[0].value, text
    return None, text


@remembered
def read_type(text: str) -> str | None:
    """The `KeyType` in "MAK", "Volume:GVLK", "KMS-Hostschlüssel", "VOLUME_KMS_WS22 channel", "OEM:DM"."""
    words = folded(text)
    return None if _NO_TYPE_OF_OURS.search(words) else take_type(words)[0]


_ARCHITECTURES: Mapping[Architecture, str] = {
    Architecture.ARM64: r"arm ?-?64|aarch64|arm",
    Architecture.IA64: r"ia-?64|(?:for |fuer )?itanium(?:[- ]bas(?:ed|ierte)(?: system[es]?)?)?",
    Architecture.X64: r"x64|amd64|x86[-_ ]64|em64t|intel ?64|64[- ]?bit(?:s|ig)?|x64-based",
    Architecture.X86: r"x86|x32|i[3-6]86|ia-?32|32[- ]?bit(?:s|ig)?",
}
_ARCHITECTURE_PATTERNS = {
    architecture: re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])") for architecture, words in _ARCHITECTURES.items()
}
_BOTH_BITS = re.compile(
    r"(?<![^\W_])(?:32 ?[-/&+,] ?64|64 ?[-/&+,] ?32|32 (?:und|and) 64|64 (?:und|and) 32)[- ]?bit(?:s)?(?![^\W_])"
)
_ANY = frozenset(
    ["any", "all", "alle", "beliebig", "jede", "egal", "neutral", "universal", "both", "beide", "alle architekturen"]
)


def take_architecture(text: str) -> tuple[str | None, str]:
    """The architecture that a folded text names ("any" where several), and the text without its words."""
    rest = _BOTH_BITS.sub(" ", text)
    if rest != text:
        return Architecture.ANY.value, rest
    found: list[str] = []
    for architecture, pattern in _ARCHITECTURE_PATTERNS.items():
        rest = pattern.sub(" ", text)
        if rest != text:
            found.append(architecture.value)
            text = rest
    if len(found) > 1:
        return Architecture.ANY.value, text
    return (found[0] if found else None), text


@remembered
def read_architecture(text: str) -> str | None:
    """The `Architecture` in "amd64", "64 Bit", "Itanium", "x86/x64", "beliebig"."""
    words = folded(text)
    if words in ("32", "64"):
        return (Architecture.X86 if words == "32" else Architecture.X64).value
    return Architecture.ANY.value if words in _ANY else take_architecture(words)[0]


_INSTALLS = re.compile(r"\b(?:install(?:ation|ieren|ing)?|setup|windows ?pe|einrichtung)\b")
_ACTIVATES = re.compile(r"\b(?:activat(?:e|ion|ing)|aktivier(?:en|ung)|specialize)\b")
_BOTH_USES = frozenset({"both", "beide", "beides", "all", "alle", "alles"})


@remembered
def read_usage(text: str) -> str | None:
    """The `Usage` in "Installation", "nur Aktivierung", "Installation und Aktivierung", "beides"."""
    words = plain(text)
    installs, activates = _INSTALLS.search(words), _ACTIVATES.search(words)
    if words in _BOTH_USES or (installs and activates):
        return Usage.BOTH.value
    if installs:
        return Usage.INSTALLATION.value
    return Usage.ACTIVATION.value if activates else None


_STATUSES: Mapping[Status, tuple[str, ...]] = {
    Status.ACTIVE: ("active", "aktiv", "in use", "in benutzung", "in betrieb", "ok", "enabled", "im einsatz"),
    Status.COMPROMISED: (
        "compromised", "kompromittiert", "leaked", "geleakt", "stolen", "gestohlen", "missbraucht", "veroeffentlicht"
    ),
    Status.ARCHIVED: (
        "archived", "archiviert", "archiv", "archive", "retired", "ausgemustert", "inactive", "inaktiv", "stillgelegt",
        "nicht mehr in benutzung", "ausser betrieb", "decommissioned", "obsolete", "veraltet",
    ),
}  # fmt: skip
_STATUS_BY_WORD = {word: status.value for status, words in _STATUSES.items() for word in words}


@remembered
def read_status(text: str) -> str | None:
    """The `Status` in "aktiv", "Archived", "kompromittiert"."""
    return _STATUS_BY_WORD.get(plain(text))


# A name that begins with a quotation mark, or holds what divides names, stands in quotation marks, as in CSV.
_ONE_OF_SEVERAL = re.compile(r'\s*(?:"((?:[^"]|"")*+)"\s*(?=[,;\n]|\Z)|([^,;\n]*))(?:[,;\n]|\Z)')
_NEEDS_QUOTES = re.compile(r'[,;\n]|\A[\s"]|\s\Z')


def join_names(names: Iterable[str]) -> str:
    """The text that `read_names` reads as these names."""
    quoted = ('"{}"'.format(name.replace('"', '""')) if _NEEDS_QUOTES.search(name) else name for name in names)
    return "; ".join(quoted)


@remembered
def read_names(text: str) -> tuple[str, ...]:
    """The names in a cell, between commas, semicolons or line breaks, each once."""
    found = (
        match[2].strip() if match[1] is None else match[1].replace('""', '"')
        for match in _ONE_OF_SEVERAL.finditer(text)
    )
    return tuple(dict.fromkeys(filter(None, found)))


@remembered
def read_labels(text: str) -> tuple[str, ...]:
    """The labels of a cell, each once whatever its case, with single blanks."""
    labels: dict[str, str] = {}
    for name in read_names(text):
        if bare := " ".join(name.split()):
            labels.setdefault(bare.casefold(), bare)
    return tuple(labels.values())


_ALL_EDITIONS = frozenset({"all", "alle", "all editions", "alle editionen", "jede edition", "every edition"})


@remembered
def says_all_editions(text: str) -> bool:
    """Whether a cell says that a key is for no edition in particular, as of KMS host and ESU keys."""
    return plain(text) in _ALL_EDITIONS


_EVERYBODYS = frozenset({"everybody s", "everybody", "everyone", "fuer alle"})


@remembered
def says_everybodys(text: str) -> bool:
    """Whether a cell about a scope says that there is none."""
    return plain(text) in _EVERYBODYS


_YES = frozenset({"x", "yes", "ja", "y", "j", "true", "wahr", "1"})
_NO = frozenset({"no", "nein", "n", "false", "falsch", "0"})


@remembered
def read_yes_or_no(text: str) -> bool | None:
    """Whether a cell ticks its column off ("x", "ja", "true") or leaves it open ("nein", "0"); None for other texts."""
    word = folded(text)
    return True if word in _YES else False if word in _NO else None


NO_LIMIT = re.compile(
    any_of(
        [
            "unlimited", "unbegrenzt", "unbeschraenkt", "unlimitiert", "no limit", "ohne limit", "kein limit",
            "kein kontingent", "infinite", "unendlich",
            "perpetual", "dauerhaft", "unbefristet", "never", "nie", "no end", "∞", "keine begrenzung",
            "ohne begrenzung",
        ]
    )
)  # fmt: skip
"""What a folded text says where a number or a date has no end."""
