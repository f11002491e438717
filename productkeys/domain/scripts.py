"""The commands of `kms.py` as a file to run: a command script and a PowerShell script, as Windows reads them."""

from collections.abc import Iterable

from productkeys.domain.kms import Step

_NEW_LINE = "\r\n"
_WITHOUT_MARKS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


def as_cmd(steps: Iterable[Step]) -> bytes:
    """A command script. It is pure ASCII: which code page reads it, differs from console to console."""
    lines = ["@echo off", "setlocal"]
    for step in steps:
        lines += ["", f"rem {_plain(step)}", f"echo {step.command}", step.command]
    return _NEW_LINE.join([*lines, "", "pause", ""]).encode("ascii")


def as_powershell(steps: Iterable[Step]) -> bytes:
    """A PowerShell script that asks for elevation, in UTF-8 with the mark that Windows PowerShell needs to see that."""
    lines = ["#Requires -RunAsAdministrator"]
    for step in steps:
        lines += ["", f"# {step.explanation}", step.command.replace("%SystemRoot%", "$env:SystemRoot")]
    return _NEW_LINE.join([*lines, ""]).encode("utf-8-sig")


def _plain(step: Step) -> str:
    return str(step.explanation).translate(_WITHOUT_MARKS).encode("ascii", "replace").decode()
