import django.db.models.deletion
import django.db.models.functions.datetime
import omixa_studio.models.search
from django.db import migrations, models

OF_A_KEY = ("key", "balance", "rate")


def say_whose(apps, schema_editor):
    """Until now there was one key, so what paused it held back all requests."""
    pauses = apps.get_model("omixa_studio", "Pause").objects
    pauses.filter(reason__in=OF_A_KEY).update(gateway_key=0)


class Migration(migrations.Migration):

    dependencies = [
        ('omixa_studio', '0062_connected_apps'),
    ]

    operations = [
        migrations.CreateModel(
            name='GatewayKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target', models.CharField(max_length=200)),
                ('name', models.CharField(max_length=60)),
                ('name_search', omixa_studio.models.search.FoldedCopy(blank=True, default='', editable=False, of='name')),
                ('tail', models.CharField(max_length=4)),
                ('on_own_bill', models.BooleanField(default=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('made_by', models.CharField(max_length=150)),
                ('rotated_at', models.DateTimeField(null=True)),
                ('rotated_by', models.CharField(blank=True, default='', max_length=150)),
                ('paused_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='GatewaySecret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed', models.TextField()),
                ('replaced_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='lostcall',
            name='gateway_key',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='pause',
            name='gateway_key',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='pause',
            name='reason',
            field=models.CharField(choices=[('rate', 'Too many requests at the gateway'), ('unavailable', 'No provider available'), ('key', 'The gateway rejects the key'), ('balance', 'The Omixa wallet is empty'), ('disk', 'The disk is nearly full'), ('folder', 'A folder is not writable'), ('older', 'The database is an older copy'), ('sealed', 'A key of the gateway cannot be read')], max_length=20),
        ),
        migrations.AlterField(
            model_name='pause',
            name='target',
            field=models.CharField(max_length=200),
        ),
        migrations.RunPython(say_whose, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.UniqueConstraint(condition=models.Q(('gateway_key', None)), fields=('target',), name='one_pause_of_all'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.UniqueConstraint(fields=('target', 'gateway_key'), name='one_pause_of_gateway_key'),
        ),
        migrations.AddConstraint(
            model_name='gatewaykey',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('target', 'name_search'), name='one_gateway_key_of_a_name'),
        ),
        migrations.AddField(
            model_name='generation',
            name='gateway_key',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='generations', to='omixa_studio.gatewaykey'),
        ),
        migrations.AddField(
            model_name='project',
            name='gateway_key',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='omixa_studio.gatewaykey'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('gateway_key__isnull', False)), fields=['gateway_key', '-id'], name='generation_of_gateway_key'),
        ),
        migrations.AddField(
            model_name='gatewaysecret',
            name='key',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='secrets', to='omixa_studio.gatewaykey'),
        ),
        migrations.AddConstraint(
            model_name='gatewaysecret',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('key',), name='one_secret_of_a_gateway_key'),
        ),
    ]
