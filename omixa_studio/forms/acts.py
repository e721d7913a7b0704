"""Which rows of the log of acts somebody wants to see."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import ActKind

from .fields import StudioForm

LARGEST = 2**63 - 1


class ActsForm(StudioForm):
    """A `person`, a `kind`, days `from` and `to`, and `before` which row; all optional."""

    person = forms.IntegerField(required=False, min_value=0, max_value=LARGEST)
    kind = forms.ChoiceField(required=False, choices=[("", ""), *ActKind.choices])
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("from", _("From")), ("to", _("To"))):
            self.fields[name] = forms.DateField(
                label=label,
                required=False,
                input_formats=["%Y-%m-%d"],
                error_messages={"invalid": _("Write days like 2026-11-30.")},
            )

    def clean_to(self) -> date | None:
        return self._day("to")

    def clean_from(self) -> date | None:
        return self._day("from")

    def _day(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day and day.year < 2000:
            raise forms.ValidationError(_("Choose days after the year 2000."))
        if day and day.year >= 3000:
            raise forms.ValidationError(_("Choose days before the year 3000."))
        return day
