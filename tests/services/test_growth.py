"""What people and programs wait for reads no more however much there is.

SQLite counts the steps of its machine: they are as steady as milliseconds are not. What PostgreSQL
reads goes by statistics; see test_plans_on_postgres.py.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from omixa_studio.models import Act, Generation, Person, PersonSession, Token
from omixa_studio.presenters.person_sessions import sessions_shown
from omixa_studio.presenters.tokens import token_cards
from omixa_studio.queries.acts import SoughtActs, acts
from omixa_studio.queries.brakes import waiting_by_person
from omixa_studio.queries.metrics import metrics
from tests.factories import make_generation, make_person

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
