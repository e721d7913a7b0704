from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0054_one_kind_of_totals"),
    ]

    operations = [
        migrations.RemoveIndex("generation", "generation_by_charged"),
        migrations.AddIndex(
            "generation",
            models.Index(fields=["charged", "target", "created_at"], name="generation_by_charged"),
        ),
    ]
