"""Rollout templates: what a rollout installs and with which keys."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import productkeys.models.reference
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('productkeys', '0010_checked_file'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='trailentry',
            name='action',
            field=models.CharField(choices=[('added', 'Added'), ('changed', 'Changed'), ('archived', 'Archived'), ('restored', 'Restored'), ('compromised', 'Marked as compromised'), ('deleted', 'Deleted'), ('revealed', 'Revealed'), ('loaded', 'Loaded with a release'), ('reveal-refused', 'Reveal refused'), ('reveals-stopped', 'Reveals stopped'), ('reveals-released', 'Reveals released'), ('signed-in', 'Signed in'), ('sign-in-failed', 'Sign-in failed'), ('signed-out', 'Signed out'), ('reset-asked', 'New password asked for'), ('factor-added', 'Second factor added'), ('factor-removed', 'Second factor removed'), ('codes-renewed', 'New recovery codes made'), ('exported', 'Audit log exported'), ('imported', 'Keys imported'), ('import-undone', 'Import undone'), ('keys-exported', 'Keys exported'), ('agreement-added', 'Agreement added'), ('agreement-changed', 'Agreement changed'), ('agreement-deleted', 'Agreement deleted'), ('template-added', 'Rollout template added'), ('template-changed', 'Rollout template changed'), ('template-deleted', 'Rollout template deleted'), ('pruned', 'Old entries removed'), ('master_key_added', 'Master key added'), ('master_key_replaced', 'Re-encrypted with the new master key'), ('master_key_removed', 'Old master key removed')], max_length=20, verbose_name='what'),
        ),
        migrations.CreateModel(
            name='RolloutTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('name_sort', models.CharField(editable=False, max_length=200)),
                ('description', models.TextField(blank=True, max_length=2000, verbose_name='description')),
                ('edition', models.CharField(blank=True, choices=productkeys.models.reference.edition_choices, max_length=60, verbose_name='edition')),
                ('architecture', models.CharField(choices=[('any', 'any'), ('x64', 'x64'), ('arm64', 'ARM64'), ('x86', 'x86'), ('ia64', 'IA-64')], default='x64', max_length=10, verbose_name='architecture')),
                ('build', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(999999)], verbose_name='build')),
                ('kms_host', models.CharField(blank=True, max_length=260, verbose_name='KMS host')),
                ('seen', models.JSONField(blank=True, default=dict, editable=False)),
                ('answer_file_name', models.CharField(blank=True, editable=False, max_length=100, verbose_name='name of the answer file')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='changed')),
                ('activation_key', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='productkeys.productkey', verbose_name='activation key')),
                ('answer_file', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='productkeys.sealedsecret', verbose_name='answer file')),
                ('changed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by')),
                ('installation_key', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='productkeys.productkey', verbose_name='installation key')),
                ('operating_system', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rollout_templates', to='productkeys.operatingsystem', verbose_name='operating system')),
                ('scope', models.ForeignKey(blank=True, help_text="Empty: everybody's.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rollout_templates', to='productkeys.scope', verbose_name='scope')),
            ],
            options={
                'verbose_name': 'rollout template',
                'verbose_name_plural': 'rollout templates',
                'ordering': ['name_sort', 'id'],
                'indexes': [models.Index(fields=['name_sort', 'id'], name='template_name')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('scope__isnull', False)), fields=('name', 'scope'), name='template_once_in_a_scope'), models.UniqueConstraint(condition=models.Q(('scope__isnull', True)), fields=('name',), name='template_of_everybody_once')],
            },
        ),
    ]
