"""Find an order by its requests, and the last try of a webhook, without reading all of them."""

from typing import Any

from django.db import migrations, models


def note_last_tries(apps: Any, _schema: Any) -> None:
    """Note the last try of each webhook, which was looked for among all of them before."""
    tries = apps.get_model("omixa_studio", "WebhookTry").objects
    for webhook in apps.get_model("omixa_studio", "Webhook").objects.all():
        last = tries.filter(delivery__webhook=webhook).aggregate(it=models.Max("pk"))["it"]
        webhook.last_try = last
        webhook.save(update_fields=["last_try"])


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0001_the_first_tables_squashed_0063_gateway_keys")]

    operations = [
        migrations.AddIndex(
            model_name="apiorder",
            index=models.Index(fields=["group"], name="api_order_of_group"),
        ),
        migrations.AddField(
            model_name="webhook", name="last_try", field=models.BigIntegerField(null=True)
        ),
        migrations.RunPython(note_last_tries, migrations.RunPython.noop),
    ]
