"""What the script of a gallery asks for: a window of its tiles, or the place of a picture."""

from typing import Any

from django import forms
from django.http import QueryDict

from omixa_studio.filters.days import day_field

from .gallery import LARGEST_ID

MOST_TILES = 96
MOST_SKIPPED = 255


class WindowForm(forms.Form):
    """`count` tiles from `skip` pictures behind the picture `key`, else behind the first one."""

    key = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    skip = forms.IntegerField(required=False, min_value=0, max_value=MOST_SKIPPED)
    count = forms.IntegerField(required=False, min_value=1, max_value=MOST_TILES)


class PlaceForm(forms.Form):
    """The picture whose place is asked for, or a day."""

    picture = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    day = day_field()


def read_window(data: QueryDict) -> dict[str, Any] | None:
    """Return `key` (None for the first), `skip` and `count`; None if one of them is not valid."""
    form = WindowForm(data)
    if not form.is_valid():
        return None
    clean = form.cleaned_data
    return {
        "key": clean["key"],
        "skip": clean["skip"] or 0,
        "count": clean["count"] or MOST_TILES,
    }


def read_place(data: QueryDict) -> dict[str, Any]:
    """Return the `picture` or the `day` that was given; what is not valid is left out."""
    form = PlaceForm(data)
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if value is not None}
