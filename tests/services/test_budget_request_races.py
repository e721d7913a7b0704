"""Requests for money at the same moment, with real threads, on both databases: once or never."""

import subprocess
import sys

RACE = """
import threading
from datetime import timedelta
import django
django.setup()
from django.db import connection
from django.utils import timezone
from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import (
    BudgetRequest, Charge, Generation, LimitRaise, Person, RequestState, Scope)
from omixa_studio.services import budget_requests, carrying_on
from omixa_studio.services.audit import Actor
from omixa_studio.services.budget import set_limit
from omixa_studio.services.budget_requests import Allowance, Wish
from omixa_studio.services.submission import Choice, OrderRefused, submit

catalogue, wake = load_catalogue(None), lambda: None
jon = Person.objects.create(username="jon")
Person.objects.create(username="ada", role="admin")
set_limit(Scope.PERSON, jon.pk, 0)
tomorrow = timezone.now() + timedelta(days=1)

def together(*steps):
    results, start = [None] * len(steps), threading.Barrier(len(steps))
    def run(n):
        start.wait()
        results[n] = steps[n]()
        connection.close()
    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(steps))]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return results

def ask(click):
    model = catalogue.find("imagen-4.0-generate-001")
    try:
        submit(jon, Choice(model=model, values={"prompt": "x"}), catalogue=catalogue, wake=wake,
            click=click)
    except OrderRefused as refusal:
        wish = Wish(amount_micros=1_000_000, until=tomorrow)
        return budget_requests.ask_for(jon, refusal, wish, target="sandbox")

def grant(request, n=0):
    answer = Allowance(amount_micros=1_000_000 + n, until=tomorrow)
    if not budget_requests.grant(request, answer, by=Actor(name=f"ada{n}")):
        return False
    return go_on(request) or True

def go_on(request):
    found = BudgetRequest.objects.select_related("person").get(pk=request.pk)
    if found.state == RequestState.GRANTED:
        return carrying_on.carry_on(found, catalogue=catalogue, wake=wake)

def settle_up():
    LimitRaise.objects.all().delete()
    return Generation.objects.count(), Charge.objects.count()

# The same form in twelve tabs is one request, and twelve approvers grant it once.
made = together(*[lambda: ask("c1")] * 12)
assert len({one.pk for one in made}) == 1, made
grants = [lambda n=n: grant(made[0], n) for n in range(6)]
answers = together(*grants, *[lambda: go_on(made[0])] * 6)
assert sum(map(bool, answers[:6])) == 1, answers
go_on(made[0])
assert LimitRaise.objects.count() == 1
assert settle_up() == (1, 1)
assert BudgetRequest.objects.get().state == RequestState.SENT

# Whoever comes first: granted and sent, or withdrawn and never sent.
for n in range(12):
    before, _charges = settle_up()
    set_limit(Scope.PERSON, jon.pk, 0)
    request = ask(f"w{n}")
    together(
        lambda: grant(request),
        lambda: budget_requests.withdraw(request),
        lambda: go_on(request),
        lambda: budget_requests.decline(request, "", by=Actor(name="bo")),
    )
    request.refresh_from_db()
    sent = Generation.objects.filter(click=f"w{n}").count()
    assert (request.state == RequestState.SENT) == (sent == 1), (request.state, sent)
    assert request.state != RequestState.GRANTED, request.state
    assert Charge.objects.filter(kind="hold").count() == Generation.objects.count()
"""


def test_a_request_is_granted_and_sent_once(surroundings: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RACE], env=surroundings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
