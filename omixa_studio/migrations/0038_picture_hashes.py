from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0037_exports")]

    operations = [
        migrations.AddField(
            model_name='generation',
            name='request_key',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='picture',
            name='perceptual_hash',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['request_key', '-id'], name='generation_of_request'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(models.Func(models.F('sha256'), output_field=models.CharField(max_length=16), template='substr(%(expressions)s, 1, 16)'), name='picture_by_digest'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(models.Func(models.F('perceptual_hash'), output_field=models.IntegerField(), template='((%(expressions)s >> 48) & 65535)'), name='picture_by_hash_band_0'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(models.Func(models.F('perceptual_hash'), output_field=models.IntegerField(), template='((%(expressions)s >> 32) & 65535)'), name='picture_by_hash_band_1'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(models.Func(models.F('perceptual_hash'), output_field=models.IntegerField(), template='((%(expressions)s >> 16) & 65535)'), name='picture_by_hash_band_2'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(models.Func(models.F('perceptual_hash'), output_field=models.IntegerField(), template='((%(expressions)s >> 0) & 65535)'), name='picture_by_hash_band_3'),
        ),
    ]
