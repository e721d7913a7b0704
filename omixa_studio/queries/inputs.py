"""Read the images that can be sent along with a request."""

from collections.abc import Iterable, Sequence

from django.db.models import Count, Q, QuerySet

from omixa_studio.models import Generation, GenerationInput, InputImage, Person, Picture


def usable_pictures(person: Person, ids: Sequence[int]) -> QuerySet[Picture]:
    """Return the pictures among some ids that a person may use: own or shared, not trashed."""
    mine = Q(person=person) | Q(shared=True)
    return Picture.objects.filter(mine, id__in=ids, trashed_at=None)


def uploads_of(person: Person, ids: Sequence[int]) -> list[InputImage]:
    """Return a person's own stored inputs among some ids, in the order of the ids."""
    if not ids:
        return []
    found = InputImage.objects.filter(person=person).exclude(name="").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def sent_references(generation: Generation) -> list[InputImage]:
    """Return the images a generation sent, without its mask, in their order."""
    sent = generation.sent_inputs.filter(is_mask=False).select_related("image")
    return [item.image for item in sent.order_by("position")]


def sent_mask(person: Person, generation: Generation) -> InputImage | None:
    """Return the mask that a generation sent, if it belongs to the person."""
    sent = generation.sent_inputs.filter(is_mask=True, image__person=person)
    found = sent.select_related("image").first()
    return found.image if found else None


def counts_of(generations: Iterable[int]) -> dict[int, int]:
    """Return the number of images by generation, without masks; no entry for none."""
    wanted = list(generations)
    if not wanted:
        return {}
    sent = GenerationInput.objects.filter(generation_id__in=wanted, is_mask=False)
    return dict(sent.order_by().values_list("generation_id").annotate(Count("pk")))
