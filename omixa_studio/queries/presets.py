"""Reads of presets: whose one may use or change, what they made and what that cost."""

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce
from operator import or_
from statistics import median

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from omixa_studio.models import Generation, Person, Picture, Preset

from .pictures import visible_to

# More are no choice any more, and no page waits for them.
MOST_LISTED = 100
# Example and usual cost are of the last so many generations.
GENERATIONS_LOOKED_AT = 20


def usable_by(person: Person) -> QuerySet[Preset]:
    """A person's own presets and the team's, newest first."""
    rows = Preset.objects.filter(Q(person=person) | Q(team=True), deleted_at=None)
    return rows.select_related("person").order_by("-id")


def usable(person: Person, pk: int | None) -> Preset | None:
    """The preset with an id, if it is one that a person may use."""
    return None if pk is None else usable_by(person).filter(pk=pk).first()


def changeable_by(person: Person) -> QuerySet[Preset]:
    """The presets a person may rename or delete: own ones, and for an admin the team's."""
    teams = Q(team=True) if person.is_admin else Q()
    return Preset.objects.filter(Q(person=person) | teams)


def examples_of(presets: Sequence[Preset], person: Person) -> dict[int, Picture]:
    """A picture of each preset that a person may see, by its id: the one it was saved from, else
    a winner of its last ones, else the newest."""
    made = Generation.objects.filter(preset=OuterRef(OuterRef("pk"))).order_by("-id")
    last = Subquery(made.values("pk")[:GENERATIONS_LOOKED_AT])
    seen = visible_to(person).exclude(thumb="")
    own = seen.filter(pk=OuterRef("example")).values("pk")[:1]
    best = seen.filter(generation__in=last).order_by("-winner", "-id").values("pk")[:1]
    rows = Preset.objects.filter(pk__in=[one.pk for one in presets])
    chosen = {
        pk: saved_from or made
        for pk, saved_from, made in rows.values_list("pk", Subquery(own), Subquery(best))
    }
    found = Picture.objects.in_bulk([pk for pk in chosen.values() if pk])
    return {preset: found[pk] for preset, pk in chosen.items() if pk in found}


def usual_bills(presets: Sequence[Preset]) -> dict[int, int]:
    """The median bill of each preset's last requests, in micro-dollars, by its id."""
    billed = Generation.objects.filter(
        target=settings.GATEWAY_TARGET, billed_micros__isnull=False
    ).order_by("-id")
    last = [
        Q(pk__in=billed.filter(preset=one.pk).values("pk")[:GENERATIONS_LOOKED_AT])
        for one in presets
    ]
    if not last:
        return {}
    told: defaultdict[int, list[int]] = defaultdict(list)
    rows = Generation.objects.filter(reduce(or_, last)).order_by()
    for preset, micros in rows.values_list("preset", "billed_micros"):
        told[preset or 0].append(micros or 0)
    return {preset: round(median(bills)) for preset, bills in told.items()}
