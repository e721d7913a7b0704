from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('omixa_studio', '0027_pictures_of_a_prompt'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='blindtest',
            index=models.Index(fields=['closed_at', '-id'], name='blind_test_open'),
        ),
    ]
