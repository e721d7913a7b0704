"""The board keeps itself up to date: the poll, cancelling, retrying, another model's form."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import Generation, Person, Picture, Run, State
from omixa_studio.queries import generations
from omixa_studio.services import ledger, pauses
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db

SCRIPT = {"HX-Request": "true"}


def poll_address(page: str) -> str:
    """The address that the page's script asks: what each open card says of itself."""
    return "/generations/cards/?seen=" + ",".join(re.findall(r'data-seen="([^"]+)"', page))


def finish(generation: Generation) -> None:
    make_picture(generation)
    Generation.objects.filter(pk=generation.pk).update(
        state=State.DONE, billed_micros=39_000, charged="yes"
    )


def test_it_answers_nothing_while_nothing_changed(client: Client, person: Person) -> None:
    make_generation(person, state="running")
    make_generation(person, state="queued")
    address = poll_address(client.get("/").content.decode())
    assert client.get(address, headers=SCRIPT).status_code == 204


@pytest.mark.parametrize("seen", ["9" * 19, "9" * 5000 + ".running", "x.1", "²", ",,.", "-1"])
def test_it_answers_odd_stamps(client: Client, person: Person, seen: str) -> None:
    make_generation(person, state="running")
    assert client.get("/generations/cards/", {"seen": seen}, headers=SCRIPT).status_code in (
        200,
        204,
    )


def test_it_brings_only_cards_that_changed(client: Client, person: Person) -> None:
    finished, _ = (make_generation(person, state="running") for _ in range(2))
    address = poll_address(client.get("/").content.decode())
    finish(finished)
    page = client.get(address, headers=SCRIPT).content.decode()
    assert re.findall(r'data-generation="(\d+)" data-state="(\w+)"', page) == [
        (str(finished.pk), "done")
    ]
    assert "practice $0.039" in page
    assert "data-seen" not in page
    assert "<title>(1) Studio" in page


def test_it_says_when_a_queued_one_moves_up_and_is_sent(client: Client, person: Person) -> None:
    first, second = (make_generation(person, state="queued") for _ in range(2))
    address = poll_address(client.get("/").content.decode())
    Generation.objects.filter(pk=first.pk).update(
        state=State.RUNNING,
        attempt="7e3ab1e8-6d5a-4c0c-9f06-3a5a3c0d9a11",
        lease=timezone.now(),
        sent_at=timezone.now(),
    )
    page = client.get(address, headers=SCRIPT).content.decode()
    assert "Generating" in page
    assert re.search(r"sent <studio-clock>\d</studio-clock> s ago", page)
    assert f'data-generation="{second.pk}"' in page
    assert "Queued, 1st" in page


@pytest.mark.parametrize(
    ("state", "change", "words"),
    [
        ("queued", {"not_before": timedelta(minutes=1)}, "Waiting for the gateway"),
        ("queued", {"state": "cancelled"}, "Cancelled"),
        ("running", {"sent_at": timedelta(seconds=-2)}, "Generating"),
        ("running", {"state": "unknown"}, "unknown"),
        ("running", {"state": "queued", "not_before": timedelta(minutes=1)}, "Next try at"),
    ],
)
def test_it_redraws_a_card_for_whatever_it_shows(
    client: Client, person: Person, state: str, change: dict[str, object], words: str
) -> None:
    row = make_generation(person, state=state)
    address = poll_address(client.get("/").content.decode())
    moments = {
        name: timezone.now() + value if isinstance(value, timedelta) else value
        for name, value in change.items()
    }
    Generation.objects.filter(pk=row.pk).update(**moments)
    page = client.get(address, headers=SCRIPT).content.decode()
    assert f'data-generation="{row.pk}"' in page
    assert words in page


def test_it_redraws_a_card_that_waits_anew(client: Client, person: Person) -> None:
    row = make_generation(person, state="queued", not_before=timezone.now() + timedelta(seconds=20))
    address = poll_address(client.get("/").content.decode())
    Generation.objects.filter(pk=row.pk).update(not_before=timezone.now() + timedelta(minutes=2))
    assert client.get(address, headers=SCRIPT).status_code == 200


def test_it_gives_no_place_to_a_paused_run(client: Client, person: Person) -> None:
    paused = Run.objects.create(person=person, kind="list", paused=True)
    held = make_generation(person, state="queued", group=paused.pk)
    first, second = (make_generation(person, state="queued") for _ in range(2))
    assert generations.places_in_queue("sandbox") == {first.pk: 1, second.pk: 2}
    page = client.get("/").content.decode()
    assert re.findall(r"(?:Queued, \d\w\w|Paused)(?=\s*<)", page) == [
        "Queued, 2nd",
        "Queued, 1st",
        "Paused",
    ]
    Run.objects.update(paused=False)
    assert list(generations.places_in_queue("sandbox")) == [held.pk, first.pk, second.pk]


