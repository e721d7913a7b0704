"""The page of one picture: what it tells, to whom, and what hangs beside it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from omixa_studio.models import GenerationInput, InputImage, Person, Picture, Run
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


def page(client: Client, picture: Picture, query: str = "") -> str:
    response = client.get(f"/pictures/{picture.pk}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def facts(html: str) -> dict[str, str]:
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", html, re.S)
    return {name: re.sub(r"<[^>]+>", "", value).strip() for name, value in found}


def beside(html: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', html)
    return found[1].replace("&amp;", "&") if found else ""


def sent_with(picture: Picture, *, origin: Picture | None = None, owner: Person) -> InputImage:
    image = InputImage.objects.create(
        person=owner,
        picture=origin,
        sha256=f"{picture.pk:064d}",
        name="inputs/none.png",
        mime="image/png",
        width=64,
        height=64,
        bytes=1,
    )
    GenerationInput.objects.create(generation=picture.generation, image=image, position=0)
    return image


def test_it_tells_everything_about_a_picture(client: Client, person: Person) -> None:
    options = {
        "aspect_ratio": "16:9",
        "person_generation": "allow_adult",
        "enhance_prompt": False,
        "odd": "x",
    }
    generation = make_generation(person, count=4, options=options, held_micros=160_000)
    generation.billed_micros = 156_000
    generation.save()
    pictures = [make_picture(generation, index=index, cost_micros=39_000) for index in range(4)]
    told = facts(page(client, pictures[1]))
    assert (
        told
        | {
            "Model": "Imagen 4",
            "Shape": "16:9 wide",
            "People": "Adults only",
            "Improve my prompt": "no",
            "odd": "x",
            "Time taken": "4.2 s",
            "Pixels": "64 × 48",
            "Format": "PNG",
            "Reserved": "$0.160",
            "Practice for 4": "$0.156",
            "Released": "$0.004",
            "This picture": "$0.039",
        }
        == told
    )
    assert told["Size"].endswith("B")


def test_it_never_calls_an_unknown_cost_zero(client: Client, person: Person) -> None:
    generation = make_generation(person, billed_micros=None, charged="unknown")
    told = facts(page(client, make_picture(generation, cost_micros=None)))
    assert (told["Practice"], told["Released"], told["This picture"]) == (
        "unknown",
        "not yet",
        "unknown",
    )


def test_it_says_when_the_bill_was_higher_than_the_hold(client: Client, person: Person) -> None:
    html = page(client, make_picture(make_generation(person, over_hold=True, came_late=True)))
    assert "higher than the amount reserved" in html
    assert "The answer arrived after" in html


@pytest.mark.parametrize(
    ("target", "practice"),
    [("sandbox", True), ("www.omixa.cloud", False), ("old.example", False)],
)
def test_it_calls_practice_practice_and_an_older_bill_a_bill(
    client: Client, person: Person, settings: Settings, target: str, practice: bool
) -> None:
    settings.GATEWAY_TARGET, settings.SANDBOX_MODE = "www.omixa.cloud", False
    html = page(client, make_picture(make_generation(person, target=target)))
    assert ("practice, not billed" in html) is practice


def test_it_shows_a_prompt_whole_and_as_text(client: Client, person: Person) -> None:
    prompt = "<b>Маяк</b> " * 330
    html = page(client, make_picture(make_generation(person, prompt=prompt)))
    assert prompt.strip().replace("<", "&lt;").replace(">", "&gt;") in html
    assert "<b>Маяк" not in html


def test_it_shows_the_preview_and_leads_to_the_original(client: Client, person: Person) -> None:
    generation = make_generation(person)
    small, large = make_picture(generation), make_picture(generation, index=1, preview="none.jpg")
    assert f'<img src="/pictures/{small.pk}/file" width="64"' in page(client, small)
    html = page(client, large)
    assert f'<img src="/pictures/{large.pk}/preview" width="64"' in html
    assert f'href="/pictures/{large.pk}/file" data-zoom' in html


def test_it_leads_to_the_studio_with_the_same_settings(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person))
    assert f'href="/?again={picture.generation_id}"' in page(client, picture)


def test_it_leads_along_its_gallery(client: Client, person: Person) -> None:
    fox = [make_picture(make_generation(person, prompt="fox")) for _ in range(3)]
    make_picture(make_generation(person, prompt="owl"), created_at=fox[1].created_at)
    html = page(client, fox[1], "?q=fox")
    assert beside(html, "prev") == f"/pictures/{fox[2].pk}/?q=fox"
    assert beside(html, "next") == f"/pictures/{fox[0].pk}/?q=fox"
    assert f'href="/gallery/?q=fox&amp;at={fox[1].pk}"' in html
    assert beside(page(client, fox[0], "?q=fox"), "next") == ""
    assert beside(page(client, fox[2], "?q=fox"), "prev") == ""


def test_it_leads_along_the_gallery_of_the_team(client: Client, person: Person) -> None:
    jon = make_person("jon")
    theirs = make_picture(make_generation(jon), shared=True)
    make_picture(make_generation(person))
    mine = make_picture(make_generation(person), shared=True)
    html = page(client, theirs)
    assert beside(html, "prev") == f"/pictures/{mine.pk}/?in=team"
    assert f'href="/team/?at={theirs.pk}"' in html
    assert beside(page(client, mine, "?in=team"), "next") == f"/pictures/{theirs.pk}/?in=team"


def test_it_offers_the_owner_more_than_the_team(client: Client, person: Person) -> None:
    mine = page(client, make_picture(make_generation(person)))
    assert "Share with the team</span>" in mine
    assert "only you see it" in mine
    jon = make_person("jon", first_name="Jon", last_name="Berg")
    theirs = make_picture(make_generation(jon), shared=True)
    html = page(client, theirs)
    assert "Jon Berg" in html
    assert not re.findall(rf'action="/pictures/{theirs.pk}/', html)
    assert f"/pictures/{theirs.pk}/file?download=1" in html


def test_it_shows_the_others_of_the_same_click_that_may_be_seen(
    client: Client, person: Person
) -> None:
    generation = make_generation(make_person("jon"), count=3)
    shared = [make_picture(generation, index=index, shared=True) for index in range(2)]
    private = make_picture(generation, index=2)
    html = page(client, shared[0])
    strip = html[html.index("From the same request") :]
    assert f"/pictures/{shared[1].pk}/thumb" in strip
    assert f"/pictures/{private.pk}/" not in strip


def test_it_shows_what_it_was_made_from_and_used_in(client: Client, person: Person) -> None:
    origin = make_picture(make_generation(person))
    made = make_picture(make_generation(person, operation="edit"))
    image = sent_with(made, origin=origin, owner=person)
    html = page(client, made)
    assert f'<a class="tile thumb clear" href="/pictures/{origin.pk}/">' in html
    assert f'src="/inputs/{image.pk}/thumb"' in html
    assert f'href="/pictures/{made.pk}/"' in page(client, origin)


def test_it_leads_to_no_origin_that_is_hidden(client: Client, person: Person) -> None:
    jon = make_person("jon")
    origin = make_picture(make_generation(jon))
    made = make_picture(make_generation(jon, operation="edit"), shared=True)
    image = sent_with(made, origin=origin, owner=jon)
    html = page(client, made)
    assert f"/inputs/{image.pk}/" not in html
    assert f"/pictures/{origin.pk}/" not in html


def test_it_calls_every_picture_by_its_prompt(client: Client, person: Person) -> None:
    generation = make_generation(person, prompt="A grey harbour", count=2)
    origin, _twin = (make_picture(generation, index=index) for index in range(2))
    made = make_picture(make_generation(person, prompt="A grey harbour at <night>"))
    image = sent_with(made, origin=origin, owner=person)
    html = page(client, origin)
    assert html.count('alt="A grey harbour"') >= 3
    assert f'/pictures/{made.pk}/thumb" width="56" height="56" loading="lazy" alt="A grey' in html
    assert 'alt="A grey harbour at &lt;night&gt;"' in html
    source = f'src="/inputs/{image.pk}/thumb" width="56" height="56" loading="lazy"'
    assert f'{source} alt="A grey harbour"' in page(client, made)


@pytest.mark.parametrize("role", ["member", "manager", "admin"])
def test_it_hides_private_pictures_from_everyone_else(picture_of_jon: Picture, role: str) -> None:
    stranger = Client()
    stranger.force_login(make_person(role=role))
    assert stranger.get(f"/pictures/{picture_of_jon.pk}/").status_code == 404


@pytest.fixture
def picture_of_jon() -> Picture:
    return make_picture(make_generation(make_person("jon")))


def test_it_hides_the_trash_from_its_owner_too(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person), shared=True, trashed_at=timezone.now())
    assert client.get(f"/pictures/{picture.pk}/").status_code == 404


def test_it_asks_who_is_not_logged_in_to_log_in(picture_of_jon: Picture) -> None:
    path = f"/pictures/{picture_of_jon.pk}/"
    response = Client().get(path)
    assert (response.status_code, response["Location"]) == (302, f"/login/?next={path}")


@pytest.mark.parametrize("pk", ["0", "9" * 19, "9" * 40, "9" * 5000, "-1", "1.0"])
def test_it_answers_404_to_ids_of_nothing(client: Client, person: Person, pk: str) -> None:
    assert client.get(f"/pictures/{pk}/").status_code == 404


def test_it_bears_odd_filters(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person))
    page(client, picture, "?since=x&model=%00&person=-1&in=nowhere&at=9999999999999999999999")


def test_it_asks_a_fixed_number_of_questions(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    generation = make_generation(person, count=10)
    pictures = [make_picture(generation, index=index) for index in range(10)]
    later = timezone.now() + timedelta(minutes=1)
    made = [make_picture(make_generation(person), created_at=later) for _ in range(3)]
    for other in made:
        sent_with(other, origin=pictures[0], owner=person)
    page(client, pictures[0])
    with django_assert_max_num_queries(15):
        page(client, pictures[0])
    with django_assert_max_num_queries(19):
        page(client, made[0])
    for within in ("board", "run"):
        with django_assert_max_num_queries(20):
            page(client, pictures[0], f"?in={within}")


@pytest.fixture
def asked(person: Person) -> list[Picture]:
    """Pictures of three requests of a run, two each, the oldest request first; none of the fourth.

    The first request was answered last.
    """
    run = Run.objects.create(person=person, kind="list")
    rows = [make_generation(person, group=run.pk, count=2) for _ in range(4)]
    made = [make_picture(row, index=index) for row in rows[1:3] for index in range(2)]
    return [make_picture(rows[0], index=index) for index in range(2)] + made


@pytest.mark.parametrize(
    ("within", "order"), [("board", (4, 5, 2, 3, 0, 1)), ("run", (0, 1, 2, 3, 4, 5))]
)
def test_it_leads_along_the_board_and_the_run(
    client: Client, person: Person, asked: list[Picture], within: str, order: tuple[int, ...]
) -> None:
    row = [asked[place] for place in order]
    make_picture(make_generation(make_person("jon")), shared=True)
    for place, picture in enumerate(row):
        html = page(client, picture, f"?in={within}")
        nearby = {"prev": row[place - 1] if place else None, "next": [*row, None][place + 1]}
        for rel, other in nearby.items():
            expected = f"/pictures/{other.pk}/?in={within}" if other else ""
            assert beside(html, rel) == expected
    Picture.objects.filter(pk__in=[row[2].pk, row[3].pk]).update(trashed_at=timezone.now())
    assert beside(page(client, row[1], f"?in={within}"), "next").startswith(
        f"/pictures/{row[4].pk}/"
    )


def test_it_leads_along_no_board_or_run_of_somebody_else(client: Client, person: Person) -> None:
    jon = make_person("jon")
    run = Run.objects.create(person=jon, kind="list")
    theirs = [make_picture(make_generation(jon, group=run.pk), shared=True) for _ in range(2)]
    for within in ("board", "run"):
        html = page(client, theirs[0], f"?in={within}")
        assert beside(html, "prev") == f"/pictures/{theirs[1].pk}/?in=team"
    alone = make_picture(make_generation(person))
    assert f'href="/gallery/?at={alone.pk}"' in page(client, alone, "?in=run")


def test_script_gets_the_picture_without_a_page_around_it(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person))
    answer = client.get(f"/pictures/{picture.pk}/", headers={"HX-Request": "true"})
    assert "HX-Request" in answer["Vary"]
    assert answer.content.strip().startswith(b"<studio-picture")
    assert b"<html" not in answer.content


def test_its_star_is_the_one_that_a_run_s_winner_has(client: Client, person: Person) -> None:
    run = Run.objects.create(person=person, kind="list")
    picture = make_picture(make_generation(person, group=run.pk), shared=True)
    for step, starred in (("star", True), ("star", True), ("unstar", False)):
        assert client.post(f"/pictures/{picture.pk}/{step}").status_code == 303
        assert (
            "Final quality for 1 winner" in client.get(f"/runs/{run.pk}/").content.decode()
        ) is starred
        assert ("data-starred" in client.get("/gallery/").content.decode()) is starred
        assert f"/pictures/{picture.pk}/{'unstar' if starred else 'star'}" in page(client, picture)
