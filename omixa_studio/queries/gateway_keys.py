"""Read the gateway's keys that admins set, never their secrets."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from omixa_studio.models import OPEN_STATES, GatewayKey, Generation, Project


def keys_of(target: str) -> QuerySet[GatewayKey]:
    """Return the keys of a gateway that were not ended, by name."""
    return GatewayKey.objects.filter(target=target, ended_at=None).order_by("name_search")


def keys_elsewhere(target: str) -> list[GatewayKey]:
    """Return the keys of other gateways that were not ended."""
    rows = GatewayKey.objects.filter(ended_at=None).exclude(target=target)
    return list(rows.order_by("target", "name_search"))


def are_there(target: str) -> bool:
    """Return whether a gateway has keys besides that of the environment."""
    return keys_of(target).exists()


def keys_on_own_bills() -> QuerySet[GatewayKey, Any]:
    """Select the ids of keys whose calls are on another bill than those of the environment's."""
    return GatewayKey.objects.filter(on_own_bill=True).values("pk")


def names_on_own_bills(target: str) -> list[str]:
    """Return the names of such keys of a gateway, also of ended ones, by name."""
    rows = GatewayKey.objects.filter(target=target, on_own_bill=True)
    return list(rows.order_by("name_search").values_list("name", flat=True))


def projects_of(keys: Collection[GatewayKey]) -> dict[int, list[Project]]:
    """Return by id of key the projects that name it, by name."""
    found: dict[int, list[Project]] = {}
    for project in Project.objects.filter(gateway_key__in=keys).order_by("name_search"):
        found.setdefault(project.gateway_key_id or 0, []).append(project)
    return found


def open_requests(keys: Collection[GatewayKey]) -> dict[int, int]:
    """Return by id of key how many requests wait or are under way with it."""
    rows = Generation.objects.filter(gateway_key__in=keys, state__in=OPEN_STATES).order_by()
    return {pk: n for pk, n in rows.values_list("gateway_key").annotate(n=Count("pk")) if pk}


def last_sent(keys: Collection[GatewayKey]) -> dict[int, datetime | None]:
    """Return by id of key when a request was last sent with it, as far as its last one tells."""
    last = {key.pk: _newest_sent(key) for key in keys}
    rows = Generation.objects.filter(pk__in=[pk for pk in last.values() if pk])
    return dict(rows.values_list("gateway_key", "sent_at"))


def _newest_sent(key: GatewayKey) -> int | None:
    rows = Generation.objects.filter(gateway_key=key, sent_at__isnull=False)
    return rows.order_by("-pk").values_list("pk", flat=True).first()
