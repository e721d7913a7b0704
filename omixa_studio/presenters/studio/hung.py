"""The pictures of a card on the board, as the texts that `{% tiles %}` fills in."""

from collections.abc import Sequence
from dataclasses import dataclass

from omixa_studio.models import Picture
from omixa_studio.places import numbered
from omixa_studio.templatetags.studio import tile_marks, width_in

MOST_LARGE = 2
# The pictures of a card that are loaded before they come into view.
MOST_EAGER = 20
THUMB, PREVIEW = 512, 2048


@dataclass(frozen=True, kw_only=True, slots=True)
class Hung:
    """A picture on a card: addresses and pixels as texts, and what is "" or set.

    `preview` is set if it is shown larger than its thumbnail, `edit` if it can be edited.
    """

    ratio: str
    page: str
    clear: str
    marks: str
    thumb: str
    thumb_width: str
    preview: str
    preview_width: str
    alone: str
    width: str
    height: str
    title: str
    lazy: str
    edit: str


def hung(pictures: Sequence[Picture], *, ratio: str, title: str, worded: bool) -> list[Hung]:
    """Return the pictures of a card; `worded` is whether its request has a prompt."""
    page, thumb, preview = map(numbered, ("picture", "picture_thumb", "picture_preview"))
    is_large = len(pictures) <= MOST_LARGE
    return [
        Hung(
            ratio=ratio,
            page=page(one.pk),
            clear="clear" if one.transparent else "",
            marks=tile_marks(one, mine=True, worded=worded),
            thumb=thumb(one.pk),
            thumb_width=str(width_in(one, THUMB)),
            preview=preview(one.pk) if is_large and one.drawable else "",
            preview_width=str(width_in(one, PREVIEW)),
            alone="alone" if len(pictures) == 1 else "",
            width=str(one.shown_width),
            height=str(one.shown_height),
            title=title,
            lazy="lazy" if place > MOST_EAGER else "",
            edit=str(one.pk) if one.drawable else "",
        )
        for place, one in enumerate(pictures, start=1)
    ]
