"""Roles see or keep rollout templates, where they are still what they were made as; one that was cut otherwise stays."""

from importlib import import_module

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_AS_MADE = import_module("keyportal.people.migrations.0002_roles")._ROLES
_SCOPES = [f"productkeys.{verb}_scope" for verb in ("view", "add", "change", "delete")]
_KEEP = ("view", "add", "change", "delete")
_VERBS = {
    "Viewer": ("view",),
    "Deployer": _KEEP,
    "Key manager": _KEEP,
    "Revealer": ("view",),
    "Administrator": ("view",),
}


def give_templates(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(alias)
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for role, verbs in _VERBS.items():
        group = groups.filter(name=role).first()
        if group is None:
            continue
        rows = group.permissions.values_list("content_type__app_label", "codename")
        held = {f"{app_label}.{codename}" for app_label, codename in rows}
        if held != {*_AS_MADE[role], *(_SCOPES if role == "Administrator" else ())}:
            continue
        content_type, _is_new = content_types.get_or_create(app_label="productkeys", model="rollouttemplate")
        for verb in verbs:
            permission, _is_new = permissions.get_or_create(
                content_type=content_type,
                codename=f"{verb}_rollouttemplate",
                defaults={"name": f"Can {verb} rollout template"},
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("people", "0005_administrators_keep_scopes"), ("productkeys", "0011_rollout_templates")]
    operations = [migrations.RunPython(give_templates, migrations.RunPython.noop)]
