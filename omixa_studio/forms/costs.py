"""The filters of the costs page."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models.ledger import today

from .days import DaysForm

MOST_DAYS = 1100


class SpanForm(DaysForm):
    """Days `from` and `to`, a `person` and a `model`, all optional; `by` groups the table."""

    person = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)
    model = forms.CharField(required=False, max_length=120)
    by = forms.ChoiceField(required=False, choices=[("model", "model"), ("person", "person")])

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


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
