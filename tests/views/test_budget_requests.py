"""Asking for more money on screen: offered at a refusal, answered on a page, seen on the board."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from omixa_studio.models import (
    BudgetRequest,
    Generation,
    LimitRaise,
    Period,
    Person,
    RequestState,
    Run,
    Scope,
    StudioSettings,
)
from omixa_studio.models.ledger import today
from omixa_studio.services.budget import set_limit
from tests.factories import (
    PASSWORD,
    make_budget_request,
    make_generation,
    make_limit,
    make_person,
    make_picture,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]

IMAGEN = "imagen-4.0-generate-001"
SCRIPT = {"HX-Request": "true"}
FORM = {"model": IMAGEN, "prompt": "A pier at dawn", "click": "c1"}
ASK = {"ask-for": "more", "ask-dollars": "5", "ask-until": "week", "ask-message": "For <b>Friday"}


@pytest.fixture
def admin() -> Person:
    return make_person("ada", role="admin")


def login(person: Person) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": person.username, "password": PASSWORD})
    return client


def ask(client: Client, **more: str) -> BudgetRequest:
    answer = client.post(reverse("submit"), {**FORM, **ASK, **more}, headers=SCRIPT)
    assert answer.status_code == 200
    return BudgetRequest.objects.latest("pk")


def test_a_refusal_offers_to_ask_for_what_is_missing(client: Client, person: Person) -> None:
    make_limit(person.pk, 30_000)
    html = client.post(reverse("submit"), FORM, headers=SCRIPT).content.decode()
    assert 'name="ask-dollars" value="0.01"' in html
    assert 'name="ask-for"' in html
    wrong = {**FORM, **ASK, "ask-dollars": "a lot", "ask-until": "date", "ask-date": "2001-01-01"}
    answer = client.post(reverse("submit"), wrong, headers=SCRIPT)
    assert answer.status_code == 422
    assert 'value="a lot"' in answer.content.decode()
    assert "Choose a day within the next year." in answer.content.decode()
    assert not BudgetRequest.objects.exists()


def test_one_asks_an_admin_approves_and_it_goes_on(
    client: Client, person: Person, admin: Person
) -> None:
    make_limit(person.pk, 0)
    request = ask(client)
    board = client.get(reverse("studio")).content.decode()
    assert "A pier at dawn" in board
    assert "Waiting for approval" in board
    answers = login(admin)
    page = answers.get(reverse("budget_requests")).content.decode()
    assert "$5.00" in page
    assert "For &lt;b&gt;Friday" in page
    assert "A pier" not in page, "a prompt is its person's"
    assert ">1</span>" in page, "the bar counts it"
    answer = answers.post(reverse("budget_grant", args=[request.pk]))
    assert answer.status_code == 303
    assert Generation.objects.get().prompt == "A pier at dawn"
    answers.post(reverse("budget_grant", args=[request.pk]))
    assert LimitRaise.objects.get().extra_micros == 5_000_000
    seen = client.get(reverse("budget_requests_mine"), {"seen": "x"}, headers=SCRIPT)
    assert "A pier" not in seen.content.decode()
    assert "Approved and sent" in client.get(reverse("budget_requests")).content.decode()


def test_more_of_a_limit_a_day_is_more_each_day(
    client: Client, person: Person, admin: Person
) -> None:
    set_limit(Scope.PERSON, person.pk, 0, period=Period.DAY)
    later = {"ask-until": "date", "ask-date": (today() + timedelta(days=9)).isoformat()}
    ask(client, **{"ask-until": "day"})
    ask(client, click="c2", prompt="Other", **later)
    answers = login(admin)
    page = answers.get(reverse("budget_requests")).content.decode()
    assert re.findall(r"Approve (\$5.00[a-z ]*)", page) == ["$5.00", "$5.00 a day"]
    told = re.findall(r"asks for (\$5.00[a-z ]*) until", answers.get("/notices/").content.decode())
    assert told == ["$5.00 a day", "$5.00"]
    for request in BudgetRequest.objects.all():
        answers.post(reverse("budget_grant", args=[request.pk]))
    told = re.findall(r"you (\$5.00[a-z ]*) more", client.get("/notices/").content.decode())
    assert told == ["$5.00 a day", "$5.00"]


def test_another_amount_a_note_and_no(client: Client, person: Person, admin: Person) -> None:
    make_limit(person.pk, 0)
    first, second = ask(client), ask(client, click="c2", prompt="Other")
    answers = login(admin)
    path = reverse("budget_grant", args=[first.pk])
    assert answers.post(path, {"dollars": "x", "until": "day"}).status_code == 422
    answers.post(path, {"dollars": "1.50", "until": "month", "message": "Half"})
    assert LimitRaise.objects.get().extra_micros == 1_500_000
    answers.post(reverse("budget_decline", args=[second.pk]), {"note": "Not <now>"})
    board = client.get(reverse("studio")).content.decode()
    assert "Declined" in board
    assert "Not &lt;now&gt;" in board
    client.post(reverse("budget_close", args=[second.pk]), headers=SCRIPT)
    assert "Not &lt;now&gt;" not in client.get(reverse("studio")).content.decode()
    assert Generation.objects.count() == 1


def test_one_withdraws_ones_own_alone(client: Client, person: Person, admin: Person) -> None:
    make_limit(person.pk, 0)
    request = ask(client)
    path = reverse("budget_withdraw", args=[request.pk])
    assert login(make_person("eva")).post(path).status_code == 404
    assert client.post(path).status_code == 303
    request.refresh_from_db()
    assert request.state == RequestState.WITHDRAWN
    login(admin).post(reverse("budget_grant", args=[request.pk]))
    assert not Generation.objects.exists()
    assert not LimitRaise.objects.exists()
    again = client.post(reverse("submit"), {**FORM, **ASK}, headers=SCRIPT)
    assert again.status_code == 422, "it would say that this waits for approval"
    assert "sent already" in again.content.decode()


def test_an_approver_hears_what_was_not_sent(client: Client, person: Person, admin: Person) -> None:
    make_limit(person.pk, 0)
    request = ask(client)
    answers, path = login(admin), reverse("budget_grant", args=[request.pk])
    answer = answers.post(path, {"dollars": "0.01", "until": "day"}, follow=True)
    assert "There was still too little left in a budget." in answer.content.decode()
    assert not Generation.objects.exists()


def test_nothing_is_raised_for_an_account_that_is_off(
    client: Client, person: Person, admin: Person
) -> None:
    make_limit(None, 0)
    request = ask(client)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert login(admin).post(reverse("budget_grant", args=[request.pk])).status_code == 404
    assert not LimitRaise.objects.exists()


def test_managers_answer_only_if_so_set_and_never_their_own(admin: Person) -> None:
    manager = make_person("mia", role="manager")
    member = make_person("jon")
    other, own = make_budget_request(member), make_budget_request(manager)
    answers = login(manager)
    path = reverse("budget_grant", args=[other.pk])
    assert answers.post(path).status_code == 403
    login(admin).post(reverse("budget_approvers"), {"managers": "yes"})
    assert StudioSettings.objects.get().managers_approve
    page = answers.get(reverse("budget_requests")).content.decode()
    assert path in page
    assert reverse("budget_grant", args=[own.pk]) not in page
    assert answers.post(reverse("budget_grant", args=[own.pk])).status_code == 404
    assert answers.post(path).status_code == 303
    other.refresh_from_db()
    assert other.answered_by_name == manager.name


def test_one_asks_without_anything_that_waits(client: Client, person: Person) -> None:
    form = {"dollars": "3", "until": "day", "click": "c1"}
    assert client.post(reverse("budget_ask"), form).status_code == 422, "there is no limit"
    make_limit(person.pk, 0)
    for _twice in range(2):
        assert client.post(reverse("budget_ask"), form).status_code == 303
    assert BudgetRequest.objects.get().kept is None


@pytest.mark.parametrize("way", ["retry", "run", "final", "action", "bulk"])
def test_every_way_offers_to_ask(client: Client, person: Person, admin: Person, way: str) -> None:
    form = {"click": "c1", "model": IMAGEN}
    if way == "retry":
        path = reverse("retry", args=[make_generation(person, state="failed").pk])
    elif way == "run":
        path, form = reverse("new_run"), {**form, "mode": "list", "prompts": "One\nTwo"}
    elif way in ("action", "bulk"):
        pk = make_picture(make_generation(person), size=(80, 80)).pk
        path = reverse("picture_cutout", args=[pk]) if way == "action" else reverse("bulk")
        form = {"click": "c1", "model": "stability-remove-background"}
        form |= {"action": "cutout", "ids": str(pk)} if way == "bulk" else {}
    else:
        run = Run.objects.create(person=person, kind="list")
        make_picture(make_generation(person, group=run.pk), winner=True)
        path = reverse("final", args=[run.pk])
    before = Generation.objects.count()
    make_limit(person.pk, 0)
    start = {**form, "step": "start"}
    html = client.post(path, start, headers=SCRIPT).content.decode()
    assert 'name="ask-for"' in html
    answer = client.post(path, {**form, **ASK}, headers=SCRIPT)
    assert answer.status_code in (200, 303)
    request = BudgetRequest.objects.get()
    login(admin).post(reverse("budget_grant", args=[request.pk]))
    made = 2 if way == "run" else 1
    assert Generation.objects.count() == before + made


def test_a_cheaper_way_fills_the_form_and_sends_nothing(client: Client, person: Person) -> None:
    make_limit(person.pk, 90_000)
    html = client.post(reverse("submit"), {**FORM, "n": "4"}, headers=SCRIPT).content.decode()
    assert 'name="ask-way" value="n=2"' in html
    pressed = {**FORM, **ASK, "n": "4", "ask-way": "n=2"}
    form = client.post(reverse("composer"), pressed, headers=SCRIPT).content.decode()
    assert "A pier at dawn" in form
    assert re.search(r'name="n"[^>]*value="2"', form)
    assert not Generation.objects.exists()
    assert not BudgetRequest.objects.exists()
