"""What the studio shows: the chosen model's own controls, its price, and my board."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import Person
from omixa_studio.queries.generations import BOARD_LENGTH
from tests.factories import make_charge, make_generation, make_limit, make_person, make_picture
from tests.pages import folded

pytestmark = pytest.mark.django_db


def shown(client: Client, address: str = "/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def controls(page: str) -> set[str]:
    form = page[page.index('id="composer"') : page.index('class="board"')]
    ours = {"csrfmiddlewaretoken", "click", "model", "input_pictures"}
    return set(re.findall(r'name="([a-z_]+)"', form)) - ours


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (
            "imagen-4.0-fast-generate-001",
            "prompt n output_format aspect_ratio size input_images person_generation "
            "enhance_prompt add_watermark reasoning_effort",
        ),
        (
            "gpt-image-1.5",
            "prompt n output_format size quality background moderation input_images "
            "input_fidelity mask",
        ),
        ("stability-remove-background", "input_images output_format"),
    ],
)
def test_it_offers_the_controls_of_the_model_and_only_those(
    client: Client, person: Person, model: str, fields: str
) -> None:
    assert controls(shown(client, f"/?model={model}")) == set(fields.split())


def test_it_folds_fields_meant_for_another_family_under_advanced(
    client: Client, person: Person
) -> None:
    page = shown(client, "/?model=imagen-4.0-fast-generate-001")
    advanced = page[page.index("<span>Advanced</span>") :]
    assert 'name="reasoning_effort"' in advanced
    assert 'name="input_images"' in advanced
    assert "Meant for Gemini models" in advanced


def test_one_word_says_that_the_model_decides(client: Client, person: Person) -> None:
    form = shown(client, "/?model=gpt-image-1.5")
    form = form[form.index('id="composer"') : form.index('class="board"')]
    assert "Default" not in form
    assert 'value="auto"' not in form
    assert re.search(r'name="quality" value="" checked>\s*<span>Auto</span>', form)
    assert "Higher quality costs more and takes longer. Auto lets the model decide." in form


def test_it_sends_the_word_auto_again_where_it_was_sent(client: Client, person: Person) -> None:
    old = make_generation(person, model="gpt-image-1.5", options={"quality": "auto"})
    page = shown(client, f"/?again={old.pk}")
    assert re.search(r'name="quality" value="auto" checked>\s*<span>Auto</span>', page)
    assert not re.search(r'name="quality" value=""', page)


def test_it_says_the_short_name_of_a_model_and_the_full_one_in_the_list(
    client: Client, person: Person
) -> None:
    gemini = "gemini-2.0-flash-preview-image-generation"
    make_generation(person, model=gemini)
    page = folded(shown(client, f"/?model={gemini}"))
    assert '<strong>Nano Banana (Gemini 2.5 Flash Image)</strong> <span class="what">' in page
    assert re.search(r'class="chosen"> ?<strong>Nano Banana</strong>', page)
    assert re.search(r'<p class="meta num">Nano Banana · ', page)


def test_it_puts_the_price_on_the_button(client: Client, person: Person) -> None:
    make_limit(person.pk, 20_000_000)
    make_charge(make_generation(person, options={"n": 4}), amount_micros=7_600_000)
    page = shown(client)
    assert "about $0.16" in page
    assert "leaves $12.24 this month" in page


def test_it_says_when_the_price_is_not_known(client: Client, person: Person) -> None:
    page = shown(client, "/?model=imagen-4.0-fast-generate-001")
    assert "price not known · $0.10 reserved" in page


def test_it_remembers_the_last_choice_of_each_model(client: Client, person: Person) -> None:
    make_generation(person, model="gpt-image-1.5", options={"quality": "low", "n": 3})
    make_generation(person, options={"aspect_ratio": "9:16"})
    last = shown(client)
    assert re.search(r'value="imagen-4.0-generate-001" checked', last)
    assert re.search(r'name="aspect_ratio" value="9:16" checked', last)
    other = shown(client, "/?model=gpt-image-1.5")
    assert re.search(r'name="quality" value="low" checked', other)
    assert re.search(r'name="n" value="3"', other)


def test_it_fills_the_form_from_an_earlier_generation(client: Client, person: Person) -> None:
    old = make_generation(person, prompt="An old harbour", options={"size": "2K", "n": 2})
    page = shown(client, f"/?again={old.pk}")
    assert re.search(r"<textarea[^>]*>\s*An old harbour</textarea>", page)
    assert re.search(r'name="size" value="2K" checked', page)


def test_it_does_not_use_private_generations_of_others_again(
    client: Client, person: Person
) -> None:
    private = make_generation(make_person())
    shared = make_generation(make_person())
    make_picture(shared, shared=True)
    assert client.get(f"/?again={private.pk}").status_code == 404
    assert client.get(f"/?again={shared.pk}").status_code == 200


def test_it_shows_my_generations_newest_first(client: Client, person: Person) -> None:
    mine = [make_generation(person, state=state) for state in ("done", "unknown", "queued")]
    make_generation(make_person())
    cards = re.findall(r'data-generation="(\d+)" data-state="(\w+)"', shown(client))
    assert cards == [(str(one.pk), one.state) for one in reversed(mine)]


def test_it_shows_open_generations_beyond_the_latest(client: Client, person: Person) -> None:
    oldest = make_generation(person, state="queued")
    make_generation(person)
    for _ in range(50):
        make_generation(person)
    cards = re.findall(r'data-generation="(\d+)"', shown(client))
    assert len(cards) == BOARD_LENGTH + 1
    assert cards[-1] == str(oldest.pk)


def test_it_describes_pictures_by_their_prompt(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person, prompt="Rain on a <tin> roof"))
    page = folded(shown(client))
    assert 'alt="Rain on a &lt;tin&gt; roof"' in page
    assert f'src="/pictures/{picture.pk}/thumb"' in page
    assert 'width="64" height="48" alt=' in page


@pytest.mark.parametrize(
    ("state", "fields", "sentences"),
    [
        ("failed", {"error": "Refused."}, ["Refused.", "Not charged.", "Retry · about $0.04"]),
        ("failed", {"billed_micros": 39_000, "charged": "yes"}, ["Charged $0.039."]),
        ("failed", {"charged": "unknown"}, ["Cost unknown."]),
        ("unknown", {"charged": "unknown"}, ["It may have been charged.", "cost unknown"]),
        ("queued", {}, ["Queued, 1st", "Free to cancel", "Cancel"]),
        ("running", {}, ["Starting", "$0.040 reserved"]),
        ("cancelled", {}, ["Cancelled", "Not charged."]),
        ("cancelled", {"error": "Cancelled by mara."}, ["Cancelled by mara. Not charged."]),
    ],
)
def test_it_says_how_far_a_generation_is_and_what_it_cost(
    client: Client, person: Person, state: str, fields: dict[str, object], sentences: list[str]
) -> None:
    make_generation(person, state=state, **fields)
    page = folded(shown(client))
    assert f'data-tile="{state}"' in page
    for sentence in sentences:
        assert sentence in page


def test_it_begins_with_examples_that_fill_the_form(client: Client, person: Person) -> None:
    page = shown(client)
    drawings = re.findall(r'src="/static/\w+/(img/examples/\w+\.svg)"', page)
    assert len(drawings) == len(set(drawings)) == 6
    assert all((settings.STATIC_DIR / one).is_file() for one in drawings)
    [link] = re.findall(r'class="example" href="([^"]*Paper-cut[^"]*)"', page)
    assert re.search(r"<textarea[^>]*>\s*Paper-cut fox", shown(client, link))
    make_generation(person)
    assert "data-example" not in shown(client)


def test_it_begins_with_what_the_team_shared_last(client: Client, person: Person) -> None:
    other = make_person()
    for _ in range(14):
        make_picture(make_generation(other), shared=True)
    private = make_picture(make_generation(other))
    trashed = make_picture(make_generation(other), shared=True, trashed_at=timezone.now())
    undrawn = make_picture(make_generation(other), shared=True, thumb="")
    page = shown(client)
    newest = re.findall(r'class="tile[^>]* href="/pictures/(\d+)/\?in=team"', page)
    assert len(newest) == 12
    assert newest == sorted(newest, key=int, reverse=True)
    assert not {str(one.pk) for one in (private, trashed, undrawn)} & {*newest}


def test_it_asks_as_often_for_sixty_cards_as_for_two(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for state in ("running", "queued"):
        make_generation(person, state=state)
    for _ in range(58):
        make_picture(make_generation(person))
    with django_assert_max_num_queries(26):
        shown(client)
