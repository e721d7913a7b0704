"""Read what a removed person leaves: private pictures, and what the team was shown."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from omixa_studio.models import AnswerFile, Generation, InputImage, Leaving, Person, Picture

from .retention import UNFINISHED

# Counting stops here: somebody waits, and a person may have hundreds of thousands.
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Left:
    """How many pictures of a person the team does not see, their bytes, and how many it does.

    Of more than MOST_COUNTED the last ones are counted; `is_least` says so.
    """

    private: int
    private_bytes: int
    shared: int
    is_least: bool = False


def private_pictures(person: Person) -> QuerySet[Picture]:
    """Return the pictures of a person that are not shared, those in the trash too."""
    return Picture.objects.filter(person=person, shared=False)


def private_answers(person: Person) -> QuerySet[AnswerFile]:
    """Return paid-for data of a person that is no picture, of requests with no shared picture."""
    rows = AnswerFile.objects.filter(generation__person=person)
    return rows.exclude(generation__pictures__shared=True)


def private_inputs(person: Person) -> QuerySet[InputImage]:
    """Return the files of a person that were sent along and are no copy of a picture that is there.

    Uploads, then, and copies of erased pictures: nobody else sees them, whatever came of them.
    """
    return InputImage.objects.filter(person=person, picture=None).exclude(name="")


def is_busy(person: Person) -> bool:
    """Return whether requests of a person may still bring pictures; such as need review, too."""
    return Generation.objects.filter(person=person, state__in=UNFINISHED).exists()


def left_by(person: Person) -> Left:
    """Return what a person would leave behind; the trash counts as private."""
    last = Picture.objects.filter(person=person).order_by("-pk")
    some = last.values("pk", "bytes", "shared", "trashed_at")[:MOST_COUNTED]
    sums = some.aggregate(
        all=Count("pk"),
        private=Count("pk", filter=Q(shared=False)),
        size=Sum("bytes", filter=Q(shared=False), default=0),
        shared=Count("pk", filter=Q(shared=True, trashed_at=None)),
    )
    is_least = sums["all"] >= MOST_COUNTED
    return Left(sums["private"], sums["size"], sums["shared"], is_least)


def leaving_of(person: Person) -> Leaving | None:
    """Return how a person is removed, None if they are not."""
    return Leaving.objects.select_related("heir").filter(person=person).first()
