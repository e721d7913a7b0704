"""A guest link in a real browser: with script and without, on a phone, by keys and by swipes."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from omixa_studio.models import Comment, Person
from omixa_studio.queries.guests import token_of
from tests.browser.conftest import OpenPage, OpenWindow
from tests.factories import make_generation, make_link, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE: ViewportSize = {"width": 390, "height": 700}


def made_link(person: Person, **terms: str) -> str:
    pictures = [
        make_picture(make_generation(person), size=size)
        for size in ((160, 90), (90, 160), (99, 99))
    ]
    return f"/g/{token_of(make_link(person, *pictures, title='Spring', **terms))}/"


def comment(page: Page, text: str) -> None:
    page.get_by_label("Your name").fill("Nora")
    page.get_by_label("Comment", exact=True).fill(text)
    page.get_by_role("button", name="Needs work").click()
    expect(page.locator(".comment .text")).to_have_text(text)


@pytest.mark.parametrize("script", [True, False])
def test_a_guest_gives_the_password_looks_and_comments(
    open_window: OpenWindow, live_server: LiveServer, person: Person, script: bool
) -> None:
    link = made_link(person, password="open sesame")
    page = open_window(java_script_enabled=script, viewport=PHONE).new_page()
    page.goto(link)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("not the password")
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button").click()
    page.get_by_role("link", name="Picture 2").click()
    page.get_by_label("Your name").fill("Nora")
    page.get_by_role("button", name="Comment").click()
    expect(page.get_by_role("alert")).to_be_in_viewport()
    comment(page, "A little warmer, please")
    page.get_by_text("Edit").click()
    page.get_by_label("Comment", exact=True).first.fill("Much warmer")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".comment .text")).to_have_text("Much warmer")
    page.get_by_role("link", name="Next picture").click()
    expect(page).to_have_url(f"{live_server.url}{link}3/")
    page.go_back()
    page.get_by_role("link", name="Spring").click()
    expect(page.locator("#n2 .verdict")).to_have_text("Needs work")
    assert Comment.objects.get().guest_name == "Nora"


def test_keys_lead_through_the_pictures(
    open_window: OpenWindow, live_server: LiveServer, person: Person
) -> None:
    link = made_link(person)
    page = open_window().new_page()
    page.goto(f"{link}1/")
    for key, where in (("ArrowRight", "2/"), ("ArrowRight", "3/"), ("ArrowLeft", "2/")):
        page.keyboard.press(key)
        expect(page).to_have_url(f"{live_server.url}{link}{where}")
    page.get_by_label("Your name").press("ArrowRight")
    page.get_by_label("Your name").blur()
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{live_server.url}{link}#n2")


def test_the_team_comments_in_the_viewer_and_undoes_it(open_page: OpenPage, person: Person) -> None:
    picture = make_picture(make_generation(person), size=(160, 90))
    page = open_page(f"/pictures/{picture.pk}/")
    # In one step: the part is replaced as soon as it is seen.
    page.locator("#comments").evaluate("(part) => part.scrollIntoView()")
    page.get_by_label("Comment", exact=True).fill("For the cover?")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".comment .text")).to_have_text("For the cover?")
    page.locator(".comment").get_by_role("button", name="Delete").click()
    expect(page.locator(".comment")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".comment .text")).to_have_text("For the cover?")


def test_a_narrow_page_folds_a_long_prompt_and_keeps_its_title_off_the_arrows(
    open_window: OpenWindow, live_server: LiveServer, person: Person
) -> None:
    pictures = [make_picture(make_generation(person, prompt="light " * 660)) for _ in range(3)]
    link = make_link(person, *pictures, title="The pictures of spring " * 3, prompts=True)
    page = open_window(viewport={"width": 320, "height": 700}).new_page()
    page.goto(f"/g/{token_of(link)}/2/")
    title = page.locator(".back").bounding_box()
    arrow = page.get_by_role("link", name="Previous picture").bounding_box()
    assert title
    assert arrow
    assert title["x"] + title["width"] <= arrow["x"]
    prompt = page.locator("#prompt-text")
    folded = prompt.bounding_box()
    page.get_by_role("button", name="Whole prompt").click()
    whole = prompt.bounding_box()
    assert folded
    assert whole
    assert folded["height"] * 4 < whole["height"]
