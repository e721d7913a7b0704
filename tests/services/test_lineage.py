"""How a picture came to be survives deletion, and its full cost is exact and bounded."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from omixa_studio.models import Generation, InputImage, Person, Picture
from omixa_studio.presenters.pictures.lineage import Lineage, lineage_of
from omixa_studio.queries.lineage import MOST_STEPS
from omixa_studio.services import inputs
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    return make_person()


def make_from(person: Person, *sources: Picture | None, **fields: Any) -> Picture:
    """A picture of a request that sent pictures along, or uploads; fresh prompt, billed $0.04."""
    made = make_generation(person, **{"target": "api.example", **fields})
    for position, source in enumerate(sources):
        if source is None:
            image = InputImage.objects.create(
                person=person, sha256=uuid4().hex, name="x", width=9, height=9, bytes=9
            )
        else:
            image = inputs.keep_picture(person, source)
        made.sent_inputs.create(image=image, position=position)
    return make_picture(made, size=(70, 70))


def words(picture: Picture, person: Person) -> list[list[str]]:
    """What each step shows: the id of a picture, or why there is none."""
    return [
        [ancestor.href.strip("/").rpartition("/")[2] or ancestor.said for ancestor in step]
        for step in lineage_of(picture, person).steps
    ]


def cost(picture: Picture, person: Person) -> tuple[int, int, int]:
    attempts = lineage_of(picture, person).attempts
    assert attempts
    return attempts.count, attempts.billed_micros, attempts.unknown


def test_it_goes_back_to_the_first_pictures(person: Person) -> None:
    root = make_from(person, None)
    draft = make_from(person, root)
    final = make_from(person, draft, root)
    assert words(final, person) == [["Uploaded"], [str(root.pk)], [str(draft.pk)]]
    assert cost(final, person) == (3, 120_000, 0)


def test_deleted_ones_stay_as_stubs_with_their_cost(person: Person) -> None:
    root = make_from(person)
    draft = make_from(person, root)
    final = make_from(person, draft)
    Picture.objects.filter(pk__in=[root.pk, draft.pk]).delete()
    shown: Lineage = lineage_of(final, person)
    stubs = [(one.said, one.cost) for step in shown.steps for one in step]
    assert stubs == [("Deleted", "$0.040"), ("Deleted", "$0.040")]
    others = lineage_of(final, make_person())
    assert [one.cost for step in others.steps for one in step] == ["", ""]
    assert cost(final, person) == (3, 120_000, 0)


def test_every_attempt_on_the_way_counts_once(person: Person) -> None:
    group = uuid4()
    draft = make_from(person, prompt="A cat", group=group)
    make_from(person, prompt="A cat, blue", group=group)  # the same run
    make_from(person, prompt="A cat")  # the same prompt
    make_from(person, prompt="A dog")  # something else
    make_generation(person, prompt="A cat", target="api.example", state="cancelled")
    failed = make_generation(person, target="api.example", state="unknown", charged="unknown")
    make_from(person, draft)  # an edit that led nowhere
    make_from(make_person(), prompt="A cat")  # somebody else's
    make_from(person, prompt="A cat", target="sandbox")  # practice
    make_from(person, draft, target="sandbox")  # practice, too
    final = make_from(person, draft, retry_of=failed)
    make_from(person, prompt="A cat")  # later
    assert cost(final, person) == (6, 200_000, 1)


def test_others_private_ancestors_are_stubs_without_words(client: Client, person: Person) -> None:
    other = make_person()
    theirs = make_from(other, prompt="Top secret")
    Picture.objects.filter(pk=theirs.pk).update(shared=True)
    final = make_from(person, theirs)
    Picture.objects.filter(pk=final.pk).update(shared=True)
    assert words(final, person) == [[str(theirs.pk)]]
    Picture.objects.filter(pk=theirs.pk).update(shared=False)
    client.force_login(person)
    page = client.get(f"/pictures/{final.pk}/lineage/").text
    assert "Private" in page
    assert "Top secret" not in page
    assert f"/pictures/{theirs.pk}/" not in page
    assert "$0.080" in page
    client.force_login(make_person())  # what it cost is not everybody's
    assert "$0.0" not in client.get(f"/pictures/{final.pk}/lineage/").text


def test_it_is_bounded(person: Person) -> None:
    picture = make_from(person)
    for _step in range(MOST_STEPS + 3):
        picture = make_from(person, picture)
    with CaptureQueriesContext(connection) as asked:
        steps = lineage_of(picture, person).steps
    assert len(steps) == MOST_STEPS + 1
    assert len(asked) <= 8


def test_a_shrunk_input_knows_its_origin(person: Person) -> None:
    picture = make_from(person)
    image = inputs.keep_picture(person, picture)
    assert image.origin_id == picture.generation_id
    assert Generation.objects.get(pk=image.origin_id).inputs_made_from.get() == image
