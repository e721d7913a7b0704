from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0058_retention"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="must_add_factor",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="studiosettings",
            name="factor_roles",
            field=models.JSONField(default=list),
        ),
    ]
