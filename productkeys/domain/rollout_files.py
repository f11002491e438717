"""What a rollout takes from a template beside its answer file: lines for MDT, a task sequence variable, two scripts.

No text that people typed comes into a file, so none has to be quoted: keys, what stands for one, and a KMS host by its
rule have no character that XML, INI files, cmd or PowerShell read otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from productkeys.domain import kms
from productkeys.domain.choices import KeyType
from productkeys.domain.kms import Step
from productkeys.domain.rollout import ACTIVATION, INSTALLATION
from productkeys.domain.scripts import NEW_LINE, as_cmd, as_powershell, plain


class FileKind(TextChoices):
    """The files of a rollout template, by their names in addresses."""

    ANSWER_FILE = "answer-file", _("Answer file")
    MDT = "mdt", "CustomSettings.ini"
    TASK_SEQUENCE = "task-sequence", "OSDProductKey"
    CMD = "cmd", _("Command script")
    POWERSHELL = "powershell", _("PowerShell script")


SUFFIXES: Mapping[FileKind, str] = {
    FileKind.ANSWER_FILE: ".xml",
    FileKind.MDT: "-CustomSettings.ini",
    FileKind.TASK_SEQUENCE: "-OSDProductKey.txt",
    FileKind.CMD: ".cmd",
    FileKind.POWERSHELL: ".ps1",
}
"""How the name of each file ends."""

SOURCES: Mapping[FileKind, str] = {
    FileKind.ANSWER_FILE: "Microsoft Learn: Unattended Windows Setup Reference, ProductKey",
    FileKind.MDT: "Microsoft Learn: Microsoft Deployment Toolkit, toolkit reference",
    FileKind.TASK_SEQUENCE: "Microsoft Learn: Configuration Manager, task sequence variables",
    FileKind.CMD: "Microsoft Learn: Slmgr.vbs options for volume activation",
    FileKind.POWERSHELL: "Microsoft Learn: Slmgr.vbs options for volume activation",
}


@dataclass(frozen=True, slots=True)
class FileKey:
    """A key as a file holds it: `written` is the key, or what stands for one that does not leave the portal."""

    written: str = field(repr=False)
    key_type: str = ""
    is_placeholder: bool = False


def placeholder(key_type: str = "", last_five: str = "") -> FileKey:
    """What stands for a key that does not leave; the check of answer files takes it for a placeholder."""
    name = key_type.upper().replace("_", " ") or "key"
    return FileKey(f"[{name}{f' ...{last_five}' if last_five else ''}: see KeyPortal]", key_type, is_placeholder=True)


def fields_in(kind: FileKind, key_types: Mapping[str, str]) -> tuple[str, ...]:
    """Which keys of a template stand in a file of it, by field. `key_types` are those of the keys that it has.

    Only an answer file has two places for a key, and MDT one more for a MAK, which it applies after the set-up.
    Elsewhere the activation key stands for both: it is the one that the machine is to have in the end.
    """
    has_mak = key_types.get(ACTIVATION) == KeyType.MAK
    if kind is FileKind.ANSWER_FILE or (kind is FileKind.MDT and has_mak):
        return tuple(name for name in (INSTALLATION, ACTIVATION) if name in key_types)
    return next(((name,) for name in (ACTIVATION, INSTALLATION) if name in key_types), ())


def is_of_use(kind: FileKind, key_types: Mapping[str, str], *, kms_host: str) -> bool:
    """Whether the file says anything for a template with these keys; an answer file may be there without one."""
    if kind in (FileKind.CMD, FileKind.POWERSHELL):
        return bool(key_types or kms_host)
    return kind is FileKind.MDT or bool(key_types)


def written(kind: FileKind, keys: Mapping[str, FileKey], *, kms_host: str = "") -> bytes:
    """A file of the template that is no answer file. `keys` by field, at least those of `fields_in`."""
    if kind is FileKind.MDT:
        return _custom_settings(keys)
    if kind is FileKind.TASK_SEQUENCE:
        (name,) = fields_in(kind, _types(keys))
        return f"OSDProductKey={keys[name].written}{NEW_LINE}".encode("ascii")
    steps = steps_of(keys, kms_host=kms_host)
    return as_cmd(steps, is_watched=False) if kind is FileKind.CMD else as_powershell(steps)


def steps_of(keys: Mapping[str, FileKey], *, kms_host: str = "") -> list[Step]:
    """The commands that give a machine the key of the template and activate it."""
    name = next(iter(fields_in(FileKind.CMD, _types(keys))), None)
    if name is None:
        return kms.to_host(kms_host)
    key = keys[name]
    code = f'"{key.written}"' if key.is_placeholder else key.written
    if key.key_type == KeyType.GVLK:
        return kms.to_kms(code, host=kms_host)
    return kms.to_mak(code) if key.key_type == KeyType.MAK else kms.to_own_key(code)


def _custom_settings(keys: Mapping[str, FileKey]) -> bytes:
    names = fields_in(FileKind.MDT, _types(keys))
    after = ACTIVATION if len(names) == 2 or (names and keys[names[0]].key_type == KeyType.MAK) else ""
    lines: list[str] = [_comment(_("For CustomSettings.ini, in the section of the machines that it is meant for."))]
    lines += ["[Default]", "SkipProductKey=YES"]
    for name in names:
        if name == after:
            lines += [_comment(_("A MAK: it is applied once Windows is set up, and never stands in ProductKey."))]
        lines.append(f"{'OverrideProductKey' if name == after else 'ProductKey'}={keys[name].written}")
    if not names:
        lines.append(_comment(_("No key is needed: volume media bring their own.")))
    return NEW_LINE.join([*lines, ""]).encode("ascii")


def _comment(text: str | Promise) -> str:
    return f"; {plain(text)}"


def _types(keys: Mapping[str, FileKey]) -> dict[str, str]:
    return {name: key.key_type for name, key in keys.items()}
