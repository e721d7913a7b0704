"""What a kept picture cost: by model, person, project and recipe, and what was spent on others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omixa_studio.forms.costs import CostsAsked
from omixa_studio.models import Person
from omixa_studio.models.spans import Span
from omixa_studio.presenters.blind_tests.statistics import wilson
from omixa_studio.queries.cost_sums import LedgerSum, cost_sums
from omixa_studio.queries.costs import first_day
from omixa_studio.queries.kept_sums import Dimension, KeptSums, kept_sums
from omixa_studio.queries.wasted import failed_sums

from .addresses import FILTERS, narrowed_to, query_of
from .days import Days, days_named, months_beside, presets
from .labels import TITLES as LABELS
from .labels import labels_of
from .recipes import recipe_labels
from .suggestions import Suggestion, suggestion_of

MOST_ROWS = 12
UNKEPT = {
    "failed": (
        gettext_lazy("Failed requests"),
        gettext_lazy("They cost money and gave no picture."),
    ),
    "refused": (
        gettext_lazy("Refused requests"),
        gettext_lazy("The model refused the prompt and billed it."),
    ),
    "rejected": (
        gettext_lazy("Rejected pictures"),
        gettext_lazy("They were rejected or are in the trash."),
    ),
    "repeats": (
        gettext_lazy("Requests the team had"),
        gettext_lazy("Somebody else had shared a picture of exactly the same request."),
    ),
}
# Filters of costs that no count of kept pictures tells apart.
UNCOUNTED = ("operation", "collection", "tag")


@dataclass(frozen=True)
class KeeperRow:
    """What some pictures cost and how many were kept; money is micro-dollars.

    `query` narrows the page to them, `kept_list` opens the kept ones; "" where neither can.
    """

    name: str
    billed: int
    pictures: int
    kept: int
    query: str = ""
    kept_list: str = ""

    @property
    def each(self) -> int | None:
        """Return what one kept picture cost, None if there is none."""
        return round(self.billed / self.kept) if self.kept else None

    @property
    def share(self) -> float | None:
        """Return the share of pictures kept, 0 to 100; None without pictures."""
        return min(self.kept / self.pictures, 1.0) * 100 if self.pictures else None

    @property
    def opens(self) -> str:
        """Return the address of the kept pictures, "" if there is none."""
        return self.kept_list if self.kept else ""

    @property
    def low(self) -> float:
        return self.interval[0] if self.interval else 0

    @property
    def high(self) -> float:
        return self.interval[1] if self.interval else 0

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return between which shares, 0 to 100, the true one lies in 95 cases of 100."""
        if not self.pictures:
            return None
        low, high = wilson(min(self.kept, self.pictures), self.pictures)
        return low * 100, high * 100


@dataclass(frozen=True)
class KeeperTable:
    """Rows by one kind of name, the highest bill first; `more` is how many are left out."""

    name: str
    title: str
    rows: Sequence[KeeperRow]
    more: int = 0


@dataclass(frozen=True)
class KeptWay:
    """How many kept pictures have one of the marks that keep them."""

    name: str
    count: int
    address: str


@dataclass(frozen=True)
class Unkept:
    """Micro-dollars spent on what nobody keeps, for so many requests or pictures."""

    name: str
    explained: str
    count: int
    micros: int
    address: str


@dataclass(frozen=True)
class KeepersPage:
    """Everything the page shows besides its form; `ignored` names filters it has no figures for."""

    span: Span
    title: str
    total: KeeperRow
    ways: Sequence[KeptWay]
    spent: Sequence[Unkept]
    tables: Sequence[KeeperTable]
    suggestion: Suggestion | None
    presets: Sequence[Days]
    earlier: Days
    later: Days | None
    only: str
    ignored: str
    unfiltered: str
    days: str
    costs: str
    finals: str

    @property
    def is_empty(self) -> bool:
        return not (self.total.billed or self.total.pictures)


def build_keepers(span: Span, viewer: Person) -> KeepersPage:
    """Read what pictures of a span cost per kept one, as a viewer may know it.

    The span is narrowed to people, models and projects alone; kept pictures are counted by nothing
    else.
    """
    ignored = [str(LABELS[name]) for name in UNCOUNTED if getattr(span, FILTERS[name]) is not None]
    span = replace(span, operation=None, collection_id=None, tag_id=None)
    make, asked = _Maker(settings.GATEWAY_TARGET, span, viewer), CostsAsked(span)
    earlier, later = months_beside(asked)
    models = make.table("model", "model")
    tables = [models, make.table("person", "person_id"), make.table("project", "project_id")]
    return KeepersPage(
        span=span,
        title=days_named(span.first, span.last),
        total=make.total(),
        ways=make.ways(),
        spent=make.spent(),
        tables=[one for one in [*tables, make.recipes()] if one.rows and not _is_bare(one)],
        suggestion=suggestion_of(models.rows),
        presets=presets(asked, first_day(settings.GATEWAY_TARGET)),
        earlier=earlier,
        later=later,
        only=make.only(),
        ignored=", ".join(ignored),
        unfiltered=query_of(Span(span.first, span.last)),
        days=query_of(span),
        costs=reverse("costs") + query_of(span),
        finals=reverse("keepers_finals") + query_of(span),
    )


