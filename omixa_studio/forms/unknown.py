"""An admin's decision on a call with an unknown cost. Saves nothing."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .fields import StudioForm
from .money import LONGEST, read_dollars

CHARGED, FREE = "charged", "free"


class UnknownForm(StudioForm):
    """Charged, with an amount of at most six decimals, or free, when the amount is ignored."""

    outcome = forms.ChoiceField(choices=[(CHARGED, CHARGED), (FREE, FREE)])
    amount = forms.CharField(required=False, max_length=LONGEST)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("outcome") == CHARGED and "amount" in given:
            given["amount"] = self._amount(given["amount"])
        return given

    @property
    def billed(self) -> Decimal:
        """Return the dollars that were charged, 0 if free. Needs a valid form."""
        free = self.cleaned_data["outcome"] == FREE
        return Decimal(0) if free else self.cleaned_data["amount"]

    def _amount(self, text: str) -> Decimal | None:
        try:
            amount = read_dollars(text, places=6)
        except forms.ValidationError as error:
            self.add_error("amount", error)
            return None
        if amount is None:
            self.add_error(
                "amount", _("Write dollars with at most six decimals, such as 0.04 or 1250.50.")
            )
        elif not amount:
            self.add_error("amount", _("For zero dollars, choose “It was not charged”."))
        return amount
