"""Read pictures for a download, with their request and their maker, and a person's exports."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from omixa_studio.models import Export, GenerationInput, Person, Picture
from omixa_studio.queries.pictures import visible_inputs, visible_to
from omixa_studio.queries.projects import name_for


def exportable(person: Person) -> QuerySet[Picture]:
    """Return the pictures a person may download.

    `is_composite` says whether one had inputs, `project_name` to which project it belongs, "" for
    none or one that the person may not see.
    """
    sent = GenerationInput.objects.filter(generation=OuterRef("generation"), is_mask=False)
    rows = visible_to(person).select_related("generation", "person")
    return rows.annotate(is_composite=Exists(sent), project_name=name_for(person))


def in_order(person: Person, ids: Sequence[int]) -> list[Picture]:
    """Return those of some pictures that a person may download, in the order of the ids."""
    found = exportable(person).in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def made_from(person: Person, generations: Sequence[int]) -> dict[int, list[GenerationInput]]:
    """Return the inputs of some requests in their order, as far as a person may see them."""
    sent = GenerationInput.objects.filter(generation__in=generations)
    seen = sent.filter(Q(image__person=person) | Q(image__in=visible_inputs(person)))
    found: dict[int, list[GenerationInput]] = {}
    for item in seen.select_related("image").order_by("generation", "is_mask", "position"):
        found.setdefault(item.generation_id, []).append(item)
    return found


def total_bytes(ids: Sequence[int]) -> int:
    """Return how many bytes the originals of some pictures have together."""
    return Picture.objects.filter(pk__in=ids).aggregate(sum=Sum("bytes"))["sum"] or 0


def exports_of(person: Person) -> QuerySet[Export]:
    """Return a person's exports that were not deleted, newest first, without their pictures.

    Tables of costs only while the person sees costs, archives of others only while an admin.
    """
    rows = Export.objects.filter(person=person, deleted_at=None).select_related(
        "job", "person", "whose"
    )
    rows = rows if person.sees_costs else rows.exclude(table="costs")
    rows = rows if person.is_admin else rows.filter(Q(whose=None) | Q(whose=person))
    return rows.defer("ids", "review").order_by("-id")
