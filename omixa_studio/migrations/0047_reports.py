import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0046_kept_pictures"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(
                condition=models.Q(("kind", "adjustment")),
                fields=["target", "created_at"],
                name="adjustment_by_time",
            ),
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('query', models.CharField(blank=True, default='', max_length=2000)),
                ('every', models.CharField(choices=[('week', 'Weekly'), ('month', 'Monthly')], max_length=10)),
                ('on', models.PositiveSmallIntegerField(default=1)),
                ('hour', models.PositiveSmallIntegerField(default=8)),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('deleted_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('people', models.ManyToManyField(related_name='reports', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ReportMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.DateField()),
                ('last', models.DateField()),
                ('extra', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('unclear', 'Perhaps sent'), ('left_out', 'Left out')], db_default='queued', default='queued', max_length=10)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('not_before', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('begun_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, default='', max_length=200)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='report_mails', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mails', to='omixa_studio.report')),
            ],
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('every', 'week'), ('on__range', (1, 7))), models.Q(('every', 'month'), ('on__range', (1, 28))), _connector='OR'), name='report_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('hour__lte', 23)), name='report_at_an_hour'),
        ),
        migrations.AddIndex(
            model_name='reportmail',
            index=models.Index(fields=['report', '-id'], name='mail_of_report'),
        ),
        migrations.AddIndex(
            model_name='reportmail',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'sending'))), fields=['not_before'], name='report_mail_to_send'),
        ),
        migrations.AddConstraint(
            model_name='reportmail',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'sending', 'sent', 'failed', 'unclear', 'left_out'])), name='report_mail_state_known'),
        ),
        migrations.AddConstraint(
            model_name='reportmail',
            constraint=models.UniqueConstraint(condition=models.Q(('extra', False)), fields=('report', 'person', 'first'), name='one_report_of_a_period'),
        ),
        migrations.AddField(
            model_name="export",
            name="table",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        migrations.AddField(
            model_name="export",
            name="review",
            field=models.JSONField(null=True),
        ),
    ]
