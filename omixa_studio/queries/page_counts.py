"""Count a filtered gallery for a page of it, with the months that the page does not show whole."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from omixa_studio.models import Picture

from .gallery_months import PictureTotal, cut_months, made_in, month_start
from .gallery_pages import Page

_COUNTED = "WITH counted (n) AS (SELECT COUNT(*) FROM ({}) found) "
_COUNT = "SELECT '' AS month, n, 0, 0 FROM counted"
# Both databases look at the count first, and read nothing of a month if it is too high.
_MONTH = """
SELECT %s, COUNT(*), COALESCE(SUM(costs.cost_micros) FILTER (WHERE costs.ours), 0),
    COUNT(*) FILTER (WHERE costs.ours AND costs.cost_micros IS NULL)
FROM ({}) costs WHERE (SELECT n FROM counted) <= %s
"""


def count_up_to(
    rows: QuerySet[Picture], page: Page, most: int, *, target: str
) -> tuple[int, dict[str, PictureTotal]]:
    """Count a gallery, and sum the months that cross an edge of a page of it, in one statement.

    In the gallery's order, to use its index, and only up to one above `most`. With so many, no
    month is summed: pictures with their costs take five times as long as the index alone.
    """
    if not page.pictures:
        return rows[: most + 1].count(), {}
    counting, params = rows.values("pk")[: most + 1].query.sql_with_params()
    parts, values = [_COUNT], list(params)
    for month in cut_months(page, [month_start(one.created_at) for one in page.pictures]):
        costs, wanted = _costs(rows.filter(made_in(month)), target).query.sql_with_params()
        parts.append(_MONTH.format(costs))
        values += [_name(month), *wanted, most]
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.format(counting) + " UNION ALL ".join(parts), values)
        found = {month: PictureTotal(*map(int, sums)) for month, *sums in cursor.fetchall()}
    count = found.pop("").count
    return count, {} if count > most else found


def _costs(rows: QuerySet[Picture], target: str) -> QuerySet[Picture, Any]:
    ours = rows.order_by().annotate(ours=Q(generation__target=target))
    found: QuerySet[Picture, Any] = ours.values("cost_micros", "ours")
    return found


def _name(month: datetime) -> str:
    return f"{month:%Y-%m}"