def test_it_marks_nothing_to_ask_about_when_nothing_is_open(client: Client, person: Person) -> None:
    generation = make_generation(person, state="running")
    address = poll_address(client.get("/").content.decode())
    finish(generation)
    page = client.get(address, headers=SCRIPT).content.decode()
    assert 'data-state="done"' in page
    assert "<title>Studio" in page
    assert "data-seen" not in page + client.get("/").content.decode()


@pytest.mark.parametrize("seen", ["{}.done.0.0.0", "{}.running", "x,,{}.", "0" * 400 + ",{}.q"])
def test_it_never_shows_cards_of_others(client: Client, person: Person, seen: str) -> None:
    foreign = make_generation(make_person(), state="running")
    page = client.get("/generations/cards/", {"seen": seen.format(foreign.pk)}, headers=SCRIPT)
    assert f'data-generation="{foreign.pk}"' not in page.content.decode()


def test_it_polls_with_few_queries(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for state in ("running", "queued") * 10:
        make_generation(person, state=state)
    address = poll_address(client.get("/").content.decode())
    with django_assert_max_num_queries(7):
        assert client.get(address, headers=SCRIPT).status_code == 204


def test_it_cancels_what_is_queued(client: Client, person: Person) -> None:
    generation = make_generation(person, state="queued")
    ledger.hold(generation)
    response = client.post(f"/generations/{generation.pk}/cancel/")
    assert (response.status_code, response["Location"]) == (303, "/")
    generation.refresh_from_db()
    assert generation.state == State.CANCELLED


def test_it_says_when_it_is_too_late_to_cancel(client: Client, person: Person) -> None:
    generation = make_generation(person, state="running")
    page = client.post(f"/generations/{generation.pk}/cancel/", headers=SCRIPT).content.decode()
    assert "Too late to cancel" in page
    assert 'data-state="running"' in page


def test_it_retries_a_failed_one_once_per_click(client: Client, person: Person) -> None:
    failed = make_generation(person, state="failed", options={"aspect_ratio": "3:4"})
    for _ in range(2):
        page = client.post(f"/generations/{failed.pk}/retry/", {"click": "again-1"}, headers=SCRIPT)
    made = Generation.objects.get(retry_of=failed)
    assert (made.state, made.prompt, made.options) == ("queued", failed.prompt, failed.options)
    assert f'data-generation="{made.pk}" data-state="queued"' in page.content.decode()


def test_it_says_why_a_retry_is_refused(client: Client, person: Person) -> None:
    failed = make_generation(person, state="failed", model="dall-e-9")
    page = client.post(f"/generations/{failed.pk}/retry/", headers=SCRIPT).content.decode()
    assert "dall-e-9 is no longer available." in page
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_it_hides_generations_of_others(client: Client, person: Person, action: str) -> None:
    state = "queued" if action == "cancel" else "failed"
    foreign = make_generation(make_person(), state=state)
    assert client.post(f"/generations/{foreign.pk}/{action}/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == state


@pytest.mark.parametrize("state", ["done", "unknown", "running", "queued", "cancelled"])
def test_it_retries_only_what_failed(client: Client, person: Person, state: str) -> None:
    generation = make_generation(person, state=state)
    assert client.post(f"/generations/{generation.pk}/retry/").status_code == 404


def test_it_changes_nothing_by_get(client: Client, person: Person) -> None:
    queued = make_generation(person, state="queued")
    for address in ("", f"{queued.pk}/cancel/", f"{queued.pk}/retry/"):
        assert client.get(f"/generations/{address}").status_code == 405


def test_it_keeps_the_prompt_when_the_model_changes(client: Client, person: Person) -> None:
    make_generation(person, model="gpt-image-1.5", options={"quality": "high"})
    form = {"model": "gpt-image-1.5", "prompt": "A fox", "aspect_ratio": "16:9"}
    part = client.post("/generations/composer/", form, headers=SCRIPT).content.decode()
    assert part.lstrip().startswith('<form class="composer"')
    assert re.search(r"<textarea[^>]*>\s*A fox</textarea>", part)
    assert re.search(r'name="quality" value="high" checked', part)
    page = client.post("/generations/composer/", form).content.decode()
    assert "<html" in page
    assert not Generation.objects.filter(prompt="A fox").exists()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"model": "imagen-4.0-generate-001", "n": "3"}, ["Generate 3", "about $0.12"]),
        ({"model": "imagen-4.0-generate-001", "n": "99"}, ["about $0.04"]),
        ({"model": "gpt-image-1.5", "n": "2"}, ["price not known · $0.20 reserved"]),
        ({"model": "nothing"}, ["Generate"]),
    ],
)
def test_it_prices_the_form_as_it_stands(
    client: Client, person: Person, asked: dict[str, str], words: list[str]
) -> None:
    page = client.get("/generations/estimate/", asked, headers=SCRIPT).content.decode()
    for word in words:
        assert word in page


