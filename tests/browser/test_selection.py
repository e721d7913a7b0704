"""Selecting by ranges over what is not loaded, all at once, and working on it in the background."""

import re
from collections.abc import Callable

import pytest
from django.db import close_old_connections
from playwright.sync_api import Page, expect

from omixa_studio.models import BackgroundJob, Person, Picture
from omixa_studio.services import background, tagging
from omixa_studio.services.background_kinds import KINDS
from tests.factories import make_many

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]
# Random ranges against a set of places; the fields say the same as the ranges.
MODEL = """async () => {
  const { range, has, including, without, sizeOf, fieldsOf } = await import(RANGES);
  const spot = (at) => ({ at, id: at + 1 });
  const wrong = [];
  for (let round = 0; round < 300; round += 1) {
    let [ranges, set] = [[], new Set()];
    for (let step = 0; step < 12; step += 1) {
      const [one, other] = [Math.random(), Math.random()].map((part) => Math.floor(part * 40));
      const on = Math.random() < 0.6;
      ranges = (on ? including : without)(ranges, range(spot(one), spot(other)));
      for (let at = Math.min(one, other); at <= Math.max(one, other); at += 1) {
        set[on ? "add" : "delete"](at);
      }
    }
    const { ids, ranges: spans = [], without: left } = fieldsOf(ranges);
    const said = new Set(ids.map((id) => id - 1));
    for (const span of spans) {
      const [, x, first, y, last] = /(x?)(\\d+)-(x?)(\\d+)/.exec(span);
      for (let at = first - 1 + x.length; at <= last - 1 - y.length; at += 1) said.add(at);
    }
    for (const id of left) said.delete(id - 1);
    const same = [...Array(40).keys()].every((at) => has(ranges, at) === set.has(at));
    const told = said.size === set.size && [...said].every((at) => set.has(at));
    if (!same || !told || sizeOf(ranges) !== set.size) wrong.push(JSON.stringify(ranges));
  }
  return wrong;
}"""


def scroll_down(page: Page) -> None:
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")


def test_ranges_are_what_a_set_would_be(open_page: OpenPage, person: Person) -> None:
    page = open_page("/gallery/")
    script = page.locator('script[src*="js/shell"]').get_attribute("src") or ""
    ranges = re.sub(r"js/shell.*", "js/selection/ranges.js", script)
    assert page.evaluate(MODEL.replace("RANGES", f'"{ranges}"')) == []


def test_a_range_reaches_over_what_is_not_loaded(open_page: OpenPage, person: Person) -> None:
    made = make_many(person, 400)[::-1]
    page = open_page("/gallery/")
    expect(page.locator(".gallery-rows .cell").first).to_be_attached()
    page.locator(f'[data-picture="{made[1]}"]').click(modifiers=["Control"])
    scroll_down(page)
    last = page.locator(f'[data-picture="{made[-2]}"]')
    last.click(modifiers=["Shift"])
    number = page.locator("#selection p output")
    expect(number).to_have_text("398")
    page.locator(f'[data-picture="{made[-5]}"]').click()
    expect(number).to_have_text("397")
    page.reload()
    expect(number).to_have_text("397")
    expect(page.locator(f'[data-picture="{made[-5]}"]')).to_have_attribute("aria-checked", "false")
    expect(last).to_have_attribute("aria-checked", "true")
    last.focus()
    page.keyboard.press("Delete")
    expect(page.locator(".toast")).to_contain_text("397 pictures moved to the trash.")
    left = [made[0], made[-5], made[-1]]
    kept = Picture.objects.filter(trashed_at=None).order_by("pk")
    assert list(kept.values_list("pk", flat=True)) == left[::-1]
    page.locator(".toast form button").click()
    expect(page.locator(".toast")).to_contain_text("397 pictures restored.")
    expect(page.locator(f'[data-picture="{made[1]}"]')).to_be_visible()


