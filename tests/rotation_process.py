"""Processes of a portal whose master key is rotated: `python -m tests.rotation_process VERB ...`.

They answer in JSON. Run with the environment of a machine (tests/machine.py), never with the settings of the tests.
"""

import base64
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, NoReturn

import django

django.setup()

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.exceptions import InvalidTag
from django.core.management import call_command
from django.db import connection, connections

from keyportal.people.models import User
from productkeys import key_ring_source
from productkeys.domain import keycode
from productkeys.domain.choices import KeyType
from productkeys.models import ProductKey, SealedSecret
from productkeys.services import keys, sealed_secrets, trail_key
from productkeys.services.keys import ChangedMeanwhile, KeyValues, Refused
from productkeys.services.origin import PORTAL
from tests.made_up_keys import made_up_key

ONLY_ADDED_FROM = 10_000
"""Keys from this number on are never replaced, so that several writers may race for the same ones."""


def write(first: int, last: int) -> dict[str, Any]:
    """Add the made-up keys of these numbers, give each a new comment, and some another key; returns what came of it."""
    came: Counter[str] = Counter()
    for number in range(first, last):
        try:
            key = keys.add_key(_values(number), origin=PORTAL)
        except Refused as refused:
            came[refused.problems[0].code] += 1
            continue
        came["added"] += 1
        changes: dict[str, Any] = {"comment": f"edited {number}"}
        if _later(number) != number:
            changes["code"] = keycode.parse(made_up_key(_later(number)))
        try:
            keys.change_key(key, KeyValues.of(key, **changes), seen_version=key.version, origin=PORTAL)
        except ChangedMeanwhile:
            came["changed meanwhile"] += 1
    return dict(came)


def start() -> None:
    """Be where a portal is once it is up, with the key of the trail at hand, and say so."""
    trail_key.current()
    sys.stdout.write("started\n")
    sys.stdout.flush()


def set_up_factors(first: int, last: int) -> dict[str, Any]:
    """Give people of these numbers a second factor each: an app and recovery codes."""
    for number in range(first, last):
        person = User.objects.create_user(f"person.{number}")
        TOTP.activate(person, _secret(number))
        RecoveryCodes.activate(person)
    return {"set up": last - first}


def spoil_a_factor() -> dict[str, Any]:
    """Give one secret the ciphertext of another, as somebody with the database could."""
    spoilt, other = SealedSecret.objects.order_by("pk")[:2]
    SealedSecret.objects.filter(pk=spoilt.pk).update(sealed=other.sealed)
    return {"changed": str(spoilt.uid)}


def check_factors(first: int, last: int) -> dict[str, Any]:
    """How many of the second factors of these people open to what they were, and the master keys of all secrets."""
    people = [f"person.{number}" for number in range(first, last)]
    apps = Authenticator.objects.filter(type="totp", user__username__in=people)
    opened = {app.user.username: _opened(app.data["secret"]) for app in apps}
    seeds = [_opened(codes.data["seed"]) for codes in Authenticator.objects.filter(type="recovery_codes")]
    return {
        "open": sum(opened.get(f"person.{number}") == _secret(number) for number in range(first, last)),
        "with codes": sum(len(seed) == 80 for seed in seeds),
        "under": sorted(set(SealedSecret.objects.values_list("master_key", flat=True))),
    }


def check(*numbers: int) -> dict[str, Any]:
    """Whether each stored key opens, is found by what it opens to, and stands there once.

    Also: which of the made-up keys of these numbers are there, as `write` left them, and under which master keys.
    """
    opened = {row.pk: keycode.parse(row.code.open()) for row in ProductKey.objects.all()}
    missing = [
        number
        for number in numbers
        if not ProductKey.objects.holding(keycode.parse(made_up_key(_later(number)))).filter(comment=f"edited {number}")
    ]
    return {
        "keys": len(opened),
        "twice": len(opened) - len({code.open() for code in opened.values()}),
        "not found": sum(keys.find(code) != ProductKey(pk=pk) for pk, code in opened.items()),
        "missing": missing,
        "under": sorted(set(ProductKey.objects.values_list("master_key", flat=True))),
        "edited by rotation": ProductKey.objects.exclude(key_type__in=[KeyType.GVLK, KeyType.AVMA])
        .exclude(version=2)
        .count(),
    }


def die(statements: list[int], *arguments: str) -> dict[str, Any]:
    """Run `manage.py rotate_keys` again and again, each killed before it sends so many statements to the database.

    Returns how many runs were killed until one came to its end, and what `check` found wrong in between.
    """
    killed = 0
    wrong: list[Any] = []
    for statement in statements:
        connections.close_all()
        key_ring_source.forget()
        if not (process := os.fork()):
            _rotate_until(statement, arguments)
        _pid, status = os.waitpid(process, 0)
        if not os.WIFSIGNALED(status):
            return {"killed": killed, "wrong": wrong, "exit": os.waitstatus_to_exitcode(status)}
        killed += 1
        found = check()
        if found["twice"] or found["not found"]:
            wrong.append((statement, found))
    return {"killed": killed, "wrong": wrong, "exit": None}


def _rotate_until(statement: int, arguments: Iterable[str]) -> NoReturn:
    sent = count(1)

    def counted(execute: Callable[..., Any], *query: Any) -> Any:
        if next(sent) == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*query)

    with connection.execute_wrapper(counted):
        call_command("rotate_keys", *arguments, stdout=sys.stderr)
    os._exit(0)


def _opened(reference: str) -> str:
    try:
        return sealed_secrets.read(reference)
    except InvalidTag:
        return ""


def _secret(number: int) -> str:
    return base64.b32encode(f"secret of {number:<10}".encode()).decode()


def _later(number: int) -> int:
    """The number of the key that the entry of this number has in the end: every third gets another one."""
    return number + 5_000_000 if number % 3 == 0 and number < ONLY_ADDED_FROM else number


def _values(number: int) -> KeyValues:
    return KeyValues(
        name=f"Site {number}",
        key_type="mak",
        operating_system_id="windows-11",
        edition="Enterprise",
        usage="activation",
        quantity=50,
        code=keycode.parse(made_up_key(number)),
    )


if __name__ == "__main__":
    _verb, *_rest = sys.argv[1:]
    match _verb, _rest:
        case "die", [statements, *options]:
            answer = die([int(statement) for statement in statements.split(",")], *options)
        case "write", [_first, _last]:
            answer = write(int(_first), int(_last))
        case "set-up-factors", [_first, _last]:
            answer = set_up_factors(int(_first), int(_last))
        case "spoil-a-factor", []:
            answer = spoil_a_factor()
        case "check-factors", [_first, _last]:
            answer = check_factors(int(_first), int(_last))
        case "start-and-write", [_first, _last]:
            start()
            answer = write(int(_first), int(_last))
        case _:
            answer = check(*map(int, _rest))
    sys.stdout.write(json.dumps(answer))
