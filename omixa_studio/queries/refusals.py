"""Find models that the gateway refused recently."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Q

from omixa_studio.models import Generation, State

REFUSED = "model"


def refused_lately(target: str, slugs: Iterable[str]) -> set[str]:
    """Return the models whose newest finished call was answered "not allowed" or "not found".

    One statement, which reads one row per model.
    """
    finished = Generation.objects.filter(target=target, state__in=(State.DONE, State.FAILED))
    newest = [
        Q(pk__in=finished.filter(model=slug).order_by("-id").values("pk")[:1]) for slug in slugs
    ]
    if not newest:
        return set()
    rows = Generation.objects.filter(reduce(or_, newest), error_kind=REFUSED)
    return set(rows.order_by().values_list("model", flat=True))
