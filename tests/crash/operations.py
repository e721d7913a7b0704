"""One studio that everything happens to, step by step, and what must agree after each step.

People and an admin click through the addresses; a real worker is started, stopped and killed;
the sandbox answers as badly as it is told. Screen, export, ledger, balances and the sandbox's
own sum are then compared.
"""

import csv
import io
import random
import re
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from omixa_studio.models import Charge, Generation, Kind, Person, dollars, micros
from omixa_studio.queries.balance_check import differences
from omixa_studio.sandbox import Sandbox
from tests.crash.harness import INSTANTS, MODEL, Forker, Process
from tests.databases import copy_database, restore_database
from tests.factories import make_person

SECONDS_TO_AGREE = 20.0
# In a prompt; what stands more than once happens more often.
FAULTS = [
    *[""] * 8,
    *["billed:0.250000", "billed:0.011000"] * 3,
    "billed-missing",
    "close-before-answer",
    "cut",
    "empty-data:0.040000",
    "error-in-200:0.040000",
    "not-an-image",
    "refuse-policy",
    "reset",
    "reset-mid",
    "slow:0.2",
    "status:402",
    "status:500",
    "status:503-bare",
    "trickle",
    "truncated-json",
]
# At any moment it is another day in one of them.
ZONES = ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
FIGURE = re.compile(r'<p class="figure">(.*?)</p>', re.DOTALL)
AMOUNT = re.compile(r"\$([\d,]+(?:\.\d+)?)")


@dataclass
class Visitor:
    """A person and their browser."""

    person: Person
    client: Client = field(default_factory=Client)

    def post(self, address: str, **values: object) -> None:
        """Log in, as one who was switched off would try too, and send a form."""
        self.person.refresh_from_db()
        if self.person.is_active:
            self.client.force_login(self.person)
        answer = self.client.post(address, values)
        assert answer.status_code < 500, (address, values, answer.content[-2000:])


@dataclass
class Copy:
    """The database as a backup kept it, and what was decided by then."""

    name: str
    decided: dict[int, int]


