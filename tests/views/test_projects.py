"""The pages of projects: who sees which, whose money; people added and removed, with undo."""

import re
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from omixa_studio.models import Person, Project, StudioSettings
from omixa_studio.services import ledger
from tests.factories import make_generation, make_person, make_picture, make_project

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def admin() -> Person:
    return make_person("ada", role="admin")


@pytest.fixture
def as_admin(admin: Person) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def spend(person: Person, project: Project, micros: int) -> None:
    generation = make_generation(person, project=project, held_micros=micros)
    ledger.hold(generation)
    ledger.capture(generation, micros, "")


def page(client: Client, project: Project | None = None, **query: str) -> str:
    path = reverse("project", args=[project.pk]) if project else reverse("projects")
    return client.get(path, query).content.decode()


def press_undo(client: Client, html: str) -> None:
    *_, path = re.findall(r'action="([^"]*)"[^>]*>\s*(?:<[^>]*>\s*)*<button[^>]*>[^<]*Undo', html)
    client.post(unquote(path.replace("&amp;", "&")))


def test_a_member_sees_own_projects_and_own_spending(client: Client, person: Person) -> None:
    harbour, forest = make_project(person, name="Harbour"), make_project(name="Forest")
    spend(person, harbour, 1_230_000)
    spend(make_person(), harbour, 7_000_000)
    html = page(client)
    assert "Harbour" in html
    assert "Forest" not in html
    assert "Mine this month" in html
    assert "$1.230" in html
    assert "$8.230" not in html
    assert f"{reverse('spending')}?project={harbour.pk}" in html
    assert f"{reverse('costs')}?project=" not in html
    for asked, known in ((harbour, True), (forest, False)):
        costs = client.get(reverse("spending"), {"project": asked.pk}).content.decode()
        assert (asked.name in costs) == known
    assert "$1.23" in page(client, harbour)
    assert client.get(reverse("project", args=[forest.pk])).status_code == 404
    assert "New project" not in html


def test_a_manager_sees_all_projects_and_what_everybody_spent(client: Client) -> None:
    manager, member = make_person(role="manager"), make_person()
    client.force_login(manager)
    harbour = make_project(member, name="Harbour", closed_at="2026-11-01T12:00Z")
    spend(member, harbour, 7_000_000)
    html = page(client)
    assert "$7.000" in html
    assert "Closed project" in html
    assert f"{reverse('costs')}?project={harbour.pk}" in html
    html = page(client, harbour)
    assert "Closed on 1 November 2026" in html
    assert "Remove selected" not in html
    assert member.name in html


def test_it_asks_few_statements_however_many_projects_there_are(
    as_admin: Client, django_assert_max_num_queries: object
) -> None:
    people = [make_person() for _ in range(3)]
    for number in range(60):
        make_project(*people, name=f"Project {number:02}")
    page(as_admin)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        html = page(as_admin)
    assert html.count('scope="row"') == 50
    assert 'href="?page=2"' in html
    assert "Project 07" in page(as_admin, q="07")


def test_an_admin_makes_changes_and_closes_projects(as_admin: Client) -> None:
    sent = {"name": " Harbour  lights ", "note": "By the sea"}
    made = as_admin.post(reverse("project_new"), sent)
    project = Project.objects.get()
    assert made["Location"] == reverse("project", args=[project.pk])
    assert project.name == "Harbour lights"
    refused = as_admin.post(reverse("project_new"), {"name": "harbour LIGHTS"})
    assert refused.status_code == 422
    assert "There is already a project of this name." in refused.content.decode()
    for given in ({"name": ""}, {"name": "x" * 81}, {"name": "x", "note": "x" * 2001}):
        assert as_admin.post(reverse("project_new"), given).status_code == 422
    as_admin.post(reverse("project_change", args=[project.pk]), {"name": "Port", "note": ""})
    html = page(as_admin, project)
    assert "Port" in html
    press_undo(as_admin, html)
    project.refresh_from_db()
    assert (project.name, project.note) == ("Harbour lights", "By the sea")
    as_admin.post(reverse("project_close", args=[project.pk]))
    html = page(as_admin, project)
    assert "Reopen project" in html
    press_undo(as_admin, html)
    project.refresh_from_db()
    assert project.is_open


