import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('omixa_studio', '0024_clicks_of_lost_calls'),
    ]

    operations = [
        migrations.AlterField(
            model_name='run',
            name='kind',
            field=models.CharField(choices=[('split', 'Several requests'), ('list', 'List of prompts'), ('compare', 'Comparison'), ('ladder', 'Final quality'), ('bulk', 'Selection'), ('blind', 'Blind test')], max_length=10),
        ),
        migrations.CreateModel(
            name='BlindTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target', models.CharField(max_length=200)),
                ('name', models.CharField(max_length=120)),
                ('prompts', models.JSONField(default=list)),
                ('pictures_each', models.PositiveSmallIntegerField()),
                ('pairs_each', models.PositiveSmallIntegerField()),
                ('open_to_all', models.BooleanField(default=True)),
                ('pairs', models.PositiveIntegerField(default=0)),
                ('ready_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='blind_tests', to=settings.AUTH_USER_MODEL)),
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='blind_test', to='omixa_studio.run')),
            ],
        ),
        migrations.CreateModel(
            name='Ballot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('finished_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='ballots', to=settings.AUTH_USER_MODEL)),
                ('test', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ballots', to='omixa_studio.blindtest')),
            ],
        ),
        migrations.CreateModel(
            name='Contestant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('model', models.CharField(max_length=120)),
                ('options', models.JSONField(default=dict)),
                ('test', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contestants', to='omixa_studio.blindtest')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Pair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('prompt', models.PositiveSmallIntegerField()),
                ('position', models.PositiveIntegerField()),
                ('votes', models.PositiveIntegerField(default=0)),
                ('first', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='omixa_studio.picture')),
                ('first_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='omixa_studio.contestant')),
                ('second', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='omixa_studio.picture')),
                ('second_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='omixa_studio.contestant')),
                ('test', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='omixa_studio.blindtest')),
            ],
        ),
        migrations.CreateModel(
            name='Sample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('prompt', models.PositiveSmallIntegerField()),
                ('contestant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='samples', to='omixa_studio.contestant')),
                ('generation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='sample', to='omixa_studio.generation')),
            ],
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(choices=[('first', 'First'), ('second', 'Second'), ('equal', 'Equal'), ('skip', 'Skip')], max_length=10)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ballot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='omixa_studio.ballot')),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='omixa_studio.pair')),
            ],
        ),
        migrations.AddConstraint(
            model_name='ballot',
            constraint=models.UniqueConstraint(fields=('test', 'person'), name='one_ballot_per_person'),
        ),
        migrations.AddConstraint(
            model_name='contestant',
            constraint=models.UniqueConstraint(fields=('test', 'position'), name='one_contestant_per_place'),
        ),
        migrations.AddIndex(
            model_name='pair',
            index=models.Index(fields=['test', 'votes', 'position'], name='pair_by_votes'),
        ),
        migrations.AddConstraint(
            model_name='pair',
            constraint=models.UniqueConstraint(fields=('test', 'position'), name='one_pair_per_position'),
        ),
        migrations.AddConstraint(
            model_name='pair',
            constraint=models.CheckConstraint(condition=models.Q(('first_by', models.F('second_by')), _negated=True), name='pair_has_two_contestants'),
        ),
        migrations.AddConstraint(
            model_name='vote',
            constraint=models.UniqueConstraint(fields=('ballot', 'pair'), name='one_vote_per_pair'),
        ),
    ]
