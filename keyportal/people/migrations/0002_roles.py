"""The roles that a portal starts with. A group that has the name of one already is somebody's own, and stays as it is."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_SEE_KEYS = ["productkeys.view_productkey"]
_ROLES = {
    "Viewer": _SEE_KEYS,
    "Deployer": _SEE_KEYS,
    "Key manager": [
        *_SEE_KEYS,
        "productkeys.add_productkey",
        "productkeys.change_productkey",
        "productkeys.delete_productkey",
    ],
    "Revealer": [*_SEE_KEYS, "productkeys.reveal_productkey"],
    "Auditor": ["productkeys.view_trailentry"],
    "Administrator": [
        *_SEE_KEYS,
        "productkeys.release_productkey",
        "productkeys.view_operatingsystem",
        "productkeys.add_operatingsystem",
        "productkeys.change_operatingsystem",
        "productkeys.delete_operatingsystem",
        "productkeys.view_offering",
        "productkeys.add_offering",
        "productkeys.change_offering",
        "productkeys.delete_offering",
        "productkeys.view_release",
        "productkeys.add_release",
        "productkeys.change_release",
        "productkeys.delete_release",
        "people.view_user",
        "people.add_user",
        "people.change_user",
        "auth.view_group",
    ],
}

# In a new database Django makes permissions after the last migration, too late for this one, and finds there what this
# one has made. So each gets the name that Django would give it.
_NAMES = {
    "reveal_productkey": "Can reveal product keys that are not public",
    "release_productkey": "Can let product keys be revealed again after a stop",
}
_THINGS = {
    "productkey": "product key",
    "trailentry": "trail entry",
    "operatingsystem": "operating system",
    "offering": "edition of an operating system",
    "release": "release",
    "user": "user",
    "group": "group",
}


def make_roles(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(alias)
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for role, rights in _ROLES.items():
        group, is_new = groups.get_or_create(name=role)
        if not is_new:
            continue
        for right in rights:
            app_label, codename = right.split(".")
            verb, model = codename.split("_")
            name = _NAMES.get(codename, f"Can {verb} {_THINGS[model]}")
            content_type, _is_new = content_types.get_or_create(app_label=app_label, model=model)
            permission, _is_new = permissions.get_or_create(
                content_type=content_type, codename=codename, defaults={"name": name}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("productkeys", "0003_search_by_trigram"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
