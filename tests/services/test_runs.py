"""Many generations from one click."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from omixa_studio.catalogue import Catalogue, load_catalogue
from omixa_studio.models import Charge, Generation, Person, Run, RunKind, State
from omixa_studio.models.generations import Charged
from omixa_studio.services import budget, claims, pricing, runs, settling
from omixa_studio.services.refusals import ChoiceRefused
from omixa_studio.services.submission import Choice
from tests.factories import make_limit, make_person

pytestmark = pytest.mark.django_db
IMAGEN = "imagen-4.0-generate-001"


@pytest.fixture
def catalogue() -> Catalogue:
    return load_catalogue(None)


def choice(catalogue: Catalogue, slug: str = IMAGEN, **values: Any) -> Choice:
    model = catalogue.find(slug)
    assert model is not None
    return Choice(model=model, values={"prompt": "A harbour", **values})


def start(
    person: Person,
    catalogue: Catalogue,
    rows: list[Choice],
    *,
    click: str = "",
    cap: int = 0,
    confirmed: bool = False,
) -> Run:
    return runs.submit_run(
        person,
        rows,
        kind=RunKind.LIST,
        catalogue=catalogue,
        wake=lambda: None,
        confirmed=confirmed,
        click=click or None,
        cap_micros=cap or None,
    )


def five(catalogue: Catalogue) -> list[Choice]:
    return runs.for_prompts(choice(catalogue), [f"fox {number}" for number in range(5)])


def states(run: Run) -> list[str]:
    rows = Generation.objects.filter(group=run.pk).order_by("id")
    return list(rows.values_list("state", flat=True))


def test_it_splits_a_count_above_the_models_limit(catalogue: Catalogue) -> None:
    parts = runs.split(choice(catalogue, n=25))
    assert [part.count for part in parts] == [10, 10, 5]


def test_it_does_not_split_what_fits(catalogue: Catalogue) -> None:
    assert len(runs.split(choice(catalogue, n=10))) == 1


def test_it_starts_no_dear_run_that_nobody_has_confirmed(catalogue: Catalogue) -> None:
    person, rows = make_person(), five(catalogue) * 6
    with pytest.raises(runs.NotConfirmed) as refused:
        start(person, catalogue, rows)
    assert (refused.value.held, refused.value.reason) == (Decimal("1.20"), "not_confirmed")
    assert [fault.field for fault in refused.value.faults] == ["confirmed"]
    assert not Generation.objects.exists()
    assert states(start(person, catalogue, rows, confirmed=True)) == ["queued"] * 30
    assert states(start(person, catalogue, rows[:25])) == ["queued"] * 25  # $1.00: not above


def test_it_queues_all_rows_as_one_group_with_their_holds(catalogue: Catalogue) -> None:
    run = start(make_person(), catalogue, five(catalogue))
    assert states(run) == ["queued"] * 5
    assert sum(Charge.objects.values_list("amount_micros", flat=True)) == 200_000


def test_it_queues_none_when_the_sum_does_not_fit(catalogue: Catalogue) -> None:
    person = make_person()
    make_limit(person.pk, 190_000)
    with pytest.raises(budget.BudgetRefused):
        start(person, catalogue, five(catalogue))
    assert not Generation.objects.exists()
    assert not Run.objects.exists()


class Overtaken(list[Choice]):
    """Choices whose click makes a run elsewhere just while they are looked at."""

    def __init__(self, choices: list[Choice], elsewhere: Callable[[], Run]) -> None:
        super().__init__(choices)
        self.elsewhere = elsewhere

    def __iter__(self) -> Iterator[Choice]:
        self.elsewhere()
        return super().__iter__()


@pytest.mark.parametrize("room_micros", [200_000, None])
def test_the_second_of_two_same_clicks_gets_the_run_of_the_first(
    catalogue: Catalogue, room_micros: int | None
) -> None:
    person, rows = make_person(), five(catalogue)
    make_limit(person.pk, room_micros)
    overtaken = Overtaken(rows, lambda: start(person, catalogue, rows, click="c1"))
    run = start(person, catalogue, overtaken, click="c1")
    assert run == Run.objects.get()
    assert states(run) == ["queued"] * 5
    assert Charge.objects.count() == 5


def test_the_refused_one_of_two_clicks_stays_refused(catalogue: Catalogue) -> None:
    person, rows = make_person(), five(catalogue)
    make_limit(person.pk, 200_000)
    overtaken = Overtaken(rows, lambda: start(person, catalogue, rows, click="another"))
    with pytest.raises(budget.BudgetRefused):
        start(person, catalogue, overtaken, click="c1")


def test_it_answers_the_same_click_with_the_same_run(catalogue: Catalogue) -> None:
    person = make_person()
    run = start(person, catalogue, five(catalogue), click="c1")
    assert start(person, catalogue, five(catalogue), click="c1") == run
    assert Generation.objects.count() == 5


def test_it_refuses_a_row_that_does_not_fit_its_model(catalogue: Catalogue) -> None:
    rows = [*five(catalogue), choice(catalogue, quality="high")]
    with pytest.raises(ChoiceRefused):
        start(make_person(), catalogue, rows)
    assert not Generation.objects.exists()


def test_it_gives_each_model_only_the_values_it_takes(catalogue: Catalogue) -> None:
    models = [catalogue.models[slug] for slug in (IMAGEN, "MAI-Image-2.5")]
    rows = runs.for_models(choice(catalogue, aspect_ratio="16:9", size="1K", n=2), models)
    assert [sorted(row.values) for row in rows] == [
        ["aspect_ratio", "n", "prompt", "size"],
        ["n", "prompt"],
    ]


def test_it_varies_one_option(catalogue: Catalogue) -> None:
    rows = runs.for_values(choice(catalogue), "size", ["1K", "2K"])
    assert [row.values["size"] for row in rows] == ["1K", "2K"]


def test_it_adds_up_prices_and_says_when_one_is_unknown(catalogue: Catalogue) -> None:
    terms = pricing.terms_now(catalogue, catalogue.models.values())
    known = runs.total(terms, five(catalogue))
    assert known == (Decimal("0.20"), Decimal("0.20"))
    fast = choice(catalogue, "imagen-4.0-fast-generate-001")
    assert runs.total(terms, [*five(catalogue), fast]) == (None, Decimal("0.30"))


def test_it_starts_no_row_of_a_paused_run(catalogue: Catalogue) -> None:
    run = start(make_person(), catalogue, five(catalogue))
    runs.pause_run(run)
    assert claims.claim_next("sandbox", "w") is None
    runs.resume_run(run, wake=lambda: None)
    assert claims.claim_next("sandbox", "w") is not None


def test_it_cancels_what_is_queued_and_keeps_what_runs(catalogue: Catalogue) -> None:
    run = start(make_person(), catalogue, five(catalogue))
    claims.claim_next("sandbox", "w")
    assert runs.cancel_run(run) == 4
    assert states(run) == ["running"] + ["cancelled"] * 4


def test_it_waits_at_the_cap_while_calls_are_under_way(catalogue: Catalogue) -> None:
    run = start(make_person(), catalogue, five(catalogue), cap=100_000)
    for _ in range(2):
        assert claims.claim_next("sandbox", "w") is not None
    assert claims.claim_next("sandbox", "w") is None
    assert states(run) == ["running"] * 2 + ["queued"] * 3


def test_it_goes_on_below_the_cap_with_what_bills_leave_over(catalogue: Catalogue) -> None:
    run = start(make_person(), catalogue, five(catalogue), cap=100_000)
    for _ in range(5):
        settle_next(run, 15_000)
    assert states(run) == ["failed"] * 5


def test_it_cancels_the_rest_once_the_cap_is_spent(catalogue: Catalogue) -> None:
    run = start(make_person(), catalogue, five(catalogue), cap=100_000)
    for _ in range(2):
        settle_next(run, 40_000)
    assert claims.claim_next("sandbox", "w") is None
    assert states(run) == ["failed"] * 2 + ["cancelled"] * 3
    assert sum(Charge.objects.values_list("amount_micros", flat=True)) == 80_000


def settle_next(run: Run, bill: int) -> None:
    Generation.objects.filter(group=run.pk).update(not_before=None)
    row = claims.claim_next("sandbox", "w")
    assert row is not None
    outcome = settling.Settlement(state=State.FAILED, charged=Charged.YES, billed_micros=bill)
    assert settling.settle(row, outcome, settled_by="test")
