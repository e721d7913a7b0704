"""Collections, tags, verdicts and notes, as people leave them behind."""

from collections.abc import Sequence

from omixa_studio.forms.collections import CollectionText
from omixa_studio.models import Access, Collection, Person
from omixa_studio.queries.pictures import gallery
from omixa_studio.services import curating, tagging
from omixa_studio.services.collecting import add_pictures, make_collection, set_cover

MOST_LOOKED_AT = 60
# A name, a note, who may open it, and every how many pictures are in it.
MADE = (
    ("Autumn campaign", "Warm light, room for a headline.", Access.TEAM_WRITE, 3),
    ("Best of the year", "", Access.TEAM_READ, 5),
    ("Ideas for later", "", Access.PRIVATE, 7),
)
# Each tag is on one of so many of all their pictures, and on a part of the newest.
ONE_OF = 40
TAGS = ("campaign", "print", "moodboard", "client")


def organise_some(people: Sequence[Person]) -> None:
    """Organise the first two people's newest pictures, unless they have collections."""
    for person in people[:2]:
        shown = list(gallery(person)[:MOST_LOOKED_AT])
        if shown and not Collection.objects.filter(owner=person).exists():
            _organise(person, [picture.pk for picture in shown])


def _organise(person: Person, pks: Sequence[int]) -> None:
    for name, note, access, every in MADE:
        made = make_collection(person, CollectionText(name, note, access))
        chosen = pks[::every]
        add_pictures(made, person, chosen)
        set_cover(made, gallery(person).get(pk=chosen[-1]))
    live = CollectionText("Everything with a star", access=Access.PRIVATE)
    make_collection(person, live, query="star=1")
    whole = list(gallery(person).values_list("pk", flat=True))
    for number, tag in enumerate(TAGS):
        chosen = sorted({*pks[number :: len(TAGS)], *whole[number::ONE_OF]})
        for first in range(0, len(chosen), tagging.BATCH):
            tagging.tag_pictures(person, chosen[first : first + tagging.BATCH], tag)
    for pk in pks[4::9]:
        curating.reject(person, pk)
    for pk in pks[2::11]:
        curating.write_note(person, pk, "Send this one to the printer, 300 dpi.")
