"""The roles that a portal starts with: Django groups, made by the migration `0002_roles`.

A role is nothing but its permissions: a superuser cuts them otherwise in the admin, and adds groups of their own. The
migration keeps a copy of this table, as it was then; a later change here needs a migration of its own.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_SEE_KEYS = frozenset({"productkeys.view_productkey", "productkeys.view_rollouttemplate"})
_KEEP_TEMPLATES = frozenset(f"productkeys.{right}_rollouttemplate" for right in ("view", "add", "change", "delete"))
_REFERENCE_DATA = frozenset(
    f"productkeys.{right}_{model}"
    for model in ("operatingsystem", "offering", "release", "scope")
    for right in ("view", "add", "change", "delete")
)


@dataclass(frozen=True, slots=True)
class Role:
    """A role: the name of its group, how people read it, what it may do, and its permissions ("app.codename")."""

    name: str
    label: Promise
    summary: Promise
    permissions: frozenset[str]


ROLES = (
    Role("Viewer", _("Viewer"), _("Sees product keys, masked, and rollout templates."), _SEE_KEYS),
    Role(
        "Deployer",
        _("Deployer"),
        _("Uses product keys in rollouts, and sees them masked; keeps rollout templates."),
        _SEE_KEYS | _KEEP_TEMPLATES,
    ),
    Role(
        "Key manager",
        _("Key manager"),
        _("Adds, edits, archives and deletes product keys, and sees them masked; keeps rollout templates."),
        _SEE_KEYS
        | _KEEP_TEMPLATES
        | {"productkeys.add_productkey", "productkeys.change_productkey", "productkeys.delete_productkey"},
    ),
    Role(
        "Revealer",
        _("Revealer"),
        _("Reveals product keys, with a reason that is recorded."),
        _SEE_KEYS | {"productkeys.reveal_productkey"},
    ),
    Role(
        "Auditor",
        _("Auditor"),
        _("Reads the audit log; sees the names of product keys in it, not the keys."),
        frozenset({"productkeys.view_trailentry"}),
    ),
    Role(
        "Administrator",
        _("Administrator"),
        _("Keeps people and operating systems, and lets keys be revealed again after a stop. Reveals none."),
        _SEE_KEYS
        | _REFERENCE_DATA
        | {
            "productkeys.release_productkey",
            "people.view_user",
            "people.add_user",
            "people.change_user",
            "auth.view_group",
        },
    ),
)

ROLE_OF = {role.name: role for role in ROLES}
"""The role of a group, by the group's name."""
