"""Requests for money: asked and answered once; what waits goes on at most once, if still wanted."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from omixa_studio.catalogue import Catalogue, load_catalogue
from omixa_studio.models import (
    Act,
    Balance,
    BudgetRequest,
    Charge,
    Generation,
    InputImage,
    LimitRaise,
    Notice,
    Person,
    Project,
    ProjectMember,
    RequestState,
    RunKind,
)
from omixa_studio.queries.budget import keys_now, rooms, tightest
from omixa_studio.services import budget_requests, carrying_on, inputs, kept_orders, people, runs
from omixa_studio.services.audit import Actor
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.services.budget_requests import Allowance, Wish
from omixa_studio.services.submission import Choice, GenerationDraft, OrderRefused, submit
from tests.factories import make_limit, make_person

pytestmark = pytest.mark.django_db

IMAGEN = "imagen-4.0-generate-001"
DOLLAR = 1_000_000


def awake() -> None:
    pass


@pytest.fixture
def catalogue() -> Catalogue:
    return load_catalogue(None)


@pytest.fixture
def person() -> Person:
    return make_person("jon")


@pytest.fixture
def admin() -> Person:
    return make_person("ada", role="admin")


def by(admin: Person) -> Actor:
    return Actor(admin.pk, admin.username)


def refused(person: Person, catalogue: Catalogue, *, click: str = "c1", n: int = 1) -> OrderRefused:
    model = catalogue.find(IMAGEN)
    assert model
    project = Project.objects.first()
    values = {"prompt": "A pier", "n": n}
    choice = Choice(model=model, values=values, project_id=project.pk if project else None)
    with pytest.raises(OrderRefused) as caught:
        submit(person, choice, catalogue=catalogue, wake=awake, click=click)
    return caught.value


def asked(person: Person, catalogue: Catalogue, **more: object) -> BudgetRequest:
    wish = Wish(amount_micros=DOLLAR, until=timezone.now() + timedelta(days=1), message="Please")
    found = refused(person, catalogue, **more)  # type: ignore[arg-type]
    return budget_requests.ask_for(person, found, wish, target="sandbox")


def granted(request: BudgetRequest, admin: Person, micros: int = DOLLAR) -> BudgetRequest:
    answer = Allowance(amount_micros=micros, until=timezone.now() + timedelta(days=1))
    assert budget_requests.grant(request, answer, by=by(admin))
    request.refresh_from_db()
    return request


def go_on(request: BudgetRequest, catalogue: Catalogue) -> str:
    carrying_on.carry_on(request, catalogue=catalogue, wake=awake)
    request.refresh_from_db()
    return request.state


def test_what_waits_goes_on_by_itself_and_once(
    person: Person, admin: Person, catalogue: Catalogue
) -> None:
    make_limit(person.pk, 0)
    make_limit(None, 0)
    request = asked(person, catalogue)
    assert asked(person, catalogue) == request, "the same click asks once"
    assert Notice.objects.get().person == admin
    assert not Charge.objects.exists()
    request = granted(request, admin)
    assert LimitRaise.objects.count() == 2, "every limit in the way"
    assert Act.objects.filter(kind="budget_granted", whom_id=person.pk).count() == 1
    assert go_on(request, catalogue) == RequestState.SENT
    assert go_on(request, catalogue) == RequestState.SENT
    made = Generation.objects.get()
    assert (made.click, made.prompt, made.state) == ("c1", "A pier", "queued")
    assert Notice.objects.filter(person=person, kind="budget_granted").count() == 1
    assert Notice.objects.filter(person=admin, read_at=None).count() == 0
    LimitRaise.objects.update(until=timezone.now())
    refused(person, catalogue, click="c2")


def test_what_is_missing_counts_what_is_beyond_the_limit_already(person: Person) -> None:
    make_limit(person.pk, DOLLAR)
    keys = keys_now("sandbox", person)
    Balance.objects.bulk_create(Balance(**key._asdict(), counted_micros=3 * DOLLAR) for key in keys)
    [room] = rooms(keys)
    lacking = BudgetRefused(needed_micros=DOLLAR, room=room)
    assert budget_requests.missing_for(lacking) == 3 * DOLLAR


def test_a_second_answer_changes_nothing(
    person: Person, admin: Person, catalogue: Catalogue
) -> None:
    make_limit(person.pk, 0)
    request = granted(asked(person, catalogue), admin)
    later = Allowance(amount_micros=9 * DOLLAR, until=timezone.now() + timedelta(days=9))
    assert not budget_requests.grant(request, later, by=by(admin))
    assert not budget_requests.decline(request, "No", by=by(admin))
    assert [one.extra_micros for one in LimitRaise.objects.all()] == [DOLLAR]
    assert Act.objects.filter(kind__startswith="budget_").count() == 1


@pytest.mark.parametrize(
    "what", ["withdrawn", "declined", "account", "dearer", "no room", "model", "project"]
)
def test_it_does_not_go_on_if_it_should_not(
    person: Person, admin: Person, catalogue: Catalogue, what: str
) -> None:
    make_limit(person.pk, 0)
    if what == "project":
        ProjectMember.objects.create(project=Project.objects.create(name="Autumn"), person=person)
    request = asked(person, catalogue)
    expected: str = RequestState.STOPPED
    if what == "declined":
        assert budget_requests.decline(request, "Not now", by=by(admin))
        expected = RequestState.DECLINED
    else:
        granted(request, admin, micros=1 if what == "no room" else DOLLAR)
    if what == "withdrawn":
        assert budget_requests.withdraw(request)
        expected = RequestState.WITHDRAWN
    if what == "account":
        people.deactivate(person, by=by(admin))
    if what == "dearer":
        BudgetRequest.objects.update(held_micros=F("held_micros") - 1)
    request.refresh_from_db()
    if what == "project":
        Project.objects.update(closed_at=timezone.now())
    if what == "model":
        assert request.kept
        request.kept["choices"][0]["model"] = "gone"
    assert go_on(request, catalogue) == expected
    assert not Generation.objects.exists()
    told = Notice.objects.filter(person=person, kind="budget_stopped")
    assert told.count() == (1 if expected == RequestState.STOPPED and what != "account" else 0)
    assert bool(request.why) == (expected == RequestState.STOPPED)


def test_a_crash_between_queueing_and_noting_it_sends_once(
    person: Person, admin: Person, catalogue: Catalogue
) -> None:
    make_limit(person.pk, 0)
    request = granted(asked(person, catalogue), admin)
    go_on(request, catalogue)
    BudgetRequest.objects.update(state=RequestState.GRANTED)
    sent = carrying_on.carry_on_all("sandbox", catalogue=lambda: catalogue, wake=awake)
    request.refresh_from_db()
    assert (sent, request.state, Generation.objects.count()) == (1, RequestState.SENT, 1)


def test_one_that_cannot_be_read_stops_no_other(
    person: Person, admin: Person, catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    make_limit(person.pk, 0)
    odd = granted(asked(person, catalogue), admin)
    LimitRaise.objects.all().delete()
    other = granted(asked(person, catalogue, click="c2"), admin)
    BudgetRequest.objects.filter(pk=odd.pk).update(kept={"choices": [{}]})
    sent = carrying_on.carry_on_all("sandbox", catalogue=lambda: catalogue, wake=awake)
    other.refresh_from_db()
    assert (sent, other.state) == (1, RequestState.SENT)
    assert f"Budget request {odd.pk}" in caplog.text


def test_a_whole_run_waits_and_goes_on(person: Person, admin: Person, catalogue: Catalogue) -> None:
    make_limit(person.pk, 0)
    model = catalogue.find(IMAGEN)
    assert model
    choices = [Choice(model=model, values={"prompt": text}) for text in ("One", "Two")]
    with pytest.raises(OrderRefused) as caught:
        runs.submit_run(
            person,
            choices,
            kind=RunKind.LIST,
            catalogue=catalogue,
            wake=awake,
            click="r1",
            cap_micros=DOLLAR,
        )
    wish = Wish(amount_micros=DOLLAR, until=timezone.now() + timedelta(days=1))
    request = budget_requests.ask_for(person, caught.value, wish, target="sandbox")
    assert go_on(granted(request, admin), catalogue) == RequestState.SENT
    first, second = Generation.objects.order_by("pk")
    assert (first.prompt, second.prompt, first.group) == ("One", "Two", second.group)
    run = runs.run_of_click(person, "r1")
    assert run
    assert (run.kind, run.cap_micros) == (RunKind.LIST, DOLLAR)


def test_money_alone_is_not_withdrawn_once_it_is_granted(person: Person, admin: Person) -> None:
    make_limit(person.pk, 0)
    wish = Wish(amount_micros=DOLLAR, until=timezone.now() + timedelta(days=1))
    request = budget_requests.ask_under_tightest(person, wish, click="m1", target="sandbox")
    granted(request, admin)
    assert not budget_requests.withdraw(request)
    request.refresh_from_db()
    assert request.state == RequestState.GRANTED


def test_what_waits_comes_back_as_it_was_chosen(person: Person, catalogue: Catalogue) -> None:
    sources = [
        InputImage.objects.create(
            person=person, sha256=name, name=name, mime="image/png", width=9, height=9, bytes=9
        )
        for name in "abm"
    ]
    model = catalogue.find(IMAGEN)
    assert model
    choice = Choice(
        model=model,
        values={"prompt": "A {place}", "n": 2},
        images=sources[:2],
        mask=sources[2],
        template={"prompt": "A {place}", "values": {"place": "pier"}},
        project_id=7,
    )
    draft = GenerationDraft(Generation(model=IMAGEN, project_id=7, held_micros=1), choice)
    make_limit(person.pk, 0)
    room = tightest(rooms(keys_now("sandbox", person)))
    assert room
    order = OrderRefused(BudgetRefused(needed_micros=1, room=room), [draft], None)
    assert kept_orders.choices_in(kept_orders.keep(order), catalogue) == [choice]
    assert kept_orders.images_in([draft]) == {one.pk for one in sources}


def test_nobody_answers_in_time(person: Person, admin: Person, catalogue: Catalogue) -> None:
    make_limit(person.pk, 0)
    request = asked(person, catalogue)
    assert budget_requests.expire("sandbox") == 0
    BudgetRequest.objects.update(until=timezone.now())
    assert budget_requests.expire("sandbox") == 1
    assert budget_requests.expire("sandbox") == 0
    request.refresh_from_db()
    assert request.state == RequestState.EXPIRED
    assert Notice.objects.get(person=person).kind == "budget_expired"
    assert inputs.forget_unused(hours=0) == 0


def test_its_images_are_kept_while_it_waits(
    person: Person, admin: Person, catalogue: Catalogue
) -> None:
    image = InputImage.objects.create(
        person=person, sha256="a", name="a", mime="image/png", width=9, height=9, bytes=9
    )
    make_limit(person.pk, 0)
    request = asked(person, catalogue)
    request.images.set([image])
    InputImage.objects.update(created_at=timezone.now() - timedelta(days=9))
    assert inputs.forget_unused() == 0
    assert budget_requests.withdraw(request)
    assert inputs.forget_unused() == 1
