from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0059_required_factors")]

    operations = [
        migrations.AddField(
            model_name="token",
            name="ask_above_micros",
            field=models.BigIntegerField(null=True),
        ),
    ]
