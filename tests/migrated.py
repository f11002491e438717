"""The roles as migrations make them, for tests that ask what a migration does with roles that somebody changed."""

from importlib import import_module

from django.apps import apps
from django.db import connection

_MIGRATIONS = (
    ("0002_roles", "make_roles"),
    ("0005_administrators_keep_scopes", "give_scopes"),
    ("0006_roles_use_rollout_templates", "give_templates"),
)


def make_roles() -> None:
    """The roles, as all migrations together leave them."""
    for migration, function in _MIGRATIONS:
        module = import_module(f"keyportal.people.migrations.{migration}")
        getattr(module, function)(apps, connection.schema_editor())
