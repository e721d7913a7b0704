"""Limits are asked again at the claim: past one goes at most what was under way."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Generation, Person, Scope, State
from omixa_studio.models.generations import Charged
from omixa_studio.queries import budget
from omixa_studio.queries.balance_check import differences
from omixa_studio.sentences import tell
from omixa_studio.services import claims, settling
from omixa_studio.services.budget import set_limit
from omixa_studio.services.submission import Choice, submit
from tests.factories import make_limit, make_person

pytestmark = pytest.mark.django_db
# What a picture of the model costs by its list.
LISTED = 40_000
MINUTE = timedelta(minutes=1)


def ask(person: Person, *, times: int = 1, model: str = "imagen-4.0-generate-001") -> None:
    catalogue = load_catalogue(None)
    found = catalogue.find(model)
    assert found is not None
    for number in range(times):
        choice = Choice(model=found, values={"prompt": f"A harbour {number}"})
        submit(person, choice, catalogue=catalogue, wake=lambda: None)


def claim() -> Generation | None:
    Generation.objects.update(not_before=None)
    return claims.claim_next("sandbox", "w1")


def claimed() -> Generation:
    row = claim()
    assert row is not None
    return row


def bill(row: Generation, micros: int) -> None:
    outcome = settling.Settlement(state=State.FAILED, charged=Charged.YES, billed_micros=micros)
    assert settling.settle(row, outcome, settled_by="test")


def states(person: Person) -> list[str]:
    return list(person.generations.order_by("pk").values_list("state", flat=True))


def counted(person: Person) -> int:
    return budget.counted("sandbox", budget.current_month(), person.pk)


@pytest.fixture
def spender() -> Person:
    """Four requests in line under a limit that has room for their holds, and a cent more."""
    person = make_person()
    make_limit(person.pk, 4 * LISTED + 10_000)
    ask(person, times=4)
    return person


def test_it_sends_nothing_once_a_dear_bill_has_used_the_limit_up(spender: Person) -> None:
    row = claimed()
    bill(row, 250_000)
    assert claim() is None
    assert states(spender) == ["failed"] + ["cancelled"] * 3
    assert (counted(spender), differences()) == (250_000, {})
    last = spender.generations.latest("pk")
    assert (last.charged, "pictures that cost more than expected" in tell(last.error)) == (
        "no",
        True,
    )


def test_it_keeps_those_for_which_there_is_room_the_first_first(spender: Person) -> None:
    row = claimed()
    bill(row, LISTED + 2_000)
    assert claimed().pk == row.pk + 1
    assert states(spender) == ["failed", "running", "queued", "queued"]
    # The second turns out dearer: one more of that price has room, not two.
    bill(Generation.objects.get(pk=row.pk + 1), LISTED + 3_000)
    assert claimed().pk == row.pk + 2
    assert states(spender) == ["failed", "failed", "running", "cancelled"]


def test_it_waits_while_calls_under_way_may_turn_out_cheaper(spender: Person) -> None:
    first, second = claimed(), claimed()
    bill(first, LISTED + 30_000)
    assert claims.claim_next("sandbox", "w1") is None
    assert states(spender) == ["failed", "running", "queued", "queued"]
    later = Generation.objects.filter(state="queued", not_before__gt=Now())
    assert later.count() == 2  # not asked about again at once, one after the other
    bill(second, 10_000)
    assert claim() is not None
    # The others of that price hold as much as the first was billed: one more has room.
    assert claim() is None
    assert states(spender) == ["failed", "failed", "running", "cancelled"]


def test_it_holds_nobody_else_up(spender: Person) -> None:
    other = make_person()
    ask(other)
    row = claimed()
    bill(row, 250_000)
    assert claimed().person == other


@pytest.mark.parametrize("scope", [Scope.STUDIO, Scope.PERSON])
def test_it_asks_a_limit_that_was_lowered_meanwhile(scope: Scope) -> None:
    person = make_person()
    ask(person, times=3)
    set_limit(scope, "" if scope == Scope.STUDIO else person.pk, 2 * LISTED)
    assert claim() is not None
    assert claims.claim_next("sandbox", "w1") is not None
    assert states(person) == ["running", "running", "cancelled"]


@pytest.mark.parametrize(
    ("times", "limit", "studio", "after"),
    [
        (2, LISTED, 2 * LISTED, [["running", "cancelled"], ["queued", "cancelled"]]),
        (3, LISTED, 3 * LISTED, [["running", "cancelled", "cancelled"], ["queued"]]),
    ],
)
def test_it_cancels_no_more_than_it_takes_for_two_limits(
    times: int, limit: int, studio: int, after: list[list[str]]
) -> None:
    """What is cancelled of a person makes room in the studio's limit too, not the other way."""
    person, other = make_person(), make_person()
    ask(person, times=times)
    ask(other, times=4 - times)
    make_limit(person.pk, limit)
    make_limit(None, studio)
    assert claimed().person == person
    assert [states(person), states(other)] == after


def test_it_does_not_ask_a_limit_that_only_tells(spender: Person) -> None:
    set_limit(Scope.PERSON, spender.pk, None)
    set_limit(Scope.PERSON, spender.pk, 1, hard=False)
    assert [claim() is not None for _ in range(4)] == [True] * 4


def test_it_keeps_a_longer_wait_that_the_gateway_asked_for(spender: Person) -> None:
    first, _second, third = claimed(), claimed(), claimed()
    claims.hand_back(third, tries=1, not_before_seconds=60)
    bill(first, LISTED + 30_000)
    assert claims.claim_next("sandbox", "w1") is None
    assert Generation.objects.filter(pk=third.pk, not_before__gt=Now() + MINUTE / 2).exists()
