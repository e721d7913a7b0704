"""What a download or an export is converted to. Saves nothing."""

from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

ORIGINAL = "original"
FORMATS = {
    ORIGINAL: _("Original"),
    "png": "PNG",
    "jpeg": "JPEG",
    "webp": "WebP",
    "avif": "AVIF",
}
LONGEST_SIDE = 16_384
USUAL_QUALITY = 85
WRONG_FORMAT = _("Choose one of the formats.")
WRONG_SIDE = _("The longest side is a number of pixels from 16 to 16384.")
WRONG_QUALITY = _("The quality is a number from 1 to 100.")


@dataclass(frozen=True)
class Copies:
    """How pictures are taken away: a format or "original", the longest side in pixels (0: as it
    is), the quality from 1 to 100, and whether prompt and settings go along inside the file."""

    format: str = ORIGINAL
    side: int = 0
    quality: int = USUAL_QUALITY
    with_settings: bool = True


class CopiesForm(forms.Form):
    """The fields of Copies; an empty one keeps its default."""

    format = forms.ChoiceField(
        choices=tuple(FORMATS.items()),
        required=False,
        error_messages={"invalid_choice": WRONG_FORMAT},
    )
    side = forms.IntegerField(
        required=False,
        min_value=16,
        max_value=LONGEST_SIDE,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), WRONG_SIDE),
    )
    quality = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), WRONG_QUALITY),
    )


def read_copies(data: QueryDict) -> tuple[Copies, list[str]]:
    """Read the fields; invalid ones keep their defaults and are reported in sentences."""
    form = CopiesForm(data)
    form.is_valid()
    clean = form.cleaned_data
    copies = Copies(
        format=clean.get("format") or ORIGINAL,
        side=clean.get("side") or 0,
        quality=clean.get("quality") or USUAL_QUALITY,
        with_settings=data.get("settings") != "no",
    )
    return copies, [str(error) for errors in form.errors.values() for error in errors]
