"""The app: hooks that run when Django is ready."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StudioConfig(AppConfig):
    name = "omixa_studio"
    verbose_name = "Omixa Studio"

    def ready(self) -> None:
        # Imported here because models cannot be loaded before the apps are.
        from omixa_studio import checks, ledger_guard, visitors  # noqa: F401

        post_migrate.connect(ledger_guard.refuse_changes, sender=self)
