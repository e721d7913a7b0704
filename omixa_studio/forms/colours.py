"""By what a gallery is coloured."""

from django import forms
from django.http import QueryDict

COLOURINGS = ("cost", "model", "verdict")


class ColourForm(forms.Form):
    colour = forms.ChoiceField(required=False, choices=[(one, one) for one in COLOURINGS])


def read_colour(data: QueryDict) -> str:
    """Return by what the pictures are to be coloured; "" for not at all, and for nonsense."""
    form = ColourForm(data)
    return form.cleaned_data["colour"] if form.is_valid() else ""
