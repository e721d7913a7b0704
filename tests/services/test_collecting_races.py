"""Two people change a collection or a tag at the same moment, on both databases."""

import subprocess
import sys

from tests.services.test_admin_races import RACE

ROWS = """
from omixa_studio.models import Collection, CollectionItem, Generation, Picture, PictureTag, Tag
from omixa_studio.services import collecting, tagging
from omixa_studio.forms.collections import CollectionText
one = Person.objects.create(username="one")
made = Generation.objects.create(
    person=one, target="sandbox", model="m", operation="generate", prompt="x", options={},
    body="{}", body_sha256="x", month="2026-01", estimate_micros=1, held_micros=1, state="done",
)
pictures = [
    Picture.objects.create(
        generation=made, person=one, model="m", index=n, name="x", sha256="x", format="png",
        width=1, height=1, bytes=1,
    ).pk
    for n in range(12)
]
shared = collecting.make_collection(one, CollectionText("Ours"))
"""
SAME_PICTURES = """
added = together(lambda n: collecting.add_pictures(shared, one, pictures[:4]))
assert sum(map(len, added)) == 4, added
assert CollectionItem.objects.count() == 4
"""
ORDER = """
collecting.add_pictures(shared, one, pictures)
together(lambda n: collecting.move_pictures(shared, [pictures[n % 12]], before=pictures[-n % 12]))
places = list(CollectionItem.objects.values_list("position", flat=True))
assert (len(places), len(set(places))) == (12, 12), places
"""
SAME_TAG = """
tagged = together(lambda n: tagging.tag_pictures(one, pictures[:3], ("Dawn", "dawn")[n % 2]))
assert sum(len(one.pictures) for one in tagged) == 3, tagged
assert (Tag.objects.count(), PictureTag.objects.count()) == (1, 3)
"""

LAST_ONE = """
collecting.MOST_COLLECTIONS = Collection.objects.count() + 1
def make(n):
    try:
        return collecting.make_collection(one, CollectionText("Last")).pk
    except collecting.ChoiceRefused:
        return None
assert sum(pk is not None for pk in together(make)) == 1
"""


def test_nothing_is_there_twice_and_nothing_is_lost(surroundings: dict[str, str]) -> None:
    race = RACE + ROWS + SAME_PICTURES + ORDER + SAME_TAG + LAST_ONE
    done = subprocess.run(
        [sys.executable, "-c", race], env=surroundings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
