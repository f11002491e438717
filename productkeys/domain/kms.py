"""Switching a machine to KMS, to a MAK, to another edition: the right GVLK, the commands in order, what to check."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.domain.choices import KeyType, Usage
from productkeys.domain.matching import Catalogue, ImageFacts, KeyFacts, Match, Verdict, answer
from productkeys.domain.matching.reasons import SYSTEM_UNCERTAIN
from productkeys.domain.rule import Problem, Rule

KMS_PORT = 1688
_SLMGR = "cscript //nologo %SystemRoot%\\System32\\slmgr.vbs"
_LEARN_KEYS = "Microsoft Learn: KMS client activation and product keys"
_LABEL = "[A-Za-z0-9_-]{1,63}"
_ERROR_CODE = re.compile(r"(?<![0-9A-Z])(?:0X|X)?([C8][0-9A-F]{7})(?![0-9A-Z])", re.ASCII)
_DECIMAL = re.compile(r"-?\d{9,10}", re.ASCII)
_HOST = re.compile(rf"(?!-)(?=[^:]{{1,253}}(?::|\Z)){_LABEL}(?:\.{_LABEL})*(?::(?P<port>[0-9]{{1,5}}))?")


GVLK_UNKNOWN = Rule(
    "gvlk_unknown",
    "edition",
    _("Microsoft publishes no GVLK for this edition."),
    _("KMS serves volume editions only: change to one of them, or use a MAK or a retail key."),
    _LEARN_KEYS,
)
SEVERAL_GVLKS = Rule(
    "several_gvlks",
    "edition",
    _("What is known of this Windows leaves several GVLKs."),
    _("Choose the operating system and the edition, or paste the output of slmgr /dlv."),
    _LEARN_KEYS,
)
GVLK_OF_ONE = Rule(
    "gvlk_of_one_system",
    "system",
    _("This Windows can be one of several, and only one of them has a GVLK in this edition."),
    _("Choose the operating system, or paste the output of slmgr /dlv."),
    _LEARN_KEYS,
)
HOST_MALFORMED = Rule(
    "kms_host_malformed",
    "host",
    _("This is no name of a KMS host."),
    _("Enter a computer name or an IPv4 address, with a colon and the port where it is not 1688."),
    "Microsoft Learn: Slmgr.vbs options for volume activation",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One command for an elevated command prompt, and what it does. Empty where a step is something to do by hand."""

    command: str
    explanation: str | Promise


@dataclass(frozen=True, slots=True)
class ActivationError:
    """A code that activation ends with, and what to do about it. `concerns`: kms, mak, retail, host or network."""

    code: str
    symbol: str
    meaning: str
    meaning_de: str
    advice: str
    advice_de: str
    concerns: tuple[str, ...]
    source: str


def error_code(text: str) -> str:
    """The code of an activation error as it is written here (0xC004F074), however it was typed; empty if there is none.

    Also read are the signed and the unsigned decimal number that other tools show.
    """
    compact = "".join(text.split()).upper()
    if match := _ERROR_CODE.search(compact):
        return f"0x{match[1]}"
    if number := _DECIMAL.fullmatch(compact):
        value = int(number[0]) % 2**32
        return f"0x{value:08X}" if value >= 2**31 else ""
    return ""


def gvlks_for(image: ImageFacts, keys: Iterable[KeyFacts], catalogue: Catalogue) -> list[Match]:
    """The GVLKs that make a KMS client of the Windows that `image` is: one where it tells enough; there may be none."""
    gvlks = [key for key in keys if key.key_type == KeyType.GVLK]
    said = answer(image, gvlks, Usage.ACTIVATION, catalogue)
    near = [match for match in said.matches if match.verdict is not Verdict.DOES_NOT_FIT]
    return [match for match in near if not said.image.edition or match.key.edition == said.image.edition]


def problem_of_gvlks(found: list[Match]) -> Problem | None:
    """Why what `gvlks_for` found is not the one right GVLK; None where it is, with reasons of its own that may warn."""
    if len(found) == 1:
        is_uncertain = any(reason.code == SYSTEM_UNCERTAIN.code for reason in found[0].reasons)
        return GVLK_OF_ONE.broken() if is_uncertain else None
    return (SEVERAL_GVLKS if found else GVLK_UNKNOWN).broken()


def problem_of_host(host: str) -> Problem | None:
    """Why `host` cannot stand in a command as the name of a KMS host; None where it can, or is empty."""
    match = _HOST.fullmatch(host)
    if not host or (match and 1 <= int(match["port"] or KMS_PORT) <= 65535):
        return None
    return HOST_MALFORMED.broken()