@dataclass
class Studio:
    """What is done to the studio; `told` are the steps so far."""

    forker: Forker
    sandbox: Sandbox
    settings: Settings
    luck: random.Random
    admin: Visitor = field(default_factory=lambda: Visitor(make_person("root", role="admin")))
    makers: list[Visitor] = field(
        default_factory=lambda: [Visitor(make_person(name)) for name in ("ada", "jon", "mara")]
    )
    worker: Process | None = None
    clicks: int = 0
    decided: dict[int, int] = field(default_factory=dict)
    copy: Copy | None = None
    # By prompt: when it was asked for, also in databases of before; calls that this one forgot.
    asked: dict[str, set[datetime]] = field(default_factory=lambda: defaultdict(set))
    forgotten: Counter[str] = field(default_factory=Counter)
    # How many rows waited in a restored copy that had been sent.
    sent_before: int = 0
    told: list[str] = field(default_factory=list)
    # What can be done, and how often.
    chances: Mapping[str, int] = field(default_factory=lambda: STEPS)

    def step(self) -> None:
        """Do one thing at random and compare."""
        name = self.luck.choices([*self.chances], [*self.chances.values()])[0]
        self.told.append(name)
        getattr(self, name)()
        self.compare()

    def compare(self) -> None:
        """Raise AssertionError unless everything agrees as soon as nothing is under way."""
        deadline = time.monotonic() + SECONDS_TO_AGREE
        while wrong := self.wrong():
            assert time.monotonic() < deadline, (wrong, self.told[-12:])
            time.sleep(0.05)

    # What makers do

    def click(self) -> None:
        n = str(self.luck.choice([1, 1, 2, 4]))
        self.maker().post("/generations/", model=MODEL, prompt=self.prompt(), n=n)

    def run(self) -> None:
        prompts = "\n".join(self.prompt() for _ in range(self.luck.randint(2, 6)))
        cap = self.luck.choice(["", "", "0.30"])
        form = {"mode": "list", "model": MODEL, "prompts": prompts, "cap": cap}
        self.maker().post("/many/", **form, step="start", confirmed="yes")

    def cancel(self) -> None:
        for row in self.some(state="queued"):
            self.owner(row).post(f"/generations/{row.pk}/cancel/")

    def cancel_run(self) -> None:
        for row in self.some(state="queued"):
            self.owner(row).post(f"/runs/{row.group}/cancel/")

    def retry(self) -> None:
        for row in self.some(state="failed"):
            self.owner(row).post(f"/generations/{row.pk}/retry/")

    # What the admin does

    def decide(self) -> None:
        for row in self.some(charged="unknown"):
            amount = self.luck.choice([0, 40_000, 123_456])
            outcome = {"outcome": "charged", "amount": f"{dollars(amount)}"}
            given = outcome if amount else {"outcome": "free"}
            self.admin.post(f"/unknown/{row.pk}/", **given)
            row.refresh_from_db()
            if row.decided_by:
                self.decided[row.pk] = amount

    def limit_a_person(self) -> None:
        address = f"/people/{self.maker().person.pk}/limit/"
        self.admin.post(address, limit=self.luck.choice(["", "0.50", "1", "3"]))

    def limit_the_studio(self) -> None:
        self.admin.post("/people/limit/", limit=self.luck.choice(["", "", "2", "10"]))

    def deactivate(self) -> None:
        self.admin.post(f"/people/{self.maker().person.pk}/deactivate/")

    def reactivate(self) -> None:
        for maker in self.makers:
            self.admin.post(f"/people/{maker.person.pk}/reactivate/")

    def pause(self) -> None:
        self.admin.post("/queue/pause/", **self.named())

    def resume(self) -> None:
        self.admin.post("/pause/resume")
        self.admin.post("/queue/resume/", everybody="yes")
        for maker in self.makers:
            self.admin.post("/queue/resume/", person=maker.person.pk)

    def cancel_what_waits(self) -> None:
        self.admin.post("/queue/cancel/", **self.named())

    def change_zone(self) -> None:
        self.settings.TIME_ZONE = self.luck.choice(ZONES)

    # What happens to the worker

    def start(self, instant: str = "") -> None:
        self.end(signal.SIGKILL)
        zone = {"TIME_ZONE": self.settings.TIME_ZONE}
        self.worker = self.forker.worker(instant=instant, settings_=zone)

    def start_to_be_killed(self) -> None:
        self.start(self.luck.choice([*INSTANTS]))

    def kill(self) -> None:
        time.sleep(self.luck.uniform(0, 0.1))
        self.end(signal.SIGKILL)

    def stop(self) -> None:
        self.end(signal.SIGTERM)

    def end(self, number: int) -> None:
        if self.worker is not None:
            self.worker.end(number)
        self.worker = None

    # What happens to the database

    def copy_the_database(self) -> None:
        """Keep a copy in which something waits, and go on."""
        self.end(signal.SIGKILL)
        self.click()
        self.copy = Copy(copy_database(self.forker.folder), dict(self.decided))
        self.start()

    def restore_the_copy(self) -> None:
        """Go on with what was kept, whatever was bought since."""
        if self.copy is None:
            return
        self.end(signal.SIGKILL)
        self.note_what_was_asked()
        restore_database(self.copy.name)
        self.decided = dict(self.copy.decided)
        self.forgotten = Counter(call.prompt for call in self.sandbox.calls) - _sent()
        waiting = Generation.objects.filter(state="queued", prompt__in=self.forgotten)
        self.sent_before += waiting.count()

    def note_what_was_asked(self) -> None:
        for prompt, moment in Generation.objects.values_list("prompt", "created_at"):
            self.asked[prompt].add(moment)

    # What must agree

    def wrong(self) -> list[str]:
        """Say, one sentence each, what does not agree at this moment."""
        return [*self._calls(), *self._rows(), *_balances(), *self._screens()]

    def _calls(self) -> Iterator[str]:
        """A request is sent once; the same words again are another request."""
        self.note_what_was_asked()
        known = _sent() + self.forgotten
        # A call without a prompt was cut off while it was sent: no gateway can act on it.
        calls = Counter(call.prompt for call in self.sandbox.calls if call.prompt)
        for prompt, n in calls.items():
            if n > min(known[prompt], len(self.asked[prompt])):
                yield f"{n} calls for {known[prompt]} of {len(self.asked[prompt])} {prompt!r}"

    def _rows(self) -> Iterator[str]:
        booked = dict(
            Charge.objects.order_by("generation_id")
            .values_list("generation_id")
            .annotate(Sum("amount_micros"))
        )
        for row in Generation.objects.all():
            if booked.get(row.pk, 0) != self.wanted(row):
                yield f"{row.pk} {row.state}: ledger {booked.get(row.pk)}, not {self.wanted(row)}"
        yield from _bills(self.sandbox, self.forgotten)
        yield from _days()

    def wanted(self, row: Generation) -> int | None:
        """What the ledger must say of a generation, in micro-dollars."""
        if row.pk in self.decided and not row.came_late:
            return self.decided[row.pk]
        if row.charged in ("", "unknown"):
            return row.held_micros if row.state != "cancelled" else 0
        return row.billed_micros or 0

    def _screens(self) -> Iterator[str]:
        """Compare what an admin sees on the costs page, in its export and on Unknown."""
        self.admin.client.force_login(self.admin.person)
        today = timezone.localdate(timezone=timezone.get_default_timezone())
        days = f"from={today - timedelta(3)}&to={today + timedelta(3)}"
        billed, held = (dollars(part) for part in _sums())
        shown = self.admin.client.get(f"/costs/?{days}").content.decode()
        figures = [AMOUNT.findall(figure)[:1] for figure in FIGURE.findall(shown)]
        told = [Decimal(found[0].replace(",", "")) for found in figures[:2] if found]
        if told != [billed, held]:
            yield f"the costs page shows {told}, not {billed} and {held}"
        lines = self.admin.client.get(f"/costs/export.csv?{days}").getvalue().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(lines, newline="")))
        exported = sum(Decimal(row["billed"] or 0) for row in rows)
        if exported != billed:
            yield f"the export sums to {exported}, not {billed}"
        if len(rows) != Generation.objects.count():
            yield f"the export has {len(rows)} lines"
        asked = self.admin.client.get("/unknown/").content.decode()
        for pk in Generation.objects.filter(charged="unknown").values_list("pk", flat=True):
            if f"/unknown/{pk}/" not in asked:
                yield f"{pk} is not on the page of unknown calls"

    # Chance

    def maker(self) -> Visitor:
        return self.luck.choice(self.makers)

    def owner(self, row: Generation) -> Visitor:
        return next(maker for maker in self.makers if maker.person.pk == row.person_id)

    def prompt(self) -> str:
        self.clicks += 1
        fault = self.luck.choice(FAULTS)
        return f"A harbour, number {self.clicks}" + (f" [fault: {fault}]" if fault else "")

    def some(self, **which: object) -> list[Generation]:
        found = list(Generation.objects.filter(**which).order_by("pk"))
        return self.luck.sample(found, min(len(found), 2))

    def named(self) -> dict[str, object]:
        """Everybody, or one person."""
        person: dict[str, object] = {"person": self.maker().person.pk}
        return self.luck.choice([{"everybody": "yes"}, person, person])


