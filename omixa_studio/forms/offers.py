"""One change to the models that an admin makes with a click. Saves nothing."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .fields import StudioForm

PRICE = re.compile(r"\A[0-9]{1,6}(\.[0-9]{1,6})?\Z")
NO_CONTROLS = re.compile(r"\A[^\x00-\x1f\x7f]+\Z")
ADD, PRICE_OF, ON, OFF, DEFAULT = "add", "price", "on", "off", "default"


class SlugForm(StudioForm):
    """The slug of a model."""

    slug = forms.RegexField(NO_CONTROLS, max_length=120)


class ChangeForm(StudioForm):
    """The slug of a model, the change to make, and the value that the change needs."""

    change = forms.ChoiceField(choices=[(word, word) for word in (ADD, PRICE_OF, ON, OFF, DEFAULT)])
    slug = forms.RegexField(NO_CONTROLS, max_length=100)
    price = forms.RegexField(
        PRICE,
        required=False,
        error_messages={"invalid": _("The price is not an amount in dollars.")},
    )
    like = forms.CharField(required=False, max_length=100)
    name = forms.RegexField(NO_CONTROLS, required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        needed = {PRICE_OF: "price", ADD: "like"}.get(given.get("change", ""))
        if needed and not given.get(needed) and needed not in self.errors:
            self.add_error(needed, _("Something is missing. Check with the gateway again."))
        return given

    @property
    def values(self) -> dict[str, object]:
        """Return what to write into the model's table, of a valid form; nothing for the default."""
        given = self.cleaned_data
        price = {"image_price": given["price"]} if given["price"] else {}
        new = {"like": given["like"], "name": given["name"] or given["slug"], **price}
        values: dict[str, dict[str, object]] = {
            ADD: new,
            PRICE_OF: price,
            ON: {"enabled": True},
            OFF: {"enabled": False},
            DEFAULT: {},
        }
        return values[given["change"]]
