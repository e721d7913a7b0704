"""Any order of clicks, calls, crashes, decisions and clocks: the ledger says what was billed.

After each step the ledger's sum is what the gateway billed and what is still held, the balances
are the ledger's sums, and no request was sent twice.
"""

import gc
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as running_times
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from pytest_django import Settings

from omixa_studio.catalogue import load_catalogue
from omixa_studio.ledger_guard import changes_allowed
from omixa_studio.models import (
    OPEN_STATES,
    Balance,
    BilledPrice,
    Charge,
    Generation,
    Limit,
    LimitRaise,
    Pause,
    Period,
    Person,
    Picture,
    Project,
    Scope,
    State,
)
from omixa_studio.models.generations import Charged
from omixa_studio.models.limits import keys_of
from omixa_studio.queries import budget as limits
from omixa_studio.queries.balance_check import differences
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import answers, claims, curating, people, running, settling
from omixa_studio.services.audit import Actor
from omixa_studio.services.budget import set_limit
from omixa_studio.services.refusals import Refused
from omixa_studio.services.submission import Choice, submit
from tests.factories import make_person
from tests.workers import make_tools

pytestmark = pytest.mark.django_db(transaction=True)
CATALOGUE = load_catalogue(None)
MODELS = ("imagen-4.0-generate-001", "imagen-4.0-fast-generate-001")
FAULTS = (
    *(
        "",
        "",
        "billed-over:4",
        "billed-free",
        "billed-missing",
        "billed-odd",
        "fewer",
        "empty-data",
    ),
    *("empty-data:0.040000", "error-in-200", "status:400", "status:500", "status:429"),
    *("refuse-policy", "bad-base64", "truncated-json", "cut", "reset", "close-before-answer"),
)
# Nights in which clocks are changed, ends of months and years, and a leap day, in UTC.
MOMENTS = (
    datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 59, tzinfo=UTC),
    datetime(2026, 10, 31, 22, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")
SUBJECTS = (Scope.PERSON, Scope.STUDIO, Scope.ROLE, Scope.MODEL, Scope.PROJECT)


class Killed(BaseException):
    """What ends a worker in the middle of a call."""


class MoneyMachine(RuleBasedStateMachine):
    """One studio on a real stand-in gateway; each step is one thing that people or fate do."""

    folder: Path
    sandbox: Sandbox
    told: Settings

    def __init__(self) -> None:
        super().__init__()
        self.told.TIME_ZONE = ZONES[0]
        self.tools = make_tools(self.sandbox, self.folder)
        self.people = [make_person(), make_person(role="manager")]
        # Managers may use every project, members none but theirs.
        self.project = Project.objects.create(name=f"Project {self.people[0].pk}")
        self.decided: dict[int, int] = {}
        self.clock = time_machine.travel(MOMENTS[0])
        self.now = self.clock.start()

    @rule(who=st.integers(0, 1), model=st.sampled_from(MODELS), count=st.integers(1, 3))
    def click(self, who: int, model: str, count: int) -> None:
        number = Generation.objects.count()
        values = {"prompt": f"Harbour {number}.", "n": count}
        person = Person.objects.get(pk=self.people[who].pk)
        try:
            row = submit(
                person,
                Choice(
                    model=CATALOGUE.models[model],
                    values=values,
                    project_id=self.project.pk if who else None,
                ),
                catalogue=CATALOGUE,
                wake=lambda: None,
            )
        except Refused:
            return
        hold = Charge.objects.get(generation_id=row.pk)
        assert all(room.fits(0) for room in limits.rooms(keys_of(hold)) if room.hard)

    @rule(fault=st.sampled_from(FAULTS))
    def call(self, fault: str) -> None:
        self.sandbox.script(fault)
        Generation.objects.filter(state=State.QUEUED).update(not_before=None)
        if row := claims.claim_next("sandbox", "here:7"):
            running.run(row, self.tools)
        Pause.objects.all().delete()

    @rule(who=st.integers(0, 1), model=st.sampled_from(MODELS), fault=st.sampled_from(FAULTS))
    def click_and_call(self, who: int, model: str, fault: str) -> None:
        self.click(who, model, 2)
        self.call(fault)

    @rule(instant=st.sampled_from(["claimed", "sent", "received"]))
    def crash(self, instant: str) -> None:
        self.sandbox.script("")
        row = claims.claim_next("sandbox", "here:7")
        if row is None:
            return
        if instant == "sent":
            claims.pass_send_guard(row)
        if instant == "received":
            # On a machine that stands still meanwhile the call ends as sent too late.
            with pytest.MonkeyPatch.context() as patch, suppress(Killed):
                patch.setattr(answers, "receive", _kill)
                running.run(row, self.tools)
            gc.collect()
        Generation.objects.filter(pk=row.pk).update(lease=Now() - timedelta(seconds=1))
        claims.expire()

    @rule()
    def settle_what_was_left(self) -> None:
        for answer in self.tools.spool.whole_answers():
            answers.finish(answer, self.tools)

    @rule()
    def cancel(self) -> None:
        if row := Generation.objects.filter(state=State.QUEUED).order_by("-pk").first():
            claims.cancel(row)

    @rule(amount=st.integers(0, 500_000))
    def decide(self, amount: int) -> None:
        row = Generation.objects.filter(charged=Charged.UNKNOWN).order_by("pk").first()
        if row is None:
            return
        decide = settling.decide if row.state == State.UNKNOWN else settling.decide_cost
        if decide(row, billed_micros=amount, by="ada"):
            self.decided[row.pk] = amount

    @rule(
        scope=st.sampled_from(SUBJECTS),
        period=st.sampled_from(Period.values),
        amount=st.none() | st.integers(40_000, 2_000_000),
    )
    def limit(self, scope: Scope, period: str, amount: int | None) -> None:
        subject = {
            Scope.PERSON: str(self.people[0].pk),
            Scope.STUDIO: "",
            Scope.ROLE: "manager",
            Scope.MODEL: MODELS[0],
            Scope.PROJECT: str(self.project.pk),
        }[scope]
        set_limit(scope, subject, amount, period=Period(period))

    @rule(extra=st.integers(1, 1_000_000), hours=st.integers(-1, 48))
    def raise_a_limit(self, extra: int, hours: int) -> None:
        if limit := Limit.objects.order_by("pk").first():
            until = timezone.now() + timedelta(hours=hours)
            LimitRaise.objects.create(limit=limit, extra_micros=extra, until=until)

    @rule()
    def delete(self) -> None:
        if picture := Picture.objects.order_by("pk").first():
            if picture.person:
                curating.trash(picture.person, picture.pk)
            curating.empty_trash(days=-1)

    @rule(off=st.booleans())
    def switch_off(self, off: bool) -> None:
        person = Person.objects.get(pk=self.people[1].pk)
        if off and person.is_active:
            people.deactivate(person, by=Actor(0))
        elif not off and not person.is_active:
            people.reactivate(person, by=Actor(0))

    @rule(hours=st.integers(-30, 40 * 24))
    def move_the_clock(self, hours: int) -> None:
        self.now.shift(timedelta(hours=hours))

    @rule(moment=st.sampled_from(MOMENTS))
    def go_to_an_end(self, moment: datetime) -> None:
        self.now.move_to(moment)

    @rule(zone=st.sampled_from(ZONES))
    def change_the_time_zone(self, zone: str) -> None:
        self.told.TIME_ZONE = zone

    @invariant()
    def the_ledger_says_what_was_billed_and_is_held(self) -> None:
        bills, calls = self._bills()
        expected = {row.pk: self._expected(row, bills) for row in Generation.objects.all()}
        sums = Charge.objects.order_by().values_list("generation_id")
        found = dict(sums.annotate(sum=Sum("amount_micros")))
        assert found == expected
        assert max(calls.values(), default=0) <= 1

    @invariant()
    def balances_say_what_the_ledger_says(self) -> None:
        assert differences() == {}

    def teardown(self) -> None:
        self.clock.stop()
        with changes_allowed():
            for table in (Charge, Generation, Balance, BilledPrice, Limit, Pause):
                table._default_manager.all().delete()
        for answer in self.tools.spool.whole_answers():
            self.tools.spool.done_with(answer)
        self.sandbox.book.calls.clear()

    def _expected(self, row: Generation, bills: Counter[str]) -> int:
        """Return what the ledger has to say of a request: its bill, or what is held for it."""
        if row.pk in self.decided and not row.came_late:
            return self.decided[row.pk]
        if row.state in OPEN_STATES or row.charged == Charged.UNKNOWN:
            return row.held_micros
        return bills[row.prompt]

    def _bills(self) -> tuple[Counter[str], Counter[str]]:
        """Return what the gateway billed by prompt, and how many calls it may have billed."""
        bills, calls = Counter[str](), Counter[str]()
        for call in self.sandbox.calls:
            bills[call.prompt] += int((call.billed or Decimal(0)) * 1_000_000)
            calls[call.prompt] += call.status != 429
        return bills, calls


def _kill(*_given: Any) -> None:
    raise Killed


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("steps", [40])
def test_the_ledger_is_right_after_any_order_of_events(
    steps: int, sandbox: Sandbox, tmp_path: Path, settings: Settings, request: pytest.FixtureRequest
) -> None:
    surroundings = {"sandbox": sandbox, "folder": tmp_path, "told": settings}
    machine = type("Machine", (MoneyMachine,), surroundings)
    run_state_machine_as_test(
        machine,
        settings=running_times(
            max_examples=10 * request.config.getoption("rounds"),
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
