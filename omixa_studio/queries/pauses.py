"""Read pauses: of all requests of a target, and of those of one key of the gateway."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from omixa_studio.gateway.refusal import LONGEST_WAIT
from omixa_studio.models import ENVIRONMENT, GatewayKey, Generation, Pause, Person, State
from omixa_studio.models.pauses import Reason


def current_pause(target: str) -> Pause | None:
    """Return the pause that holds all requests of a target now, or None."""
    return pauses_of_all(target).first()


def pauses_of_all(target: str) -> QuerySet[Pause]:
    return holding_pauses(target).filter(gateway_key=None)


def pause_of(row: Generation, pauses: Mapping[int | None, Pause]) -> Pause | None:
    """Return the pause that holds a request, of those of its target by key."""
    return pauses.get(None) or pauses.get(row.gateway_key_id or ENVIRONMENT)


def pauses_by_key(target: str) -> dict[int | None, Pause]:
    """Return the pauses that hold requests of a target, by key; None for all requests."""
    return {pause.gateway_key: pause for pause in holding_pauses(target).order_by("pk")}


def names_of_keys(ids: Collection[int | None]) -> dict[int, str]:
    """Return the names of keys by id; no query if none of the ids is that of a key."""
    wanted = [one for one in ids if one]
    if not wanted:
        return {}
    return dict(GatewayKey.objects.filter(pk__in=wanted).values_list("pk", "name"))


def paused_by_admins(ids: Collection[int | None]) -> set[int]:
    """Return which keys an admin has paused; no query if none of the ids is that of a key."""
    wanted = [one for one in ids if one]
    if not wanted:
        return set()
    rows = GatewayKey.objects.filter(pk__in=wanted, paused_at__isnull=False)
    return set(rows.values_list("pk", flat=True))


def holding_for(target: str, person: Person) -> list[Pause]:
    """Return the pauses that concern a person: those of all requests and of the environment's key,
    and those of keys that own requests wait for; admins all.
    """
    rows = holding_pauses(target).order_by(F("gateway_key").asc(nulls_first=True))
    if not person.is_admin:
        own = Generation.objects.filter(
            target=target, state=State.QUEUED, person=person, gateway_key=OuterRef("gateway_key")
        )
        rows = rows.filter(Q(gateway_key=None) | Q(gateway_key=ENVIRONMENT) | Exists(own))
    return list(rows)


def with_held_key(target: str) -> Q:
    """Return the condition that a pause or an admin holds back the key of a request."""
    paused = holding_pauses(target).filter(gateway_key__gt=ENVIRONMENT).values("gateway_key")
    by_admins = GatewayKey.objects.filter(paused_at__isnull=False).values("pk")
    of_environment = holding_pauses(target).filter(gateway_key=ENVIRONMENT)
    return (
        Q(Exists(of_environment), gateway_key=None)
        | Q(gateway_key__in=paused)
        | Q(gateway_key__in=by_admins)
    )


def is_older_copy(target: str) -> bool:
    """Return whether the database is an older copy and nobody has resumed since it was put back."""
    pause = current_pause(target)
    return pause is not None and pause.reason == Reason.OLDER


def holding_pauses(target: str) -> QuerySet[Pause]:
    """Return the pauses that hold requests of a target, by the database's own clock.

    A pause that ends later than the longest possible wait was written before the clock was set
    back, and is ignored.
    """
    longest = Now() + timedelta(seconds=LONGEST_WAIT)
    timed = Q(until__gt=Now(), until__lte=longest)
    return Pause.objects.filter(target=target).filter(Q(until=None) | timed)