def to_kms(gvlk: str, *, host: str = "", was_host: bool = False) -> list[Step]:
    """Make a KMS client of a machine that had a MAK, a retail key or a KMS host key.

    `host` is the name of the KMS host, with or without its port, in which `problem_of_host` sees none; without it the
    machine asks DNS.
    """
    steps = [
        Step(f"{_SLMGR} /ipk {gvlk}", _("Install the GVLK: it replaces the present key and makes a KMS client of it.")),
        *to_host(host),
    ]
    if was_host:
        leave = _("Stop publishing this KMS host, then delete its record _vlmcs._tcp in DNS.")
        steps.insert(0, Step(f"{_SLMGR} /cdns", leave))
    return steps


def to_host(host: str = "") -> list[Step]:
    """Activate a machine that is a KMS client already. `host` as in `to_kms`."""
    return [
        Step(f"{_SLMGR} /skms {_with_port(host)}", _("Name the KMS host, so that DNS is not asked."))
        if host
        else Step(f"{_SLMGR} /ckms", _("Forget a KMS host that was named before: the machine finds it by DNS.")),
        Step(f"{_SLMGR} /ato", _("Activate now, instead of within two hours.")),
        Step(f"{_SLMGR} /dlv", _("Look: the channel is VOLUME_KMSCLIENT, and the machine is licensed.")),
    ]


def to_own_key(key: str) -> list[Step]:
    """Give a machine a key that needs no KMS host and is no MAK: retail, OEM, AVMA."""
    return [
        Step(f"{_SLMGR} /ipk {key}", _("Install the key: it replaces the present one.")),
        Step(f"{_SLMGR} /ato", _("Activate now.")),
        Step(f"{_SLMGR} /cpky", _("Remove the key from the registry, where others could read it.")),
        Step(f"{_SLMGR} /dlv", _("Look: the machine is licensed.")),
    ]


def to_mak(mak: str) -> list[Step]:
    """Make a MAK client of a KMS client."""
    return [
        Step(f"{_SLMGR} /ipk {mak}", _("Install the MAK: it replaces the GVLK.")),
        Step(f"{_SLMGR} /ckms", _("Forget the KMS host, if one was named.")),
        Step(f"{_SLMGR} /ato", _("Activate at Microsoft: this uses up one activation.")),
        Step(f"{_SLMGR} /cpky", _("Remove the key from the registry, where others could read it.")),
        Step(f"{_SLMGR} /dlv", _("Look: the channel is VOLUME_MAK, and the machine is licensed.")),
    ]


def to_edition(edition: str, key: str) -> list[Step]:
    """Turn an evaluation into a full Windows Server, or Standard into Datacenter, by the EditionID to become."""
    return [
        Step("", _("A domain controller cannot be converted: if this is one, set up another server in its place.")),
        Step("DISM /Online /Get-CurrentEdition", _("Show the edition that runs; an evaluation ends with Eval.")),
        Step("DISM /Online /Get-TargetEditions", _("Show what it can become: the edition has to stand there.")),
        Step(
            f"DISM /Online /Set-Edition:{edition} /ProductKey:{key} /AcceptEula",
            _("Change the edition. This takes a while and ends with a restart."),
        ),
        Step(f"{_SLMGR} /ato", _("Activate after the restart.")),
        Step(f"{_SLMGR} /dlv", _("Look: the edition is the new one, and the machine is licensed.")),
    ]


def checks(host: str = "") -> list[Step]:
    """What to look at when a KMS client does not activate, the likeliest first. `host` as in `to_kms`."""
    name, port = _parts(host) if host else ("KMS-HOST", str(KMS_PORT))
    return [
        Step("nslookup -type=srv _vlmcs._tcp", _("Does DNS name the KMS host? Without a record name it with /skms.")),
        Step(
            f'powershell -Command "Test-NetConnection {name} -Port {port}"',
            _("Does the KMS host answer at its port? A firewall or VPN may be in between."),
        ),
        Step(
            f"{_SLMGR} /dli",
            _("On the KMS host: is it licensed itself, and is its count 25 for clients or 5 for servers at least?"),
        ),
        Step("w32tm /query /status", _("Does the time agree? More than four hours of difference are refused.")),
        Step(f"{_SLMGR} /dlv", _("Is the key the GVLK of this very edition? Compare the partial product key.")),
        Step(
            'wevtutil qe Application /q:"*[System[(EventID=12288)]]" /c:5 /rd:true /f:text',
            _("What did the last attempts say? Event 12288 names the host and the error code."),
        ),
    ]


def _parts(host: str) -> tuple[str, str]:
    if problem_of_host(host):
        raise ValueError("no name of a KMS host")
    name, _colon, port = host.partition(":")
    return name, port or str(KMS_PORT)


def _with_port(host: str) -> str:
    return ":".join(_parts(host))
