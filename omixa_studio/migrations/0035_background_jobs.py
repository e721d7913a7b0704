"""Background jobs; what made the picture of an input, known after the picture is deleted."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


def name_origins(apps, schema_editor):
    inputs = apps.get_model("omixa_studio", "InputImage").objects.exclude(picture=None)
    pictures = apps.get_model("omixa_studio", "Picture").objects
    made_by = pictures.filter(pk=models.OuterRef("picture")).values("generation")
    inputs.update(origin=models.Subquery(made_by))


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0034_collections_and_tags")]

    operations = [
        migrations.AddField(
            model_name='inputimage',
            name='origin',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='inputs_made_from', to='omixa_studio.generation'),
        ),
        migrations.AddField(
            model_name='person',
            name='has_jobs',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name='BackgroundJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('parameters', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('cursor', models.JSONField(null=True)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(null=True)),
                ('result', models.JSONField(default=dict)),
                ('error', models.JSONField(blank=True, default=list)),
                ('closed', models.BooleanField(default=False)),
                ('attempt', models.UUIDField(null=True)),
                ('worker', models.CharField(blank=True, default='', max_length=80)),
                ('lease', models.DateTimeField(null=True)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('started_at', models.DateTimeField(null=True)),
                ('worked_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='background_jobs', to=settings.AUTH_USER_MODEL)),
                ('undo_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='undos', to='omixa_studio.backgroundjob')),
            ],
        ),
        migrations.CreateModel(
            name='JobChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ids', models.JSONField()),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='omixa_studio.backgroundjob')),
            ],
        ),
        migrations.AddIndex(
            model_name='backgroundjob',
            index=models.Index(fields=['state', 'finished_at'], name='job_by_state'),
        ),
        migrations.AddIndex(
            model_name='backgroundjob',
            index=models.Index(fields=['person', '-id'], name='job_of_person'),
        ),
        migrations.AddConstraint(
            model_name='backgroundjob',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'running', 'done', 'failed', 'cancelled'])), name='job_state_known'),
        ),
        migrations.AddConstraint(
            model_name='backgroundjob',
            constraint=models.UniqueConstraint(condition=models.Q(('person', None), ('state__in', ('queued', 'running'))), fields=('kind',), name='one_open_job_of_studio'),
        ),
        migrations.RunPython(name_origins, migrations.RunPython.noop),
    ]
