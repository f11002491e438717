"""Measures the check of answer files against parsing them: `python -m benchmarks.answer_files`.

"Parsing alone" is expat telling a program of every element and text, which then does nothing with it. Beside that
stands expat asked for nothing, which only says whether the file is well-formed.
"""

import sys
from collections.abc import Callable, Sequence
from time import perf_counter
from xml.parsers import expat

from productkeys.domain import keycode
from productkeys.domain.answer_file.checking import check
from productkeys.domain.answer_file.known import KeyFacts
from productkeys.domain.answer_file.reading import read
from tests.answer_files import ENTERPRISE, SETUP, activating, commands, component, installing, settings, unattend
from tests.made_up_keys import made_up_key
from tests.typed_keys import PRO

ROUNDS = 40
_MAK = made_up_key(1)
_KNOWN = {
    keycode.parse(PRO): KeyFacts("Windows 11 Pro", "gvlk", "windows-11", "Professional", published=True),
    keycode.parse(ENTERPRISE): KeyFacts("Windows 11 Enterprise", "gvlk", "windows-11", "Enterprise", published=True),
    keycode.parse(_MAK): KeyFacts("House", "mak", "windows-11", "Enterprise", usage="activation", left=9),
}


def files() -> list[bytes]:
    """Files as people have them: small and large, with and without scripts, one and two architectures."""
    partitions = "".join(
        f'        <CreatePartition wcm:action="add"><Order>{number}</Order><Type>Primary</Type></CreatePartition>\n'
        for number in range(1, 6)
    )
    disks = f"      <DiskConfiguration><Disk>\n{partitions}      </Disk></DiskConfiguration>\n"
    many = commands(*(f"powershell -NoProfile -Command &quot;Set-Item {number}&quot;" for number in range(40)))
    script = "".join(f"Set-ItemProperty -Path HKLM:\\Software\\X -Name V{number} -Value 1\r\n" for number in range(300))
    carried = f'<Extensions xmlns="urn:x"><File path="a.ps1"><![CDATA[\r\n{script}]]></File></Extensions>\n'
    both = [
        settings("generalize", component("Microsoft-Windows-Security-SPP", "<SkipRearm>1</SkipRearm>", name))
        for name in ("x86", "amd64")
    ]
    return [
        text.encode()
        for text in (
            unattend(activating(PRO)),
            unattend(installing(PRO, before=disks), activating(PRO), commands("cmd /c echo ready")),
            unattend(installing(PRO, before=disks), activating(_MAK), many),
            unattend(installing(ENTERPRISE, before=disks), activating(_MAK), many, carried),
            unattend(*both, installing(_MAK, before=disks, architecture="x86"), installing(_MAK, before=disks), many),
            unattend(settings("windowsPE", component(SETUP, disks)), many),
        )
    ]


def main() -> None:
    """Print files per second and how that compares with parsing."""
    held = files()
    checked = _seconds(held, lambda data: check(read(data), known=_KNOWN.get, systems={}, changes=()))
    parsed, judged = _seconds(held, _parse), _seconds(held, _judge)
    sys.stdout.write(
        f"\nanswer files, {sum(map(len, held)) / len(held) / 1000:.1f} KB on average\n"
        f"checked a second (one core)       {1 / checked:8.0f}\n"
        f"check / parsing alone             {checked / parsed:8.2f}\n"
        f"check / asking if it is XML       {checked / judged:8.2f}\n"
    )


def _seconds(held: Sequence[bytes], work: Callable[[bytes], object]) -> float:
    """The least time for one file on average."""
    least = float("inf")
    for _round in range(ROUNDS):
        start = perf_counter()
        for data in held:
            work(data)
        least = min(least, perf_counter() - start)
    return least / len(held)


def _parse(data: bytes) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = _nothing
    parser.Parse(data, True)


def _judge(data: bytes) -> None:
    expat.ParserCreate(namespace_separator=" ").Parse(data, True)


def _nothing(*_told: object) -> None:
    pass


if __name__ == "__main__":
    main()
