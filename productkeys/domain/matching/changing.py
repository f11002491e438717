"""Which edition of Windows becomes another one in place, as Microsoft supports it."""

from collections.abc import Iterable

from productkeys.domain.matching.facts import EditionChange


def supported_change(
    changes: Iterable[EditionChange], *, before: str, of: frozenset[str], after: str, on: frozenset[str]
) -> EditionChange | None:
    """The one of `changes` that turns the edition `before` into `after`, None where there is none.

    `of` are the systems that what runs may be, none where that is not known, and `on` those that the key is for. The
    EditionIDs are taken in any case; that of an evaluation ends with Eval.
    """
    wanted = before.casefold(), after.casefold()
    same = of & on if of else on
    for change in changes:
        if (change.before.casefold(), change.after.casefold()) != wanted:
            continue
        if change.system_before:
            is_between = change.system_after in on and (not of or change.system_before in of)
        else:
            is_between = bool(same & change.systems if change.systems else same)
        if is_between:
            return change
    return None
