import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0036_guest_links_and_comments")]

    operations = [
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pack', models.CharField(choices=[('internal', 'Internal'), ('client', 'For a client')], max_length=10)),
                ('format', models.CharField(max_length=10)),
                ('side', models.PositiveIntegerField(default=0)),
                ('quality', models.PositiveSmallIntegerField()),
                ('template', models.CharField(max_length=300)),
                ('ids', models.JSONField()),
                ('pictures', models.PositiveIntegerField()),
                ('left_out', models.PositiveIntegerField(default=0)),
                ('file', models.CharField(blank=True, default='', max_length=120)),
                ('bytes', models.PositiveBigIntegerField(default=0)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ready_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(null=True)),
                ('job', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='export', to='omixa_studio.backgroundjob')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='exports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-id'], name='export_of_person'), models.Index(fields=['created_at'], name='export_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('pack__in', ['internal', 'client'])), name='export_pack_known')],
            },
        ),
    ]
