"""The files of a rollout template: with placeholders for everybody, with the keys in them once those are revealed.

Public keys stand in them for everybody. A key that is none of the template, and that somebody left in its answer file,
never leaves: the portal could not say who may have it.
"""

import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidTag

from productkeys.domain import rollout_files
from productkeys.domain.answer_file import reading, writing
from productkeys.domain.answer_file.hiding import Spot, Tell, keys_in, with_keys_hidden
from productkeys.domain.answer_file.key_checks import stored_architecture
from productkeys.domain.answer_file.reading import AnswerFile
from productkeys.domain.answer_file.values import Held
from productkeys.domain.answer_file.writing import ARCHITECTURES, Do, Written
from productkeys.domain.choices import Architecture
from productkeys.domain.keycode import KeyCode
from productkeys.domain.rollout import ACTIVATION, INSTALLATION, PURPOSES
from productkeys.domain.rollout_files import FileKey, FileKind, placeholder
from productkeys.models import ProductKey, RolloutTemplate, SealedSecret
from productkeys.services import rollout_templates, scoping
from productkeys.services.answer_file_keys import public_code, stand_in
from productkeys.services.known_keys import entries_holding
from productkeys.services.origin import Origin

REVEAL = "productkeys.reveal_productkey"
_UNSEEN = "BBBBB"
"""The end of the stand-in for a key of which nothing is said."""

Codes = Mapping[int, KeyCode]
"""Keys that were revealed, by the number of their entry."""


