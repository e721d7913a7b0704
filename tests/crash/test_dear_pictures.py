"""A limit under attack: many dear pictures, held at the price of a cheap one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from omixa_studio import jobs
from omixa_studio.catalogue import Catalogue, ImageModel, load_catalogue
from omixa_studio.models import OPEN_STATES, Charge, Generation, Kind, Person, RunKind, State
from omixa_studio.queries import budget
from omixa_studio.queries.balance_check import differences
from omixa_studio.sandbox import Sandbox
from omixa_studio.sentences import tell
from omixa_studio.services import runs, submission
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.services.submission import Choice
from tests.crash.harness import Forker
from tests.factories import make_limit
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]
GPT = "gpt-image-1.5"
LIMIT, LOW, HIGH = 2_000_000, 11_000, 250_000
THREADS = 4
# By bills: the hold where nothing is known is small, so that many fit under the limit.
BY_BILLS = 'unknown_price_hold = "0.01"'
BY_LIST = f'[models."{GPT}"]\nimage_price = "0.013"'


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        running.script(always="billed-by-quality:low=0.011,high=0.25")
        yield running


@pytest.mark.parametrize("priced", [BY_BILLS, BY_LIST], ids=["by bills", "by list"])
def test_it_bills_no_more_than_the_limit_and_what_was_under_way(
    workers: Forker, sandbox: Sandbox, ada: Person, tmp_path: Path, priced: str
) -> None:
    file = tmp_path / "models.toml"
    file.write_text(priced)
    catalogue = load_catalogue(file)
    model = catalogue.models[GPT]
    make_limit(ada.pk, LIMIT)
    workers.worker(threads=THREADS)
    ask(ada, catalogue, model, quality="low")
    wait_until(nothing_is_open)

    ask_many(ada, catalogue, model, 150)
    asked = Generation.objects.filter(options__quality="high")
    assert (
        sum(Charge.objects.filter(kind=Kind.HOLD).values_list("amount_micros", flat=True)) < LIMIT
    )
    wait_until(nothing_is_open)

    billed = int(sandbox.billed_total * 1_000_000)
    assert LIMIT - HIGH < billed <= LIMIT + THREADS * HIGH
    assert budget.counted("sandbox", budget.current_month(), ada.pk) == billed
    assert differences() == {}
    done, cancelled = (asked.filter(state=one) for one in (State.DONE, State.CANCELLED))
    assert (done.count() * HIGH + LOW, done.count() + cancelled.count()) == (billed, 150)
    assert len(sandbox.calls) == done.count() + 1
    assert set(cancelled.values_list("charged", flat=True)) == {"no"}
    last = cancelled.latest("pk")
    assert "used up by pictures that cost more than expected" in tell(last.error)
    # What waited held what the first of them was billed, and gave all of it back.
    assert set(cancelled.values_list("held_micros", flat=True)) == {HIGH}
    # The next click is held at what such a picture costs.
    with pytest.raises(BudgetRefused) as refused:
        ask(ada, catalogue, model, quality="high")
    assert refused.value.needed_micros == HIGH


def ask(person: Person, catalogue: Catalogue, model: ImageModel, **values: object) -> None:
    choice = Choice(model=model, values={"prompt": "A harbour", **values})
    submission.submit(person, choice, catalogue=catalogue, wake=jobs.wake)


def ask_many(person: Person, catalogue: Catalogue, model: ImageModel, times: int) -> None:
    first = Choice(model=model, values={"prompt": "", "quality": "high"})
    choices = runs.for_prompts(first, [f"A dear picture {n}" for n in range(times)])
    runs.submit_run(
        person,
        choices,
        kind=RunKind.LIST,
        catalogue=catalogue,
        wake=jobs.wake,
        confirmed=True,
    )


def nothing_is_open() -> bool:
    return not Generation.objects.filter(state__in=OPEN_STATES).exists()
