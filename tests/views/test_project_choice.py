"""The choice of a project in every form that buys: offered, remembered, kept, refused with 422."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from omixa_studio.models import (
    Charge,
    Generation,
    Person,
    Picture,
    Project,
    Run,
    RunKind,
    Scope,
    StudioSettings,
)
from omixa_studio.services.budget import set_limit
from tests.factories import make_generation, make_person, make_picture, make_project

pytestmark = pytest.mark.django_db
SIZE = (80, 64)
IMAGEN, IMAGEN_FAST = "imagen-4.0-generate-001", "imagen-4.0-fast-generate-001"
ONE: dict[str, object] = {"model": IMAGEN, "prompt": "A harbour"}
LIST: dict[str, object] = {
    "step": "start",
    "mode": "list",
    "model": IMAGEN,
    "prompts": "A harbour\nA fox",
}
TEST: dict[str, object] = {
    "step": "start",
    "prompts": "A harbour",
    "models": [IMAGEN, IMAGEN_FAST],
}
FORMS: dict[str, dict[str, object]] = {"submit": ONE, "new_run": LIST, "new_blind_test": TEST}
every_form = pytest.mark.parametrize("name", FORMS)


def chosen_in(html: str) -> str | None:
    """Return the id of the project that a form begins with, "" for none, None without a choice."""
    found = re.search(r'<select[^>]*name="project".*?</select>', html, re.DOTALL)
    if found is None:
        return None
    chosen = re.search(r'value="(\d+)" selected', found[0])
    return chosen[1] if chosen else ""


def form(client: Client, path: str = "/") -> str | None:
    return chosen_in(client.get(path).content.decode())


@every_form
def test_it_belongs_to_the_project_of_the_form_which_is_remembered(
    client: Client, person: Person, name: str
) -> None:
    first, second = make_project(person), make_project(person)
    assert form(client) == ""
    client.post(reverse(name), {**FORMS[name], "project": second.pk})
    assert set(Generation.objects.values_list("project", flat=True)) == {second.pk}
    assert set(Charge.objects.values_list("project_id", flat=True)) == {second.pk}
    for path in ("/", reverse("new_run"), reverse("new_blind_test")):
        assert form(client, path) == str(second.pk)
    client.post(reverse(name), {**FORMS[name], "project": ""})
    assert form(client) == ""
    assert form(client, f"/?project={first.pk}") == str(first.pk)


@every_form
@pytest.mark.parametrize("why", ["closed", "left", "odd"])
def test_a_project_that_takes_nothing_more_is_refused(
    client: Client, person: Person, name: str, why: str
) -> None:
    make_project(person)
    gone: dict[str, Callable[[], object]] = {
        "closed": lambda: make_project(person, name="Harbour", closed_at="2026-01-01T00:00Z").pk,
        "left": lambda: make_project().pk,
        "odd": lambda: "x",
    }
    answer = client.post(reverse(name), {**FORMS[name], "project": gone[why]()})
    said = {"closed": "is closed, and nothing more", "left": "You are not in", "odd": "no such"}
    assert answer.status_code == 422
    assert said[why] in answer.content.decode()
    assert 'aria-describedby="project-error"' in answer.content.decode()
    assert not Generation.objects.exists()
    assert not Charge.objects.exists()


@every_form
def test_a_required_project_is_named_in_the_refusal(
    client: Client, person: Person, name: str
) -> None:
    StudioSettings.objects.create(pk=1, project_required=True)
    answer = client.post(reverse(name), FORMS[name])
    assert answer.status_code == 422
    assert "you are in no open one. Ask an admin" in answer.content.decode()
    make_project(person)
    answer = client.post(reverse(name), FORMS[name])
    assert "Choose one under Project." in answer.content.decode()
    assert not Generation.objects.exists()


def test_nobody_without_projects_is_asked_for_one(client: Client, person: Person) -> None:
    make_project(name="Of others")
    for path in ("/", reverse("new_run"), reverse("new_blind_test")):
        assert form(client, path) is None


def test_use_again_begins_with_the_old_project_and_says_if_it_is_closed(
    client: Client, person: Person
) -> None:
    open_one = make_project(person)
    closed = make_project(person, name="Harbour", closed_at="2026-01-01T00:00Z")
    old, older = (make_generation(person, project=one) for one in (open_one, closed))
    make_picture(old)
    assert form(client, f"/?again={old.pk}") == str(open_one.pk)
    html = client.get(f"/?again={older.pk}").content.decode()
    assert chosen_in(html) == ""
    assert "This was made for “Harbour”, which is closed." in html


def test_a_draft_keeps_its_project_and_so_does_another_model(
    client: Client, person: Person
) -> None:
    project, other = make_project(person), make_project(person)
    Person.objects.update(last_project=other)
    sent = {"draft": "yes", "model": IMAGEN, "prompt": "A fox", "project": str(project.pk)}
    path = reverse("composer")
    assert chosen_in(client.post(path, sent).content.decode()) == str(project.pk)
    assert chosen_in(client.post(path, {**sent, "project": ""}).content.decode()) == ""
    assert chosen_in(client.post(path, {"model": IMAGEN}).content.decode()) == str(other.pk)


def test_an_action_begins_with_the_project_of_its_picture(client: Client, person: Person) -> None:
    last, project = make_project(person), make_project(person)
    Person.objects.update(last_project=last)
    own = make_picture(make_generation(person, project=project), size=SIZE)
    others = make_generation(make_person(), project=make_project())
    theirs = make_picture(others, shared=True, size=SIZE)

    def bought(picture: Picture, **sent: object) -> Project | None:
        path = reverse("picture_cutout", args=[picture.pk])
        assert form(client, path) == str((project if picture == own else last).pk)
        client.post(path, sent)
        made = Generation.objects.latest("pk")
        assert made.operation == "remove_background"
        return made.project

    assert bought(own) == project
    assert bought(theirs) == last
    assert bought(own, project="") is None
    assert bought(own, project=last.pk) == last
    client.post(reverse("bulk"), {"action": "cutout", "ids": [own.pk, theirs.pk], "step": "start"})
    made = Generation.objects.order_by("-pk")[:2]
    assert {row.project for row in made} == {last}


def test_a_retry_and_finals_stay_in_their_project(client: Client, person: Person) -> None:
    project = make_project(person)
    failed = make_generation(person, state="failed", project=project)
    client.post(reverse("retry", args=[failed.pk]))
    assert Generation.objects.latest("pk").project == project
    run = Run.objects.create(person=person, kind=RunKind.LIST)
    make_picture(make_generation(person, group=run.pk, project=project), winner=True)
    client.post(reverse("final", args=[run.pk]), {"step": "start", "model": IMAGEN})
    final = Generation.objects.latest("pk")
    assert final.group not in (run.pk, failed.group)
    assert final.project == project
    Project.objects.update(closed_at="2026-01-01T00:00Z")
    count = Generation.objects.count()
    told = client.post(reverse("retry", args=[failed.pk]), follow=True).content.decode()
    assert "is closed, and nothing more can be spent on it" in told
    refused = client.post(reverse("final", args=[run.pk]), {"step": "start", "model": IMAGEN})
    assert refused.status_code == 422
    assert Generation.objects.count() == count
    other = make_project(person)
    assert form(client, reverse("final", args=[run.pk])) == ""
    sent = {"step": "start", "model": IMAGEN, "project": other.pk}
    client.post(reverse("final", args=[run.pk]), sent)
    assert Generation.objects.latest("pk").project == other


@pytest.mark.parametrize("scope", [Scope.PROJECT, Scope.MODEL])
def test_what_is_left_of_a_run_follows_what_is_chosen(
    client: Client, person: Person, scope: Scope
) -> None:
    project = make_project(person)
    set_limit(scope, project.pk if scope == Scope.PROJECT else IMAGEN, 7_770_000)
    run = Run.objects.create(person=person, kind=RunKind.LIST)
    make_picture(make_generation(person, group=run.pk, project=project), winner=True)
    other = {"project": ""} if scope == Scope.PROJECT else {"model": IMAGEN_FAST}

    def left(path: str, **sent: object) -> list[str]:
        asked = {**LIST, "step": "price", "project": project.pk, **sent}
        html = client.post(path, asked, headers={"HX-Request": "true"}).content.decode()
        return re.findall(r"<dd>(\$7\.\d\d)", html)

    for path in (reverse("new_run"), reverse("final", args=[run.pk])):
        assert left(path)
        assert left(path, **other) == []


@pytest.mark.parametrize(
    "page", ["/", "/generations/estimate/", "/generations/composer/", "/many/"]
)
def test_a_form_says_nothing_of_projects_of_others(
    client: Client, person: Person, page: str
) -> None:
    theirs, own = make_project(name="Merger"), make_project(person, name="Pier")
    for project in (theirs, own):
        set_limit(Scope.PROJECT, project.pk, 7_770_000)

    def said(project: Project) -> str:
        asked = {"model": IMAGEN, "prompt": "A pier", "project": str(project.pk)}
        headers = {} if page == "/" else {"HX-Request": "true"}
        return client.get(page, asked, headers=headers).content.decode()

    assert "Merger" not in said(theirs)
    assert "$7.77" not in said(theirs)
    assert page == "/many/" or "$7.77" in said(own)
