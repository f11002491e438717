"""From which version an import changed a key, and with which one the key was as before again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("productkeys", "0012_imports_being_undone")]
    operations = [
        migrations.AddField(
            model_name="importedchange",
            name="seen_version",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="importedchange",
            name="undone_version",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="importedchange",
            name="key_uid",
            field=models.UUIDField(db_index=True),
        ),
    ]
