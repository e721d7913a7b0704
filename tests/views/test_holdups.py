"""Cards that wait although their turn may have come say for what, and the poll redraws them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from omixa_studio.models import Generation, Person, Run, State
from omixa_studio.models.generations import Charged
from omixa_studio.services import brakes, claims, ledger, settling
from omixa_studio.services.audit import Actor
from tests.factories import make_generation, make_limit, make_person

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


def wait(person: Person, **fields: object) -> Generation:
    row = make_generation(person, state="queued", **fields)
    ledger.hold(row)
    return row


def board(client: Client) -> str:
    return " ".join(client.get("/").content.decode().split())


def seen(html: str) -> str:
    return ",".join(re.findall(r'data-seen="([^"]+)"', html))


def claim() -> Generation | None:
    return claims.claim_next("sandbox", "w1")


def use_up(person: Person) -> None:
    """Two of four under way, and the first one's bill leaves no room for those that wait."""
    make_limit(person.pk, 170_000)
    for _ in range(4):
        wait(person)
    first, _second = claim(), claim()
    assert first is not None
    outcome = settling.Settlement(state=State.FAILED, charged=Charged.YES, billed_micros=140_000)
    assert settling.settle(first, outcome, settled_by="test")


def test_a_card_at_a_limit_says_so_and_stays_as_it_is(client: Client, person: Person) -> None:
    use_up(person)
    assert claim() is None
    before = board(client)
    assert before.count("<strong>Waiting because of the limit</strong>") == 2
    assert "Requests in progress may use it up · free to cancel" in before
    Generation.objects.filter(state="queued").update(not_before=Now() + timedelta(seconds=-9))
    after = board(client)
    assert "Waiting for the gateway" not in after
    assert seen(before) == seen(after)


def test_a_card_at_the_cap_of_its_run_says_so(client: Client, person: Person) -> None:
    run = Run.objects.create(person=person, kind="list", cap_micros=90_000)
    for _ in range(3):
        wait(person, group=run.pk)
    assert claim()
    assert claim()
    assert claim() is None
    assert board(client).count("<strong>Waiting at the run&#x27;s spending cap</strong>") == 1


def test_a_card_of_a_paused_run_says_so(client: Client, person: Person) -> None:
    run = Run.objects.create(person=person, kind="list")
    wait(person, group=run.pk)
    html = board(client)
    Run.objects.update(paused=True)
    poll = client.post("/generations/cards/", {"seen": seen(html)}, headers=SCRIPT)
    assert "<strong>Paused</strong>" in poll.content.decode()


def test_a_poll_asks_no_more_for_many_than_for_few(client: Client, person: Person) -> None:
    brakes.stop("sandbox", by=Actor(1, "mara"), person=make_person())
    counted = []
    for number in (2, 12):
        for _ in range(number):
            wait(person)
        html = board(client)
        with CaptureQueriesContext(connection) as asked:
            assert client.post("/generations/cards/", {"seen": seen(html)}).status_code == 204
        counted.append(len(asked))
    assert counted[0] == counted[1] < 12
