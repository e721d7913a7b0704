"""The addresses of pages about kept pictures."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from .costs import LARGEST_ID, SpanForm

# Which figure a list is behind.
FIGURES = (
    "kept",
    "starred",
    "downloaded",
    "approved",
    "collected",
    "rejected",
    "repeats",
    "failed",
    "refused",
)


class KeepersListForm(SpanForm):
    """Days and filters of the costs page, and `which` figure; below the row `under`, if given."""

    which = forms.ChoiceField(required=False, choices=[(one, one) for one in FIGURES])
    under = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)

    title = gettext_lazy("Cost per keeper")

    def clean_which(self) -> Any:
        return self.cleaned_data["which"] or "kept"
