from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0061_models_file")]

    operations = [
        migrations.AddField(
            model_name='token',
            name='app',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.AddField(
            model_name='token',
            name='app_host',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.AddConstraint(
            model_name='token',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at', None), models.Q(('app', ''), _negated=True)), fields=('app', 'person'), name='one_token_of_an_app'),
        ),
    ]
