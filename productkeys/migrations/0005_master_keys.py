"""Each product key names the master key that it was sealed with, and is found under two of them while one takes over."""

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def register(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The pairs that the ring was compared with so far, now a row each; and which of them sealed which product key."""
    database = schema_editor.connection.alias
    checks = dict(apps.get_model("productkeys", "KeyCheck").objects.using(database).values_list("name", "value"))
    registered = apps.get_model("productkeys", "RegisteredKey").objects.using(database)
    product_keys = apps.get_model("productkeys", "ProductKey").objects.using(database)
    for name, value in checks.items():
        if name.startswith("encryption:e"):
            number = int(name.removeprefix("encryption:e"))
            registered.create(
                number=number, encryption_check=value, fingerprint_check=checks[f"fingerprint:f{number}"]
            )
            product_keys.filter(code__startswith=f"kp1.e{number}.").update(master_key=number)


class Migration(migrations.Migration):

    dependencies = [
        ('productkeys', '0004_avma_and_esu'),
    ]

    operations = [
        migrations.CreateModel(
            name='RegisteredKey',
            fields=[
                ('number', models.PositiveIntegerField(primary_key=True, serialize=False)),
                ('encryption_check', models.CharField(max_length=64)),
                ('fingerprint_check', models.CharField(max_length=64)),
                ('registered_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['number'],
                'default_permissions': (),
            },
        ),
        migrations.RenameField(
            model_name='productkey',
            old_name='fingerprint',
            new_name='fingerprint_odd',
        ),
        migrations.AlterField(
            model_name='productkey',
            name='fingerprint_odd',
            field=models.CharField(editable=False, max_length=80, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='productkey',
            name='fingerprint_even',
            field=models.CharField(editable=False, max_length=80, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='productkey',
            name='master_key',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='productkeys.registeredkey', verbose_name='master key'),
        ),
        migrations.RunPython(register, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='productkey',
            name='master_key',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='productkeys.registeredkey', verbose_name='master key'),
        ),
        migrations.AddConstraint(
            model_name='productkey',
            constraint=models.CheckConstraint(condition=models.Q(('code__isnull', False), ('code__startswith', django.db.models.functions.text.Concat(models.Value('kp1.e'), django.db.models.functions.comparison.Cast('master_key', models.CharField(max_length=10)), models.Value('.')))), name='sealed_with_its_master_key'),
        ),
        migrations.AddConstraint(
            model_name='productkey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('fingerprint_odd__isnull', False), ('fingerprint_odd__startswith', django.db.models.functions.text.Concat(models.Value('f'), django.db.models.functions.comparison.Cast('master_key', models.CharField(max_length=10)), models.Value('.')))), models.Q(('fingerprint_even__isnull', False), ('fingerprint_even__startswith', django.db.models.functions.text.Concat(models.Value('f'), django.db.models.functions.comparison.Cast('master_key', models.CharField(max_length=10)), models.Value('.')))), _connector='OR'), name='found_by_its_master_key'),
        ),
        migrations.AlterField(
            model_name='trailentry',
            name='action',
            field=models.CharField(choices=[('added', 'Added'), ('changed', 'Changed'), ('archived', 'Archived'), ('restored', 'Restored'), ('compromised', 'Marked as compromised'), ('deleted', 'Deleted'), ('revealed', 'Revealed'), ('loaded', 'Loaded with a release'), ('master_key_added', 'Master key added'), ('master_key_replaced', 'Re-encrypted with the new master key'), ('master_key_removed', 'Old master key removed')], max_length=20, verbose_name='what'),
        ),
        migrations.DeleteModel(
            name='KeyCheck',
        ),
    ]
