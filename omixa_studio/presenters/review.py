"""A step of a review: the picture, its mark, and where each answer leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.http import urlencode

from omixa_studio.models import Picture
from omixa_studio.queries.review import MOST_COUNTED, ReviewStep

from .pictures.kinds import SHOWN, undrawn
from .pictures.tiles import title_of
from .ratios import ratio_text


@dataclass(frozen=True, kw_only=True)
class Where:
    """The gallery under review: its path with its filters, and the texts of a review's address."""

    path: str
    filters: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def back(self) -> str:
        return f"{self.path}?{urlencode(self.filters)}" if self.filters else self.path

    def address(self, **more: str | int) -> str:
        said: dict[str, str | int] = {**self.texts, **more}
        return f"{reverse('review')}?{urlencode(said)}" if said else reverse("review")


@dataclass(frozen=True, kw_only=True)
class Review:
    """A picture and its `mark` ("starred", "rejected" or ""), or the end of the review.

    `here`, `onwards` and `before` are addresses of steps, `other` that of the review with or
    without the pictures that have a mark. `left` counts this picture and those behind it.
    """

    picture: Picture | None
    title: str
    mark: str
    undrawn: str
    ratio: str
    shown_file: str
    zoomed_file: str
    here: str
    onwards: str
    before: str
    back: str
    other: str
    unmarked: bool
    left: int
    left_is_least: bool


def review_of(step: ReviewStep, where: Where, *, at: int | None, unmarked: bool) -> Review:
    """Return a step of a review as its page shows it; `at` is the picture that was asked for."""
    only = {"unmarked": "1"} if unmarked else {}
    picture = step.picture
    key = picture.pk if picture else at
    return Review(
        picture=picture,
        title=title_of(picture) if picture else "",
        mark=_mark_of(picture) if picture else "",
        undrawn=undrawn(picture) if picture and not picture.drawable else "",
        ratio=ratio_text(picture.shown_width, picture.shown_height) if picture else "",
        shown_file=_file(picture, small=True) if picture else "",
        zoomed_file=_file(picture, small=False) if picture else "",
        here=where.address(**only, at=key) if key else where.address(**only),
        onwards=where.address(**only, after=key) if key else "",
        before=where.address(**only, at=step.before) if step.before else "",
        back=where.back,
        other=where.address(**({} if unmarked else {"unmarked": "1"})),
        unmarked=unmarked,
        left=min(step.left, MOST_COUNTED),
        left_is_least=step.left > MOST_COUNTED,
    )


def _mark_of(picture: Picture) -> str:
    return "starred" if picture.winner else picture.verdict


def _file(picture: Picture, *, small: bool) -> str:
    """Return the address of the rendition, or of the original if a browser can display it."""
    rendition = picture.preview or not picture.drawable
    use = rendition if small else picture.format not in SHOWN and rendition
    return reverse("picture_preview" if use else "picture_file", args=[picture.pk])