def own_keepers(span: Span, person: Person) -> tuple[KeeperRow, KeeperTable]:
    """Return what a member's own kept pictures cost, in total and by model."""
    span = Span(span.first, span.last, person_id=person.pk)
    make = _Maker(settings.GATEWAY_TARGET, span, person)
    bare = make.table("model", "model")
    rows = [replace(row, query="", kept_list="") for row in bare.rows]
    return replace(make.total(), query="", kept_list=""), replace(bare, rows=rows)


def keepers_list(span: Span, which: str) -> str:
    """Return the address of the pictures or requests behind a figure."""
    return reverse("keepers_list") + query_of(span, which=which)


def _is_bare(table: KeeperTable) -> bool:
    """Return whether all a table says is that there are no projects."""
    return table.name == "project" and len(table.rows) == 1 and not table.rows[0].query


@dataclass
class _Maker:
    """Makes the parts of a page; reads no sum twice."""

    target: str
    span: Span
    viewer: Person
    _read: dict[str, Any] = field(default_factory=dict)

    def _kept(self, *by: Dimension) -> dict[tuple[Any, ...], KeptSums]:
        days = (self.span.first, self.span.last)
        return kept_sums(self.target, by, days=days, **self.span.of_ledger)

    def _all(self) -> KeptSums:
        if "all" not in self._read:
            self._read["all"] = self._kept().get((), KeptSums())
        sums: KeptSums = self._read["all"]
        return sums

    def total(self) -> KeeperRow:
        bought = cost_sums(self.target, self.span).get((), LedgerSum())
        kept = self._all().kept
        address = keepers_list(self.span, "kept")
        return KeeperRow(_("All"), bought.billed, bought.pictures, kept, "", address)

    def ways(self) -> list[KeptWay]:
        sums = self._all()
        ways = {
            "starred": (_("with a star"), sums.starred),
            "downloaded": (_("downloaded"), sums.downloaded),
            "approved": (_("approved"), sums.approved),
            "collected": (_("in a collection"), sums.collected),
        }
        return [
            KeptWay(name, count, keepers_list(self.span, which))
            for which, (name, count) in ways.items()
        ]

    def spent(self) -> list[Unkept]:
        """Return what was spent on failures, refusals, rejected pictures and repeats."""
        lost, sums = failed_sums(self.target, self.span), self._all()
        found = {
            "failed": (lost.failed, lost.failed_micros),
            "refused": (lost.refused, lost.refused_micros),
            "rejected": (sums.rejected, sums.rejected_micros),
            "repeats": (sums.repeats, sums.repeat_micros),
        }
        return [
            Unkept(str(name), str(explained), *found[which], keepers_list(self.span, which))
            for which, (name, explained) in UNKEPT.items()
        ]

    def table(self, name: str, column: Dimension) -> KeeperTable:
        bought = {key: one for (key,), one in cost_sums(self.target, self.span, (name,)).items()}
        kept = {key: one.kept for (key,), one in self._kept(column).items()}
        ranked = sorted(bought, key=lambda key: (-bought[key].billed, -bought[key].pictures))
        ranked = [key for key in ranked if bought[key].billed or bought[key].pictures]
        shown = ranked[:MOST_ROWS]
        labels = labels_of(name, shown, self.target, self.viewer)
        rows = [self._row(name, key, labels[key], bought[key], kept.get(key, 0)) for key in shown]
        return KeeperTable(name, TITLES[name](), rows, len(ranked) - len(shown))

    def _row(self, name: str, key: Any, label: str, bought: LedgerSum, kept: int) -> KeeperRow:
        inner = narrowed_to(self.span, name, key)
        query = "" if name == "project" and key == 0 else query_of(inner)
        address = keepers_list(inner, "kept")
        return KeeperRow(label, bought.billed, bought.pictures, kept, query, address)

    def recipes(self) -> KeeperTable:
        """Return the table by preset or template; requests without one are in no row."""
        sums = {key: one for (key,), one in self._kept("recipe").items() if one.pictures}
        ranked = sorted(sums, key=lambda key: -sums[key].billed_micros)
        shown = ranked[:MOST_ROWS]
        labels = recipe_labels(shown, self.viewer)
        rows = [
            KeeperRow(labels[key], one.billed_micros, one.pictures, one.kept)
            for key in shown
            for one in [sums[key]]
        ]
        return KeeperTable("recipe", TITLES["recipe"](), rows, len(ranked) - len(shown))

    def only(self) -> str:
        """Return the names of what the page is narrowed to; "" if to nothing."""
        span = self.span
        narrowed = {"person": span.person_id, "model": span.model, "project": span.project_id}
        return " · ".join(
            labels_of(name, [key], self.target, self.viewer)[key]
            for name, key in narrowed.items()
            if key is not None
        )


TITLES: Mapping[str, Callable[[], str]] = {
    "model": lambda: _("Per model"),
    "person": lambda: _("Per person"),
    "project": lambda: _("Per project"),
    "recipe": lambda: _("Per preset or template"),
}
