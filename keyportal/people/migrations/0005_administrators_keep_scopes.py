"""Administrators keep scopes, where the role is still what it was made as; one that somebody cut otherwise is theirs."""

from importlib import import_module

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_AS_MADE = frozenset(import_module("keyportal.people.migrations.0002_roles")._ROLES["Administrator"])


def give_scopes(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(alias)
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    group = apps.get_model("auth", "Group").objects.using(alias).filter(name="Administrator").first()
    if group is None:
        return
    held = group.permissions.values_list("content_type__app_label", "codename")
    if {f"{app_label}.{codename}" for app_label, codename in held} != _AS_MADE:
        return
    content_type, _is_new = content_types.get_or_create(app_label="productkeys", model="scope")
    for verb in ("view", "add", "change", "delete"):
        permission, _is_new = permissions.get_or_create(
            content_type=content_type, codename=f"{verb}_scope", defaults={"name": f"Can {verb} scope"}
        )
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("people", "0004_second_factor_rule")]
    operations = [migrations.RunPython(give_scopes, migrations.RunPython.noop)]
