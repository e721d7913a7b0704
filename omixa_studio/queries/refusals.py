"""Find models that the gateway refused recently."""

from collections.abc import Iterable

from django.db.models import QuerySet

from omixa_studio.models import Generation, State

from .limited import of_models

REFUSED = "model"


def refused_lately(target: str, slugs: Iterable[str]) -> set[str]:
    """Return the models whose newest finished call was answered "not allowed" or "not found".

    One statement, which reads one row per model.
    """
    found = of_models(_newest, target, list(slugs), "model", "error_kind")
    return {slug for slug, error in found if error == REFUSED}


def _newest(target: str, slug: str) -> QuerySet[Generation]:
    finished = Generation.objects.filter(target=target, state__in=(State.DONE, State.FAILED))
    return finished.filter(model=slug).order_by("-id")[:1]
