"""Which import made an agreement, so that undoing it can take the agreement along."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("productkeys", "0008_trail_rows")]
    operations = [
        migrations.AddField(
            model_name="agreement",
            name="import_uid",
            field=models.UUIDField(editable=False, null=True),
        ),
    ]
