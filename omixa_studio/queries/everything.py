"""Read all that belongs to one person, table by table, in the order of ids."""

from collections.abc import Mapping

from django.db.models import Prefetch, QuerySet, Sum

from omixa_studio.models import (
    AnswerFile,
    Charge,
    Collection,
    CollectionItem,
    Comment,
    Generation,
    InputImage,
    MonthCount,
    Person,
    Picture,
    Preset,
    UsedPrompt,
)

from .storage_used import OWN


def pictures_of(person: Person) -> QuerySet[Picture]:
    """Return a person's pictures, those in the trash too, with tags and own collections."""
    own = CollectionItem.objects.filter(collection__owner=person, collection__deleted_at=None)
    return (
        Picture.objects.filter(person=person)
        .select_related("generation", "project")
        .defer("generation__body")
        .prefetch_related(
            "tagged__tag",
            Prefetch("collected", own.select_related("collection"), to_attr="in_own"),
        )
    )


def requests_of(person: Person) -> QuerySet[Generation]:
    """Return a person's requests with what they sent along."""
    rows = Generation.objects.filter(person=person).select_related("project")
    return rows.defer("body").prefetch_related("sent_inputs__image")


def charges_of(person: Person) -> QuerySet[Charge]:
    """Return the ledger's rows of a person."""
    return Charge.objects.filter(person_id=person.pk)


def references_of(person: Person) -> QuerySet[InputImage]:
    """Return what a person uploaded or sent along, as far as it was not erased."""
    return InputImage.objects.filter(person=person).exclude(name="")


def answers_of(person: Person) -> QuerySet[AnswerFile]:
    """Return what came with a person's requests and is no picture."""
    return AnswerFile.objects.filter(generation__person=person)


def collections_of(person: Person) -> QuerySet[Collection]:
    """Return a person's collections."""
    return Collection.objects.filter(owner=person, deleted_at=None)


def items_of(person: Person) -> QuerySet[CollectionItem]:
    """Return which pictures are in a person's collections, and where."""
    rows = CollectionItem.objects.filter(collection__owner=person, collection__deleted_at=None)
    return rows.select_related("collection")


def comments_of(person: Person) -> QuerySet[Comment]:
    """Return what a person said of pictures."""
    return Comment.objects.filter(person=person, deleted_at=None)


def prompts_of(person: Person) -> QuerySet[UsedPrompt]:
    """Return the prompts of a person's history."""
    return UsedPrompt.objects.filter(person=person)


def presets_of(person: Person) -> QuerySet[Preset]:
    """Return a person's presets."""
    return Preset.objects.filter(person=person, deleted_at=None)


def size_of_everything(person: Person) -> Mapping[str, int]:
    """Return how many `pictures` a person has, and the `bytes` of all files that are theirs."""
    counted = MonthCount.objects.filter(kind__in=OWN, person_id=person.pk)
    sums = counted.aggregate(n=Sum("pictures", default=0), size=Sum("bytes", default=0))
    others = sum(
        rows.aggregate(size=Sum("bytes", default=0))["size"]
        for rows in (references_of(person), answers_of(person))
    )
    return {"pictures": sums["n"], "bytes": sums["size"] + others}