@dataclass(frozen=True)
class RolloutFiles:
    """The files that `template` has for the person of `origin`. Costs a handful of queries, however many files."""

    template: RolloutTemplate
    origin: Origin

    @cached_property
    def keys(self) -> dict[str, ProductKey | None]:
        """The keys of the template by field; None where the person may not know of one."""
        ids = {name: getattr(self.template, f"{name}_id") for name in PURPOSES}
        wanted = [pk for pk in ids.values() if pk]
        visible = rollout_templates.usable_keys(self.origin)
        found = {key.pk: key for key in visible.filter(pk__in=wanted)} if wanted else {}
        return {name: found.get(pk) for name, pk in ids.items() if pk}

    @cached_property
    def kinds(self) -> list[FileKind]:
        """The files that say something for this template, and that this person may have."""
        return [kind for kind in FileKind if self._has(kind)]

    def _has(self, kind: FileKind) -> bool:
        if kind is FileKind.ANSWER_FILE and self.template.answer_file_id:
            return not self.why_no_answer_file
        return rollout_files.is_of_use(kind, self._types, kms_host=self.template.kms_host)

    @cached_property
    def why_no_answer_file(self) -> str:
        """Why the answer file that was brought does not leave: "no-right", "broken", or empty where it does."""
        if not self.template.answer_file_id:
            return ""
        rights = (rollout_templates.CHANGE, REVEAL)
        if not any(scoping.holds(self.origin, right, self.template.scope_id) for right in rights):
            return "no-right"
        if self._brought is None:
            return "broken"
        try:
            _written = self._with_stand_ins
        except writing.NotWritten:
            return "broken"
        return ""

    def secret_keys(self, kind: FileKind) -> list[ProductKey]:
        """The keys in a file of this kind that only leave by a reveal, each once."""
        keys = (self.keys[name] for name in rollout_files.fields_in(kind, self._types))
        return list({key.pk: key for key in keys if key and not key.published}.values())

    def holds_placeholders(self, kind: FileKind) -> bool:
        """Whether the file that everybody gets lacks a key of the template."""
        fields = rollout_files.fields_in(kind, self._types)
        return bool(self.secret_keys(kind)) or any(self.keys[name] is None for name in fields)

    def is_locked(self, kind: FileKind) -> bool:
        """Whether a key in this file is none that the person may reveal."""
        fields = rollout_files.fields_in(kind, self._types)
        return any(
            (key := self.keys[name]) is None or (not key.published and key.pk not in self._open) for name in fields
        )

    def data(self, kind: FileKind, revealed: Codes | None = None) -> bytes:
        """The file. `revealed` are the keys that are to stand in it; without them, placeholders stand for those."""
        codes = revealed or {}
        if kind is FileKind.ANSWER_FILE:
            file = self._put(codes).file if codes else self._with_stand_ins.file
            found = keys_in(file) if codes else self._found
            file = with_keys_hidden(file, found, self._teller(found, codes))
            return file.text.encoded(file.text.text)
        keys = {name: self._file_key(key, codes) for name, key in self.keys.items()}
        return rollout_files.written(kind, keys, kms_host=self.template.kms_host)

    def answer_file_before_and_after(self) -> tuple[AnswerFile, AnswerFile]:
        """The answer file as it was brought (an empty one without), and with stand-ins for keys, to be looked at."""
        return self._brought or reading.read(b""), self._with_stand_ins.file

    @cached_property
    def foreign(self) -> list[str]:
        """The last characters of keys in the brought file that are none of the template: they do not leave."""
        if self.why_no_answer_file or not self._brought:
            return []
        ours, public = self._told({}), _public_among(self._found)
        ends = (spot.held.last_five for spot in self._found if spot.held.code not in ours.keys() | public)
        own = {key.last_five for key in self.keys.values() if key}
        return sorted({end for end in ends if end and end not in own})

    @property
    def _types(self) -> dict[str, str]:
        return {name: key.key_type if key else "" for name, key in self.keys.items()}

    @cached_property
    def _open(self) -> frozenset[int]:
        ids = [key.pk for key in self.keys.values() if key and not key.published]
        if not ids or not self.origin.person:
            return frozenset()
        open_to = ProductKey.objects.permitted(self.origin.person, "reveal").filter(pk__in=ids)
        return frozenset(open_to.values_list("pk", flat=True))

    @cached_property
    def _brought(self) -> AnswerFile | None:
        try:
            data = rollout_templates.file_of(self.template)
        except (SealedSecret.DoesNotExist, InvalidTag, binascii.Error, ValueError):
            return None
        return reading.read(data, self.template.answer_file_name) if data is not None else None

    @cached_property
    def _with_stand_ins(self) -> Written:
        """The answer file as everybody may look at it. Raises NotWritten."""
        return self._put({})

    @cached_property
    def _found(self) -> list[Spot]:
        """The keys and stand-ins in it. To look for them takes long in a large file."""
        return keys_in(self._with_stand_ins.file)

    def _put(self, codes: Codes) -> Written:
        """The answer file with keys, and stand-ins for those that are not among `codes`. Raises NotWritten."""
        targets = {name: self._code(key, codes) for name, key in self.keys.items()}
        installation, activation = targets.get(INSTALLATION, Do.KEEP), targets.get(ACTIVATION, Do.KEEP)
        if self._brought:
            return writing.write(self._brought, installation=installation, activation=activation)
        told = self.template.architecture
        same = [one for one in ARCHITECTURES if told in (Architecture.ANY, stored_architecture(one))]
        return writing.new_file(installation=installation, activation=activation, architectures=same)

    def _code(self, key: ProductKey | None, codes: Codes) -> KeyCode:
        if key is None:
            return stand_in(_UNSEEN)
        return public_code(key) or codes.get(key.pk) or stand_in(key.last_five)

    def _file_key(self, key: ProductKey | None, codes: Codes) -> FileKey:
        if key is None:
            return placeholder()
        code = public_code(key) or codes.get(key.pk)
        return FileKey(code.open(), key.key_type) if code else placeholder(key.key_type, key.last_five)

    def _told(self, codes: Codes) -> dict[KeyCode | None, str | None]:
        """What stands for each key of the template in an answer file: None where it stays."""
        told: dict[KeyCode | None, str | None] = {}
        for key in self.keys.values():
            written = self._file_key(key, codes)
            told[self._code(key, codes)] = written.written if written.is_placeholder else None
        return told

    def _teller(self, found: Iterable[Spot], codes: Codes) -> Tell:
        told, public = self._told(codes), _public_among(found)

        def tell(held: Held) -> str | None:
            if held.code in told:
                return told[held.code]
            return None if held.code in public else placeholder(last_five=held.last_five or "").written

        return tell


def _public_among(found: Iterable[Spot]) -> frozenset[KeyCode]:
    codes = {spot.held.code for spot in found if spot.held.code}
    return frozenset(entries_holding(codes, ProductKey.objects.filter(published=True)))
