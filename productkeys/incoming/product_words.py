"""The words of a product's text: which Windows it names, which edition, architecture and type; without any list.

The names of the systems and the labels of their editions are taken apart in the same way (`catalogue.py`): a text
means the system whose name says the same. So a new Windows is data here, too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from productkeys.incoming.spelling import folded
from productkeys.incoming.words import take_architecture, take_type


@dataclass(frozen=True, slots=True)
class Named:
    """What says which Windows it is: two texts that are equal in it mean the same system."""

    server: bool
    versions: frozenset[str]  # of a client: 11, 8.1, vista
    years: frozenset[str]  # of a server or of LTSC
    releases: frozenset[str] = frozenset()  # 1809, 20H2: they name a system in the semi-annual channel of servers only
    r2: bool = False
    ltsc: bool = False
    iot: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A product's text taken apart. `edition` holds what is left, in one spelling for each word."""

    named: Named
    edition: frozenset[str]
    architecture: str | None
    key_type: str | None
    says_windows: bool


_LTSC = re.compile(r"\b(?:ltsc|ltsb|long[- ]term servicing (?:channel|branch))\b")
_RELEASE = re.compile(r"\b(?:[12]\dh[12]|1507|1511|1607|1703|1709|1803|1809|1903|1909|2004|2009)\b")
_YEAR = re.compile(
    r"(?:\b(?:windows ?|win ?)?(?:server|srv|svr|ws|w)? ?-?)?(?<!\d)(?:(20[0-3]\d)|2k(\d\d?))(?!\d)(?: ?-?(r2)\b)?"
)
_SHORT_SERVER = re.compile(r"\bws ?(?=20[0-3]\d|2k\d)|\bw(?=2k\d)")
_SERVER = re.compile(r"\b(?:win(?:dows)? ?)?(?:server|srv|svr)(?!rdsh)")
_GLUED_SERVER = re.compile(r"\b(?:win(?:dows)?)?(?:server|srv|svr)(?![a-z])")
_SAYS_WINDOWS = re.compile(
    r"\bwin(?:dows)?(?![a-z])|\bwin(?:srv|svr|server)|server|\bsrv|\bsvr|\bws ?20|\bw2k|\bw(?:7|8|8\.1|10|11)(?!\d)"
)
_VERSION = r"(\d{1,2}(?:\.\d)?(?![\dh])|vista\b|xp\b)"
_CLIENT = re.compile(
    rf"\b(?:windows|win|w)[ ,-]{{0,2}}{_VERSION}"
    rf"((?: ?(?:/|,|&|\+|und|and|or|oder|bzw\.?) ?(?:windows|win|w)?[ -]?{_VERSION})*)"
)
_MORE_VERSIONS = re.compile(_VERSION)
_LEADING_VERSION = re.compile(r"(7|8|8\.1|1[0-9])(?![\d.])(?: ?/ ?(1[0-9])(?![\d.]))?")
_FOR_CLIENTS_OF_A_HOST = re.compile(r"\bfor (?:windows|win) ?\d.*")
_PHRASES = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), f" {word} ")
    for pattern, word in (
        (r"data ?-?cent(?:er|re)|data ?ctr|dctr|dc|datacentre", "datacenter"),
        (r"(?:without|ohne|w/o) hyper-?v", "nohyperv"),
        (r"country[- ]specific|china only|nur china", "china"),
        (r"multi[- ]?session|mehrere sitzungen|evd|avd", "multisession"),
        (r"semi[- ]annual channel|halbjaehrlicher kanal|sac", "sac"),
        (r"(?:for |fuer )?workstations?|arbeitsstationen|ws|wks", "workstation"),
        (r"media cent(?:er|re)|wmc", "mediacenter"),
        (r"multi ?point", "multipoint"),
        (r"in s mode|s[- ]mode|s-modus|im s-modus", "s"),
        (r"step[- ]up", "upgrade"),
        (r"server core|core installation|no gui|with gui|desktop experience|desktopdarstellung", "servercore"),
    )
)  # fmt: skip
_ONE_SPELLING = {
    "ent": "enterprise", "entp": "enterprise", "entr": "enterprise", "enter": "enterprise", "pro": "pro",
    "prof": "pro", "professional": "pro",
    "profesional": "pro", "std": "standard", "stand": "standard", "stnd": "standard", "ess": "essentials",
    "essential": "essentials",
    "edu": "education", "ult": "ultimate", "prem": "premium", "fnd": "foundation", "evaluation": "eval",
    "evaluierung": "eval",
    "evaluierungsversion": "eval", "evaluationsversion": "eval", "trial": "eval", "testversion": "eval",
    "sl": "single", "lang": "language",
}  # fmt: skip
# What stands in product names and says nothing about the edition.
_NOISE = frozenset({
    "a3", "a5", "activation", "aktivierung", "all", "and", "availability", "b", "based", "basierte", "betriebssystem",
    "bit", "box", "branch", "bundle", "c", "cb", "cbb", "channel", "client", "cores", "current", "d", "das", "de",
    "der", "deu", "deutsch", "device", "devices", "die", "dvd", "dwnld", "e3", "e5", "ea", "edition", "editions",
    "en", "eng", "englisch", "english", "esd", "f3", "for", "fuer", "ga", "general", "ger", "geraet", "german",
    "halbjaehrlicher", "iso", "jahr", "jahre", "key", "keys", "kms", "language", "languages", "legacy", "lic",
    "licence", "licences", "license", "licenses", "licsapk", "lizenz", "lizenzen", "lng", "mak", "microsoft", "mit",
    "ml", "mpsa", "ms", "multi", "multilanguage", "multilingual", "neu", "new", "nr", "nur", "oder", "oem", "of",
    "olp", "olv", "online", "only", "open", "operating", "or", "os", "pack", "pc", "pcs", "per", "perpetual", "pk",
    "product", "produkt", "r2", "release", "retail", "rtm", "sa", "sac", "schluessel", "select", "server",
    "servercore", "service", "sp", "sp1", "sp2", "srv", "svr", "system", "systeme", "systems", "the", "und", "update",
    "upg", "upgrade", "user", "value", "ver", "version", "versionen", "versions", "vl", "vlk", "vol", "volume", "von",
    "win", "windows", "with", "x", "y", "y1", "y2", "y3", "year", "years",
})  # fmt: skip
_WORD = re.compile(r"[a-z]+\d*")


