"""The form of a report by mail, and the address of its review. Saves nothing."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Every, Person, Report
from omixa_studio.models.reports import LONGEST_NAME

from .costs import CostsAsked, SpanForm
from .fields import StudioForm

# What of the address of a review is not of its substance: days come with each mail.
NOT_KEPT = ("from", "to", "page", "beside")
LONGEST_ADDRESS = 2000


class ReportForm(StudioForm):
    """A report: `when` is such as week-1 (Monday) or month-28; it goes to people `among` some."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    address = forms.CharField(
        label=_("Address of the review"),
        max_length=LONGEST_ADDRESS,
        required=False,
        help_text=_("Copy it from Costs; its days are replaced by the last week or month."),
    )
    when = forms.ChoiceField(label=_("When"))
    hour = forms.TypedChoiceField(
        label=_("At"), coerce=int, choices=[(n, f"{n:02}:00") for n in range(24)]
    )
    people: Any = forms.ModelMultipleChoiceField(
        label=_("To"), queryset=None, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, among: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["when"].choices = list(_whens())  # type: ignore[attr-defined]
        self.fields["people"].queryset = among  # type: ignore[attr-defined]
        self.fields["people"].widget.attrs.pop("class")

    def clean_address(self) -> str:
        query = query_of_review(self.cleaned_data["address"])
        if asked_of(query, date(2026, 1, 1), date(2026, 1, 31)) is None:
            raise forms.ValidationError(_("That is no address of a review of costs."))
        return query

    @property
    def every(self) -> str:
        return str(self.cleaned_data["when"]).partition("-")[0]

    @property
    def on(self) -> int:
        return int(str(self.cleaned_data["when"]).partition("-")[2])


def form_values(report: Report) -> dict[str, Any]:
    """Return the values of the form for a report that there is."""
    return {
        "name": report.name,
        "address": f"{reverse('costs')}?{report.query}" if report.query else reverse("costs"),
        "when": f"{report.every}-{report.on}",
        "hour": report.hour,
        "people": [person.pk for person in report.people.all()],
    }


def query_of_review(address: str) -> str:
    """Return what an address of a page of costs asks for, without its days and pages."""
    given = QueryDict(urlsplit(address).query if "?" in address else "", mutable=True)
    for name in NOT_KEPT:
        given.pop(name, None)
    return given.urlencode()


def asked_of(query: str, first: date, last: date) -> CostsAsked | None:
    """Return what the review of a report asks for on some days; None if it is no such query."""
    given = QueryDict(query, mutable=True)
    given.update({"from": first.isoformat(), "to": last.isoformat()})
    form = SpanForm(given)
    return form.asked if form.is_valid() else None


def _whens() -> Iterator[tuple[Promise | str, list[tuple[str, Promise | str]]]]:
    """Return the days of a week and of a month, as one choice."""
    yield (
        Every.WEEK.label,
        [(f"week-{n + 1}", f"{Every.WEEK.label}: {words}") for n, words in WEEKDAYS.items()],
    )
    yield (
        Every.MONTH.label,
        [(f"month-{n}", f"{Every.MONTH.label}: {_day_words(n)}") for n in range(1, 29)],
    )


def _day_words(n: int) -> str:
    return gettext("day %(n)s") % {"n": n}