def _sent() -> Counter[str]:
    return Counter(Generation.objects.exclude(sent_at=None).values_list("prompt", flat=True))


def _bills(sandbox: Sandbox, forgotten: Counter[str]) -> Iterator[str]:
    """What the gateway told is booked; what it did not tell is not taken as told."""
    bills: dict[str, list[int]] = defaultdict(list)
    for call in sandbox.calls:
        bills[call.prompt].append(micros(call.billed or Decimal(0)))
    booked: dict[str, list[int]] = defaultdict(list)
    doubtful = Counter(forgotten)
    for row in Generation.objects.exclude(sent_at=None):
        if row.state == "running" or row.charged == "unknown" or row.decided_by:
            doubtful[row.prompt] += 1
        else:
            booked[row.prompt].append(row.billed_micros or 0)
    for prompt, amounts in booked.items():
        left = Counter(bills[prompt])
        left.subtract(amounts)
        if any(n < 0 for amount, n in left.items() if amount):
            yield f"booked {amounts} of bills {bills[prompt]} for {prompt!r}"
        if sum(n for amount, n in left.items() if amount) > doubtful[prompt]:
            yield f"not booked: {bills[prompt]} but {amounts} for {prompt!r}"


def _days() -> Iterator[str]:
    """What ends a request is booked on the day of its click, in whatever zone the studio is."""
    days = Charge.objects.order_by().values("generation_id").annotate(n=Count("day", distinct=True))
    yield from (
        f"{row['generation_id']} is booked on {row['n']} days" for row in days.filter(n__gt=1)
    )


def _balances() -> Iterator[str]:
    yield from (f"{key} is {micros} above its rows" for key, micros in differences().items())


def _sums() -> tuple[int, int]:
    """What is billed and what is held by the ledger, in micro-dollars."""
    told = (Kind.CAPTURE, Kind.ADJUSTMENT)
    billed = Charge.objects.filter(kind__in=told).aggregate(sum=Sum("amount_micros"))["sum"] or 0
    return billed, (Charge.objects.aggregate(sum=Sum("amount_micros"))["sum"] or 0) - billed


STEPS: dict[str, int] = {
    "click": 30,
    "run": 8,
    "cancel": 5,
    "cancel_run": 3,
    "retry": 5,
    "decide": 6,
    "limit_a_person": 6,
    "limit_the_studio": 3,
    "deactivate": 2,
    "reactivate": 4,
    "pause": 3,
    "resume": 8,
    "cancel_what_waits": 3,
    "change_zone": 8,
    "start": 20,
    "start_to_be_killed": 10,
    "kill": 6,
    "stop": 4,
    "copy_the_database": 6,
    "restore_the_copy": 6,
}
