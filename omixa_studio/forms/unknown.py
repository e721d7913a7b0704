"""What an admin says about a call whose cost nobody knows. Nothing is saved here."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .fields import StudioForm

# No comma: "1,000" is a thousand to one reader and one dollar to another.
AMOUNT = re.compile(r"\$?\s*([0-9]{1,9})(?:\.([0-9]{1,6}))?")
CHARGED, FREE = "charged", "free"


class UnknownForm(StudioForm):
    """Charged, with an amount of at most six places, or free, where no amount is looked at."""

    outcome = forms.ChoiceField(choices=[(CHARGED, CHARGED), (FREE, FREE)])
    amount = forms.CharField(required=False, max_length=20)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("outcome") == CHARGED and "amount" in given:
            given["amount"] = self._amount(given["amount"])
        return given

    @property
    def billed(self) -> Decimal:
        """Dollars that were charged, 0 for nothing; of a valid form."""
        free = self.cleaned_data["outcome"] == FREE
        return Decimal(0) if free else self.cleaned_data["amount"]

    def _amount(self, text: str) -> Decimal | None:
        found = AMOUNT.fullmatch(text)
        if not found:
            self.add_error(
                "amount",
                _(
                    "Write dollars with a point, no comma, and at most six places, such as 0.04 "
                    "or 1250.50."
                ),
            )
            return None
        amount = Decimal(f"{found[1]}.{found[2] or 0}")
        if not amount:
            self.add_error("amount", _("Zero dollars: then it was not charged."))
        return amount
