"""Find the pictures next to one on the board and in a run, in the order of the requests."""

from django.db.models import Exists, OuterRef, QuerySet

from omixa_studio.models import Generation, Person, Picture

from .runs import runs_of

Neighbours = tuple[int | None, int | None]


def on_board(picture: Picture, person: Person) -> Neighbours:
    """Return the ids of the pictures before and after one on the person's board, newest first."""
    rows = Generation.objects.filter(person=person)
    before = rows.filter(id__gt=picture.generation_id).order_by("id")
    after = rows.filter(id__lt=picture.generation_id).order_by("-id")
    return _beside(picture, before, after)


def in_run(picture: Picture) -> Neighbours:
    """Return the ids of the pictures before and after one in its run, oldest request first."""
    rows = Generation.objects.filter(group=picture.generation.group)
    before = rows.filter(id__lt=picture.generation_id).order_by("-id")
    after = rows.filter(id__gt=picture.generation_id).order_by("id")
    return _beside(picture, before, after)


def is_in_run(picture: Picture, person: Person) -> bool:
    """Return whether a picture belongs to a run of the person."""
    return runs_of(person).filter(pk=picture.generation.group).exists()


def _beside(
    picture: Picture, before: QuerySet[Generation], after: QuerySet[Generation]
) -> Neighbours:
    """Return the neighbours within the same request, or in the nearest request with pictures."""
    same = _kept().filter(generation=picture.generation_id)
    previous = same.filter(index__lt=picture.index).order_by("-index")
    following = same.filter(index__gt=picture.index).order_by("index")
    return (
        _first(previous) or _first(_of_first(before).order_by("-index")),
        _first(following) or _first(_of_first(after).order_by("index")),
    )


def _kept() -> QuerySet[Picture]:
    return Picture.objects.filter(trashed_at=None)


def _first(rows: QuerySet[Picture]) -> int | None:
    return rows.values_list("id", flat=True).first()


def _of_first(rows: QuerySet[Generation]) -> QuerySet[Picture]:
    """Return the kept pictures of the first generation that has any."""
    pictured = rows.filter(Exists(_kept().filter(generation=OuterRef("pk"))))
    return _kept().filter(generation=pictured.values("pk")[:1])
