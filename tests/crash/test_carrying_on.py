"""A worker is killed while it carries on what was granted; the next one queues it once."""

import signal
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import (
    BudgetRequest,
    Charge,
    Generation,
    Person,
    RequestState,
    RunKind,
    Scope,
)
from omixa_studio.queries.balance_check import differences
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import budget_requests, runs
from omixa_studio.services.audit import Actor
from omixa_studio.services.budget import set_limit
from omixa_studio.services.budget_requests import Allowance, Wish
from omixa_studio.services.submission import Choice, OrderRefused, submit
from tests.crash.harness import (
    MODEL,
    Forker,
    all_spools,
    broken_promises,
    no_wake,
    settle_everything,
    whole_answers,
)
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
REQUEST, GENERATION = "omixa_studio_budgetrequest", "omixa_studio_generation"
# Each step of carrying on; only after the last one is anything queued.
STEPS: dict[str, dict[str, Any]] = {
    "before it is claimed": {"on": "before", "match": f'UPDATE "{REQUEST}"'},
    "after it is claimed": {"on": "after", "match": f'UPDATE "{REQUEST}"'},
    "before it is queued": {"on": "before", "match": f'INSERT INTO "{GENERATION}"'},
    "before the ledger": {"on": "before", "match": 'INSERT INTO "omixa_studio_charge"'},
    "before the commit": {"on": "after", "match": 'INSERT INTO "omixa_studio_charge"'},
    "after the commit": {"on": "before", "match": f'UPDATE "{REQUEST}"', "nth": 2},
}
CALLS = {"once": 1, "run": 3}


@pytest.mark.timeout(300)
def test_it_is_queued_once_after_a_kill_at_every_step(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    set_limit(Scope.PERSON, ada.pk, 0)
    for step, trap in STEPS.items():
        for kind, calls in CALLS.items():
            request = granted(ada, kind, f"{step}, {kind}")
            process = workers.worker("one", trap=trap)
            process.wait()
            queued = Generation.objects.filter(prompt__startswith=f"{step}, {kind}")
            assert queued.count() == (calls if step == "after the commit" else 0), (step, kind)
            next_one = workers.worker("one")
            wait_until(lambda: not BudgetRequest.objects.filter(state="granted").exists())
            next_one.end(signal.SIGTERM)
            request.refresh_from_db()
            assert (request.state, queued.count()) == (RequestState.SENT, calls), (step, kind)
    settle_everything(workers)
    assert Charge.objects.filter(kind="hold").count() == len(STEPS) * sum(CALLS.values())
    received = whole_answers(*all_spools(workers.folder))
    assert broken_promises(sandbox, workers.folder, received) == []
    assert not differences()


def granted(person: Person, kind: str, prompt: str) -> BudgetRequest:
    """What a budget refused, asked for and granted; whoever granted it died before it was sent."""
    refusal = refused(person, kind, prompt)
    until = timezone.now() + timedelta(days=1)
    wish = Wish(amount_micros=1_000_000, until=until)
    request = budget_requests.ask_for(person, refusal, wish, target="sandbox")
    allowed = Allowance(amount_micros=budget_requests.missing_now(request), until=until)
    assert budget_requests.grant(request, allowed, by=Actor(name="root"))
    return request


def refused(person: Person, kind: str, prompt: str) -> OrderRefused:
    catalogue = load_catalogue(None)
    model = catalogue.models[MODEL]
    choices = [Choice(model=model, values={"prompt": f"{prompt}, {n}"}) for n in range(CALLS[kind])]
    common: dict[str, Any] = {"catalogue": catalogue, "wake": no_wake, "click": prompt}
    ask: Callable[[], object] = partial(submit, person, choices[0], **common)
    if kind == "run":
        more: dict[str, Any] = {"kind": RunKind.LIST, "confirmed": True}
        ask = partial(runs.submit_run, person, choices, **common, **more)
    with pytest.raises(OrderRefused) as caught:
        ask()
    return caught.value
