"""Count a filtered gallery for a page of it, with the months that the page does not show whole."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from omixa_studio.models import Picture

from .gallery_months import PictureTotal, cut_months, made_in, month_start, next_month
from .gallery_pages import Page
from .statements import read

_COUNTED = "WITH counted (n) AS (SELECT COUNT(*) FROM ({}) found) "
_COUNT = "SELECT '' AS month, n, 0, 0 FROM counted"
# Both databases look at the count first, and read nothing of a month if it is too high.
_MONTH = """
SELECT %s, COUNT(*), COALESCE(SUM(costs.cost_micros) FILTER (WHERE costs.ours), 0),
    COUNT(*) FILTER (WHERE costs.ours AND costs.cost_micros IS NULL)
FROM ({}) costs WHERE (SELECT n FROM counted) <= %s
"""
# Of a list each picture is read anyway, so that it is read once. The target by a subquery: with a
# join PostgreSQL, which cannot know how few there are, would read all requests there are.
_LIST = "WITH found (id, created_at, cost, generation) AS MATERIALIZED ({}) "
_COUNT_OF_LIST = "SELECT '' AS month, COUNT(*), 0, 0 FROM found"
_MONTH_OF_LIST = """
SELECT %s, COUNT(*), COALESCE(SUM(costs.cost) FILTER (WHERE costs.target = %s), 0),
    COUNT(*) FILTER (WHERE costs.target = %s AND costs.cost IS NULL)
FROM (
    SELECT found.cost, (
        SELECT target FROM omixa_studio_generation WHERE id = found.generation
    ) AS target
    FROM found
    WHERE found.created_at >= %s AND found.created_at < %s AND (SELECT COUNT(*) FROM found) <= %s
) costs
"""


def count_up_to(
    rows: QuerySet[Picture], page: Page, most: int, *, target: str
) -> tuple[int, dict[str, PictureTotal]]:
    """Count a gallery, and sum the months that cross an edge of a page of it, in one statement.

    In the gallery's order, to use its index, and only up to one above `most`. With so many, no
    month is summed: pictures with their costs take five times as long as the index alone. Neither
    is one of a search that looked at some pictures only.
    """
    if not page.pictures:
        return rows[: most + 1].count(), {}
    if page.among is None:
        with connection.cursor() as cursor:
            cursor.execute(*_asked(rows, page, most, target))
            told = cursor.fetchall()
    else:
        told = read(*_asked_of_list(rows, page, most, target))
    found = {month: PictureTotal(*map(int, sums)) for month, *sums in told}
    count = found.pop("").count
    return count, {} if count > most else found


def _asked(rows: QuerySet[Picture], page: Page, most: int, target: str) -> tuple[str, list[Any]]:
    counting, params = rows.values("pk")[: most + 1].query.sql_with_params()
    parts, values = [_COUNT], list(params)
    for month in _cut(page):
        costs, wanted = _costs(rows.filter(made_in(month)), target).query.sql_with_params()
        parts.append(_MONTH.format(costs))
        values += [_name(month), *wanted, most]
    return _COUNTED.format(counting) + " UNION ALL ".join(parts), values


def _asked_of_list(
    rows: QuerySet[Picture], page: Page, most: int, target: str
) -> tuple[str, list[Any]]:
    columns = rows.order_by().values("pk", "created_at", "cost_micros", "generation_id")
    listed, params = columns[: most + 1].query.sql_with_params()
    parts, values = [_COUNT_OF_LIST], list(params)
    moment = connection.ops.adapt_datetimefield_value
    for month in _cut(page) if page.all_found else ():
        parts.append(_MONTH_OF_LIST)
        span = moment(month), moment(next_month(month))
        values += [_name(month), target, target, *span, most]
    return _LIST.format(listed) + " UNION ALL ".join(parts), values


def _cut(page: Page) -> Collection[datetime]:
    return cut_months(page, [month_start(one.created_at) for one in page.pictures])


def _costs(rows: QuerySet[Picture], target: str) -> QuerySet[Picture, Any]:
    ours = rows.order_by().annotate(ours=Q(generation__target=target))
    found: QuerySet[Picture, Any] = ours.values("cost_micros", "ours")
    return found


def _name(month: datetime) -> str:
    return f"{month:%Y-%m}"
