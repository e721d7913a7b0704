"""What the wallet should hold: put in, less what was billed; warned once before it is empty."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from omixa_studio.models import Act, Notice, TopUp, WalletWarning
from omixa_studio.models.ledger import today
from omixa_studio.models.pauses import Reason
from omixa_studio.presenters.lines import lines_of
from omixa_studio.queries.wallet import Wallet, wallet_of
from omixa_studio.services import cost_totals, ledger, pauses, wallet
from omixa_studio.services.audit import Actor
from tests.factories import make_generation, make_person

pytestmark = pytest.mark.django_db

MARA = Actor(username="mara", name="Mara")
DOLLAR = 1_000_000


def put_in(dollars: int = 100, day: date | None = None, **fields: Any) -> TopUp:
    return wallet.top_up(
        "sandbox", dollars * DOLLAR, day=day or today(), note="", by=MARA, **fields
    )


def bill(micros: int, *, days_ago: int = 0, **fields: Any) -> None:
    row = make_generation(make_person(), **fields)
    ledger.hold(row, day=today() - timedelta(days=days_ago))
    ledger.capture(row, micros, "")


def state() -> Wallet:
    found = wallet_of("sandbox")
    assert found
    return found


def test_without_a_top_up_nothing_is_known_and_nobody_is_warned() -> None:
    bill(DOLLAR)
    wallet.check("sandbox")
    assert wallet_of("sandbox") is None
    assert not WalletWarning.objects.exists()


def test_taking_money_back_warns_at_once() -> None:
    put_in(20)
    second = put_in(20)
    wallet.set_least("sandbox", 30 * DOLLAR, by=MARA)
    assert not WalletWarning.objects.exists()
    assert wallet.take_back(second, by=MARA)
    assert WalletWarning.objects.get().left_micros == 20 * DOLLAR


def test_its_pace_is_that_of_thirty_days_with_today() -> None:
    put_in(100)
    bill(DOLLAR, days_ago=29)
    bill(5 * DOLLAR, days_ago=30)
    assert state().lately == DOLLAR


def test_an_empty_wallet_is_warned_of_whatever_the_least_is() -> None:
    wallet.set_least("sandbox", 0, by=MARA)
    put_in(10)
    assert not WalletWarning.objects.exists()
    bill(10 * DOLLAR)
    wallet.check("sandbox")
    assert WalletWarning.objects.get().left_micros == 0


def test_what_is_left_is_put_in_less_bills_since_the_first_day() -> None:
    bill(50 * DOLLAR, days_ago=20)
    put_in(100, today() - timedelta(days=10))
    put_in(20)
    bill(9 * DOLLAR, days_ago=10)
    cost_totals.add_rows()
    bill(DOLLAR)
    bill(DOLLAR, target="www.omixa.cloud")
    found = state()
    assert (found.put_in, found.billed, found.left) == (120 * DOLLAR, 10 * DOLLAR, 110 * DOLLAR)
    assert found.lately == 60 * DOLLAR
    assert found.days_left == 55


def test_an_overdrawn_wallet_lasts_no_day_rather_than_less() -> None:
    put_in(10)
    bill(40 * DOLLAR)
    assert (state().left, state().days_left) == (-30 * DOLLAR, 0)


def test_holds_and_practice_of_another_target_take_nothing_off() -> None:
    put_in()
    ledger.hold(make_generation(make_person()))
    assert (state().left, state().days_left) == (100 * DOLLAR, None)


def test_a_top_up_is_taken_back_once_and_both_rows_stay() -> None:
    first = put_in(100, today() - timedelta(days=5))
    put_in(30)
    assert wallet.take_back(first, by=MARA)
    assert not wallet.take_back(first, by=MARA)
    assert not wallet.take_back(TopUp.objects.get(corrects=first), by=MARA)
    assert TopUp.objects.count() == 3
    assert (state().left, state().since) == (30 * DOLLAR, today())
    kinds = Act.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["topped_up", "topped_up", "top_up_corrected"]
    for change in (TopUp.objects.all().delete, lambda: TopUp.objects.update(note="x")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_admins_are_warned_once_until_there_is_enough_again() -> None:
    admin, manager = make_person(role="admin"), make_person(role="manager")
    put_in(10)
    assert not Notice.objects.exists()
    for _ in range(2):
        bill(3 * DOLLAR)
        wallet.check("sandbox")
    notice = Notice.objects.get()
    assert (notice.person, notice.kind, notice.facts["left_micros"]) == (
        admin,
        "wallet_low",
        4 * DOLLAR,
    )
    low = lines_of(admin).low
    assert low
    assert low.left_micros == 4 * DOLLAR
    assert lines_of(manager).low is None
    put_in(50)
    assert lines_of(admin).low is None
    assert Notice.objects.get().read_at
    bill(51 * DOLLAR)
    wallet.check("sandbox")
    assert Notice.objects.count() == 2


def test_the_threshold_is_set_and_logged() -> None:
    put_in(10)
    wallet.set_least("sandbox", 20 * DOLLAR, by=MARA)
    wallet.set_least("sandbox", 20 * DOLLAR, by=MARA)
    assert WalletWarning.objects.exists()
    act = Act.objects.get(kind="wallet_warning")
    assert (act.before, act.after) == ("5.000000", "20.000000")
    wallet.set_least("sandbox", 0, by=MARA)
    assert not WalletWarning.objects.exists()


def test_an_empty_wallet_is_told_once_a_pause_and_over_with_it() -> None:
    make_person(role="admin")
    for _ in range(2):
        pauses.pause("sandbox", Reason.BALANCE, error=[])
        wallet.tell_of_empty("sandbox")
        wallet.tell_of_empty("sandbox")
    assert Notice.objects.count() == 1
    pauses.resume("sandbox")
    wallet.tell_of_empty("sandbox")
    assert Notice.objects.get().read_at
    pauses.pause("sandbox", Reason.BALANCE, error=[])
    wallet.tell_of_empty("sandbox")
    assert Notice.objects.filter(read_at=None).count() == 1
