"""The app: hooks that run when Django is ready."""

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate


class StudioConfig(AppConfig):
    name = "omixa_studio"
    verbose_name = "Omixa Studio"

    def ready(self) -> None:
        # Imported here because models cannot be loaded before the apps are.
        from omixa_studio import checks, ledger_guard  # noqa: F401

        post_migrate.connect(ledger_guard.refuse_changes, sender=self)
        post_migrate.connect(make_studio_limit, sender=self)


def make_studio_limit(*, using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Make the studio's limit row, which every hold locks, when it is not there."""
    from omixa_studio.models import Limit  # the same reason as above

    Limit.objects.using(using).get_or_create(person_id=None)
