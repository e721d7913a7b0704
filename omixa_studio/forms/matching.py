"""Words on differences between the bill and the ledger, and the filters of the pages with them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import BillNote, BillSource, MatchKind

from .fields import StudioForm


class BillNoteForm(StudioForm):
    """Why the bill and the ledger differ."""

    note = forms.CharField(
        label=_("Note"),
        max_length=BillNote._meta.get_field("note").max_length,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        error_messages={"required": _("Write a note, so that others understand it later.")},
    )


class BillAdjustForm(BillNoteForm):
    """A note, and that the change of the ledger was read."""

    confirmed = forms.BooleanField(
        widget=forms.CheckboxInput(attrs={"class": ""}),
        error_messages={"required": _("Confirm that the ledger shall change by this amount.")},
    )


class MatchingForm(StudioForm):
    """The `source` of the bill, and the day `before` which days are shown."""

    source = forms.ChoiceField(required=False, choices=BillSource.choices)
    before = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    @property
    def values(self) -> dict[str, Any]:
        """Return the values that were given and can be read."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class MatchesForm(StudioForm):
    """A day's rows: of one `kind`, `after` a row."""

    kind = forms.ChoiceField(required=False, choices=MatchKind.choices)
    after = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)

    @property
    def values(self) -> dict[str, Any]:
        """Return the values that were given and can be read."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
