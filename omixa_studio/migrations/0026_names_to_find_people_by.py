"""What people are found by: their names, folded."""

from django.db import migrations

from omixa_studio.models.search import UnaccentedCopy


def fold_names(apps, schema_editor):
    people = apps.get_model("omixa_studio", "Person").objects.using(schema_editor.connection.alias)
    for person in people.iterator():
        person.save(update_fields=["search"])


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0025_blind_tests")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="search",
            field=UnaccentedCopy(of="first_name last_name username email", db_default=""),
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
    ]
