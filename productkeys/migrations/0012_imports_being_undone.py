"""A state for imports that a worker takes back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("productkeys", "0011_rollout_templates")]
    operations = [
        migrations.AlterField(
            model_name="import",
            name="state",
            field=models.CharField(
                choices=[
                    ("checking", "Rows are being checked"),
                    ("checked", "Waits for your decision"),
                    ("storing", "Keys are being stored"),
                    ("done", "Done"),
                    ("cancelled", "Cancelled"),
                    ("failed", "Failed"),
                    ("undoing", "Is being undone"),
                    ("undone", "Undone"),
                ],
                default="checking",
                max_length=10,
                verbose_name="state",
            ),
        ),
    ]
