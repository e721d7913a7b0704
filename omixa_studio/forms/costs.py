"""The filters of the costs page."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models.ledger import today
from omixa_studio.models.spans import Span

from .days import DaysForm

MOST_DAYS = 1100


LARGEST_ID = 2**63 - 1
MOST_PAGES = 10_000
# What a table of costs can be grouped by; by the last three in order of time.
GROUPINGS = ("person", "model", "operation", "project", "collection", "tag", "day", "week", "month")
OF_PICTURES = frozenset({"collection", "tag"})
OF_TIME = frozenset({"day", "week", "month"})


@dataclass(frozen=True)
class CostsAsked:
    """What the address of a page of costs asks for: days and filters, groupings, pages from 1.

    `by` groups the rows, `then` the columns, "" if they are not grouped.
    """

    span: Span
    by: str = "model"
    then: str = ""
    page: int = 1
    beside: int = 1


def _id_field(least: int) -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=least, max_value=LARGEST_ID)


def _page_field() -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=1, max_value=MOST_PAGES)


def _grouping_field() -> forms.ChoiceField:
    return forms.ChoiceField(required=False, choices=[(name, name) for name in GROUPINGS])


class SpanForm(DaysForm):
    """Days `from` and `to` and filters, all optional; the table is grouped `by`, `then`.

    A `person` of 0 is nobody, a `project` of 0 is no project. `page` and `beside` are the pages of
    rows and of columns.
    """

    person = _id_field(0)
    model = forms.CharField(required=False, max_length=120)
    operation = forms.CharField(required=False, max_length=20)
    project = _id_field(0)
    collection = _id_field(1)
    tag = _id_field(1)
    by = _grouping_field()
    then = _grouping_field()
    page = _page_field()
    beside = _page_field()

    def clean(self) -> dict[str, Any]:
        if self.errors:
            return self.cleaned_data
        first, last = self.days
        if first > last:
            self.add_error(None, _("The first day must not be after the last one."))
        elif (last - first).days >= MOST_DAYS:
            self.add_error(None, _("Choose three years at most."))
        return self.cleaned_data

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and last day; by default this month, or from `from` until today."""
        first, last = self.cleaned_data["from"], self.cleaned_data["to"]
        now = today()
        if first is None:
            return (last or now).replace(day=1), last or month_end(now)
        return first, last or max(now, first)

    @property
    def grouping(self) -> str:
        return self.cleaned_data["by"] or "model"

    @property
    def span(self) -> Span:
        """Return the days and what they are narrowed to."""
        given = self.cleaned_data
        return Span(
            *self.days,
            person_id=given["person"],
            model=given["model"] or None,
            operation=given["operation"] or None,
            project_id=given["project"],
            collection_id=given["collection"],
            tag_id=given["tag"],
        )

    @property
    def asked(self) -> CostsAsked:
        """Return everything the address asks for; rows and columns are not grouped alike."""
        given = self.cleaned_data
        pages = given["page"] or 1, given["beside"] or 1
        then = "" if self._are_alike else given["then"]
        return CostsAsked(self.span, self.grouping, then, *pages)

    @property
    def is_ungrouped(self) -> bool:
        """Return whether columns were asked for that cannot stand beside the rows."""
        return self._are_alike and self.grouping != self.cleaned_data["then"]

    @property
    def _are_alike(self) -> bool:
        both = {self.grouping, self.cleaned_data["then"]}
        return len(both) == 1 or both <= OF_TIME or both <= OF_PICTURES


class ListForm(SpanForm):
    """The requests of a span: of a `state` if given, beginning after `before` ("2026-11-05.12")."""

    state = forms.ChoiceField(
        required=False, choices=[(name, name) for name in ("open", "failed", "unknown")]
    )
    before = forms.RegexField(r"^\d{4}-\d\d-\d\d\.\d{1,18}$", required=False)

    def clean_before(self) -> tuple[date, int] | None:
        day, _dot, pk = self.cleaned_data["before"].partition(".")
        try:
            return (date.fromisoformat(day), int(pk)) if day else None
        except ValueError:
            raise forms.ValidationError(_("There is no such page.")) from None


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
