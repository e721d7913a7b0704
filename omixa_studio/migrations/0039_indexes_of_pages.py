from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0038_picture_hashes")]

    operations = [
        migrations.CreateModel(
            name='DayTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target', models.CharField(max_length=200)),
                ('day', models.DateField()),
                ('person_id', models.BigIntegerField()),
                ('model', models.CharField(max_length=120)),
                ('billed_micros', models.BigIntegerField()),
                ('counted_micros', models.BigIntegerField()),
                ('requests', models.BigIntegerField()),
                ('pictures', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='LedgerMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('charge_id', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_by_state',
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['state', 'target', 'created_at', 'model'], name='generation_by_state'),
        ),
        migrations.AddIndex(
            model_name='daytotal',
            index=models.Index(fields=['target', 'day', 'person_id'], name='total_by_day'),
        ),
        migrations.AddConstraint(
            model_name='daytotal',
            constraint=models.UniqueConstraint(fields=('target', 'person_id', 'day', 'model'), name='one_total_of_a_day'),
        ),
    ]
