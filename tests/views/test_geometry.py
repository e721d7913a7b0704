"""What the script of a gallery fetches: the geometry, windows of tiles, places of pictures."""

import gzip
import json
import re
import struct
from array import array
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from omixa_studio import gallery_counts
from omixa_studio.geometry_files import month_map
from omixa_studio.models import Collection, Person, Picture, aspect_of, ratio_of
from omixa_studio.queries.galleries import Gallery, gallery_of
from omixa_studio.services import curating
from omixa_studio.services.collecting import add_pictures
from tests.factories import make_collection, make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SIZES = [(100, 100), (1920, 1080), (1080, 1920), (0, 0)]
GALLERIES = ("gallery", "team", "trash")


class Told(NamedTuple):
    head: dict[str, Any]
    aspects: bytes


def told(client: Client, query: str = "", gallery: str = "gallery", **extra: Any) -> Told:
    body = client.get(f"/{gallery}/geometry{query}", **extra).content
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    [length] = struct.unpack_from("<I", body)
    return Told(json.loads(body[4 : 4 + length]), body[4 + length :])


def hang_many(person: Person, count: int, **fields: Any) -> list[Picture]:
    """Pictures of one request without files, newest first; three at a time at one moment."""
    generation = make_generation(person, prompt="A {harbour} & <boats>")
    common = {"person": person, "model": generation.model, "name": "none", "thumb": "none"}
    return Picture.objects.bulk_create(
        Picture(
            **(common | {"sha256": "0" * 64, "format": "png", "bytes": 1, "cost_micros": 10_000}),
            generation=generation,
            index=index,
            width=SIZES[index % 4][0],
            height=SIZES[index % 4][1],
            aspect=aspect_of(*SIZES[index % 4]),
            created_at=NOON - timedelta(hours=index // 3),
            **fields,
        )
        for index in range(count)
    )


def in_order(pictures: list[Picture]) -> list[Picture]:
    return sorted(pictures, key=lambda one: (one.created_at, one.pk), reverse=True)


def window(client: Client, query: str, gallery: str = "gallery") -> list[int]:
    response = client.get(f"/{gallery}/window?{query}")
    assert response.status_code == 200
    return [int(pk) for pk in re.findall(r'data-picture="(\d+)"', response.content.decode())]


@pytest.mark.parametrize("extra", [{}, {"headers": {"accept-encoding": "gzip, br"}}])
def test_it_tells_the_shape_of_every_picture_in_order(
    client: Client, person: Person, extra: dict[str, Any]
) -> None:
    pictures = in_order(hang_many(person, 600))
    hang_many(make_person(), 5, shared=True)
    for _ in range(2):  # read, then from files
        head, aspects = told(client, **extra)
        assert list(aspects) == [one.aspect for one in pictures]
        assert head["keys"] == [pictures[0].pk, pictures[256].pk, pictures[512].pk]
        assert (head["every"], head["count"]) == (256, 600)
        assert head["as_of"] == max(one.pk for one in pictures)
        assert head["months"] == [["2026-11", 600, "600 pictures · $6.00"]]
    page = client.get("/gallery/").content.decode()
    shown = [int(pk) for pk in re.findall(r'data-picture="(\d+)"', page)]
    assert shown == [one.pk for one in pictures[:50]]
    assert f'data-ratio="{ratio_of(aspects[1]):.2f}"' in page
    assert 'data-count="600"' in page


def test_its_months_say_what_the_headings_say(client: Client, person: Person) -> None:
    hang_many(person, 2)
    hang_many(person, 1, trashed_at=NOON)
    Picture.objects.filter(trashed_at=None, index=1).update(
        created_at=datetime(2026, 10, 3, tzinfo=UTC), cost_micros=None
    )
    said = [["2026-11", 1, "1 picture · $0.01"]]
    older = [["2026-10", 1, "1 picture · $0.00 · 1 with unknown cost"]]
    assert told(client).head["months"] == said + older
    html = client.get("/gallery/").content.decode()
    assert all(str(facts) in html for *_, facts in said + older)
    assert told(client, gallery="trash").head["months"] == [["2026-11", 1, "1 picture"]]
    assert told(client, "?until=2026-10-30").head["months"] == [["2026-10", 1, "1 picture"]]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns", "Europe/Berlin"])
def test_a_filter_that_finds_all_has_the_same_months(
    client: Client, person: Person, settings: Settings, zone: str
) -> None:
    settings.TIME_ZONE = zone
    gallery_counts.keep_counts()
    pictures = hang_many(person, 90)
    for days, one in enumerate(pictures):
        at = datetime(2026, 3, 31, 17, 59, 59, 999000, tzinfo=UTC) + timedelta(minutes=20 * days)
        Picture.objects.filter(pk=one.pk).update(created_at=at)
    whole, found = told(client), told(client, f"?model={pictures[0].model}")
    assert [month[:2] for month in whole.head["months"]] == [
        month[:2] for month in found.head["months"]
    ]
    assert whole.aspects == found.aspects
    assert whole.head["keys"] == found.head["keys"]
    settings.TIME_ZONE = "UTC"
    gallery_counts.keep_counts()


@pytest.mark.parametrize("gallery", GALLERIES)
def test_an_empty_gallery_has_no_shape(client: Client, person: Person, gallery: str) -> None:
    head, aspects = told(client, gallery=gallery)
    assert (head["count"], head["months"], head["keys"], aspects) == (0, [], [], b"")
    assert window(client, "", gallery) == []


def test_a_browser_keeps_it_until_something_changes(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person))
    tag = client.get("/gallery/geometry")["ETag"]
    again = client.get("/gallery/geometry", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/gallery/window")["X-Gallery-Version"] == told(client).head["version"]
    curating.trash(person, picture.pk)
    changed = client.get("/gallery/geometry", headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert told(client).head["count"] == 0


def _files() -> list[Path]:
    return [path for path in (settings.DATA_DIR / "geometry").rglob("*") if path.is_file()]


def test_a_month_that_stays_is_read_once(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for old in _files():
        old.unlink()
    pictures = hang_many(person, 9)
    Picture.objects.filter(index__gt=5).update(created_at=datetime(2026, 5, 1, tzinfo=UTC))
    before = told(client)
    with django_assert_max_num_queries(3):  # session, person, counts
        assert told(client) == before
    kept = {path.name for path in _files()}
    curating.trash(person, pictures[0].pk)
    assert len(told(client).aspects) == 8
    assert len({path.name for path in _files()} & kept) == 1  # May
    assert len(_files()) == 2


@pytest.mark.parametrize("damage", ["cut", "other", "away", "sealed"])
def test_damaged_files_do_no_harm(client: Client, person: Person, damage: str) -> None:
    pictures = in_order(hang_many(person, 7))
    told(client)
    for path in _files():
        if damage == "cut":
            path.write_bytes(path.read_bytes()[:-3])
        elif damage == "other":
            path.write_text("?")
        elif damage == "away":
            path.unlink()
        else:
            path.unlink()
            path.mkdir()
    assert list(told(client).aspects) == [one.aspect for one in pictures]


def test_what_changes_while_it_is_read_is_in_it_or_not(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang_many(person, 4)
    stale = gallery_of("mine", person, {}).counted_months()
    make_picture(make_generation(person), created_at=NOON)
    monkeypatch.setattr(Gallery, "counted_months", lambda self: stale)
    head, aspects = told(client)
    assert (head["count"], len(aspects)) == (5, 5)
    assert head["months"][0][:2] == ["2026-11", 5]


def test_what_was_read_late_is_not_kept_as_of_before(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for old in _files():
        old.unlink()
    pictures = hang_many(person, 4)
    stale = gallery_of("mine", person, {}).counted_months()
    curating.trash(person, pictures[0].pk)
    make_picture(make_generation(person), created_at=NOON)
    real, first = Gallery.counted_months, iter([stale])
    monkeypatch.setattr(Gallery, "counted_months", lambda self: next(first, None) or real(self))
    assert len(told(client).aspects) == 4
    assert f"{stale[0].name}.{stale[0].moves}" not in {path.name for path in _files()}


def test_an_id_is_not_found_between_two_others() -> None:
    ids = [0x100, 0x200, 0x0300000000000000]
    found = month_map(b"\0" * len(ids), array("Q", ids))
    assert [found.position_of(pk) for pk in ids] == [0, 1, 2]
    assert found.position_of(1) is None, "its bytes stand across the first and the second"
    longer = month_map(b"\0" * 4, array("Q", [*ids, 1]))
    assert longer.position_of(1) == 3


@pytest.mark.parametrize("gallery", GALLERIES)
@pytest.mark.parametrize(
    ("key", "skip", "count"), [(0, 0, 5), (3, 0, 96), (7, 255, 9), (299, 0, 2)]
)
def test_a_window_has_exactly_the_tiles_that_follow(
    client: Client, person: Person, gallery: str, key: int, skip: int, count: int
) -> None:
    pictures = hang_many(person, 300, shared=gallery == "team")
    if gallery == "trash":
        Picture.objects.update(trashed_at=timezone.now())
        pictures = sorted(pictures, key=lambda one: one.pk, reverse=True)
    else:
        pictures = in_order(pictures)
    found = window(client, f"key={pictures[key].pk}&skip={skip}&count={count}", gallery)
    assert found == [one.pk for one in pictures[key + skip :][:count]]


def test_a_window_says_what_its_tiles_are(client: Client, person: Person) -> None:
    hang_many(person, 1)
    html = client.get("/gallery/window?q=boats").content.decode()
    assert 'alt="A {harbour} &amp; &lt;boats&gt;"' in html
    assert '/?q=boats"' in html
    Picture.objects.update(trashed_at=timezone.now())
    thrown = client.get("/trash/window").content.decode()
    assert "29 days left" in thrown
    assert "csrfmiddlewaretoken" in thrown


def test_a_window_goes_on_from_where_a_picture_was(client: Client, person: Person) -> None:
    pictures = in_order(hang_many(person, 5))
    curating.trash(person, pictures[1].pk)
    assert window(client, f"key={pictures[1].pk}&count=2") == [one.pk for one in pictures[2:4]]


ODD = ["skip=-1", "skip=256", "skip=x", "count=0", "count=1000000000", "key=0", "key=a%00"]


@pytest.mark.parametrize("query", [*ODD, f"key={2**63}"])
def test_an_odd_window_is_refused(client: Client, person: Person, query: str) -> None:
    assert client.get(f"/gallery/window?{query}").status_code == 400


def test_what_one_may_not_see_has_no_place(client: Client, person: Person) -> None:
    private = make_picture(make_generation(make_person()))
    for gallery in ("gallery", "team"):
        assert client.get(f"/{gallery}/window?key={private.pk}").status_code == 404
        assert client.get(f"/{gallery}/place?picture={private.pk}").status_code == 404
    assert client.get(f"/gallery/place?picture={2**63 - 1}").status_code == 404
    assert client.get(f"/gallery/place?picture={2**63}").status_code == 400
    assert client.get("/gallery/place?day=2026-02-30").status_code == 400


@pytest.mark.parametrize("path", ["gallery/place?star=1", "team/place?", "trash/place?"])
def test_a_picture_that_left_a_gallery_has_no_place_there(
    client: Client, person: Person, path: str
) -> None:
    mine = make_picture(make_generation(person))
    separator = "&" if path.endswith("1") else ""
    answer = client.get(f"/{path}{separator}picture={mine.pk}")
    assert answer.status_code == 200, "no error in the console of whoever took its star away"
    assert answer.json()["ordinal"] is None


def test_the_geometry_says_how_many_were_found(client: Client, person: Person) -> None:
    hang_many(person, 3)
    assert told(client, "?q=boats").head["found"] == "3 pictures found"
    assert told(client, "?q=zebra").head["found"] == "0 pictures found"


@pytest.mark.parametrize("query", ["", "q=boats&"])
def test_a_place_is_how_many_precede(client: Client, person: Person, query: str) -> None:
    hang_many(person, 40)
    Picture.objects.filter(index__gt=29).update(created_at=datetime(2026, 10, 1, tzinfo=UTC))
    order = list(Picture.objects.order_by("-created_at", "-id"))
    for ordinal in (0, 1, 29, 30, 39):
        answer = client.get(f"/gallery/place?{query}picture={order[ordinal].pk}").json()
        assert answer["ordinal"] == ordinal
    of_day = client.get(f"/gallery/place?{query}day=2026-10-31").json()
    assert of_day["ordinal"] == 30
    before_all = client.get(f"/gallery/place?{query}day=2026-09-30").json()
    assert before_all["ordinal"] is None
    assert of_day["version"] == told(client, f"?{query}").head["version"]


@pytest.mark.parametrize(
    ("path", "most"), [("/team/window?key={}", 6), ("/team/place?picture={}", 5)]
)
def test_it_asks_little(
    client: Client,
    person: Person,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    path: str,
    most: int,
) -> None:
    [*_, last] = hang_many(person, 20, shared=True)
    told(client, gallery="team")
    with django_assert_max_num_queries(most):
        assert client.get(path.format(last.pk)).status_code == 200


def test_a_live_collection_has_another_version_after_its_query_changed(
    client: Client, person: Person
) -> None:
    make_picture(make_generation(person))
    live = Collection.objects.create(owner=person, name="Stars", query="star=1")
    versions = set()
    for query in ("star=1", "q=harbour"):
        Collection.objects.filter(pk=live.pk).update(query=query)
        versions.add(client.get(f"/collections/{live.pk}/window")["X-Gallery-Version"])
    Picture.objects.update(winner=True)
    versions.add(client.get(f"/collections/{live.pk}/window")["X-Gallery-Version"])
    assert len(versions) == 3


def test_a_shared_collection_tells_nothing_of_what_is_private(
    client: Client, person: Person
) -> None:
    owner = make_person()
    made = make_generation(owner)
    make_picture(made, shared=True, winner=True)
    live = Collection.objects.create(owner=owner, name="A", query="star=1", access="team_read")
    path = f"/collections/{live.pk}/window"
    versions = [client.get(path)["X-Gallery-Version"]]
    private = make_picture(made, index=1, winner=True)
    versions.append(client.get(path)["X-Gallery-Version"])
    assert len({*versions}) == 1, "a version would tell when its owner does something"
    Picture.objects.filter(pk=private.pk).update(shared=True)
    assert client.get(path)["X-Gallery-Version"] not in versions

    Picture.objects.filter(pk=private.pk).update(shared=False)
    held = make_collection(owner, access="team_read")
    add_pictures(held, owner, [private.pk])
    for key in (private.pk, private.pk + 1):
        assert client.get(f"/collections/{held.pk}/window?key={key}").status_code == 404


def test_a_collection_is_not_read_whole_for_each_of_its_windows(
    client: Client, person: Person
) -> None:
    held = make_collection(person, *hang_many(person, 5))
    path = f"/collections/{held.pk}"
    windows = []
    for skip in (0, 2):
        with CaptureQueriesContext(connection) as asked:
            windows.append(client.get(f"{path}/window?skip={skip}&count=2")["X-Gallery-Version"])
        reads = [one for one in asked if re.search("group_concat|string_agg", one["sql"])]
        assert len(reads) == (skip == 0)
    add_pictures(held, person, [one.pk for one in hang_many(person, 1)])
    version = told(client, gallery=f"collections/{held.pk}").head["version"]
    assert windows[0] == windows[1] != version
    assert client.get(f"{path}/window?count=2")["X-Gallery-Version"] == version
