"""Bills of one choice that come at once, beside clicks, claims and cancelled requests."""

import pytest
from django.db.models import F

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import BilledPrice, Charge, Generation, Kind, Person, State
from omixa_studio.models.generations import Charged
from omixa_studio.queries.balance_check import differences
from omixa_studio.services import claims, settling
from omixa_studio.services.submission import Choice, submit
from tests.factories import make_limit, make_person
from tests.services.test_races import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
CATALOGUE = load_catalogue(None)
BILLS, THREADS = 20, 32
CENT = 10_000


def ask(person: Person) -> Generation:
    model = CATALOGUE.models["gpt-image-1.5"]
    choice = Choice(model=model, values={"prompt": "A harbour", "quality": "high"})
    return submit(person, choice, catalogue=CATALOGUE, wake=lambda: None)


def test_it_keeps_the_dearest_of_bills_that_come_at_once() -> None:
    """Twenty end, each a cent dearer, while others click, claim and cancel; none is left behind."""
    people = [make_person() for _ in range(4)]
    make_limit(None, 1_000_000_000)
    for number in range(60):
        ask(people[number % 4])
    running = [claims.claim_next("sandbox", "w1") for _ in range(BILLS)]

    def work(number: int) -> None:
        if number < BILLS:
            row = running[number]
            assert row is not None
            outcome = settling.Settlement(
                state=State.FAILED,
                charged=Charged.YES,
                billed_micros=200_000 + number * CENT,
            )
            assert settling.settle(row, outcome, settled_by="test")
        elif number % 3 == 0:
            assert claims.claim_next("sandbox", f"w{number}") is not None
        elif number % 3 == 1:
            ask(people[number % 4])
        else:
            last = Generation.objects.filter(state=State.QUEUED).latest("pk")
            claims.cancel(last)

    in_threads(THREADS, work)
    dearest = 200_000 + (BILLS - 1) * CENT
    assert BilledPrice.objects.get().dearest_micros == dearest
    # Whatever came into line in that moment holds it at its claim at the latest.
    waiting = Generation.objects.filter(state=State.QUEUED).count()
    later = [claims.claim_next("sandbox", "w2") for _ in range(waiting)]
    assert {row.held_micros for row in later if row} == {dearest}
    for row in Generation.objects.filter(state=State.RUNNING):
        booked = Charge.objects.filter(generation_id=row.pk, kind__in=(Kind.HOLD, Kind.RAISE))
        assert sum(booked.values_list("amount_micros", flat=True)) == row.held_micros
    assert not Generation.objects.filter(over_hold=True, billed_micros__lte=F("held_micros"))
    assert differences() == {}
