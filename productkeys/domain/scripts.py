"""The commands of `kms.py` as a file to run: a command script and a PowerShell script, as Windows reads them."""

from collections.abc import Iterable

from django.utils.functional import Promise

from productkeys.domain.kms import Step

NEW_LINE = "\r\n"
_WITHOUT_MARKS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


def as_cmd(steps: Iterable[Step], *, is_watched: bool = True) -> bytes:
    """A command script. It is pure ASCII: which code page reads it, differs from console to console.

    Where somebody looks on (`is_watched`), it shows each command and waits at its end. In a rollout nobody is there to
    go on, and a command that holds a product key would stand in the log.
    """
    lines = ["@echo off", "setlocal"]
    for step in steps:
        shown = [f"echo {step.command}"] if is_watched else []
        lines += ["", f"rem {plain(step.explanation)}", *shown, step.command]
    return NEW_LINE.join([*lines, "", *(["pause", ""] if is_watched else [])]).encode("ascii")


def as_powershell(steps: Iterable[Step]) -> bytes:
    """A PowerShell script that asks for elevation, in UTF-8 with the mark that Windows PowerShell needs to see that."""
    lines = ["#Requires -RunAsAdministrator"]
    for step in steps:
        lines += ["", f"# {step.explanation}", step.command.replace("%SystemRoot%", "$env:SystemRoot")]
    return NEW_LINE.join([*lines, ""]).encode("utf-8-sig")


def plain(text: str | Promise) -> str:
    """A text in ASCII, as one line."""
    return " ".join(str(text).split()).translate(_WITHOUT_MARKS).encode("ascii", "replace").decode()
