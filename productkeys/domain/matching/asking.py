"""What people write of an image: a build, a version, a release or the name of an operating system."""

import re
from dataclasses import replace

from productkeys.domain.matching.facts import Catalogue, ImageFacts, ReleaseFacts
from productkeys.domain.matching.identifying import named

_BUILD = re.compile(r"(?:build )?(?:\d{1,2}\.\d{1,2}\.)?(\d{4,6})(?:\.(\d{1,6}))?", re.IGNORECASE)
_BUILD_WITHIN = re.compile(r"\b(?:build |\d{1,2}\.\d{1,2}\.)(\d{4,6})(?:\.(\d{1,6}))?\b", re.IGNORECASE)
_JOINED = re.compile(r"(?<=server)(?=20\d\d)|(?<=20\d\d)(?=r2\b)", re.IGNORECASE)
_SERVER = re.compile(r"(?<=^Windows )(?=20\d\d)")
_SHORT = re.compile(r"^(?:microsoft |ms )?(?:win(?=\W|\d)|windows|(?=server\b)) ?", re.IGNORECASE)


def asked(text: str, catalogue: Catalogue) -> ImageFacts:
    """Read "26100", "10.0.26100.2033", "Windows 11 24H2", "Server 2022 Standard" or the short name of a system.

    What winver and ver show is read as well: "Version 24H2 (Build 26100.2033)". A text that tells neither gives empty
    facts.
    """
    written = " ".join(text.split())
    if found := _BUILD.fullmatch(written):
        return ImageFacts(build=int(found[1]), revision=int(found[2]) if found[2] else None)
    if written.casefold() in catalogue.systems:
        return ImageFacts(system=written.casefold())
    spelled_out = _SERVER.sub("Server ", _SHORT.sub("Windows ", _JOINED.sub(" ", written)))
    told = named(spelled_out, catalogue)
    if found := _BUILD_WITHIN.search(written):
        return replace(told, build=int(found[1]), revision=int(found[2]) if found[2] else None)
    release = _release(spelled_out, told.system, catalogue)
    if release is None:
        return told
    return ImageFacts(
        system=release.system,
        build=release.first_build,
        installation=told.installation,
        edition=told.edition,
        evaluation=told.evaluation,
    )


def _release(text: str, system: str, catalogue: Catalogue) -> ReleaseFacts | None:
    """The release of `system`, or of any where it is empty, that `text` names with its version."""
    words = _words(text)
    named_by = (
        release
        for release in catalogue.releases
        if system in ("", release.system) and ", version " in release.name and _words(release.name) <= words
    )
    return next(named_by, None)


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w.]+", name.casefold())) - {"version"}
