from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Lower


def keep_with_the_first(apps, _schema_editor):
    """An address that several accounts have stays with the oldest: logging in by it was a draw."""
    person_model = apps.get_model(settings.AUTH_USER_MODEL)
    seen = set()
    for person in person_model.objects.exclude(email="").order_by("pk"):
        if person.email.lower() in seen:
            person_model.objects.filter(pk=person.pk).update(email="")
        seen.add(person.email.lower())


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0007_count_open_costs"),
    ]

    operations = [
        migrations.RunPython(keep_with_the_first, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="one_account_per_email"
            ),
        ),
    ]
