"""What bills teach: the hold of the next click, and of what waits with the same choice."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import Field
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import (
    BilledPrice,
    Charge,
    Generation,
    GenerationInput,
    InputImage,
    Kind,
    Person,
    RunKind,
    State,
)
from omixa_studio.models.generations import Charged
from omixa_studio.queries.balance_check import differences
from omixa_studio.services import claims, ledger, pricing, runs, settling
from omixa_studio.services.submission import Choice, submit
from tests.factories import make_generation, make_limit, make_person

pytestmark = pytest.mark.django_db
GPT = "gpt-image-1.5"
CATALOGUE = load_catalogue(None)


def choice(prompt: object = "A harbour", **values: object) -> Choice:
    found = CATALOGUE.find(GPT)
    assert found is not None
    return Choice(model=found, values={"prompt": prompt, **values})


def ask(person: Person, **values: object) -> Generation:
    return submit(person, choice(**values), catalogue=CATALOGUE, wake=lambda: None)


def ask_many(person: Person, times: int, **values: object) -> None:
    choices = [choice(f"Number {number}", **values) for number in range(times)]
    runs.submit_run(
        person,
        choices,
        kind=RunKind.LIST,
        catalogue=CATALOGUE,
        wake=lambda: None,
        confirmed=True,
    )


def bill(row: Generation, micros: int | None, *, charged: Charged = Charged.YES) -> None:
    if row.state == "queued":
        Generation.objects.filter(pk=row.pk).update(
            state="running", attempt=uuid.uuid4(), lease=timezone.now()
        )
    row = Generation.objects.get(pk=row.pk)
    outcome = settling.Settlement(state=State.FAILED, charged=charged, billed_micros=micros)
    assert settling.settle(row, outcome, settled_by="test")


def hold_of(**values: object) -> Decimal:
    asked = choice(**values)
    terms = pricing.terms_now(CATALOGUE, [asked.model])
    return pricing.price(terms, asked.model, asked.values, asked.inputs).hold


def held(state: str = "queued") -> list[int]:
    rows = Generation.objects.filter(state=state).order_by("pk")
    return list(rows.values_list("held_micros", flat=True))


def raises() -> list[tuple[int, int, int]]:
    rows = Charge.objects.filter(kind=Kind.RAISE).order_by("pk")
    return list(rows.values_list("generation_id", "nth", "amount_micros"))


def test_it_holds_the_dearest_bill_of_the_same_choice_however_long_ago() -> None:
    person = make_person()
    bill(ask(person, quality="high"), 250_000)
    for _ in range(3):
        bill(ask(person, quality="high"), 200_000)
    bill(ask(person, quality="low"), 11_000)
    assert hold_of(quality="high") == Decimal("0.25")
    assert hold_of(quality="low") == Decimal("0.011")
    # New: by size, by quality, by nothing at all.
    for new in ({"quality": "low", "size": "1024x1024"}, {"quality": "medium"}, {}):
        assert hold_of(**new) == Decimal("0.25")


def test_it_does_not_let_a_cheap_picture_price_a_dear_choice() -> None:
    bill(ask(make_person(), quality="low"), 11_000)
    assert hold_of(quality="high") == Decimal("0.10")


def send_image_and_mask(*rows: Generation) -> None:
    image = InputImage.objects.create(
        sha256="0" * 64, name="x", mime="image/png", width=1, height=1, bytes=1
    )
    for row in rows:
        GenerationInput.objects.create(generation=row, image=image, position=0)
        GenerationInput.objects.create(generation=row, image=image, position=0, is_mask=True)


def test_it_tells_requests_apart_by_how_many_images_they_send() -> None:
    row = ask(make_person(), quality="low")
    send_image_and_mask(row)
    bill(row, 250_000)
    assert BilledPrice.objects.get().inputs == 1
    asked = choice(quality="low")
    terms = pricing.terms_now(CATALOGUE, [asked.model])
    held = [pricing.price(terms, asked.model, asked.values, inputs).hold for inputs in (0, 1, 2)]
    assert held == [Decimal("0.25")] * 3
    bill(ask(make_person(), quality="low"), 11_000)
    terms = pricing.terms_now(CATALOGUE, [asked.model])
    held = [pricing.price(terms, asked.model, asked.values, inputs).hold for inputs in (0, 1, 2)]
    assert held == [Decimal("0.011"), Decimal("0.25"), Decimal("0.25")]


def test_it_raises_what_waits_with_as_many_images_not_counting_masks() -> None:
    person = make_person()
    first, same, _without = ask(person), ask(person), ask(person)
    send_image_and_mask(first, same)
    bill(first, 250_000)
    assert raises() == [(same.pk, 1, 150_000)]


def test_it_divides_a_bill_by_the_pictures_it_paid_for() -> None:
    row = ask(make_person(), quality="high", n=4)
    bill(row, 1_000_001)
    known = BilledPrice.objects.get()
    assert (known.dearest_micros, known.last_micros) == (250_001, 250_001)
    assert hold_of(quality="high", n=2) == Decimal("0.500002")


def test_it_keeps_targets_apart() -> None:
    elsewhere = {"target": "www.omixa.cloud", "attempt": uuid.uuid4()}
    row = make_generation(make_person(), state="unknown", model=GPT, **elsewhere)
    ledger.hold(row)
    bill(row, 900_000)
    assert hold_of() == Decimal("0.10")


@pytest.mark.parametrize(("micros", "charged"), [(None, Charged.UNKNOWN), (None, Charged.NO)])
def test_it_learns_nothing_where_no_amount_is_told(micros: None, charged: Charged) -> None:
    bill(ask(make_person()), micros, charged=charged)
    assert not BilledPrice.objects.exists()


def test_a_picture_that_was_given_away_is_no_price() -> None:
    person = make_person()
    bill(ask(person), 40_000)
    before = list(BilledPrice.objects.values_list("dearest_micros", "last_micros", "last_at"))
    bill(ask(person), 0)
    after = list(BilledPrice.objects.values_list("dearest_micros", "last_micros", "last_at"))
    assert after == before
    # The first of its choice: held as one of which nothing is known.
    bill(ask(person, quality="high"), 0)
    assert ask(person, quality="high").held_micros == 100_000


def test_it_takes_no_amount_that_a_person_types_for_a_price() -> None:
    person = make_person()
    unknown, without_cost = ask(person), ask(person)
    Generation.objects.filter(pk=unknown.pk).update(state="unknown", attempt=uuid.uuid4())
    assert settling.decide(Generation.objects.get(pk=unknown.pk), billed_micros=900_000, by="ada")
    bill(without_cost, None, charged=Charged.UNKNOWN)
    row = Generation.objects.get(pk=without_cost.pk)
    assert settling.decide_cost(row, billed_micros=900_000, by="ada")
    assert not BilledPrice.objects.exists()
    # The gateway's own word, when it comes after all.
    row = Generation.objects.get(pk=unknown.pk)
    late = settling.Settlement(state=State.FAILED, charged=Charged.YES, billed_micros=300_000)
    waiting = ask(person)
    assert settling.settle_late(row, late)
    assert BilledPrice.objects.get().dearest_micros == 300_000
    assert raises() == [(waiting.pk, 1, 200_000)]
    assert differences() == {}


def test_it_learns_from_a_late_answer_that_says_what_was_decided() -> None:
    person = make_person()
    row, waiting = ask(person), ask(person)
    Generation.objects.filter(pk=row.pk).update(state="unknown", attempt=uuid.uuid4())
    row.refresh_from_db()
    assert settling.decide(row, billed_micros=300_000, by="ada")
    late = settling.Settlement(state=State.FAILED, charged=Charged.YES, billed_micros=300_000)
    assert settling.settle_late(row, late)
    assert raises() == [(waiting.pk, 1, 200_000)]
    assert differences() == {}


def test_it_raises_what_waits_with_the_same_choice_and_nothing_else() -> None:
    person, other = make_person(), make_person()
    first = ask(person, quality="high")
    ask(person, quality="high", n=3)
    ask(other, quality="high")
    for values in ({"quality": "low"}, {"quality": "high", "size": "1024x1024"}, {}):
        ask(person, **values)
    running = ask(person, quality="high")
    Generation.objects.filter(pk=running.pk).update(
        state="running", attempt=uuid.uuid4(), lease=timezone.now()
    )
    bill(first, 250_000)
    assert held() == [750_000, 250_000, 100_000, 100_000, 100_000]
    assert held("running") == [100_000]
    assert [(nth, more) for _, nth, more in raises()] == [(1, 450_000), (1, 150_000)]
    assert differences() == {}


def test_it_raises_nothing_that_waits_for_another_target_or_model() -> None:
    person = make_person()
    first = ask(person)
    like = {"model": GPT, "operation": "generate", "options": {}, "held_micros": 100_000}
    for change in ({"target": "www.omixa.cloud"}, {"model": "gpt-image-1"}):
        ledger.hold(make_generation(person, state="queued", **(like | change)))
    bill(first, 250_000)
    assert (held(), raises()) == ([100_000, 100_000], [])


def test_it_divides_a_bill_by_no_picture_that_did_not_come() -> None:
    row = ask(make_person(), n=4)
    known = pricing.lock(pricing.price_of(row))
    assert pricing.learn(known, row, 300_000, pictures=3) == []
    assert BilledPrice.objects.get().dearest_micros == 100_000
    pricing.learn(known, row, 300_000, pictures=9)
    assert BilledPrice.objects.get().last_micros == 75_000


def test_a_bill_above_its_own_hold_raises_what_stayed_behind() -> None:
    """Held low although a dearer bill is known: what waits beside it may be held so low, too."""
    person = make_person()
    bill(ask(person), 250_000)
    like = {"model": GPT, "operation": "generate", "options": {}, "held_micros": 100_000}
    behind, other = (make_generation(person, state="queued", **like) for _ in range(2))
    ledger.hold(behind, other)
    bill(behind, 200_000)
    assert (held(), raises()) == ([250_000], [(other.pk, 1, 150_000)])


def test_a_repeated_bill_above_its_own_hold_raises_what_stayed_behind() -> None:
    person = make_person()
    for micros in (250_000, 200_000):
        bill(ask(person), micros)
    like = {"model": GPT, "operation": "generate", "options": {}, "held_micros": 100_000}
    behind, other = (make_generation(person, state="queued", **like) for _ in range(2))
    ledger.hold(behind, other)
    bill(behind, 200_000)
    assert (held(), raises()) == ([250_000], [(other.pk, 1, 150_000)])


def changes_of_prices(row: Generation, micros: int) -> int:
    with CaptureQueriesContext(connection) as asked:
        bill(row, micros)
    table = f'UPDATE "{BilledPrice._meta.db_table}"'
    return len([one for one in asked if one["sql"].startswith(table)])


def test_it_leaves_a_price_alone_that_a_bill_repeats() -> None:
    person = make_person()
    bill(ask(person), 40_000)
    assert changes_of_prices(ask(person), 40_000) == 0
    assert changes_of_prices(ask(person), 30_000) == 1
    assert changes_of_prices(ask(person), 40_000) == 1
    known = BilledPrice.objects.get()
    assert (known.dearest_micros, known.last_micros) == (40_000, 40_000)
    assert pricing.forget("sandbox", GPT) == 40_000
    assert changes_of_prices(ask(person), 40_000) == 1
    known.refresh_from_db()
    assert known.dearest_micros == 40_000


def test_it_notes_on_each_day_that_a_bill_was_repeated() -> None:
    person = make_person()
    bill(ask(person), 40_000)
    BilledPrice.objects.update(last_at=timezone.now() - timedelta(days=1))
    bill(ask(person), 40_000)
    known = BilledPrice.objects.get()
    assert known.last_at is not None
    assert timezone.now() - known.last_at < timedelta(hours=1)


def test_it_raises_again_and_gives_all_of_it_back() -> None:
    person = make_person()
    first, second, third = (ask(person) for _ in range(3))
    bill(first, 250_000)
    bill(second, 300_000)
    assert [(nth, more) for _, nth, more in raises()] == [
        (1, 150_000),
        (1, 150_000),
        (2, 50_000),
    ]
    assert claims.cancel(Generation.objects.get(pk=third.pk))
    released = Charge.objects.get(generation_id=third.pk, kind=Kind.RELEASE)
    assert released.amount_micros == -300_000
    assert differences() == {}


def test_it_catches_up_with_what_came_back_into_line_meanwhile() -> None:
    """Handed back while others were raised: its next claim does not go with the old hold."""
    person = make_person()
    make_limit(person.pk, 10_000_000)
    first, second = ask(person), ask(person)
    for _ in (first, second):
        assert claims.claim_next("sandbox", "w1") is not None
    bill(first, 250_000)
    assert held("running") == [100_000]
    claims.hand_back(Generation.objects.get(pk=second.pk))
    again = claims.claim_next("sandbox", "w1")
    assert again is not None
    assert (again.pk, again.held_micros) == (second.pk, 250_000)
    assert differences() == {}


def test_it_raises_more_than_a_statement_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "ROWS_AT_A_TIME", 7)
    person = make_person()
    first = ask(person)
    ask_many(person, 50)
    bill(first, 250_000)
    assert held() == [250_000] * 50
    assert (len(raises()), differences()) == (50, {})


def test_it_keeps_the_bill_though_raising_thousands_is_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ledger, "ROWS_AT_A_TIME", 7)
    person = make_person()
    first = ask(person)
    ask_many(person, 50)
    booked: list[int] = []

    def break_off(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "omixa_studio_charge"'):
            booked.append(1)
            if len(booked) == 3:
                raise OperationalError("The disk is full.")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(break_off), pytest.raises(OperationalError):
        bill(first, 250_000)
    first.refresh_from_db()
    assert (first.billed_micros, held()) == (250_000, [250_000] * 14 + [100_000] * 36)
    assert (len(raises()), differences()) == (14, {})


def test_it_raises_thousands_in_a_few_statements(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    person = make_person()
    first = ask(person)
    rows = [
        make_generation(
            person, state="queued", model=GPT, operation="generate", options={}, held_micros=100_000
        )
        for _ in range(10)
    ]
    clones = [
        Generation(**{f.attname: getattr(rows[0], f.attname) for f in fields_but_id()})
        for _ in range(2_390)
    ]
    for one in clones:
        one.person = person
    ledger.hold(*rows, *Generation.objects.bulk_create(clones))
    with django_assert_max_num_queries(120):
        bill(first, 250_000)
    assert set(held()) == {250_000}
    assert (len(raises()), differences()) == (2_400, {})


def fields_but_id() -> "list[Field[Any, Any]]":
    return [
        field
        for field in Generation._meta.concrete_fields
        if not field.primary_key and not field.generated
    ]
