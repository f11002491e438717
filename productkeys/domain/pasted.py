"""Whole product keys in what somebody pastes to ask which key it is, and the text that is left without them."""

from productkeys.domain import keycode, keycode_text
from productkeys.domain.keycode import Check, KeyCode, KeyFormatError


def take_keys(text: str) -> tuple[dict[KeyCode, int], str]:
    """The whole keys in a text, how often each stands there, and the text without them.

    A key stands in one line: the partial keys of five machines below one another are none. What has the shape of a key
    and is mistyped becomes a mask, whose last five characters `slmgr.partial_keys` finds.
    """
    codes: dict[KeyCode, int] = {}
    rest: list[str] = []
    for line in text.splitlines():
        folded = keycode_text.fold(line) if len(line) >= keycode_text.KEY_LENGTH else None
        pieces, end_of_last = [], 0
        for start, end in keycode_text.key_spans(folded.text) if folded else ():
            assert folded
            first, last = folded.origins[start], folded.origins[end - 1]
            spelling = folded.text[start:end]
            code = _whole(spelling)
            if code is None and "-" not in spelling:
                continue
            if code:
                codes[code] = codes.get(code, 0) + 1
            characters = keycode_text.without_separators(spelling)
            pieces += [line[end_of_last:first], "" if code else keycode.mask(characters[-keycode_text.GROUP_LENGTH :])]
            end_of_last = last + 1
        rest.append(" ".join([*pieces, line[end_of_last:]]))
    return codes, "\n".join(rest)


def _whole(spelling: str) -> KeyCode | None:
    try:
        code = keycode.parse(spelling)
    except KeyFormatError:
        return None
    # Five partial keys with blanks between them look like a key in five groups: its check digits tell.
    return None if " " in spelling and keycode.check(code) is not Check.CONSISTENT else code
