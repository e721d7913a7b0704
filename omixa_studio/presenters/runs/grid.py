"""A run as a labelled grid: one cell per row, with its cost and its winners."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from omixa_studio.catalogue import Catalogue
from omixa_studio.forms.runs import BY_MODEL
from omixa_studio.models import Generation, Person, Run, RunKind, dollars
from omixa_studio.presenters.studio.cards import Card, cards_for
from omixa_studio.queries import runs as reads
from omixa_studio.queries.holdups import Holdup, holdups_of
from omixa_studio.queries.runs import Progress
from omixa_studio.templatetags.studio import about, money, seconds


@dataclass(frozen=True)
class GridCell:
    """One row of a run: its card, under the label that distinguishes it from the other rows."""

    label: str
    card: Card
    seconds: float | None
    cost: Decimal | None

    @property
    def facts(self) -> str:
        """Return the cost, or the estimate while it is open, and the duration."""
        took = "" if self.seconds is None else seconds(self.seconds)
        return " · ".join(part for part in (self._amount, took) if part)

    @property
    def _amount(self) -> str:
        if self.cost is not None:
            return money(self.cost)
        if not self.card.is_open:
            return self.card.meta
        return "" if self.card.estimate is None else about(self.card.estimate)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A run's own page. `spent` and `cap` in dollars; `winners` is the number of winners.

    `stamp` changes when the grid does.
    """

    run: Run
    rows: Sequence[Generation]
    cells: Sequence[GridCell]
    progress: Progress
    spent: Decimal | None
    cap: Decimal | None
    stamp: str
    winners: int
    prompt: str
    finals: QuerySet[Run]


def grid_of(run: Run, catalogue: Catalogue, viewer: Person) -> Grid:
    """Draw a run with all its rows as `viewer` may see them."""
    rows = reads.rows_of(run)
    progress = reads.progress_of(run, rows)
    return Grid(
        run=run,
        rows=rows,
        cells=_cells(run, rows, catalogue, viewer),
        progress=progress,
        spent=dollars(progress.spent_micros),
        cap=dollars(run.cap_micros),
        stamp=_stamp(run, rows, holdups_of(settings.GATEWAY_TARGET, rows)),
        winners=sum(picture.winner for row in rows for picture in row.kept_pictures),
        prompt=rows[0].prompt if rows else "",
        finals=run.finals.all(),
    )


def _cells(
    run: Run, rows: Sequence[Generation], catalogue: Catalogue, viewer: Person
) -> list[GridCell]:
    return [
        GridCell(_label(run, row, catalogue), card, row.seconds, dollars(row.billed_micros))
        for row, card in zip(rows, cards_for(rows, catalogue, viewer), strict=True)
    ]


def _stamp(run: Run, rows: Sequence[Generation], holdups: Mapping[int, Holdup]) -> str:
    """Return a short hash of what the grid shows: the poll redraws the grid only if it differs."""
    shown = [
        (row.pk, row.state, row.sent_at is None, [p.pk for p in row.kept_pictures if p.winner])
        for row in rows
    ]
    waits = {pk: holdup.stamp for pk, holdup in holdups.items()}
    return hashlib.sha256(repr((run.paused, shown, waits)).encode()).hexdigest()[:16]


def _label(run: Run, row: Generation, catalogue: Catalogue) -> str:
    model = catalogue.find(row.model)
    if run.kind == RunKind.BLIND:
        return f"{model.name if model else row.model} · {row.prompt}"
    if run.kind != RunKind.COMPARE:
        return row.prompt
    if run.axis == BY_MODEL:
        return model.name if model else row.model
    field = model.field(run.axis) if model else None
    value = str(row.options.get(run.axis, ""))
    return f"{_(field.label)}: {_(field.names.get(value, value))}" if field else value
