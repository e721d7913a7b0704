"""A form for a span of days."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .fields import StudioForm


class DaysForm(StudioForm):
    """Days `from` and `to`, both optional, from 2000 to 2999."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not class attributes, because `from` is a keyword.
        for name, label in (("from", _("From")), ("to", _("To"))):
            self.fields[name] = forms.DateField(
                label=label,
                required=False,
                input_formats=["%Y-%m-%d"],
                error_messages={"invalid": _("Write days like 2026-11-30.")},
            )

    def clean_from(self) -> date | None:
        return self._day("from")

    def clean_to(self) -> date | None:
        return self._day("to")

    def _day(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day and day.year < 2000:
            raise forms.ValidationError(_("Choose days after the year 2000."))
        if day and day.year >= 3000:
            raise forms.ValidationError(_("Choose days before the year 3000."))
        return day