def test_an_admin_adds_and_removes_many_people_at_once(as_admin: Client, admin: Person) -> None:
    project = make_project(name="Harbour")
    people = [make_person(f"linen{number:03}") for number in range(120)]
    gone = make_person("linen-gone", is_active=False)
    html = page(as_admin, project, find="linen")
    assert "The first 50 of 120." in html
    assert gone.name not in html
    add, remove = (reverse(f"project_{name}", args=[project.pk]) for name in ("add", "remove"))
    as_admin.post(add, {"people": [people[0].pk, people[1].pk], "whom": "ticked"})
    assert project.memberships.count() == 2
    as_admin.post(add, {"whom": "found", "find": "linen"})
    assert project.memberships.count() == 120
    press_undo(as_admin, page(as_admin, project))
    assert set(project.memberships.values_list("person", flat=True)) == {
        people[0].pk,
        people[1].pk,
    }
    as_admin.post(remove, {"whom": "found", "q": "linen000"})
    assert project.memberships.get().person == people[1]
    press_undo(as_admin, page(as_admin, project))
    assert project.memberships.count() == 2
    as_admin.post(remove, {"people": "nobody", "whom": "ticked"})
    assert project.memberships.count() == 2


def test_an_admin_requires_a_project_and_takes_it_back(as_admin: Client) -> None:
    as_admin.post(reverse("projects_require"), {"required": "yes"})
    assert StudioSettings.objects.get().project_required
    html = page(as_admin)
    assert "Every request needs a project now." in html
    press_undo(as_admin, html)
    assert not StudioSettings.objects.get().project_required


def test_a_gallery_is_narrowed_to_projects_one_may_see(client: Client, person: Person) -> None:
    own, secret = make_project(person, name="Harbour"), make_project(name="Secret harbour")
    mine = make_picture(make_generation(person, project=own))
    make_picture(make_generation(person))
    theirs = make_picture(make_generation(make_person(), project=secret), shared=True)

    def shown(path: str) -> list[int]:
        return [int(pk) for pk in re.findall(r'data-picture="(\d+)"', got(path))]

    def got(path: str) -> str:
        return client.get(path).content.decode()

    assert shown(f"/gallery/?project={own.pk}") == [mine.pk]
    assert "Harbour" in got(f"/gallery/?project={own.pk}")
    assert shown(f"/team/?project={secret.pk}") == []
    assert "Secret" not in got(f"/team/?project={secret.pk}")
    geometry = client.get(f"{reverse('team_geometry')}?project={secret.pk}").content
    assert b'"count": 0' in geometry or b'"count":0' in geometry
    named = reverse("project_choices")
    offered = client.get(named, {"named": "HARB", "in": "team"}, headers=SCRIPT).content.decode()
    assert re.findall(r"<bdi>([\w ]+)</bdi>", offered) == ["Harbour"]
    assert client.get(named, {"named": "x"})["Location"] == "/projects/?q=x"
    client.force_login(make_person(role="manager"))
    assert shown(f"/team/?project={secret.pk}") == [theirs.pk]


def test_a_picture_names_its_project_to_its_maker_and_to_who_may_see_it(
    client: Client, person: Person
) -> None:
    project, other = make_project(person, name="Harbour"), make_person("other")
    shared = make_picture(make_generation(person, project=project), shared=True)
    path, link = reverse("picture", args=[shared.pk]), reverse("project", args=[project.pk])

    def seen() -> str:
        return client.get(path).content.decode()

    assert f'href="{link}"' in seen()
    project.memberships.all().delete()
    assert "Harbour" in seen()
    assert f'href="{link}"' not in seen()
    client.force_login(other)
    assert "Harbour" not in seen()
    client.force_login(make_person(role="manager"))
    assert f'href="{link}"' in seen()


def test_the_log_shows_projects_by_their_names(as_admin: Client) -> None:
    as_admin.post(reverse("project_new"), {"name": "run 1"})
    as_admin.post(reverse("projects_require"), {"required": "yes"})
    html = as_admin.get(reverse("acts")).content.decode()
    assert "Made a project" in html
    assert re.search(r">\s*run 1\s*<", html)
    assert "optional → required" in html
