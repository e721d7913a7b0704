"""Which machines of a studio sign with another secret than this one."""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from omixa_studio.models import WorkerSeen

SECONDS_SEEN = 90
# How the target of a row begins that tells of a secret; no host of a gateway holds a space.
OF_SECRETS = "secret "
MOST_NAMED = 20


def mark() -> str:
    """Return what stands for the secret of this machine, of which cookies tell as much."""
    return f"{OF_SECRETS}{settings.COOKIE_ENDING}"


def machines_with_another() -> list[str]:
    """Return the names of machines that were alive lately and sign with another secret."""
    lately = Now() - timedelta(seconds=SECONDS_SEEN)
    rows = WorkerSeen.objects.filter(target__startswith=OF_SECRETS, seen_at__gte=lately)
    others = rows.exclude(target=mark()).order_by("worker")
    return list(others.values_list("worker", flat=True)[:MOST_NAMED])
