from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0048_matching_the_bill"),
    ]

    operations = [
        migrations.AddField("comment", "deleted_by", models.BigIntegerField(null=True)),
        migrations.AddField("guestlink", "revoked_by", models.BigIntegerField(null=True)),
    ]
