"""The field says winner as the glossary does; its column keeps its name, so no row is touched."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0017_when_a_price_was_last_billed"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("picture", "picked", "winner"),
                migrations.AlterField(
                    "picture",
                    "winner",
                    models.BooleanField(default=False, db_column="picked"),
                ),
            ],
        ),
    ]
