"""Read tags: those of a picture, those a person knows, and how often each is used."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from omixa_studio.models import Person, Picture, PictureTag, Tag
from omixa_studio.models.search import searchable

from .prepared import AMONG, Prepared

MOST_SUGGESTED = 8
MOST_LISTED = 60
MOST_COUNTED = 1000
# How many pictures of a person have a tag; counted no further than asked for.
USES = """(
    SELECT COUNT(*) FROM (
        SELECT 1 FROM omixa_studio_picturetag AS uses
        WHERE uses.tag_id = omixa_studio_tag.id AND uses.person_id = %s LIMIT %s
    ) AS counted
)"""
# A tag of others is known if one of so many of its newest pictures is shared.
SHARED_LOOKED_AT = 200


@dataclass(frozen=True)
class TagPage:
    """Part of a person's tags, each with its `uses`, and the name that the next part is after."""

    tags: Sequence[Tag]
    after: str


def tag_called(name: str) -> Tag | None:
    """Return the tag of a name, in whatever case."""
    return Tag.objects.filter(folded=searchable(name)).first()


def tags_of(picture: Picture) -> list[Tag]:
    """Return the tags of a picture, by name."""
    return _TAGS.rows(None, among=[picture.pk])


_TAGS = Prepared(lambda _nobody: Tag.objects.filter(on__picture__in=AMONG).order_by("folded"))


def known_to(person: Person) -> QuerySet[Tag]:
    """Return the tags that a person uses, or that stand on pictures shared with the team.

    The tags of others' private pictures are as private as those.
    """
    newest = PictureTag.objects.filter(tag=OuterRef(OuterRef("pk"))).order_by("-created_at")
    looked_at = newest.values("picture")[:SHARED_LOOKED_AT]
    shared = Picture.objects.filter(pk__in=looked_at, shared=True, trashed_at=None)
    return Tag.objects.filter(Q(Exists(_own(person))) | Q(Exists(shared)))


def used_by(person: Person) -> QuerySet[Tag]:
    """Return the tags on a person's own pictures, by name."""
    return Tag.objects.filter(Exists(_own(person))).order_by("folded")


def suggestions(person: Person, text: str, *, most: int = MOST_SUGGESTED) -> list[Tag]:
    """Return known tags with a text in their name, those that begin with it first."""
    sought = searchable(text)
    known = known_to(person).filter(folded__contains=sought).order_by("folded")
    begin = list(known.filter(folded__startswith=sought)[:most])
    others = known.exclude(pk__in=[tag.pk for tag in begin])[: most - len(begin)]
    return [*begin, *others]


def page_of_tags(person: Person, *, words: str = "", after: str = "") -> TagPage:
    """Return part of the tags on a person's pictures, by name, with words in it, after a name."""
    rows = used_by(person).annotate(uses=RawSQL(USES, [person.pk, MOST_COUNTED + 1]))  # noqa: S611 (no text of people)
    for word in searchable(words).split()[:5]:
        rows = rows.filter(folded__contains=word)
    if after:
        rows = rows.filter(folded__gt=searchable(after))
    found = list(rows[: MOST_LISTED + 1])
    return TagPage(found[:MOST_LISTED], found[MOST_LISTED - 1].name if found[MOST_LISTED:] else "")


def pictures_tagged(person: Person, tag: int, *, most: int) -> list[int]:
    """Return the ids of a person's pictures with a tag, also trashed ones, at most so many."""
    on = PictureTag.objects.filter(tag=tag, person=person).order_by("created_at", "picture")
    return list(on.values_list("picture", flat=True)[:most])


def count_tagged(person: Person, tag: int) -> int:
    """Count a person's pictures with a tag, also trashed ones; exact."""
    return PictureTag.objects.filter(tag=tag, person=person).count()


def _own(person: Person) -> QuerySet[PictureTag]:
    return PictureTag.objects.filter(person=person, tag=OuterRef("pk"))