def test_an_emptied_gallery_says_so_and_comes_back(open_page: OpenPage, person: Person) -> None:
    made = make_many(person, 8)
    page = open_page("/gallery/")
    page.locator(".filters [data-select]").click()
    page.locator("#selection [data-all]").click()
    page.keyboard.press("Delete")
    expect(page.get_by_text("Your pictures will appear here")).to_be_visible()
    expect(page.locator("[data-select]:visible")).to_have_count(0)
    page.locator(".toast form button").click()
    expect(page.locator(f'[data-picture="{made[0]}"]')).to_be_visible()
    expect(page.locator(".empty")).to_have_count(0)


def test_nothing_out_of_view_stays_a_checkbox(open_page: OpenPage, person: Person) -> None:
    made = make_many(person, 400)[::-1]
    page = open_page("/gallery/")
    expect(page.locator(".gallery-rows .cell").first).to_be_attached()
    first = page.locator(f'[data-picture="{made[0]}"]')
    first.click(modifiers=["Control"])
    # What has the focus stays on the page.
    first.blur()
    page.mouse.wheel(0, 2400)
    expect(first).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#selection")).to_be_hidden()
    page.mouse.wheel(0, -2400)
    expect(first).to_be_visible()
    expect(page.locator("[role=checkbox]")).to_have_count(0)


def test_an_arrow_extends_the_range_and_draws_it_back(open_page: OpenPage, person: Person) -> None:
    made = make_many(person, 8)[::-1]
    page = open_page("/gallery/")
    expect(page.locator(".gallery-rows .cell").first).to_be_attached()
    page.locator(f'[data-picture="{made[2]}"]').focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(f"Shift+{key}")
    expect(page.locator("#selection p output")).to_have_text("3")
    expect(page.locator(f'[data-picture="{made[4]}"]')).to_be_focused()


def test_a_selection_is_tagged(open_page: OpenPage, person: Person, axe: Axe) -> None:
    made = make_many(person, 3)
    tagging.tag_pictures(person, made[:1], "Foxes")
    page = open_page("/gallery/")
    page.locator(".filters [data-select]").click()
    page.locator("#selection [data-all]").click()
    page.locator("#selection .rest-of-steps summary").click()
    page.locator("#selection [value=tag]").click()
    question = page.locator("#ask [data-confirm]")
    expect(question).to_contain_text("Tag 3 pictures?")
    field = question.get_by_label("Tag", exact=True)
    expect(field).to_be_focused()
    expect(question.locator("option")).to_have_attribute("value", "Foxes")
    assert axe(page) == []
    field.fill("foxes")
    field.press("Enter")
    expect(page.locator(".toast")).to_contain_text("2 pictures tagged.")
    expect(page.locator("#ask")).to_be_hidden()
    expect(page.locator("#selection")).to_be_hidden()


def test_all_go_on_in_the_background_and_are_undone(
    open_page: OpenPage, person: Person, axe: Axe
) -> None:
    make_many(person, 620)
    page = open_page("/gallery/")
    page.locator(".filters [data-select]").click()
    page.locator("#selection [data-all]").click()
    expect(page.locator("#selection p output")).to_have_text("620")
    page.locator("#selection [value=share]").click()
    question = page.locator("#ask [data-confirm]")
    expect(question).to_contain_text("Share 620 pictures with the team?")
    assert axe(page) == []
    question.get_by_role("button", name="Share").click()
    expect(page.locator("#selection")).to_be_hidden()
    page.locator("#jobs summary").click()
    work(turns=1)
    expect(page.locator("#jobs .job")).to_contain_text("250 of 620")
    assert axe(page) == []
    page.goto(page.url)
    work()
    expect(page.locator(".toast")).to_contain_text("620 pictures shared with the team.")
    page.locator(".toast form button").click()
    expect(page.locator(".toast")).to_contain_text("Undoing it.")
    work()
    expect(page.locator(".toast")).to_contain_text("Made private: 620 pictures.")
    assert not Picture.objects.filter(shared=True).exists()
    assert BackgroundJob.objects.count() == 2


def work(turns: int = 99) -> None:
    """Work on background jobs as a worker does, one batch a turn."""
    while turns and background.take_turn(KINDS, "here:7", go_on=lambda: False):
        turns -= 1
    close_old_connections()
