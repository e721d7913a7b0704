"""One of several processes that press on the same limits; started by test_stacked_limits.py.

Each line on the standard input names a function below; its result is a line of JSON.
`python -m tests.services.racing THREADS` says how many threads take part.
"""

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import django

django.setup()

from django.db import connection, connections  # noqa: E402
from django.db.models import Sum  # noqa: E402

from omixa_studio.catalogue import load_catalogue  # noqa: E402
from omixa_studio.ledger_guard import changes_allowed  # noqa: E402
from omixa_studio.models import (  # noqa: E402
    Balance,
    BilledPrice,
    Charge,
    Generation,
    Kind,
    Period,
    Person,
    Scope,
    State,
)
from omixa_studio.models.generations import Charged  # noqa: E402
from omixa_studio.queries.balance_check import differences  # noqa: E402
from omixa_studio.services import claims, settling  # noqa: E402
from omixa_studio.services.budget import BudgetRefused, set_limit  # noqa: E402
from omixa_studio.services.keeping import Kept  # noqa: E402
from omixa_studio.services.submission import Choice, submit  # noqa: E402

THREADS = int(sys.argv[1])
CATALOGUE = load_catalogue(None)
MODEL = CATALOGUE.models["imagen-4.0-generate-001"]
ROOM, HOLD = 37, 40_000
LIMIT = ROOM * HOLD + HOLD - 1
# One thread in ten of a mixed race claims and bills, four times what was held.
ONE_IN, BILL = 10, 4 * HOLD
# What holds must not depend on how busy the machine is: no lease ends, and SQLite waits for long.
PATIENCE_SECONDS = 600
if connection.vendor == "sqlite":
    connection.settings_dict["OPTIONS"]["timeout"] = PATIENCE_SECONDS


def set_limits() -> None:
    """Set limits of every kind that applies to the same requests; one has room for exactly 37."""
    people = [Person.objects.create(username=name) for name in ("ada", "ben", "cyd")]
    subjects: list[tuple[Scope, object]] = [(Scope.PERSON, person.pk) for person in people]
    subjects += [(Scope.STUDIO, ""), (Scope.ROLE, "member"), (Scope.MODEL, MODEL.slug)]
    for scope, subject in subjects:
        for period in Period:
            set_limit(scope, subject, 2 * LIMIT, period=period)
    set_limit(Scope.STUDIO, "", LIMIT, period=Period.MONTH)


def forget() -> None:
    """Take away all requests, what was spent and what is known of prices."""
    with changes_allowed():
        for table in (Charge, Generation, Balance, BilledPrice):
            table._default_manager.all().delete()


def race() -> dict[str, object]:
    """Let every thread click once at the same time; return what came of it."""
    return _race(lambda number: _click(number))


def mixed_race() -> dict[str, object]:
    """Let most threads click, while some claim and bill four times what was held."""
    return _race(lambda number: _click(number) if number % ONE_IN else _bill())


def tell() -> dict[str, object]:
    """Return what the database says after a race."""
    queued = Generation.objects.filter(state=State.QUEUED)
    return {
        "holds": Charge.objects.filter(kind=Kind.HOLD).count(),
        "billed": _sum(Charge.objects.filter(kind=Kind.CAPTURE), "amount_micros"),
        "ledger": _sum(Charge.objects.all(), "amount_micros"),
        "held": _sum(queued, "held_micros"),
        "wrong balances": len(differences()),
    }


def _race(work: Callable[[int], Counter[str]]) -> dict[str, object]:
    came: list[Counter[str]] = []

    def take_part(number: int) -> None:
        came.append(work(number))

    connections.close_all()
    faults = _at_once([partial(take_part, number) for number in range(THREADS)])
    return {"faults": faults, **sum(came, Counter())}


def _click(number: int) -> Counter[str]:
    people = Person.objects.order_by("pk")
    choice = Choice(model=MODEL, values={"prompt": "A harbour"})
    try:
        submit(people[number % 3], choice, catalogue=CATALOGUE, wake=lambda: None)
    except BudgetRefused:
        return Counter(refused=1)
    return Counter(held=1)


def _bill() -> Counter[str]:
    """Claim and bill what is next in line until nothing is."""
    calls = 0
    claim = partial(claims.claim_next, "sandbox", "racing", lease_seconds=PATIENCE_SECONDS)
    while (row := claim()) is not None:
        calls += 1
        assert claims.pass_send_guard(row, lease_seconds=PATIENCE_SECONDS)
        assert settling.settle(row, _billed(), settled_by="worker:racing")
    return Counter(calls=calls)


def _billed() -> settling.Settlement:
    nothing = settling.succeeded(Kept((), ()), billed=None, billed_text="", request_id="")
    return replace(nothing, charged=Charged.YES, billed_micros=BILL, billed_text="0.16")


def _at_once(works: Sequence[Callable[[], None]]) -> list[str]:
    """Run all at the same time; return the faults."""
    start, faults = threading.Barrier(len(works)), []

    def run(work: Callable[[], None]) -> None:
        try:
            start.wait()
            work()
        except Exception as fault:  # noqa: BLE001 - told to the test
            faults.append(f"{type(fault).__name__}: {fault}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def _sum(rows: object, column: str) -> int:
    return rows.aggregate(sum=Sum(column))["sum"] or 0  # type: ignore[attr-defined]  # a query


if __name__ == "__main__":
    known = {one.__name__: one for one in (set_limits, forget, race, mixed_race, tell)}
    for line in sys.stdin:
        print(json.dumps(known[line.strip()]()), flush=True)
