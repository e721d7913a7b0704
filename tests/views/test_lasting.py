"""Parts that are rendered once show each person what is theirs."""

import random
import re

import pytest
from django.template import Context
from django.test import Client
from django.urls import clear_script_prefix, set_script_prefix
from django.utils import translation
from django.utils.translation import gettext

from omixa_studio.models import Person
from omixa_studio.presenters.pictures import filters
from omixa_studio.templatetags import lasting as lasting_parts
from omixa_studio.templatetags import tiles
from omixa_studio.templatetags.lasting import lasting
from tests.factories import (
    PASSWORD,
    make_generation,
    make_person,
    make_picture,
)

pytestmark = pytest.mark.django_db
ALL = ("/", "/gallery/", "/team/", "/prompts/", "/review/", "/account/")
PAGES = {"member": ALL, "manager": (*ALL, "/costs/"), "admin": (*ALL, "/people/", "/models/")}
# Tokens and one-time values differ each time.
DRAWN_BY_LOT = re.compile(r"\b(?:[0-9a-f]{32}|[A-Za-z0-9]{64})\b")


def test_each_role_and_language_has_its_own() -> None:
    for _ in range(2):
        for language in ("en", "ru", "zh-hans"):
            with translation.override(language):
                for role in ("admin", "member"):
                    places = lasting(Context(), "palette/_places.html", role=role)
                    assert (f">{gettext('People')}<" in places) == (role == "admin")
                    assert f">{gettext('Gallery')}<" in places


def test_the_bar_marks_the_page_that_is_open(client: Client) -> None:
    admin = make_person(role="admin")
    client.login(username=admin.username, password=PASSWORD)
    for _ in range(2):
        for path in ("/gallery/", "/people/"):
            html = client.get(path).content.decode()
            marked = [line for line in html.splitlines() if 'aria-current="page"' in line]
            assert any(f'href="{path}"' in line for line in marked)
            assert len({line.strip() for line in marked}) == 1


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def look(client: Client, page: str) -> list[str]:
    html = client.get(page).content.decode()
    return DRAWN_BY_LOT.sub("", html).splitlines()


def forget() -> None:
    lasting_parts._kept.cache_clear()
    lasting_parts._kept_of_person.cache_clear()
    tiles._mould.cache_clear()


def test_a_page_is_the_same_whoever_looked_before() -> None:
    views = []
    for role, pages in PAGES.items():
        for language, theme in (("en", "dark"), ("ru", "light"), ("zh-hans", "")):
            name = f"{role} {language}"
            person = make_person(role=role, language=language, theme=theme, first_name=name)
            make_picture(make_generation(person, prompt=f"Of {name}"), shared=True)
            client = browser_of(person)
            views += [(client, page) for page in pages]
    alone = {}
    for view in views:
        forget()
        alone[view] = look(*view)
    random.Random(7).shuffle(views)
    forget()
    for view in views:
        assert look(*view) == alone[view]


def kept() -> tuple[int, int]:
    return lasting_parts._kept.cache_info().currsize, filters._menu.cache_info().currsize


def test_searches_for_long_words_take_no_memory() -> None:
    client = browser_of(make_person())
    look(client, "/gallery/")
    before = kept()
    for number in range(3):
        found = client.get("/gallery/", {"q": f"{number}" + 499 * "\N{CAT}"})
        assert found.context["sought"].texts["q"].startswith(str(number))
    # One small part leads to the same search, coloured by cost.
    assert kept() == (before[0] + 3, before[1])


def test_large_parts_are_drawn_but_not_kept() -> None:
    lasting_parts._kept.cache_clear()
    for size, count in ((lasting_parts.LARGEST_PART, 0), (10, 1)):
        html = lasting(Context(), "studio/_about.html", words=size * "a")
        assert size * "a" in html
        assert lasting_parts._kept.cache_info().currsize == count


def test_tiles_lead_to_where_the_studio_is() -> None:
    client = browser_of(person := make_person())
    make_picture(make_generation(person))
    forget()
    for prefix in ("/", "/studio/", "/"):
        set_script_prefix(prefix)
        try:
            html = client.get("/", SCRIPT_NAME=prefix.rstrip("/")).content.decode()
        finally:
            clear_script_prefix()
        assert ('hx-get="/studio/generations/composer/?again=' in html) == (prefix == "/studio/")


def test_cards_and_menus_have_room_of_their_own() -> None:
    forget()
    person = make_person()
    make_picture(make_generation(person, prompt="An owl"))
    client = browser_of(person)
    look(client, "/")
    cards, parts = lasting_parts._kept_of_person, lasting_parts._kept
    before = parts.cache_info().currsize, cards.cache_info().currsize
    assert before[1]
    make_picture(make_generation(person, prompt="A harbour"))
    assert "A harbour" in client.get("/").content.decode()
    assert (parts.cache_info().currsize, cards.cache_info().currsize) == (before[0], before[1] + 1)
