"""Keep the totals of costs: the worker adds new ledger rows to each kind of them now and then.

Not in the transaction of each row: all calls of a day would then wait for one total.
"""

import time

from django.db import connection, transaction
from django.db.models import Count, Max

from omixa_studio.models import Charge, CostMark, CostTotal, Generation
from omixa_studio.models.cost_totals import DIMENSIONS, ROLLUPS

# Fewer rows are not worth a transaction: a page sums so many itself.
LEAST_ROWS = 250
# Writers wait meanwhile on SQLite, about 20 ms for so many rows.
ROWS_AT_A_TIME = 500
MOST_BATCHES = 40
SECONDS_BETWEEN_BATCHES = 0.05
ADD = """
INSERT INTO {totals} AS known (
    target, kind, starts_on, person_id, model, operation, project_id,
    billed_micros, counted_micros, requests, settled, failed, pictures
)
SELECT c.target, '{kind}', {starts_on}, {person_id}, {model}, {operation}, {project_id},
    sum(CASE WHEN c.kind IN ('capture', 'adjustment') THEN c.amount_micros ELSE 0 END),
    sum(c.amount_micros),
    sum(CASE WHEN c.kind = 'hold' THEN 1 ELSE 0 END),
    sum(CASE WHEN c.kind = 'release' THEN 1 ELSE 0 END),
    sum(CASE WHEN g.state = 'failed' THEN 1 ELSE 0 END),
    sum(c.pictures)
FROM {charges} c
LEFT JOIN {generations} g ON c.kind = 'release' AND g.id = c.generation_id
WHERE c.id > %s AND c.id <= %s
GROUP BY 1, 3, 4, 5, 6, 7
ON CONFLICT (target, kind, starts_on, person_id, model, operation, project_id) DO UPDATE SET
    billed_micros = known.billed_micros + excluded.billed_micros,
    counted_micros = known.counted_micros + excluded.counted_micros,
    requests = known.requests + excluded.requests,
    settled = known.settled + excluded.settled,
    failed = known.failed + excluded.failed,
    pictures = known.pictures + excluded.pictures
"""


def catch_up() -> None:
    """Add new ledger rows to the totals if there are enough of them, but not for long."""
    for _ in range(MOST_BATCHES):
        if add_rows(least=LEAST_ROWS) < ROWS_AT_A_TIME:
            return
        time.sleep(SECONDS_BETWEEN_BATCHES)


def add_rows(*, most: int = ROWS_AT_A_TIME, least: int = 1) -> int:
    """Add the next ledger rows to the totals, none if there are fewer than `least`.

    Returns how many they were; 0 too if another worker has just added them.
    """
    before = _mark()
    if _next_after(before, most)[1] < least:
        return 0
    last, count = _committed(before, most)
    with transaction.atomic(), connection.cursor() as cursor:
        CostMark.objects.get_or_create(pk=1)
        moved = CostMark.objects.filter(pk=1, charge_id=before).update(charge_id=last)
        if not moved:
            return 0
        for statement in _statements():
            cursor.execute(statement, [before, last])
    return count


def _committed(mark: int, most: int) -> tuple[int, int]:
    """Return the last id up to which every ledger row is written, and how many rows those are.

    On PostgreSQL rows appear out of order: taking the lock waits for those begun, and while it is
    held no other begins. It is given back at once; what has a lower id cannot appear any more.
    """
    if connection.vendor != "postgresql":
        return _next_after(mark, most)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        cursor.execute(f"LOCK TABLE {Charge._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        return _next_after(mark, most)


def _mark() -> int:
    return CostMark.objects.values_list("charge_id", flat=True).first() or 0


def _next_after(mark: int, most: int) -> tuple[int, int]:
    """Return the last id of at most so many ledger rows after a mark, and how many they are."""
    rows = Charge.objects.filter(pk__gt=mark).order_by("pk")[:most]
    found = rows.aggregate(last=Max("pk"), count=Count("pk"))
    return found["last"] or mark, found["count"]


def _statements() -> list[str]:
    return [_statement(grain, kind) for grain, kinds in ROLLUPS.items() for kind in kinds]


def _statement(grain: str, letters: str) -> str:
    columns = {
        column: f"c.{column}"
        if letter in letters
        else f"'{anything}'"
        if letter in "mo"
        else anything
        for letter, (column, anything) in DIMENSIONS.items()
    }
    return ADD.format(
        kind=grain + letters,
        starts_on=_start(grain),
        totals=CostTotal._meta.db_table,
        charges=Charge._meta.db_table,
        generations=Generation._meta.db_table,
        **columns,
    )


def _start(grain: str) -> str:
    """Return SQL for the first day of the grain that contains a ledger row's day."""
    if grain == "d":
        return "c.day"
    name = {"m": "month", "y": "year"}[grain]
    if connection.vendor == "postgresql":
        return f"CAST(date_trunc('{name}', c.day) AS date)"
    return f"date(c.day, 'start of {name}')"
