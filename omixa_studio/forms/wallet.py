"""Money put into the wallet, and when to warn."""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import TopUp
from omixa_studio.models.ledger import today

from .fields import DollarsField, StudioForm

OLDEST_YEARS = 10


class TopUpForm(StudioForm):
    """The amount, the day it came in, and a note."""

    amount = DollarsField(label=_("Amount, $"), required=True)
    day = forms.DateField(
        label=_("Day"),
        initial=today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("Write days like 2026-11-30.")},
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=TopUp._meta.get_field("note").max_length
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget.attrs["placeholder"] = "100"

    def clean_amount(self) -> object:
        amount = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(_("Write how much was put in, such as 100."))
        return amount

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > today() + timedelta(days=1):
            raise forms.ValidationError(_("This day is still to come."))
        if day < today() - timedelta(days=366 * OLDEST_YEARS):
            raise forms.ValidationError(_("This day is too long ago."))
        return day


class LeastForm(StudioForm):
    """Below which amount admins are warned; 0 warns when nothing is left."""

    least = DollarsField(label=_("Warn below, $"), required=True)
