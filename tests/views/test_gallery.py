"""My gallery: what hangs on it, in which order, under which months, and page by page."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from omixa_studio.models import Generation, Person, Picture, PictureTag, Tag
from omixa_studio.queries import prompt_hits
from omixa_studio.views.gallery import MOST_COUNTED
from tests.factories import make_generation, make_limit, make_person, make_picture

pytestmark = pytest.mark.django_db

SCRIPT = {"HX-Request": "true"}


def hang(
    person: Person, *, prompt: str = "A harbour", at: datetime | None = None, **fields: Any
) -> Picture:
    """One picture, made at a moment; generations of tests may come from the past."""
    generation = make_generation(person, prompt=prompt, **fields.pop("generation", {}))
    return make_picture(generation, **(fields | ({"created_at": at} if at else {})))


def hang_many(person: Person, count: int, *, newest: datetime | None = None) -> list[Picture]:
    """Many pictures of one request without files, an hour apart, oldest first."""
    generation = make_generation(person)
    newest = newest or timezone.now()
    return Picture.objects.bulk_create(
        Picture(
            generation=generation,
            person=person,
            model=generation.model,
            index=index,
            name="none",
            thumb="none",
            sha256="0" * 64,
            format="png",
            width=100,
            height=100,
            bytes=1,
            cost_micros=10_000,
            created_at=newest - timedelta(hours=count - 1 - index),
        )
        for index in range(count)
    )


def page(client: Client, query: str = "", **extra: Any) -> str:
    response = client.get(f"/gallery/{query}", **extra)
    assert response.status_code == 200
    return response.content.decode()


def on(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-picture="(\d+)"', html)]


def months(html: str) -> list[str]:
    found = re.findall(r'<h2 class="month">(.*?)</h2>', html, re.S)
    return [" ".join(re.sub(r"<[^>]+>", "", heading).split()) for heading in found]


def older_link(html: str) -> str:
    found = re.search(r'href="/gallery/(\?[^"]*before=\d+)"', html)
    return found[1].replace("&amp;", "&") if found else ""


def test_it_hangs_my_pictures_newest_first(client: Client, person: Person) -> None:
    pictures = [hang(person) for _ in range(3)]
    hang(make_person(), shared=True)
    hang(person, trashed_at=timezone.now())
    assert on(page(client)) == [picture.pk for picture in reversed(pictures)]


def test_it_orders_by_time_even_where_ids_do_not(client: Client, person: Person) -> None:
    now = timezone.now()
    newest = hang(person, at=now)
    oldest = hang(person, at=now - timedelta(days=2))
    assert on(page(client)) == [newest.pk, oldest.pk]


def test_it_tells_the_browser_the_shape_of_each_tile(client: Client, person: Person) -> None:
    picture = hang(person, size=(160, 90), prompt='A "red" harbour & <boats>')
    html = page(client)
    assert 'data-ratio="1.78"' in html
    assert 'width="160" height="90" loading="lazy"' in html
    assert 'alt="A &quot;red&quot; harbour &amp; &lt;boats&gt;"' in html
    assert f'src="/pictures/{picture.pk}/thumb"' in html
    assert "style=" not in html


@pytest.mark.parametrize(("size", "ratio"), [((900, 90), "3.17"), ((30, 300), "0.40")])
def test_a_tile_stays_a_tile(
    client: Client, person: Person, size: tuple[int, int], ratio: str
) -> None:
    hang(person, size=size)
    assert f'data-ratio="{ratio}"' in page(client)


def test_it_lays_transparent_pictures_on_squares(client: Client, person: Person) -> None:
    hang(person, transparent=True)
    assert 'class="tile clear"' in page(client)


@pytest.mark.parametrize(
    ("cost", "target", "says"),
    [
        (39_000, "sandbox", "$0.039"),
        (None, "sandbox", "cost unknown"),
        (39_000, "old.example", "$0.039"),
    ],
)
def test_it_says_what_a_picture_cost(
    client: Client, person: Person, cost: int | None, target: str, says: str
) -> None:
    hang(person, cost_micros=cost, generation={"target": target})
    assert f'<span class="cost">{says}</span>' in page(client)


def test_it_says_among_money_what_was_practice(
    client: Client, person: Person, settings: Settings
) -> None:
    settings.GATEWAY_TARGET, settings.SANDBOX_MODE = "www.omixa.cloud", False
    hang(person, cost_micros=39_000, generation={"target": "sandbox"})
    assert '<span class="cost">practice</span>' in page(client)


def test_it_heads_each_month_with_its_pictures_and_sum(client: Client, person: Person) -> None:
    hang(person, at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC), cost_micros=None)
    hang(person, at=datetime(2026, 11, 1, 0, 0, tzinfo=UTC), cost_micros=120_000)
    hang(person, at=datetime(2026, 11, 2, tzinfo=UTC), cost_micros=39_000)
    hang(person, at=datetime(2026, 9, 2, tzinfo=UTC), cost_micros=1_000_000)
    assert months(page(client)) == [
        "November 2026 2 pictures · $0.16",
        "October 2026 1 picture · $0.00 · 1 with unknown cost",
        "September 2026 1 picture · $1.00",
    ]


def test_it_counts_a_month_in_the_time_zone_of_the_studio(
    client: Client, person: Person, settings: Settings
) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    hang(person, at=datetime(2026, 10, 31, 15, 30, tzinfo=UTC))
    assert months(page(client))[0].startswith("November 2026")


def test_it_leaves_practice_out_of_the_sum(client: Client, person: Person) -> None:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    hang(person, at=at, cost_micros=39_000)
    hang(person, at=at, cost_micros=500_000, generation={"target": "omixa.example"})
    assert months(page(client)) == ["November 2026 2 pictures · $0.04"]


def test_it_sums_a_month_that_reaches_over_pages_and_leaves_practice_out(
    client: Client, person: Person
) -> None:
    at = datetime(2026, 11, 28, tzinfo=UTC)
    hang(person, at=at, cost_micros=None)
    hang(person, at=at, cost_micros=500_000, generation={"target": "omixa.example"})
    hang_many(person, 60, newest=at - timedelta(days=1))
    assert months(page(client)) == ["November 2026 62 pictures · $0.60 · 1 with unknown cost"]


def test_it_shows_fifty_and_leads_to_the_older_ones(client: Client, person: Person) -> None:
    pictures = hang_many(person, 120)
    newest_first = [picture.pk for picture in reversed(pictures)]
    html = page(client)
    seen = [on(html)]
    while link := older_link(html):
        html = page(client, link)
        seen.append(on(html))
    assert [len(found) for found in seen] == [50, 50, 20]
    assert [pk for found in seen for pk in found] == newest_first


def test_it_leads_back_to_the_newer_ones(client: Client, person: Person) -> None:
    newest_first = [picture.pk for picture in reversed(hang_many(person, 120))]
    html = page(client, f"?after={newest_first[110]}")
    assert on(html) == newest_first[60:110]
    assert f"after={newest_first[60]}" in html
    assert on(page(client, f"?after={newest_first[20]}")) == newest_first[:20]


def test_it_comes_back_to_the_place_of_a_picture(client: Client, person: Person) -> None:
    newest_first = [picture.pk for picture in reversed(hang_many(person, 120))]
    html = page(client, f"?at={newest_first[70]}")
    assert on(html) == newest_first[70:120]
    assert f"after={newest_first[70]}" in html
    assert "after=" not in page(client, f"?at={newest_first[0]}")


def test_it_tells_pictures_of_one_instant_apart(client: Client, person: Person) -> None:
    pictures = hang_many(person, 60)
    Picture.objects.update(created_at=pictures[0].created_at)
    first = page(client)
    assert on(first) + on(page(client, older_link(first))) == [p.pk for p in reversed(pictures)]


def test_it_keeps_its_place_among_times_the_database_wrote(client: Client, person: Person) -> None:
    oldest, middle, newest = (hang(person) for _ in range(3))
    assert on(page(client, f"?before={middle.pk}")) == [oldest.pk]
    assert on(page(client, f"?at={middle.pk}")) == [middle.pk, oldest.pk]
    assert on(page(client, f"?after={middle.pk}")) == [newest.pk]


def test_it_goes_on_after_a_picture_that_was_thrown_away(client: Client, person: Person) -> None:
    newest_first = [picture.pk for picture in reversed(hang_many(person, 60))]
    link = older_link(page(client))
    Picture.objects.filter(pk=newest_first[49]).update(trashed_at=timezone.now())
    assert on(page(client, link)) == newest_first[50:]


def test_it_gives_script_only_what_follows(client: Client, person: Person) -> None:
    newest_first = [
        picture.pk
        for picture in reversed(hang_many(person, 60, newest=datetime(2026, 11, 2, tzinfo=UTC)))
    ]
    part = page(client, f"?before={newest_first[9]}", headers=SCRIPT)
    assert "<html" not in part
    assert on(part) == newest_first[10:]
    # The month of the picture above has its heading on the page already.
    assert months(part) == ["October 2026 35 pictures · $0.35"]
    whole = months(page(client, f"?before={newest_first[9]}"))
    assert whole == ["November 2026 25 pictures · $0.25", *months(part)]


def test_it_keeps_the_filter_in_the_links_to_older_ones(client: Client, person: Person) -> None:
    hang_many(person, 60)
    html = page(client, "?q=harbour+dawn&since=2020-01-01")
    assert older_link(html).startswith("?q=harbour+dawn&since=2020-01-01&before=")
    assert (
        "?q=harbour+dawn&amp;since=2020-01-01" in re.findall(r'href="(/pictures/[^"]+)"', html)[0]
    )


def test_it_teaches_where_nothing_hangs_yet(client: Client, person: Person) -> None:
    html = page(client)
    assert "Your pictures will appear here" in html
    assert 'href="/"' in html


def test_it_asks_a_fixed_number_of_questions(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for month in range(1, 12):
        hang(person, at=datetime(2026, month, 3, tzinfo=UTC))
    page(client)
    with django_assert_max_num_queries(8):
        page(client)
    hang_many(person, 200, newest=datetime(2026, 6, 28, tzinfo=UTC))
    Generation.objects.filter(pk=Generation.objects.earliest("pk").pk).update(
        target="omixa.example"
    )
    with django_assert_max_num_queries(10):
        page(client)
    before = Picture.objects.order_by("created_at")[100].pk
    with django_assert_max_num_queries(6):
        page(client, f"?before={before}", headers=SCRIPT)


# Each kind of address of a gallery: all of it, facets, spans, a list, searches.
ADDRESSES = (
    "",
    "star=1",
    "model=imagen-4.0-generate-001&operation=generate",
    "references=no",
    "cost_min=0.001&since=2020-01-01",
    "tag=poster",
    "q=harbour",
    "q=harbour+light&star=1",
    "q=no+such+words",
)


@pytest.mark.parametrize("role", ["member", "admin"])
def test_no_page_of_pictures_asks_more_than_eight_questions(
    client: Client,
    role: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # PostgreSQL asks for the highest id once in so many seconds, whoever comes then.
    monkeypatch.setattr(prompt_hits, "SECONDS_TO_REMEMBER", 86_400)
    person = make_person(role=role)
    client.force_login(person)
    make_limit(person.pk, 50_000_000)
    newest = timezone.now().replace(day=2)
    rows = hang_many(person, 120, newest=newest)
    Picture.objects.filter(pk__in=[row.pk for row in rows]).update(winner=True, shared=True)
    tag = Tag.objects.create(name="poster")
    PictureTag.objects.bulk_create(
        PictureTag(picture=row, tag=tag, person=person, created_at=row.created_at) for row in rows
    )
    for place in ("gallery", "team", "trash"):
        for query in ADDRESSES:
            client.get(f"/{place}/?{query}")
            with django_assert_max_num_queries(8, info=f"{place} {query}"):
                client.get(f"/{place}/?{query}")


def test_it_asks_who_is_not_logged_in_to_log_in() -> None:
    make_person()
    for path in ("/gallery/", "/team/", "/trash/"):
        response = Client().get(path)
        assert (response.status_code, response["Location"]) == (302, f"/login/?next={path}")


def test_it_keeps_the_trash_apart_with_the_days_that_are_left(
    client: Client, person: Person
) -> None:
    thrown = hang(person, trashed_at=timezone.now() - timedelta(days=12, minutes=5))
    kept = hang(person)
    hang(make_person(), shared=True, trashed_at=timezone.now())
    html = client.get("/trash/").content.decode()
    assert re.findall(r'action="/pictures/(\d+)/restore"', html) == [str(thrown.pk)]
    assert "17 days left" in html
    assert f"/pictures/{kept.pk}/" not in html


def test_a_large_trash_has_pages_latest_first_and_counts_its_months(
    client: Client, person: Person
) -> None:
    thrown = hang_many(person, 60)
    at = datetime(2026, 11, 20, tzinfo=UTC)
    for days, picture in enumerate(thrown):
        Picture.objects.filter(pk=picture.pk).update(trashed_at=at - timedelta(hours=days))
    html = client.get("/trash/").content.decode()
    assert on(html) == [picture.pk for picture in thrown[:50]]
    assert months(html) == ["November 2026 60 pictures"]
    older = client.get(f"/trash/?before={thrown[49].pk}").content.decode()
    assert on(older) == [picture.pk for picture in thrown[50:]]
    newer = client.get(f"/trash/?after={thrown[50].pk}").content.decode()
    assert on(newer) == [picture.pk for picture in thrown[:50]]


def test_it_says_that_the_trash_is_empty(client: Client, person: Person) -> None:
    assert "The trash is empty" in client.get("/trash/").content.decode()


@pytest.mark.parametrize(
    ("hung", "words"),
    [
        (1, "1 picture found"),
        (2, "2 pictures found"),
        (51, "51 pictures found"),
        (MOST_COUNTED, "2,000 pictures found"),
        (MOST_COUNTED + 1, "2,000+ pictures found"),
    ],
)
def test_it_counts_what_fits_and_says_where_counting_ends(
    client: Client, person: Person, hung: int, words: str
) -> None:
    hang_many(person, hung)
    html = page(client, "?q=harbour")
    said = re.search(r'<p class="count num[^"]*" role="status">\s*(.*?)\s*</p>', html)
    assert said is not None
    assert said.group(1) == words