@pytest.mark.parametrize(("count", "large"), [(1, True), (2, True), (3, False)])
def test_it_shows_few_pictures_larger_than_thumbnails(
    client: Client, person: Person, count: int, large: bool
) -> None:
    generation = make_generation(person, count=count)
    for index in range(count):
        make_picture(generation, index=index, size=(1024, 768))
    page = client.get("/").content.decode()
    assert ("512w," in page and "1024w" in page) is large
    assert page.count('class="hung" data-ratio="1.32"') == count


def look(client: Client, person: Person, *, after: int, shown: str = "") -> str:
    asked = {"seen": "", "after": str(after), "shown": shown}
    answer = client.post("/generations/cards/", asked, headers=SCRIPT)
    return answer.content.decode() if answer.status_code == 200 else ""


def test_a_look_brings_what_another_page_started(client: Client, person: Person) -> None:
    known = make_generation(person)
    assert look(client, person, after=known.pk) == ""
    run = Run.objects.create(person=person, kind="list")
    begun = [make_generation(person, state="queued", group=run.pk) for _ in range(2)]
    make_generation(make_person(), state="queued")
    page = look(client, person, after=known.pk)
    assert re.findall(r'data-generation="(\d+)"', page) == [str(row.pk) for row in begun[::-1]]
    assert '<div id="results" hx-swap-oob="afterbegin">' in page
    assert page.count("hx-swap-oob") == 3  # the board, the status, the queue
    assert f'data-run="{run.pk}"' in page
    assert "<title>(2) Studio" in page


def test_a_look_redraws_what_ended_otherwise(client: Client, person: Person) -> None:
    row = make_generation(person)
    picture = make_picture(row)
    shown = re.findall(r'data-shown="([^"]+)"', client.get("/").content.decode())
    assert look(client, person, after=row.pk, shown=",".join(shown)) == ""
    Picture.objects.filter(pk=picture.pk).update(trashed_at=timezone.now())
    page = look(client, person, after=row.pk, shown=",".join(shown))
    assert "Its pictures were moved to the trash." in page
    Generation.objects.filter(pk=row.pk).update(state=State.UNKNOWN)
    assert 'data-state="unknown"' in look(client, person, after=row.pk, shown=f"{row.pk}.done.0")
    foreign = make_generation(make_person())
    assert look(client, person, after=foreign.pk, shown=f"{foreign.pk}.done.9") == ""


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 18, "9" * 400])
def test_it_answers_odd_looks(client: Client, person: Person, after: str) -> None:
    make_generation(person)
    asked = {"seen": "", "after": after, "shown": f"x,²,-1,{'9' * 400}.done"}
    assert client.post("/generations/cards/", asked, headers=SCRIPT).status_code == 204


def test_a_look_asks_little_and_nothing_of_what_is_older(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        make_picture(make_generation(person))
    page = client.get("/").content.decode()
    shown = re.findall(r'data-shown="([^"]+)"', page)
    assert len(shown) == 20
    newest = Generation.objects.latest("pk").pk
    with django_assert_max_num_queries(5):
        assert look(client, person, after=newest, shown=",".join(shown)) == ""


def test_a_pause_shows_on_the_cards_that_wait_and_under_the_bar(
    client: Client, person: Person
) -> None:
    make_generation(person, state="queued")
    page = client.get("/").content.decode()
    lines = re.findall(r'data-stamp="([^"]+)"', page)[0]
    address = f"{poll_address(page)}&lines={lines}"
    pauses.pause("sandbox", "balance", error=[])
    page = client.get(address, headers=SCRIPT).content.decode()
    assert "<strong>Paused: The Omixa wallet is empty</strong>" in page
    assert '<div id="lines" hx-swap-oob="innerHTML">' in page
    stamp = re.findall(r'data-stamp="([^"]+)"', page)[0]
    address = f"{poll_address(page)}&lines={stamp}"
    assert client.get(address, headers=SCRIPT).status_code == 204
    pauses.resume("sandbox")
    page = client.get(address, headers=SCRIPT).content.decode()
    assert "Queued, 1st" in page
    assert f'data-stamp="{lines}"' in page


def test_it_does_nothing_for_a_page_of_another_account(client: Client, person: Person) -> None:
    row = make_generation(person, state="queued")
    old = {**SCRIPT, "X-Person": str(make_person().pk)}
    assert client.post(f"/generations/{row.pk}/cancel/", headers=old).status_code == 409
    row.refresh_from_db()
    assert row.state == State.QUEUED
    own = {**SCRIPT, "X-Person": str(person.pk)}
    assert client.post(f"/generations/{row.pk}/cancel/", headers=own).status_code == 200
