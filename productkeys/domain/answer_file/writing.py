"""Writes product keys into an answer file. What is not a key stays byte for byte.

Every component that may bear the key gets it, one per architecture; where there is none, it is made. What comes out was
read again before anybody gets it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from productkeys.domain.answer_file import structure_rules, values
from productkeys.domain.answer_file.findings import FileRule
from productkeys.domain.answer_file.markup import Element
from productkeys.domain.answer_file.media import Kind
from productkeys.domain.answer_file.places import (
    KEY_PATH,
    SETUP,
    SHELL_PATH,
    SHELL_SETUP,
    SPECIALIZE,
    WINDOWS_PE,
    Place,
    Purpose,
)
from productkeys.domain.answer_file.reading import NAMESPACE, AnswerFile, read
from productkeys.domain.answer_file.splicing import (
    Edit,
    Line,
    element_is_blank,
    put_first,
    put_last,
    removed,
    replaced,
    spliced,
)
from productkeys.domain.answer_file.values import Held, Value
from productkeys.domain.keycode import KeyCode

ARCHITECTURES = ("amd64", "x86", "arm64")
_NEW_FILE = f'<?xml version="1.0" encoding="utf-8"?>\n<unattend xmlns="{NAMESPACE}">\n</unattend>\n'
_HOMES = {Purpose.INSTALLATION: (WINDOWS_PE, SETUP), Purpose.ACTIVATION: (SPECIALIZE, SHELL_SETUP)}


class Do(Enum):
    """What happens to a place that gets no key."""

    KEEP = "keep"
    REMOVE = "remove"


Target = KeyCode | Do
Decide = Callable[[Purpose, str, Held], Target]
"""Says what becomes of the place for a purpose in the component of an architecture, by what it holds now."""


@dataclass(frozen=True, slots=True)
class Change:
    """A place that is another now: `line` is the one in the old file, `after` None where the element went."""

    pass_name: str
    component: str
    architecture: str
    path: str
    line: int
    before: Held
    after: KeyCode | None


@dataclass(frozen=True, slots=True)
class Written:
    """The file with the keys in it, and what changed in it."""

    file: AnswerFile
    changes: tuple[Change, ...]

    @property
    def data(self) -> bytes:
        return self.file.text.encoded(self.file.text.text)


class NotWritten(Exception):
    """Nothing was written; `rule` says why and what to do."""

    def __init__(self, rule: FileRule) -> None:
        super().__init__(rule.code)
        self.rule = rule


def write(file: AnswerFile, *, installation: Target = Do.KEEP, activation: Target = Do.KEEP) -> Written:
    """Put keys into a file, or take them out. Raises `NotWritten`.

    Nothing here knows what kind of key it is: check what comes out.
    """
    wanted = {Purpose.INSTALLATION: installation, Purpose.ACTIVATION: activation}
    return rewrite(file, lambda purpose, _architecture, _held: wanted[purpose])


def new_file(
    *, installation: Target = Do.KEEP, activation: Target = Do.KEEP, architectures: Sequence[str] = ("amd64",)
) -> Written:
    """The smallest answer file that holds the keys."""
    empty = read(_NEW_FILE.encode())
    wanted = {Purpose.INSTALLATION: installation, Purpose.ACTIVATION: activation}
    return rewrite(empty, lambda purpose, _architecture, _held: wanted[purpose], architectures)


def rewrite(
    file: AnswerFile, decide: Decide, architectures: Sequence[str] = (), *, needed: Sequence[str] = ()
) -> Written:
    """Let `decide` say of every place what becomes of it. `architectures` are those of components that are missing.

    Where a file has no component of a kind, it gets one for each architecture of its others; where it has some, it gets
    those for architectures that are `needed`. Raises `NotWritten`.
    """
    if file.kind is not Kind.ANSWER_FILE or not file.markup.root:
        raise NotWritten(structure_rules.NO_ANSWER_FILE)
    if file.faults:
        raise NotWritten(structure_rules.MEND_FIRST)
    writer = _Writer(file, decide, architectures or _architectures(file) or ARCHITECTURES[:1], needed)
    text = spliced(file.text.text, writer.finished())
    written = Written(read(file.text.encoded(text)), tuple(sorted(writer.changes, key=lambda change: change.line)))
    if written.file.faults or not all(_is_there(written.file, change) for change in written.changes):
        raise NotWritten(structure_rules.NOT_WRITABLE)
    return written


def _is_there(file: AnswerFile, change: Change) -> bool:
    """Whether a key stands now where it was to be written."""
    return change.after is None or any(
        place.held.code == change.after and place.architecture == change.architecture and _is_right(place)
        for place in file.places
        if (place.pass_name, place.path) == (change.pass_name, change.path)
    )


def _architectures(file: AnswerFile) -> list[str]:
    """Those of the components in the file, in its order."""
    found = (
        element.attributes.get("processorArchitecture", "").lower()
        for element in file.markup.elements
        if element.name == "component"
    )
    return [name for name in dict.fromkeys(found) if name in ARCHITECTURES]


class _Writer:
    """Collects the edits of one file."""

    def __init__(self, file: AnswerFile, decide: Decide, architectures: Sequence[str], needed: Sequence[str]) -> None:
        self.changes: list[Change] = []
        self._edits: list[Edit] = []
        self._first_in_root: list[Line] = []
        self._last_in_root: list[Line] = []
        self._file, self._text, self._decide = file, file.text.text, decide
        self._architectures, self._needed = architectures, needed

    def finished(self) -> list[Edit]:
        """The edits that serve every place."""
        for purpose in _HOMES:
            self._serve(purpose)
        root, first, last = self._root(), self._first_in_root, self._last_in_root
        if root and element_is_blank(self._text, root):
            first, last = first + last, []
        if root and first:
            self._edits.append(put_first(self._text, root, first))
        if root and last:
            self._edits.append(put_last(self._text, root, last))
        return self._edits

    def _root(self) -> Element | None:
        return next((one for one in self._file.markup.elements if one.name == "unattend" and not one.parent), None)

    def _serve(self, purpose: Purpose) -> None:
        """Serve the places of one purpose, in every component that is there, or in new ones."""
        components: dict[str, list[Element]] = {}
        for component in self._components(*_HOMES[purpose]):
            architecture = component.attributes.get("processorArchitecture", "")
            if architecture.lower() != "wow64":
                components.setdefault(architecture, []).append(component)
        of_wow64 = (place for place in self._file.places if place.architecture.lower() == "wow64")
        for place in of_wow64:  # no key is put there, but one may be taken out
            if place.purpose is purpose and self._decide(purpose, place.architecture, place.held) is Do.REMOVE:
                self._remove(place)
        for architecture, repeated in components.items():
            there = [place for place in self._file.places if place.purpose is purpose and _of(place, repeated)]
            if there:
                self._serve_places(purpose, architecture, there)
            elif isinstance(target := self._decide(purpose, architecture, values.MISSING), KeyCode):
                self._add(purpose, repeated[0], target)
        served = {architecture.lower() for architecture in components}
        missing = [one for one in self._needed if one not in served] if components else self._architectures
        if missing:
            self._add_components(purpose, missing)

    def _components(self, pass_name: str, name: str) -> Iterator[Element]:
        for element in self._file.markup.elements:
            if element.name == "component" and element.attributes.get("name", "").lower() == name.lower():
                settings = element.within("settings")
                if settings and settings.attributes.get("pass") == pass_name:
                    yield element

    def _serve_places(self, purpose: Purpose, architecture: str, there: list[Place]) -> None:
        for place in there:
            target = self._decide(purpose, architecture, place.held)
            element = place.element
            if element is None or target is Do.KEEP or (target == place.held.code and _is_right(place)):
                continue
            if isinstance(target, KeyCode):
                self._edits.append(self._put(place, element, target))
                self._note(place, target)
            else:
                self._remove(place)

    def _remove(self, place: Place) -> None:
        if place.element and place.held.value is not Value.MISSING:
            self._edits.append(self._take_out(place.purpose, place.element))
            self._note(place, None)

    def _put(self, place: Place, element: Element, code: KeyCode) -> Edit:
        key = code.open()
        if place.purpose is Purpose.ACTIVATION:  # also where it stood in an element within
            return replaced(self._text, _product_key(element), key)
        if element.name == "Key":
            return replaced(self._text, element, key)
        name = _prefixed(element.prefix, "Key")
        if place.held.value is Value.MISSING:
            return put_first(self._text, element, [Line(0, f"<{name}>{key}</{name}>")])
        return self._in_key(element, name, key)

    def _in_key(self, element: Element, name: str, key: str) -> Edit:
        """Put the key into an element of its own where the text stood straight in ProductKey, before what is in it."""
        straight = self._text[element.inside : element.outside].partition("<")[0].rstrip()
        if not straight:
            raise NotWritten(structure_rules.NOT_WRITABLE)
        return Edit(element.inside, element.inside + len(straight), f"<{name}>{key}</{name}>")

    def _take_out(self, purpose: Purpose, element: Element) -> Edit:
        """Take the innermost element away that holds nothing else."""
        outermost = "UserData" if purpose is Purpose.INSTALLATION else "ProductKey"
        while element.name != outermost and element.parent and self._holds_only(element.parent, element):
            element = element.parent
        return removed(self._text, element)

    def _holds_only(self, outer: Element, inner: Element) -> bool:
        before, behind = self._text[outer.inside : inner.start], self._text[inner.end : outer.outside]
        return not before.strip() and not behind.strip()

    def _note(self, place: Place, after: KeyCode | None) -> None:
        path = KEY_PATH if place.purpose is Purpose.INSTALLATION else SHELL_PATH
        self.changes.append(
            Change(place.pass_name, place.component, place.architecture, path, place.line, place.held, after)
        )

    def _add(self, purpose: Purpose, component: Element, code: KeyCode) -> None:
        """Put the element for the key into a component that has none."""
        outer, lines = component, _lines(purpose, component.prefix, code.open())
        if purpose is Purpose.INSTALLATION and (user_data := self._user_data(component)):
            outer, lines = user_data, [Line(line.depth - 1, line.written) for line in lines[1:-1]]
        self._edits.append(put_first(self._text, outer, lines))
        self._note_new(purpose, component.attributes.get("processorArchitecture", ""), outer, code)

    def _user_data(self, component: Element) -> Element | None:
        for element in self._file.markup.elements:
            if element.name == "UserData" and element.parent is component:
                return element
        return None

    def _add_components(self, purpose: Purpose, architectures: Sequence[str]) -> None:
        """Make the components that a file does not have, in their pass if that is there."""
        pass_name, name = _HOMES[purpose]
        targets = [(one, self._decide(purpose, one, values.MISSING)) for one in architectures]
        wanted = {architecture: target for architecture, target in targets if isinstance(target, KeyCode)}
        outer = self._settings(pass_name) or self._root()
        if not wanted:
            return
        if outer is None:
            raise NotWritten(structure_rules.MEND_FIRST)
        lines = [
            line
            for architecture, code in wanted.items()
            for line in _component_lines(purpose, name, architecture, outer.prefix, code.open())
        ]
        if outer.name == "settings":
            self._edits.append(put_last(self._text, outer, lines))
        else:
            in_root = self._first_in_root if purpose is Purpose.INSTALLATION else self._last_in_root
            in_root += _within(f'{_prefixed(outer.prefix, "settings")} pass="{pass_name}"', lines)
        for architecture, code in wanted.items():
            self._note_new(purpose, architecture, outer, code)

    def _settings(self, pass_name: str) -> Element | None:
        for element in self._file.markup.elements:
            if element.name == "settings" and element.attributes.get("pass") == pass_name:
                return element
        return None

    def _note_new(self, purpose: Purpose, architecture: str, outer: Element, code: KeyCode) -> None:
        pass_name, name = _HOMES[purpose]
        path = KEY_PATH if purpose is Purpose.INSTALLATION else SHELL_PATH
        line = self._file.text.line(outer.start)
        self.changes.append(Change(pass_name, name, architecture, path, line, values.MISSING, code))


def _of(place: Place, components: list[Element]) -> bool:
    return place.element is not None and any(place.element.within("component") is one for one in components)


def _is_right(place: Place) -> bool:
    """Whether a key stands where and how Windows reads it."""
    return place.held.value is Value.KEY and place.held.as_issued and place.path in (KEY_PATH, SHELL_PATH)


def _product_key(element: Element) -> Element:
    product_key = element if element.name == "ProductKey" else element.within("ProductKey")
    assert product_key
    return product_key


def _lines(purpose: Purpose, prefix: str, key: str) -> list[Line]:
    """The elements that hold the key in their component."""
    product_key = _prefixed(prefix, "ProductKey")
    if purpose is Purpose.ACTIVATION:
        return [Line(0, f"<{product_key}>{key}</{product_key}>")]
    name = _prefixed(prefix, "Key")
    return _within(_prefixed(prefix, "UserData"), _within(product_key, [Line(0, f"<{name}>{key}</{name}>")]))


def _component_lines(purpose: Purpose, name: str, architecture: str, prefix: str, key: str) -> list[Line]:
    described = (
        f'{_prefixed(prefix, "component")} name="{name}" processorArchitecture="{architecture}"'
        ' publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS"'
    )
    return _within(described, _lines(purpose, prefix, key))


def _within(described: str, lines: Sequence[Line]) -> list[Line]:
    """The lines within an element of this name, and attributes where it has some."""
    inner = [Line(line.depth + 1, line.written) for line in lines]
    return [Line(0, f"<{described}>"), *inner, Line(0, f"</{described.partition(' ')[0]}>")]


def _prefixed(prefix: str, name: str) -> str:
    return f"{prefix}:{name}" if prefix else name
