"""The costs page as plain figures, with the queries of its links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models.ledger import today
from omixa_studio.queries import budget, costs, people
from omixa_studio.queries.costs import CostCell, CostSums, Span

from .chart import Chart, draw
from .days import Days, months_beside, presets, query_of


@dataclass(frozen=True)
class CostRow:
    """A row of the table; `query` narrows the page to it."""

    name: str
    query: str
    line: CostSums


@dataclass(frozen=True)
class CostSheet:
    """Everything the page shows besides its form. Money is micro-dollars."""

    span: Span
    title: str
    by: str
    total: CostSums
    before: int
    open_count: int
    limit: int | None
    left: int | None
    rows: Sequence[CostRow]
    chart: Chart
    model_names: Mapping[str, str]
    daily: Sequence[tuple[date, CostSums]]
    person_name: str
    model_name: str
    presets: Sequence[Days]
    earlier: Days
    later: Days | None
    by_model: str
    by_person: str
    unfiltered: str
    export: str

    @property
    def change(self) -> int | None:
        """Return the change from the previous span in percent; None if nothing was billed then."""
        if not self.before:
            return None
        return round((self.total.billed - self.before) * 100 / self.before)

    @property
    def days(self) -> Sequence[CostRow]:
        """Return one row per day, newest first; its link narrows the page to that day."""
        return [
            CostRow(date_format(day, "D j E"), query_of(self._one_day(day), ""), line)
            for day, line in self.daily
        ]

    @property
    def only(self) -> str:
        """Return the names of the person and model to which the page is narrowed; "" if to none."""
        return " · ".join(name for name in (self.person_name, self.model_name) if name)

    @property
    def is_empty(self) -> bool:
        return not (self.total.requests or self.total.failed or self.total.unknown)

    def _one_day(self, day: date) -> Span:
        return replace(self.span, first=day, last=day)


def build_sheet(span: Span, by: str) -> CostSheet:
    """Read and arrange the costs of a span, in a table by "model" or by "person"."""
    target = settings.GATEWAY_TARGET
    cells = costs.cells(target, span)
    booked = [cell for cell in cells if cell.day]
    model_names = _model_names(cells, span)
    person_names = _person_names(target, cells, span)
    limit = people.studio_limit()
    left = None
    if limit is not None:
        left = max(limit - budget.counted(target, budget.current_month()), 0)
    earlier, later = months_beside(span, by)
    return CostSheet(
        span=span,
        title=_title(span),
        by=by,
        total=costs.total(cells),
        before=costs.billed(target, span.ending(today()).before),
        open_count=costs.open_count(target, span),
        limit=limit,
        left=left,
        rows=_person_rows(cells, span, person_names)
        if by == "person"
        else _model_rows(cells, span, model_names),
        chart=_chart(booked, span),
        model_names=model_names,
        daily=_daily(booked),
        person_name=person_names.get(span.person_id or -1, ""),
        model_name=model_names.get(span.model or "", ""),
        presets=presets(span, by),
        earlier=earlier,
        later=later,
        by_model=query_of(span, "model"),
        by_person=query_of(span, "person"),
        unfiltered=query_of(Span(span.first, span.last), by),
        export=query_of(span, ""),
    )


def _model_rows(cells: Sequence[CostCell], span: Span, names: Mapping[str, str]) -> list[CostRow]:
    lines = costs.grouped(cells, lambda cell: cell.model)
    return [
        CostRow(names[slug], query_of(_narrowed(span, model=slug), "person"), line)
        for slug, line in lines.items()
    ]


def _person_rows(cells: Sequence[CostCell], span: Span, names: Mapping[int, str]) -> list[CostRow]:
    lines = costs.grouped(cells, lambda cell: cell.person_id)
    return [
        CostRow(
            names.get(pk) or _("Nobody"), query_of(_narrowed(span, person_id=pk), "model"), line
        )
        for pk, line in lines.items()
    ]


def _narrowed(span: Span, *, person_id: int | None = None, model: str | None = None) -> Span:
    person_id = span.person_id if person_id is None else person_id
    return Span(span.first, span.last, person_id=person_id, model=model or span.model)


def _model_names(cells: Sequence[CostCell], span: Span) -> dict[str, str]:
    catalogue = load_catalogue(settings.MODELS_TOML)
    slugs = {cell.model for cell in cells} | ({span.model} if span.model else set())
    known = {slug: catalogue.find(slug) for slug in slugs}
    return {slug: model.name if model else slug for slug, model in known.items()}


def _person_names(target: str, cells: Sequence[CostCell], span: Span) -> dict[int, str]:
    ids = {cell.person_id for cell in cells}
    return costs.person_names(target, ids if span.person_id is None else ids | {span.person_id})


def _chart(booked: Sequence[CostCell], span: Span) -> Chart:
    stacks = costs.grouped(booked, lambda cell: (cell.day or span.first, cell.model))
    return draw(span.days, {key: line.billed for key, line in stacks.items()})


def _daily(booked: Sequence[CostCell]) -> list[tuple[date, CostSums]]:
    lines = costs.grouped(booked, lambda cell: cell.day or date.min)
    return sorted(lines.items(), reverse=True)


def _title(span: Span) -> str:
    if span.is_month:
        return date_format(span.first, "F Y")
    if span.first == span.last:
        return date_format(span.first, "j E Y")
    same_year = span.first.year == span.last.year
    return f"{date_format(span.first, 'j E' if same_year else 'j E Y')} – " + date_format(
        span.last, "j E Y"
    )
