"""What people and programs wait for reads no more however much there is.

SQLite counts the steps of its machine: they are as steady as milliseconds are not. What PostgreSQL
reads goes by statistics; see test_plans_on_postgres.py.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from omixa_studio.gateway.posting import Receipt
from omixa_studio.models import (
    Act,
    ApiOrder,
    Generation,
    Person,
    PersonSession,
    Picture,
    Token,
    WebhookDelivery,
    WebhookTry,
)
from omixa_studio.presenters.person_sessions import sessions_shown
from omixa_studio.presenters.tokens import token_cards
from omixa_studio.queries import api_orders, everything, leaving, retention
from omixa_studio.queries.acts import SoughtActs, acts
from omixa_studio.queries.brakes import waiting_by_person
from omixa_studio.queries.gallery_pages import page_of
from omixa_studio.queries.leaving import left_by
from omixa_studio.queries.metrics import metrics
from omixa_studio.queries.webhooks import due_hooks, last_tries
from omixa_studio.services import webhook_sending
from tests.factories import make_generation, make_many, make_person, make_webhook

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'sqlite'"),
]
FEW, MANY = 300, 6000
STEPS = 50


@pytest.fixture
def ada() -> Person:
    return make_person("ada")


def steps_of(ask: Callable[[], object]) -> int:
    """Return how many times STEPS steps SQLite takes for what is asked."""
    ask()
    ticks = [0]

    def tick() -> int:
        ticks[0] += 1
        return 0

    connection.connection.set_progress_handler(tick, STEPS)
    try:
        ask()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return ticks[0]


def growth_of(ask: Callable[[], object], fill: Callable[[int], object]) -> float:
    """Return how many times as many steps a question takes of MANY rows as of a few."""
    fill(FEW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    few = steps_of(ask)
    fill(MANY - FEW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return steps_of(ask) / max(few, 20)


def write_acts(count: int) -> None:
    """Write an act for each hour after the last one."""
    last = Act.objects.order_by("-created_at").first()
    start = last.created_at if last else timezone.now() - timedelta(days=700)
    hours = (start + timedelta(hours=1 + number) for number in range(count))
    Act.objects.bulk_create(Act(kind="login", who_id=1, created_at=at) for at in hours)


def make_requests(person: Person, count: int) -> None:
    """Make requests that are done."""
    pattern = make_generation(person, state="done")
    names = [one.attname for one in Generation._meta.local_fields if one.attname != "id"]
    values = {name: getattr(pattern, name) for name in names}
    Generation.objects.bulk_create(Generation(**values) for _ in range(count))


def test_old_days_of_the_log_are_found_without_what_came_later() -> None:
    until = timezone.localdate() - timedelta(days=698)
    assert growth_of(lambda: list(acts(SoughtActs(last=until))[:101]), write_acts) < 1.5


def test_figures_look_at_the_last_requests_alone(ada: Person) -> None:
    make_requests(ada, 2000)  # more than are looked at
    assert growth_of(lambda: list(metrics("sandbox", [])), partial(make_requests, ada)) < 1.5


def test_what_a_person_waits_for_is_counted_without_their_history(ada: Person) -> None:
    assert growth_of(lambda: waiting_by_person("sandbox", ada), partial(make_requests, ada)) < 1.5


@pytest.mark.parametrize("least", ["0.01", "900"], ids=["all", "none"])
@pytest.mark.parametrize("team", [False, True])
def test_pictures_of_a_cost_are_found_without_all_others(
    ada: Person, team: bool, least: str
) -> None:
    def fill(count: int) -> None:
        make_many(ada, count, shared=True)
        Picture.objects.update(cost_micros=40_000)

    sought = {"cost_min": Decimal(least)}
    ask = partial(page_of, ada, team=team, sought=sought, cursor=None)
    assert growth_of(ask, fill) < 1.5


def test_tokens_that_expired_do_not_fill_the_page(ada: Person) -> None:
    past = timezone.now() - timedelta(days=1)
    Token.objects.bulk_create(
        Token(person=ada, name=f"{n}", digest=f"{n}", scopes=["read"], expires_at=past)
        for n in range(50)
    )
    Token.objects.create(person=ada, name="good", digest="good", scopes=["read"])
    shown = [card.token.name for card in token_cards(ada)]
    assert shown == ["good", *(f"{n}" for n in range(49, 29, -1))]


def test_a_long_list_of_sessions_is_not_read_whole(ada: Person) -> None:
    def fill(count: int) -> None:
        begun, ends = PersonSession.objects.count(), timezone.now() + timedelta(days=3)
        keys = [f"key{begun + number}" for number in range(count)]
        Session.objects.bulk_create(Session(session_key=key, expire_date=ends) for key in keys)
        PersonSession.objects.bulk_create(
            PersonSession(person=ada, session_key=key) for key in keys
        )

    fill(60)
    rows = sessions_shown(ada, "key5")
    assert [line.is_this for line in rows.lines] == [True] + [False] * 19
    assert rows.more == 40


def test_a_server_that_was_away_slows_down_no_other_webhook(ada: Person) -> None:
    hook = make_webhook(ada)

    def fill(count: int) -> None:
        old = timezone.now() - timedelta(hours=1)
        WebhookDelivery.objects.bulk_create(
            WebhookDelivery(
                webhook=hook, message=str(uuid.uuid4()), event="webhook.test", due_at=old
            )
            for _ in range(count)
        )

    assert growth_of(due_hooks, fill) < 1.5
    assert [due.pk for due in due_hooks()] == [hook.pk]


def test_the_last_try_of_a_webhook_is_known_without_its_log(ada: Person) -> None:
    hook = make_webhook(ada)

    def fill(count: int) -> None:
        rows = WebhookDelivery.objects.bulk_create(
            WebhookDelivery(webhook=hook, message=str(uuid.uuid4()), event="webhook.test")
            for _ in range(count)
        )
        WebhookTry.objects.bulk_create(WebhookTry(delivery=row, seconds=0.1) for row in rows)

    fill(1)
    (claimed,) = webhook_sending.claim_due(1, [])
    webhook_sending.note(claimed, Receipt(seconds=0.1, status=503))
    hook.refresh_from_db()
    assert last_tries([hook])[hook.pk].status == 503
    assert growth_of(lambda: last_tries([hook]), fill) < 1.5


def test_a_webhook_of_before_knows_its_last_try(ada: Person) -> None:
    hook = make_webhook(ada)
    row = WebhookDelivery.objects.create(webhook=hook, message="m", event="webhook.test")
    last = [WebhookTry.objects.create(delivery=row, seconds=0.1) for _ in range(2)][-1]
    migration = import_module("omixa_studio.migrations.0064_look_ups_of_programs")
    migration.note_last_tries(apps, None)
    hook.refresh_from_db()
    assert hook.last_try == last.pk


def test_an_order_is_found_by_its_requests_among_many(ada: Person) -> None:
    token = Token.objects.create(person=ada, name="n", digest="d", scopes=["make"])

    def fill(count: int) -> None:
        ApiOrder.objects.bulk_create(
            ApiOrder(
                token=token,
                identity=str(uuid.uuid4()),
                ordinal=0,
                body_sha256="b",
                group=uuid.uuid4(),
            )
            for _ in range(count)
        )

    group = uuid.uuid4()
    assert growth_of(lambda: api_orders.order_of_group(token.pk, group), fill) < 1.5


def test_what_would_be_erased_is_counted_so_far(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST_COUNTED", 100)
    monkeypatch.setattr(leaving, "MOST_COUNTED", 100)
    long_ago = timezone.now() - timedelta(days=90)

    def ask() -> object:
        return retention.preview("member", trash=None, rejected=None, unkept=30)

    assert growth_of(ask, lambda count: make_many(ada, count, created_at=long_ago)) < 1.5
    due = retention.preview("member", trash=None, rejected=None, unkept=30)["unkept"]
    assert (due.pictures, due.is_least) == (100, True)
    left = left_by(ada)
    assert (left.private, left.is_least) == (100, True)


def test_an_archive_begins_without_counting_pictures(ada: Person) -> None:
    make_many(ada, 3)
    with CaptureQueriesContext(connection) as asked:
        assert everything.size_of_everything(ada)["pictures"] == 3
    assert not any('FROM "omixa_studio_picture"' in one["sql"] for one in asked)
