"""Rows of the trail, for entries about many things. They only grow, like the entries."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from productkeys import append_only


def install(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.install(schema_editor.connection, "productkeys_trailrow")


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.remove(schema_editor.connection, "productkeys_trailrow")


class Migration(migrations.Migration):
    dependencies = [("productkeys", "0007_agreements_labels_imports")]
    operations = [
        migrations.CreateModel(
            name="TrailRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry_uid", models.UUIDField()),
                ("subject_uid", models.UUIDField()),
                ("subject_name", models.CharField(max_length=200)),
                ("values", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["id"],
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["entry_uid", "id"], name="trail_row_entry"),
                    models.Index(fields=["subject_uid", "-id"], name="trail_row_subject"),
                ],
            },
        ),
        migrations.RunPython(install, remove),
    ]
