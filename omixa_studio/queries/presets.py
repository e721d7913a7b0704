"""Read presets: who may use or change them, their pictures and their costs."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from omixa_studio.models import Generation, Person, Picture, Preset

from .limited import together
from .pictures import visible_to

# A longer list is hard to choose from, and no page should have to load it.
MOST_LISTED = 100
# Example and typical cost are taken from this many of the latest generations.
GENERATIONS_LOOKED_AT = 20


def usable_by(person: Person) -> QuerySet[Preset]:
    """Return a person's own presets and the team's, newest first."""
    rows = Preset.objects.filter(Q(person=person) | Q(team=True), deleted_at=None)
    return rows.select_related("person").order_by("-id")


def listed_for(person: Person) -> list[Preset]:
    """Return a person's own presets, then the team's, each newest first and limited separately."""
    rows = usable_by(person)
    own = Q(pk__in=rows.filter(person=person).values("pk")[:MOST_LISTED])
    others = Q(pk__in=rows.exclude(person=person).values("pk")[:MOST_LISTED])
    return sorted(rows.filter(own | others), key=lambda one: one.person_id != person.pk)


def usable(person: Person, pk: int | None) -> Preset | None:
    """Return the preset with an id, if the person may use it."""
    return None if pk is None else usable_by(person).filter(pk=pk).first()


def changeable_by(person: Person) -> QuerySet[Preset]:
    """Return the presets a person may rename or delete: own ones, and for admins the team's."""
    teams = Q(team=True) if person.is_admin else Q()
    return Preset.objects.filter(Q(person=person) | teams)


def examples_of(presets: Sequence[Preset], person: Person) -> dict[int, Picture]:
    """Return an example picture of each preset, by its id, that the person may see.

    The picture it was saved from, or a winner of its latest generations, or the newest.
    """
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
    """Return the median bill of each preset's latest requests, in micro-dollars, by its id."""
    billed = Generation.objects.filter(
        target=settings.GATEWAY_TARGET, billed_micros__isnull=False
    ).order_by("-id")
    last = [billed.filter(preset=one.pk)[:GENERATIONS_LOOKED_AT] for one in presets]
    told: defaultdict[int, list[int]] = defaultdict(list)
    for preset, micros in together(last, "preset", "billed_micros"):
        told[preset].append(micros)
    return {preset: round(median(bills)) for preset, bills in told.items()}
