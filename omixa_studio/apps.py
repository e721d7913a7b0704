"""The app: hooks that run when Django is ready."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class StudioConfig(AppConfig):
    name = "omixa_studio"
    verbose_name = "Omixa Studio"

    def ready(self) -> None:
        # Imported here because models cannot be loaded before the apps are.
        from omixa_studio import (  # noqa: F401
            checks,
            connections,
            converters,
            gallery_counts,
            kept_counts,
            known_migrations,
            ledger_guard,
            prompt_index,
            reporting,
            visitors,
            webhook_outbox,
        )

        reporting.start()

        connection_created.connect(connections.expect_short_statements)
        pre_migrate.connect(known_migrations.refuse_newer, sender=self)
        post_migrate.connect(ledger_guard.refuse_changes, sender=self)
        pre_migrate.connect(prompt_index.drop_triggers, sender=self)
        post_migrate.connect(prompt_index.create_triggers, sender=self)
        pre_migrate.connect(gallery_counts.stop_before_migrations, sender=self)
        post_migrate.connect(gallery_counts.keep_counts, sender=self)
        pre_migrate.connect(kept_counts.stop_before_migrations, sender=self)
        post_migrate.connect(kept_counts.keep_counts, sender=self)
        pre_migrate.connect(webhook_outbox.stop_before_migrations, sender=self)
        post_migrate.connect(webhook_outbox.create_triggers_of_outbox, sender=self)
