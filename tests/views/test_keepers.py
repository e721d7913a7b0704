"""The cost of kept pictures: every figure, what opens behind it, and who sees what."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from omixa_studio.models import Person, Picture, Project
from omixa_studio.models.ledger import today
from omixa_studio.models.spans import Span
from omixa_studio.presenters.costs.keepers import build_keepers, own_keepers
from omixa_studio.services import curating, kept
from tests.factories import (
    hold,
    make_charge,
    make_collection,
    make_generation,
    make_person,
    make_picture,
)

pytestmark = pytest.mark.django_db
SECRET = "A secret lighthouse"


def bought(person: Person, *, micros: int = 40_000, model: str = "", **fields: Any) -> Picture:
    model = model or "imagen-4.0-generate-001"
    generation = make_generation(person, model=model, billed_micros=micros, **fields)
    hold(generation)
    project = generation.project_id or 0
    make_charge(generation, amount_micros=micros, pictures=1, project_id=project)
    return make_picture(generation, cost_micros=micros)


def month() -> Span:
    return Span(today().replace(day=1), today())


@pytest.fixture
def manager(client: Client) -> Person:
    person = make_person("mila", role="manager")
    client.force_login(person)
    return person


def test_all_spending_is_divided_by_the_pictures_kept(manager: Person) -> None:
    person = make_person()
    one, _two, rejected = (bought(person) for _ in range(3))
    curating.star(person, one.pk)
    curating.reject(person, rejected.pk)
    refused = make_generation(person, state="failed", error_kind="policy", billed_micros=10_000)
    hold(refused)
    make_charge(refused, amount_micros=10_000)
    sheet = build_keepers(month(), manager)
    assert (sheet.total.billed, sheet.total.kept, sheet.total.pictures) == (130_000, 1, 3)
    assert sheet.total.each == 130_000
    assert [way.count for way in sheet.ways] == [1, 0, 0, 0]
    assert [(one.count, one.micros) for one in sheet.spent] == [
        (0, 0),
        (1, 10_000),
        (1, 40_000),
        (0, 0),
    ]


def test_the_tables_tell_models_people_and_projects_apart(manager: Person) -> None:
    people, fair = [make_person(), make_person()], Project.objects.create(name="Fair")
    bought(people[0], micros=90_000)
    for_fair = bought(people[1], model="gpt-image-1.5", project=fair)
    kept.note_downloads([for_fair.pk])
    tables = {
        table.name: [(row.billed, row.kept) for row in table.rows]
        for table in build_keepers(month(), manager).tables
    }
    assert tables == {
        "model": [(90_000, 0), (40_000, 1)],
        "person": [(90_000, 0), (40_000, 1)],
        "project": [(90_000, 0), (40_000, 1)],
    }
    only = build_keepers(Span(month().first, month().last, project_id=fair.pk), manager)
    assert (only.total.billed, only.total.kept, only.only) == (40_000, 1, "Fair")


def test_other_days_have_their_own_pictures(manager: Person) -> None:
    person = make_person()
    curating.star(person, bought(person).pk)
    eve = today() - timedelta(days=1)
    assert build_keepers(Span(eve, eve), manager).total.kept == 0
    assert build_keepers(Span(date(2024, 1, 1), today()), manager).total.kept == 1


def test_a_manager_sees_no_private_picture_prompt_or_preset(
    manager: Person, client: Client
) -> None:
    person = make_person("hanna")
    template = {"prompt": f"{SECRET} {{where}}", "values": {}}
    hidden = bought(person, prompt=SECRET, template=template, template_key=-9)
    shown = bought(person, prompt="A public harbour")
    for picture in (hidden, shown):
        curating.star(person, picture.pk)
    curating.share(person, shown.pk)
    page = client.get("/costs/keepers/").content.decode()
    listed = client.get("/costs/keepers/list/?which=starred").content.decode()
    assert SECRET not in page + listed
    assert "Private template" in page
    assert f"/pictures/{shown.pk}/thumb" in listed
    assert f"/pictures/{hidden.pk}/" not in listed
    assert "Private" in listed
    assert "hanna" in listed


@pytest.mark.parametrize(
    ("which", "count"),
    [
        ("kept", 2),
        ("downloaded", 1),
        ("rejected", 1),
        ("repeats", 1),
        ("failed", 1),
        ("approved", 0),
    ],
)
def test_each_figure_opens_what_it_counts(
    manager: Person, client: Client, which: str, count: int
) -> None:
    person = make_person()
    one, two, three = bought(person), bought(person), bought(person, had_before=True)
    curating.star(person, one.pk)
    kept.note_downloads([two.pk])
    curating.trash(person, three.pk)
    hold(make_generation(person, state="failed", error_kind="gateway", billed_micros=5_000))
    shown = client.get(f"/costs/keepers/list/?which={which}&person={person.pk}")
    rows = shown.context["list"].rows
    assert len(rows) == count
    assert client.get(f"/costs/keepers/list/?which={which}&person=999").context["list"].rows == []


def test_a_long_list_has_pages(
    manager: Person, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omixa_studio.presenters.costs.keeper_lists.ROWS_ON_A_PAGE", 2)
    person = make_person()
    pictures = [bought(person) for _ in range(5)]
    kept.note_downloads([one.pk for one in pictures])
    address, seen = "/costs/keepers/list/", []
    while address:
        shown = client.get(address).context["list"]
        seen += [row.pk for row in shown.rows]
        address = shown.older
    assert seen == [one.pk for one in reversed(pictures)]


@pytest.mark.parametrize("address", ["/costs/keepers/", "/costs/keepers/list/"])
def test_wrong_days_are_said(manager: Person, client: Client, address: str) -> None:
    assert client.get(f"{address}?from=2026-02-02&to=2026-01-01").status_code == 422


def test_members_read_their_own_cost_alone() -> None:
    person, other = make_person(), make_person()
    curating.star(person, bought(person).pk)
    curating.star(other, bought(other, micros=90_000).pk)
    total, models = own_keepers(month(), person)
    assert (total.billed, total.kept, total.each) == (40_000, 1, 40_000)
    assert [(row.billed, row.kept, row.query) for row in models.rows] == [(40_000, 1, "")]


def test_the_dearest_final_is_told_with_every_attempt(manager: Person, client: Client) -> None:
    person = make_person("hanna")
    cheap = bought(person, micros=30_000, prompt="A quiet harbour")
    bought(person, prompt=SECRET)
    final = bought(person, prompt=SECRET)
    for picture in (cheap, final):
        curating.star(person, picture.pk)
    curating.share(person, cheap.pk)
    page = client.get("/costs/keepers/finals/")
    rows = page.context["finals"].rows
    assert [(row.own, row.full, row.attempts) for row in rows] == [
        (40_000, 80_000, 2),
        (30_000, 30_000, 1),
    ]
    assert SECRET not in page.content.decode()
    assert f"/pictures/{cheap.pk}/lineage/" in page.content.decode()
    assert f"/pictures/{final.pk}/" not in page.content.decode()
    curating.trash(person, cheap.pk)
    assert "A quiet harbour" not in client.get("/costs/keepers/finals/").content.decode()


def test_ones_own_page_says_what_a_kept_picture_cost(client: Client) -> None:
    person = make_person()
    client.force_login(person)
    curating.star(person, bought(person).pk)
    page = client.get("/spending/")
    assert page.context["kept_total"].each == 40_000
    assert "Per kept picture" in page.content.decode()
    assert "/costs/keepers/" not in page.content.decode()


def test_filters_without_figures_are_said_to_be_left_out(client: Client, manager: Person) -> None:
    bought(make_person())
    page = client.get("/costs/keepers/?operation=edit&tag=3").content.decode()
    assert "so they are left out: Operation, Tag." in page
    assert "left out" not in client.get("/costs/keepers/?person=1").content.decode()


def test_lists_heed_every_filter(client: Client, manager: Person) -> None:
    person = make_person()
    one, other = bought(person), bought(person)
    for picture in (one, other):
        curating.star(person, picture.pk)
    shelf = make_collection(person, one)
    page = client.get(f"/costs/keepers/list/?collection={shelf.pk}").content.decode()
    assert page.count("<tr>") == 2  # with the head
    gone = client.get("/costs/keepers/list/?operation=edit").content.decode()
    assert "There is nothing here" in gone


@pytest.mark.parametrize("address", ["/costs/", "/costs/keepers/"])
def test_days_have_one_name_at_a_time(client: Client, manager: Person, address: str) -> None:
    bought(make_person())
    page = client.get(address).content.decode()
    days = page[page.index('<div class="days">') :].partition("</nav>")[0]
    assert days.count("aria-current") == 1


def test_all_days_begin_with_the_ledger(client: Client, manager: Person) -> None:
    generation = bought(make_person()).generation
    long_ago = today() - timedelta(days=400)
    make_charge(generation, kind="adjustment", amount_micros=10_000, pictures=0, day=long_ago)
    for address in ("/costs/", "/costs/keepers/"):
        assert f"from={long_ago}" in client.get(address).content.decode()


def test_the_gallery_behind_costs_has_their_filters(client: Client, manager: Person) -> None:
    person = make_person()
    bought(person)
    page = client.get(f"/costs/?from=2026-11-01&to=2026-11-30&person={person.pk}&project=0")
    query = f"since=2026-11-01&amp;until=2026-11-30&amp;colour=cost&amp;person={person.pk}"
    assert f'href="/team/?{query}"' in page.content.decode()


def test_nothing_kept_has_no_cost_rather_than_an_unknown_one(
    client: Client, manager: Person
) -> None:
    bought(make_person())
    page = client.get("/costs/keepers/").content.decode()
    assert "<strong>–</strong>" in page
    assert "unknown" not in page[page.index('class="figures"') :].partition("</div>")[0]
