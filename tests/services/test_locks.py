"""What another connection does between the look and the change of a step: it waits."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models.functions import Now

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import (
    Balance,
    BilledPrice,
    Charge,
    Generation,
    InputImage,
    Kind,
    Person,
    Run,
    RunKind,
    State,
)
from omixa_studio.models.generations import Charged
from omixa_studio.queries.balance_check import differences
from omixa_studio.services import (
    claims,
    curating,
    inputs,
    people,
    runs,
    settling,
    submission,
    upload_quota,
    withholding,
)
from omixa_studio.services.audit import STUDIO
from omixa_studio.services.pixels import ImageRefused
from tests.factories import draw_png, make_generation, make_limit, make_person, make_picture

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS_TO_PASS = 0.5


@contextmanager
def meanwhile(statement: str, step: Callable[[], object]) -> Iterator[list[object]]:
    """Let another connection take a step before the first statement that begins so.

    It has half a second to pass us; if it has to wait, it comes through at the end. Gives what
    its step gave or raised.
    """
    came: list[object] = []

    def run() -> None:
        try:
            came.append(step())
        except Exception as fault:  # noqa: BLE001 - what it ends in is looked at below
            came.append(fault)
        finally:
            connections.close_all()

    other = threading.Thread(target=run)

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith(statement) and other.ident is None:
            other.start()
            other.join(SECONDS_TO_PASS)
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield came
    assert other.ident is not None, f"no statement begins with {statement}"
    other.join(20)
    assert len(came) == 1


def choice() -> submission.Choice:
    model = load_catalogue(None).find("imagen-4.0-generate-001")
    assert model is not None
    return submission.Choice(model=model, values={"prompt": "A harbour"})


def ask(person: Person) -> Generation:
    return submission.submit(person, choice(), catalogue=load_catalogue(None), wake=lambda: None)


def states() -> list[str]:
    assert differences() == {}
    return list(Generation.objects.order_by("pk").values_list("state", flat=True))


def test_it_claims_nothing_that_is_being_cancelled() -> None:
    person = make_person()
    run = runs.submit_run(
        person,
        [choice()] * 2,
        kind=RunKind.LIST,
        catalogue=load_catalogue(None),
        wake=lambda: None,
    )
    with meanwhile("UPDATE", lambda: claims.claim_next("sandbox", "w1")) as claimed:
        assert runs.cancel_run(run) == 2
    assert claimed == [None]
    assert states() == ["cancelled"] * 2


def test_it_claims_no_two_of_a_run_whose_cap_has_room_for_one() -> None:
    """The older row comes back just while the newer one is claimed."""
    runs.submit_run(
        make_person(),
        [choice()] * 2,
        kind=RunKind.LIST,
        catalogue=load_catalogue(None),
        wake=lambda: None,
        cap_micros=60_000,
    )
    older = Generation.objects.filter(pk=Generation.objects.earliest("pk").pk)
    older.update(not_before=Now() + timedelta(minutes=1))

    def come_back() -> object:
        older.update(not_before=None)
        return claims.claim_next("sandbox", "w2")

    with meanwhile("UPDATE", come_back) as second:
        assert claims.claim_next("sandbox", "w1") is not None
    assert second == [None]
    assert states() == ["queued", "running"]


def test_it_cancels_nothing_twice_when_a_cap_is_reached() -> None:
    """A person cancels a row that the cap is just cancelling; its hold comes back once."""
    run = runs.submit_run(
        make_person(),
        [choice()] * 2,
        kind=RunKind.LIST,
        catalogue=load_catalogue(None),
        wake=lambda: None,
        cap_micros=60_000,
    )
    Run.objects.filter(pk=run.pk).update(cap_micros=1)
    last = Generation.objects.latest("pk")
    with meanwhile("UPDATE", lambda: claims.cancel(last)) as cancelled:
        assert claims.claim_next("sandbox", "w1") is None
    assert cancelled == [False]
    assert states() == ["cancelled"] * 2
    assert Charge.objects.filter(kind=Kind.RELEASE).count() == 2


def test_it_queues_nothing_for_an_account_that_is_being_switched_off() -> None:
    person = make_person()
    insert = f'INSERT INTO "{Generation._meta.db_table}"'
    with meanwhile(insert, lambda: people.deactivate(person, by=STUDIO)) as cancelled:
        row = ask(person)
    assert cancelled == [[row]]
    assert states() == ["cancelled"]


def test_it_counts_uploads_of_one_moment_in_the_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_quota, "MOST_UNUSED", 1)
    person = make_person()
    first, second = (io.BytesIO(draw_png((80, 80))) for _ in range(2))
    insert = f'INSERT INTO "{InputImage._meta.db_table}"'
    with meanwhile(insert, lambda: inputs.keep_upload(person, second)) as came:
        inputs.keep_upload(person, first)
    assert isinstance(came[0], ImageRefused)
    assert InputImage.objects.count() == 1


def old_input(person: Person) -> InputImage:
    image = inputs.keep_upload(person, io.BytesIO(draw_png((80, 80))))
    InputImage.objects.update(created_at=Now() - timedelta(days=2))
    return image


@pytest.mark.parametrize("makes_room", [True, False])
def test_it_forgets_no_input_that_is_being_taken_up(
    monkeypatch: pytest.MonkeyPatch, makes_room: bool
) -> None:
    """Whoever takes it up either has it, or is told that it is gone."""
    monkeypatch.setattr(upload_quota, "MOST_UNUSED", 1)
    person = make_person()
    image = old_input(person)
    delete = f'DELETE FROM "{InputImage._meta.db_table}"'
    with meanwhile(delete, lambda: inputs.take_up(person, [image.pk])) as taken:
        if makes_room:
            inputs.keep_upload(person, io.BytesIO(draw_png((80, 80))))
        else:
            inputs.forget_unused()
    there = list(InputImage.objects.filter(pk=image.pk))
    assert taken == [there]


def test_it_shares_nothing_that_is_being_thrown_away() -> None:
    person = make_person()
    picture = make_picture(make_generation(person))
    with meanwhile("UPDATE", lambda: curating.share_several(person, [picture.pk])) as shared:
        assert curating.trash_several(person, [picture.pk]) == [picture.pk]
    assert shared == [[]]
    picture.refresh_from_db()
    assert not picture.shared


def three_past_a_limit() -> list[Generation]:
    """Three that wait, the last of them past a limit that was lowered after they were asked for."""
    person = make_person()
    rows = [ask(person) for _ in range(3)]
    make_limit(person.pk, 80_000)
    return rows


def test_it_cancels_nothing_twice_when_a_limit_is_used_up() -> None:
    """A person cancels a row that the limit is just cancelling; its hold comes back once."""
    first, _, last = three_past_a_limit()
    with meanwhile("UPDATE", lambda: claims.cancel(last)) as cancelled:
        withholding.give_way(first.pk, "sandbox")
    assert cancelled == [False]
    assert states() == ["queued", "queued", "cancelled"]
    assert Charge.objects.filter(kind=Kind.RELEASE).count() == 1


def test_it_cancels_nothing_for_a_limit_that_is_just_getting_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The row that a person cancels is none of those that the limit looks at."""
    monkeypatch.setattr(withholding, "ROWS_AT_A_TIME", 1)
    first, second, _ = three_past_a_limit()
    move = f'UPDATE "{Balance._meta.db_table}"'
    with meanwhile(move, lambda: withholding.give_way(second.pk, "sandbox")):
        assert claims.cancel(first)
    assert states() == ["cancelled", "queued", "queued"]


def test_it_keeps_the_dearest_of_two_bills_of_one_moment() -> None:
    def end(row: Generation | None, billed_micros: int) -> bool:
        assert row is not None
        outcome = settling.Settlement(
            state=State.FAILED, charged=Charged.YES, billed_micros=billed_micros
        )
        return settling.settle(row, outcome, settled_by="test")

    person = make_person()
    for _ in range(3):
        ask(person)
    first, cheap, dear = (claims.claim_next("sandbox", "w1") for _ in range(3))
    end(first, 30_000)
    update = f'UPDATE "{Generation._meta.db_table}"'
    with meanwhile(update, lambda: end(dear, 50_000)) as ended:
        end(cheap, 40_000)
    assert ended == [True]
    assert BilledPrice.objects.get().dearest_micros == 50_000
