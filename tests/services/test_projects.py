"""Projects: who may spend on them, what closing stops, and what is logged."""

import threading
import time
from dataclasses import replace

import pytest
from django.db import transaction

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Act, Charge, Generation, Person, Picture, Project, StudioSettings
from omixa_studio.queries.projects import usable_by, visible_to
from omixa_studio.services import claims, projects
from omixa_studio.services.audit import Actor
from omixa_studio.services.projects import NameTakenError
from omixa_studio.services.refusals import ChoiceRefused
from omixa_studio.services.submission import retry, submit
from omixa_studio.services.tools import Tools
from tests.factories import make_generation, make_person, make_project
from tests.workers import take_turn

from .test_races import choice, in_threads

pytestmark = pytest.mark.django_db
ADMIN = Actor(1, "ada")


def ask(person: Person, project_id: int | None = None) -> Generation:
    wanted = replace(choice(), project_id=project_id)
    return submit(person, wanted, catalogue=load_catalogue(None), wake=lambda: None)


def refusal_of(person: Person, project_id: int | None = None) -> str:
    before = Generation.objects.count(), Charge.objects.count()
    with pytest.raises(ChoiceRefused) as refused:
        ask(person, project_id)
    assert (Generation.objects.count(), Charge.objects.count()) == before
    assert refused.value.faults[0].field == "project"
    return refused.value.faults[0].sentence


def test_the_pictures_and_charges_of_a_request_carry_its_project(tools: Tools) -> None:
    person = make_person()
    project = make_project(person)
    row = ask(person, project.pk)
    take_turn(tools)
    assert set(Charge.objects.values_list("project_id", flat=True)) == {project.pk}
    assert set(Picture.objects.values_list("generation", "project")) == {(row.pk, project.pk)}


def test_members_spend_on_the_projects_they_are_in_and_managers_on_all() -> None:
    member, manager = make_person(), make_person(role="manager")
    own, other = make_project(member), make_project()
    closed = make_project(member, closed_at="2026-01-01T00:00Z")
    assert set(usable_by(member)) == {own}
    assert set(visible_to(member)) == {own, closed}
    assert set(usable_by(manager)) == {own, other}
    assert ask(manager, other.pk).project == other
    assert "You are not in this project" in refusal_of(member, other.pk)
    assert refusal_of(member, other.pk) == refusal_of(member, 10**9)


def test_nothing_new_is_spent_on_a_closed_project_and_what_waits_goes_on() -> None:
    person = make_person()
    project = make_project(person, name="Harbour")
    waiting = ask(person, project.pk)
    failed = make_generation(person, state="failed", project=project)
    assert projects.close(project, by=ADMIN)
    assert "“Harbour” is closed" in refusal_of(person, project.pk)
    with pytest.raises(ChoiceRefused):
        retry(failed, catalogue=load_catalogue(None), wake=lambda: None)
    assert claims.claim_next("sandbox", "w1") == waiting
    assert projects.reopen(project, by=ADMIN)
    again = retry(failed, catalogue=load_catalogue(None), wake=lambda: None)
    assert again.project == project


def test_who_left_a_project_spends_nothing_more_on_it() -> None:
    person = make_person()
    project = make_project(person)
    assert projects.remove_members(project, [person.pk], by=ADMIN) == [person]
    assert "You are not in this project" in refusal_of(person, project.pk)


def test_a_required_project_is_asked_for_of_everybody() -> None:
    member, nobody, admin = make_person(), make_person(), make_person(role="admin")
    project = make_project(member)
    assert projects.require_project(required=True, by=ADMIN)
    assert not projects.require_project(required=True, by=ADMIN)
    assert "Choose one under Project" in refusal_of(member)
    assert "Choose one under Project" in refusal_of(admin)
    assert "you are in no open one" in refusal_of(nobody)
    assert ask(member, project.pk).project == project
    assert projects.require_project(required=False, by=ADMIN)
    assert ask(member).project is None
    assert StudioSettings.objects.count() == 1


def test_each_change_is_logged_once() -> None:
    one, other = make_person("one"), make_person("two")
    project = projects.make("Harbour", note="By the sea", by=ADMIN)
    assert projects.add_members(project, [one.pk, other.pk, 10**9], by=ADMIN) == [one, other]
    assert projects.add_members(project, [one.pk], by=ADMIN) == []
    assert projects.remove_members(project, [other.pk], by=ADMIN) == [other]
    assert projects.remove_members(project, [other.pk], by=ADMIN) == []
    assert projects.change(project, name="Port", note="", by=ADMIN)
    assert not projects.change(project, name="Port", note="", by=ADMIN)
    project.refresh_from_db()
    assert projects.close(project, by=ADMIN)
    assert not projects.close(project, by=ADMIN)
    assert projects.reopen(project, by=ADMIN)
    logged = Act.objects.order_by("pk").values_list("kind", "thing", "whom_name", "after")
    assert list(logged) == [
        ("project_made", "Harbour", "", ""),
        ("project_member_added", "Harbour", "one", ""),
        ("project_member_added", "Harbour", "two", ""),
        ("project_member_removed", "Harbour", "two", ""),
        ("project_changed", "Harbour", "", "Port"),
        ("project_closed", "Port", "", ""),
        ("project_reopened", "Port", "", ""),
    ]


def test_no_two_projects_have_the_same_name() -> None:
    harbour, port = (projects.make(name, by=ADMIN) for name in ("Ёлка", "Port"))
    with pytest.raises(NameTakenError):
        projects.make("ЕЛКА", by=ADMIN)
    with pytest.raises(NameTakenError):
        projects.change(port, name=harbour.name.upper(), note="", by=ADMIN)
    assert Project.objects.count() == 2
    assert Act.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_closing_waits_for_a_click_that_came_first() -> None:
    person = make_person()
    project = make_project(person)
    row = make_generation(person, project=project)
    told, ended = threading.Event(), []

    def work(number: int) -> None:
        if number:
            told.wait(10)
            projects.close(project, by=ADMIN)
            ended.append("closed")
            return
        with transaction.atomic():
            projects.take_up([row])
            told.set()
            time.sleep(0.3)
            ended.append("clicked")

    in_threads(2, work)
    assert ended == ["clicked", "closed"]
