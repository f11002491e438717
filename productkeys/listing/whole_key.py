"""Looking up a whole product key that somebody pasted into the search: by its fingerprint, exactly."""

from dataclasses import dataclass

from django.views.decorators.debug import sensitive_variables

from productkeys.domain import keycode, rules
from productkeys.domain.keycode import Check, KeyFormatError
from productkeys.models.product_key import ProductKeyQuerySet


@dataclass(frozen=True, slots=True)
class Lookup:
    """What came of it: the id of the entry, or None; and what is wrong with the spelling, if it can be told."""

    found: int | None = None
    fault: str = ""
    check_digits_differ: bool = False


@sensitive_variables("text", "code")
def look_up(text: str, keys: ProductKeyQuerySet) -> Lookup:
    """Look among `keys` for the product key in `text`. Nothing of the text is in the answer."""
    try:
        code = keycode.parse(text)
    except KeyFormatError as error:
        return Lookup(fault=rules.problem_of_format(error).text)
    pk = keys.holding(code).values_list("pk", flat=True).first()
    return Lookup(pk, check_digits_differ=pk is None and keycode.check(code) is Check.INCONSISTENT)
