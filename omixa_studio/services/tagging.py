"""Put tags on pictures and take them off, rename them. A person tags their own pictures only."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import Person, Picture, PictureTag, Tag
from omixa_studio.models.search import searchable
from omixa_studio.queries.tags import tag_called

from .refusals import ChoiceRefused

MOST_ON_A_PICTURE = 30
# New names that one person may add to the studio's.
MOST_NEW = 1000
BATCH = 500


@dataclass(frozen=True)
class Tagged:
    """A tag, and the ids of the pictures that it was put on."""

    tag: Tag
    pictures: Sequence[int]


@transaction.atomic
def tag_pictures(person: Person, pks: Sequence[int], name: str) -> Tagged:
    """Put a tag on a person's own pictures; return it with the ids of those that had it not.

    At most BATCH at a time. Raises ChoiceRefused if one would have too many tags, or the person
    has added too many names.
    """
    tag = tag_named(person, name)
    new, full = _without(person, pks, tag)
    if full:
        many = N_("A picture has up to %(most)s tags.")
        raise ChoiceRefused(Fault("tag", many, {"most": MOST_ON_A_PICTURE}))
    return Tagged(tag, _put(person, tag, new))


@transaction.atomic
def tag_several(person: Person, pks: Sequence[int], *, tag: int) -> list[int]:
    """Put a tag on a person's own pictures, except on those that have as many as fit.

    Returns the ids of those changed; none if there is no such tag any more.
    """
    known = Tag.objects.filter(pk=tag).first()
    if known is None:
        return []
    new, full = _without(person, pks, known)
    return _put(person, known, [one for one in new if one.pk not in full])


def untag_several(person: Person, pks: Sequence[int], *, tag: int) -> list[int]:
    """Take a tag off a person's own pictures; return the ids of those changed."""
    known = Tag.objects.filter(pk=tag).first()
    return untag_pictures(person, pks, known) if known else []


def full_among(pks: Sequence[int], *, tag: int) -> int:
    """Return how many of some pictures do not get a tag because they have as many as fit."""
    on = PictureTag.objects.filter(picture__in=pks).values_list("picture", "tag")
    has = {picture for picture, other in on if other == tag}
    return len(_full(picture for picture, _other in on if picture not in has))


def _without(person: Person, pks: Sequence[int], tag: Tag) -> tuple[list[Picture], set[int]]:
    """Return those of a person's pictures without a tag, and the ids of those that are full.

    They are locked, so that two clicks at once do not both find room.
    """
    has = PictureTag.objects.filter(picture=OuterRef("pk"), tag=tag)
    own = Picture.objects.filter(~Exists(has), person=person, trashed_at=None, pk__in=pks)
    new = list(own.select_for_update(of=("self",)).order_by("pk").only("id", "created_at"))
    return new, _full(PictureTag.objects.filter(picture__in=new).values_list("picture", flat=True))


def _full(pictures: Iterable[int]) -> set[int]:
    """Return the ids of the pictures that have as many tags as fit, from one id for each tag."""
    return {pk for pk, tags in Counter(pictures).items() if tags >= MOST_ON_A_PICTURE}


def _put(person: Person, tag: Tag, pictures: Sequence[Picture]) -> list[int]:
    PictureTag.objects.bulk_create(
        PictureTag(tag=tag, picture=one, person=person, created_at=one.created_at)
        for one in pictures
    )
    return [one.pk for one in pictures]


def untag_pictures(person: Person, pks: Sequence[int], tag: Tag) -> list[int]:
    """Take a tag off a person's own pictures; return the ids of those that had it."""
    on = PictureTag.objects.filter(tag=tag, person=person, picture__in=pks)
    with transaction.atomic():
        had = list(on.select_for_update().order_by("pk").values_list("picture", flat=True))
        on.filter(picture__in=had).delete()
    return had


def rename_tag(person: Person, tag: Tag, name: str) -> Tag:
    """Give a tag another name, and return the tag of that name.

    It is the same tag unless the name exists, or others' pictures have it, too, and a new name
    means something else: then the person's pictures still have to be given the other one, see
    `replace_tag`. Raises ChoiceRefused if the person has added too many names.
    """
    if searchable(name) == tag.folded or not _is_used_by_others(person, tag):
        taken = Tag.objects.filter(folded=searchable(name)).exclude(pk=tag.pk)
        if not taken.exists():
            tag.name = name
            tag.save(update_fields=["name", "folded"])
            return tag
    return tag_named(person, name)


@transaction.atomic
def replace_tag(person: Person, pks: Sequence[int], *, into: Sequence[int]) -> list[list[int]]:
    """Replace the first of two tags by the second one on a person's own pictures.

    Returns the ids of those that had it, each with 1, or 0 if it had both.
    """
    tag, other = into
    on = PictureTag.objects.filter(tag=tag, person=person, picture__in=pks)
    had = list(on.select_for_update().order_by("pk").values_list("picture", flat=True))
    rows = PictureTag.objects.filter(tag=other, picture__in=had)
    both = set(rows.values_list("picture", flat=True))
    on.filter(picture__in=both).delete()
    on.filter(picture__in=had).update(tag=other)
    return [[pk, int(pk not in both)] for pk in had]


@transaction.atomic
def put_tag_back(
    person: Person, replaced: Sequence[Sequence[int]], *, into: Sequence[int]
) -> list[int]:
    """Take `replace_tag` back; return the ids of the pictures that have the first tag again."""
    tag, other = into
    moved = [pk for pk, is_moved in replaced if is_moved]
    put = put_tag(person, [pk for pk, _moved in replaced], into=tag)
    PictureTag.objects.filter(tag=other, person=person, picture__in=moved).delete()
    return put


@transaction.atomic
def put_tag(person: Person, pks: Sequence[int], *, into: int) -> list[int]:
    """Put a tag back on a person's own pictures, also trashed ones; return the ids of those."""
    has = PictureTag.objects.filter(picture=OuterRef("pk"), tag=into)
    own = Picture.objects.filter(~Exists(has), person=person, pk__in=pks)
    bare = list(own.select_for_update(of=("self",)).order_by("pk").only("id", "created_at"))
    if Tag.objects.filter(pk=into).exists():
        PictureTag.objects.bulk_create(
            PictureTag(tag_id=into, picture=one, person=person, created_at=one.created_at)
            for one in bare
        )
    return [one.pk for one in bare]


def take_tag_off(person: Person, pks: Sequence[int], *, into: int) -> list[int]:
    """Take a tag off a person's own pictures, by its id; return the ids of those that had it."""
    found = Tag.objects.filter(pk=into).first()
    return untag_pictures(person, pks, found) if found else []


def _is_used_by_others(person: Person, tag: Tag) -> bool:
    """Return whether other people's pictures have a tag; two ranges, so that an index serves it."""
    on = PictureTag.objects.filter(tag=tag)
    return (
        on.filter(person__lt=person.pk).exists()
        or on.filter(person__gt=person.pk).exists()
        or on.filter(person=None).exists()
    )


def tag_named(person: Person, name: str) -> Tag:
    """Return the tag of a name; a new one counts for the person.

    Raises ChoiceRefused if the person has added too many.
    """
    found = tag_called(name)
    if found:
        return found
    if Tag.objects.filter(person=person).count() >= MOST_NEW:
        many = N_("You have added %(most)s tags. Use one of those.")
        raise ChoiceRefused(Fault("tag", many, {"most": MOST_NEW}))
    values = {"name": name, "person": person}
    return Tag.objects.get_or_create(folded=searchable(name), defaults=values)[0]
