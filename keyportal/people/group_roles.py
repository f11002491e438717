"""What KEYPORTAL_GROUP_ROLES says: which groups of the company's directory give which roles. Read with the settings."""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

STAFF = "staff"
"""Stands among the roles of a group for the way into the administration; what may be done there, the roles say."""

GroupRoles = Mapping[str, frozenset[str]]
"""Names of roles (and STAFF) by group, each group as `comparable` gives it."""

_COMMA = re.compile(r"(?<!\\),")  # between two parts of a distinguished name: one that is part of a name is escaped
_EXAMPLE = '{"CN=Key managers,OU=Groups,DC=example,DC=org": ["Key manager"], "IT": ["Viewer", "Revealer"]}'


def read(text: str) -> GroupRoles:
    """The setting as a mapping, empty where `text` is. Whether there are such roles, only the database knows.

    Raises ImproperlyConfigured for anything but a JSON object of lists of names.
    """
    if not text.strip():
        return {}
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"KEYPORTAL_GROUP_ROLES is not JSON ({error}). It looks like {_EXAMPLE}") from None
    if not isinstance(given, dict) or not all(_is_list_of_names(names) for names in given.values()):
        raise ImproperlyConfigured(
            f"KEYPORTAL_GROUP_ROLES takes an object: to each group a list of names of roles, as in {_EXAMPLE}"
        )
    roles: dict[str, frozenset[str]] = {}
    for group, names in given.items():
        roles[comparable(group)] = roles.get(comparable(group), frozenset()) | frozenset(names)
    return roles


def comparable(group: str) -> str:
    """`group` as it is looked up: a distinguished name in any case and spacing, any other name or id as it is."""
    if "=" not in group:
        return group
    return ",".join(part.strip() for part in _COMMA.split(group)).lower()


def _is_list_of_names(names: Any) -> bool:
    return isinstance(names, list) and bool(names) and all(isinstance(name, str) and name.strip() for name in names)
