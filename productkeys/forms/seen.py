"""What a form shows that is sent again after somebody else changed the same thing."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict


def follow(
    shown: QueryDict, stored: Mapping[str, Any], *, typed: Mapping[str, Any], when_seen: Mapping[str, Any]
) -> None:
    """Let the fields in `shown` that only the other person changed say what is `stored` by now.

    Those are the ones in which still stands what stood there `when_seen`: what was `typed` into any other stays.
    """
    for name in stored.keys() & when_seen.keys():
        if typed.get(name) == when_seen[name]:
            shown[name] = "" if stored[name] is None else str(stored[name])
