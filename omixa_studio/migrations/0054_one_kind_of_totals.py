"""Remove the totals of days, which those of costs include, let a cost be adjusted again, and tell
reports of a week and of a month that begin on one day apart."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0053_invitations"),
    ]

    operations = [
        migrations.DeleteModel(name="DayTotal"),
        migrations.DeleteModel(name="LedgerMark"),
        migrations.RemoveConstraint(model_name="charge", name="only_raises_repeat"),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ("raise", "adjustment")), ("nth", 0), _connector="OR"),
                name="only_raises_and_adjustments_repeat",
            ),
        ),
        migrations.RemoveConstraint(model_name="reportmail", name="one_report_of_a_period"),
        migrations.AddConstraint(
            model_name="reportmail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("extra", False)),
                fields=("report", "person", "first", "last"),
                name="one_report_of_a_period",
            ),
        ),
    ]
