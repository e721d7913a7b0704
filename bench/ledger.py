"""A ledger of so many charges in so many days, by 200 people: `python -m bench.ledger COUNT DAYS`.

The same numbers give the same rows. Each request has a hold, most a release and a bill; ids and
days go up together, as they do in a studio.
"""

import sys
from datetime import datetime, time, timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from omixa_studio.catalogue import load_catalogue  # noqa: E402
from omixa_studio.models import Charge, Generation, Person, Project  # noqa: E402
from omixa_studio.models.ledger import today  # noqa: E402
from omixa_studio.services import cost_totals  # noqa: E402
from omixa_studio.services.people import make_first_admin  # noqa: E402

from .studio import ADMIN, PASSWORD  # noqa: E402

PEOPLE, PROJECTS, MODELS = 200, 30, 12
# Each request has three rows. Of the newest ones, which no admin has decided yet, every 250th is
# of unknown cost.
UNDECIDED = 50_000
ROWS_OF_A_REQUEST = 3
TOTALS_AT_A_TIME = 200_000
NUMBERS = """
WITH RECURSIVE numbers(n) AS (
    SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s
)
"""
# A few people and projects have most of it: the square of a number from 0 to 999.
PLACE = "(({n}) %% 1000 * {factor} %% 1000)"
SKEWED = f"({PLACE} * {PLACE} * {{count}} / 1000000)"
CHARGES = """
INSERT INTO {charges} (
    kind, amount_micros, received_text, reason, target, month, day, generation_id, person_id,
    person_name, model, operation, project_id, role, pictures, nth, created_at
)
SELECT '{kind}', {amount}, '', '', g.target, g.month, {day}, g.id, g.person_id, 'bench', g.model,
    g.operation, COALESCE(g.project_id, 0), 'member', {pictures}, 0, g.created_at
FROM {generations} g WHERE g.target = %s {settled} ORDER BY g.id
"""


def main(count: int, days: int) -> None:
    """Fill an empty studio; its last day is today's, or within the last month if it fits there."""
    admin = make_first_admin(ADMIN, PASSWORD)
    if admin is None:
        raise RuntimeError("the studio has an account already")
    people = [admin, *_people()]
    projects = Project.objects.bulk_create([Project(name=f"Project {n}") for n in range(PROJECTS)])
    with transaction.atomic():
        _generations(count // ROWS_OF_A_REQUEST, days, people, projects)
        for kind, amount, pictures in (("hold", 50_000, 0), ("release", -50_000, 0)):
            _charges(kind, f"{amount}", f"{pictures}")
        _charges("capture", "30000 + g.id %% 20000", "1 + g.id %% 4")
    while cost_totals.add_rows(most=TOTALS_AT_A_TIME):
        continue
    if connection.vendor == "postgresql":  # which does so itself, some time later
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _people() -> list[Person]:
    rows = [Person(username=f"bench-{n}", role="member") for n in range(PEOPLE - 1)]
    return Person.objects.bulk_create(rows)


def _generations(count: int, days: int, people: list[Person], projects: list[Project]) -> None:
    """Copy one row so many times, with another person, model, project and time each."""
    target = settings.GATEWAY_TARGET
    seed = Generation.objects.create(
        person=people[0],
        target="nowhere",
        model="",
        operation="generate",
        held_micros=50_000,
        month="",
        body="",
        body_sha256="",
    )
    known = [model.slug for model in load_catalogue(settings.MODELS_TOML).enabled]
    slugs = [*known, *(f"former-{n}" for n in range(MODELS))][:MODELS]
    whose = SKEWED.format(n="n", factor=7919, count=len(people))
    what_for = SKEWED.format(n="n / 7", factor=617, count=len(projects) + 1)
    decided = count - UNDECIDED
    made = {
        "id": f"{seed.pk} + n",
        "click": "NULL",
        "target": f"'{target}'",
        "person_id": _choice(whose, [f"{one.pk}" for one in people]),
        "project_id": _choice(what_for, ["NULL", *(f"{one.pk}" for one in projects)]),
        "model": _choice(f"(n * 31 %% {MODELS})", [f"'{slug}'" for slug in slugs]),
        "operation": "CASE WHEN n %% 40 = 0 THEN 'edit' ELSE 'generate' END",
        "state": "CASE WHEN n %% 20 = 0 THEN 'failed' ELSE 'done' END",
        "charged": f"CASE WHEN n %% 250 = 0 AND n > {decided} THEN 'unknown' ELSE 'yes' END",
        **_moments(count, days),
    }
    columns = [one.column for one in Generation._meta.concrete_fields if not one.generated]
    quoted = [connection.ops.quote_name(str(name)) for name in columns]
    values = [made.get(str(name), f"s.{one}") for name, one in zip(columns, quoted, strict=True)]
    table = Generation._meta.db_table
    insert = f"INSERT INTO {table} ({', '.join(quoted)}) "
    select = f"SELECT {', '.join(values)} FROM numbers, {table} s WHERE s.id = %s ORDER BY n"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(insert + NUMBERS + select, [count, seed.pk])
        else:
            cursor.execute(NUMBERS + insert + select, [count, seed.pk])


def _choice(number: str, choices: list[str]) -> str:
    cases = " ".join(f"WHEN {n} THEN {one}" for n, one in enumerate(choices))
    return f"CASE {number} {cases} END"


def _moments(count: int, days: int) -> dict[str, str]:
    """Return SQL for the moment and the month of a row: noon of a day, the last one today."""
    last = today() if days > 31 else today().replace(day=1) - timedelta(days=1)
    first = last - timedelta(days=days - 1)
    zone = timezone.get_default_timezone()
    starts = datetime.combine(first, time(12), zone).astimezone(timezone.get_fixed_timezone(0))
    said = starts.strftime("%Y-%m-%d %H:%M:%S")
    day = f"(n * {days} / {count + 1})"
    if connection.vendor == "postgresql":
        at = f"(timestamptz '{said}+00' + {day} * interval '1 day')"
        return {"created_at": at, "month": f"to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM')"}
    at = f"datetime('{said}', '+' || {day} || ' days')"
    return {"created_at": at, "month": f"strftime('%%Y-%%m', {at})"}


def _charges(kind: str, amount: str, pictures: str) -> None:
    settled = "" if kind == "hold" else "AND g.charged = 'yes'"
    day = (
        "CAST(g.created_at AS date)" if connection.vendor == "postgresql" else "date(g.created_at)"
    )
    statement = CHARGES.format(
        kind=kind,
        amount=amount,
        pictures=pictures,
        day=day,
        settled=settled,
        charges=Charge._meta.db_table,
        generations=Generation._meta.db_table,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [settings.GATEWAY_TARGET])


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:]))