def words_of(text: str) -> Words:
    """Take a product's text apart: "WinSrv 2019 DC MAK" is a server, of 2019, Datacenter, of type MAK."""
    rest = folded(text)
    says_windows = _SAYS_WINDOWS.search(rest) is not None
    key_type, rest = take_type(_FOR_CLIENTS_OF_A_HOST.sub("", rest) if "kms" in rest else rest)
    architecture, without = take_architecture(rest)
    if architecture == "ia64" and "itanium" in rest:
        without += " itanium"
    rest = _SHORT_SERVER.sub("server ", without)
    ltsc = _LTSC.search(rest) is not None
    rest = _LTSC.sub(" ltsc ", rest)
    releases = frozenset(_RELEASE.findall(rest))
    rest = _RELEASE.sub(" ", rest)
    server = _SERVER.search(rest) is not None
    years, r2 = set(), False
    for match in _YEAR.finditer(rest):
        years.add(match[1] or f"20{int(match[2]):02}")
        r2 = r2 or bool(match[3])
    rest = _YEAR.sub(" ", rest)
    versions = set(_versions(rest))
    rest = _CLIENT.sub(" ", rest)
    if not versions and not years and not says_windows and (leading := _LEADING_VERSION.match(rest)):
        versions = {version for version in leading.groups() if version}
        rest = rest[leading.end() :]
    edition = frozenset(_edition_words(_GLUED_SERVER.sub(" ", rest), server=server))
    named = Named(
        server=server or bool(years and not versions and not ltsc),
        versions=frozenset(versions),
        years=frozenset(years),
        releases=releases,
        r2=r2,
        ltsc=ltsc,
        iot=ltsc and "iot" in edition,
    )
    return Words(named, edition, architecture, key_type, says_windows)


def _versions(text: str) -> Iterator[str]:
    for match in _CLIENT.finditer(text):
        yield match[1]
        yield from _MORE_VERSIONS.findall(match[2])


def _edition_words(text: str, *, server: bool) -> Iterator[str]:
    for pattern, word in _PHRASES:
        text = pattern.sub(word, text)
    for word in _WORD.findall(text):
        if word == "core":
            if not server:
                yield "home"
        elif (spelled := _ONE_SPELLING.get(word, word)) not in _NOISE:
            yield spelled
