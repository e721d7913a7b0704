"""The dialogue that offers a picture as a file of another format and size."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from omixa_studio.forms.downloads import FORMATS, ORIGINAL, Copies
from omixa_studio.models import Picture

from .kinds import name_of

SIDES = (4096, 2048, 1024, 512)


@dataclass(frozen=True)
class FormatChoice:
    """A format to choose: its value and its name; `hint` says what it is good for."""

    value: str
    label: str
    hint: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Download:
    """The dialogue: formats, sizes as pairs of value and label, the quality, and what is wrong."""

    picture: Picture
    formats: Sequence[FormatChoice]
    sides: Sequence[tuple[int, str]]
    side: int
    quality: int
    with_settings: bool
    signed: bool
    faults: Sequence[str]


def download_of(
    picture: Picture, asked: Copies, *, signed: bool, faults: Sequence[str] = ()
) -> Download:
    """Return the dialogue of a picture; `signed` is whether its original has a signature."""
    return Download(
        picture=picture,
        formats=formats_for(asked, name_of(picture.format), convertible=picture.drawable),
        sides=sides_for(max(picture.width, picture.height)),
        side=asked.side,
        quality=asked.quality,
        with_settings=asked.with_settings,
        signed=signed,
        faults=faults,
    )


def formats_for(asked: Copies, original: str, *, convertible: bool = True) -> list[FormatChoice]:
    """Return the formats to choose from; `original` names the format as received."""
    hints = {
        ORIGINAL: original,
        "png": _("lossless"),
        "jpeg": _("opens everywhere"),
        "webp": _("small"),
        "avif": _("smallest"),
    }
    return [
        FormatChoice(value, str(label), hints[value], chosen=value == asked.format)
        for value, label in FORMATS.items()
        if convertible or value == ORIGINAL
    ]


def sides_for(longest: int) -> list[tuple[int, str]]:
    """Return the sizes below the longest side of a picture, in pixels (0: all sizes).

    The first size, 0, stands for its own.
    """
    below = longest or max(SIDES) + 1
    smaller = [(side, _("%(n)d px") % {"n": side}) for side in SIDES if side < below]
    own = _("Full size, %(n)d px") % {"n": longest} if longest else _("Full size")
    return [(0, own), *smaller]
