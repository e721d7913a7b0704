"""Review: one's own pictures of any gallery one after the other, with and without script."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import Collection, Person, Picture, Run
from tests.factories import make_collection, make_generation, make_person, make_picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]


def some(person: Person, count: int, **fields: Any) -> list[Picture]:
    return [make_picture(make_generation(person, **fields)) for _ in range(count)]


def walk(client: Client, query: str = "") -> list[int]:
    """Follow "skip" from the first picture to the end."""
    path, found = f"{reverse('review')}{query}", []
    while path:
        html = client.get(path).content.decode()
        shown = re.search(r'class="step-of-review" data-id="(\d+)"', html)
        onwards = re.search(r'data-onwards="([^"]*)"', html)
        if not shown or not onwards:
            assert "Everything is reviewed" in html
            break
        found.append(int(shown[1]))
        path = onwards[1].replace("&amp;", "&")
    return found


def test_it_leads_through_every_kind_of_gallery(client: Client, person: Person) -> None:
    run = Run.objects.create(person=person, kind="list")
    a, b = some(person, 2, prompt="A sea")
    c, d = some(person, 2, group=run.pk)
    Picture.objects.filter(pk__in=[a.pk, c.pk]).update(shared=True)
    other = make_picture(make_generation(make_person()), shared=True)
    made = make_collection(person, c, a, other)
    assert walk(client) == [d.pk, c.pk, b.pk, a.pk]
    assert walk(client, "?q=sea") == [b.pk, a.pk]
    assert walk(client, f"?at={b.pk}") == [b.pk, a.pk]
    assert walk(client, "?in=team") == [c.pk, a.pk], "others mark their own pictures"
    assert walk(client, f"?in=collection&collection={made.pk}") == [c.pk, a.pk]
    assert walk(client, f"?in=run&run={run.pk}") == [c.pk, d.pk]
    client.post(reverse("picture_star", args=[d.pk]))
    client.post(reverse("picture_reject", args=[b.pk]))
    assert walk(client, "?unmarked=1") == [c.pk, a.pk]


def test_answers_without_script_lead_on(client: Client, person: Person) -> None:
    older, newer = some(person, 2)
    html = client.get(reverse("review")).content.decode()
    onwards = f"{reverse('review')}?after={newer.pk}"
    assert f'name="next" value="{onwards}"' in html
    answer = client.post(reverse("picture_reject", args=[newer.pk]), {"next": onwards})
    assert answer["Location"] == onwards
    newer.refresh_from_db()
    assert newer.verdict == "rejected"
    html = client.get(onwards).content.decode()
    assert f'data-id="{older.pk}"' in html
    assert f"at={newer.pk}" in html, "one back"
    client.post(reverse("picture_unreject", args=[newer.pk]))
    newer.refresh_from_db()
    assert newer.verdict == ""


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?in=collection&collection=77", 404),
        ("?in=collection", 404),
        ("?in=run&run=00000000-0000-4000-8000-000000000000", 404),
        ("?in=run&run=x", 404),
        (f"?at={2**63}", 200),
        ("?after=-1&q=%00", 200),
        ("?at=999999", 200),
    ],
)
def test_odd_addresses(client: Client, person: Person, query: str, status: int) -> None:
    some(person, 1)
    make_collection(make_person())
    assert client.get(f"{reverse('review')}{query}").status_code == status


def test_a_step_is_a_small_part_for_script(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    some(person, 3)
    with django_assert_max_num_queries(8):
        html = client.get(reverse("review"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in html
    assert "3 left" not in html


@pytest.mark.parametrize("address", ["/review/?at=", "/trash/?before=", "/collections/%s/?before="])
def test_a_private_picture_tells_no_time_by_what_follows_it(
    client: Client, person: Person, address: str
) -> None:
    now, other = timezone.now(), make_person()
    private = make_picture(make_generation(other), created_at=now, trashed_at=now)
    trashed_at = now - timedelta(days=1) if "trash" in address else None
    older = now - timedelta(days=1)
    mine = make_picture(make_generation(person), created_at=older, trashed_at=trashed_at)
    live = Collection.objects.create(owner=person, name="All", query="operation=generate")
    path = address.replace("%s", str(live.pk))

    def named(pk: int) -> bool:
        html = client.get(f"{path}{pk}").content.decode()
        return re.search(rf'data-(picture|id)="{mine.pk}"', html) is not None

    Picture.objects.filter(pk=private.pk).update(shared=True)
    assert named(private.pk), "what one may see has a place"
    Picture.objects.filter(pk=private.pk).update(shared=False)
    assert not named(private.pk)
