"""The trail is chained: proofs of the entries, seals beside them, and the key of both."""

import django.utils.timezone
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from productkeys import append_only


def install(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """On SQLite, what was altered is a new table, and the triggers are gone with the old one."""
    append_only.install(schema_editor.connection, append_only.ENTRIES, append_only.SEALS)


def install_as_before(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.install(schema_editor.connection, append_only.ENTRIES)


class Migration(migrations.Migration):

    dependencies = [
        ('productkeys', '0004_avma_and_esu'),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, install_as_before),
        migrations.CreateModel(
            name='TrailKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed', models.TextField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='TrailSeal',
            fields=[
                ('sequence', models.BigIntegerField(primary_key=True, serialize=False)),
                ('entry', models.BigIntegerField(unique=True)),
                ('digest', models.CharField(max_length=64)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='trailentry',
            name='proof',
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AlterField(
            model_name='trailentry',
            name='action',
            field=models.CharField(choices=[('added', 'Added'), ('changed', 'Changed'), ('archived', 'Archived'), ('restored', 'Restored'), ('compromised', 'Marked as compromised'), ('deleted', 'Deleted'), ('revealed', 'Revealed'), ('loaded', 'Loaded with a release'), ('reveal-refused', 'Reveal refused'), ('signed-in', 'Signed in'), ('sign-in-failed', 'Sign-in failed'), ('signed-out', 'Signed out'), ('exported', 'Audit log exported'), ('pruned', 'Old entries removed')], max_length=20, verbose_name='what'),
        ),
        migrations.AlterField(
            model_name='trailentry',
            name='at',
            field=models.DateTimeField(db_index=True, default=django.utils.timezone.now, editable=False, verbose_name='when'),
        ),
        migrations.AddIndex(
            model_name='trailentry',
            index=models.Index(fields=['subject_name'], name='trail_subject_name'),
        ),
        migrations.AddIndex(
            model_name='trailentry',
            index=models.Index(fields=['actor_uid', '-id'], name='trail_actor'),
        ),
        migrations.AddIndex(
            model_name='trailentry',
            index=models.Index(fields=['action', '-id'], name='trail_action'),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
