"""What guests of a link see: tiles, one picture, and nothing that the link does not tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from omixa_studio.models import GuestLink, Picture
from omixa_studio.queries.comments import approvals_at
from omixa_studio.queries.gallery_pages import Page

from .comments import APPROVAL_ICONS, Thread, approval_words
from .pictures.kinds import ending_of
from .pictures.tiles import title_of
from .ratios import TEXTS

LONGEST_SLUG = 60


@dataclass(frozen=True, kw_only=True)
class GuestTile:
    """A picture on the page of a link; `alt` tells its prompt only where the link does."""

    number: int
    page: str
    thumb: str
    alt: str
    ratio: str
    width: int
    height: int
    clear: bool
    approval: str
    said: str
    icon: str


@dataclass(frozen=True, kw_only=True)
class GuestGallery:
    """The page of a link; `newer` and `older` are addresses, "" at the ends."""

    title: str
    maker: str
    tiles: Sequence[GuestTile]
    newer: str
    older: str


@dataclass(frozen=True, kw_only=True)
class GuestPicture:
    """One picture of a link; `previous` and `following` are addresses, "" at the ends.

    `original` is its download, "" where the link allows none.
    """

    title: str
    number: int
    alt: str
    prompt: str
    preview: str
    ratio: str
    width: int
    height: int
    clear: bool
    back: str
    previous: str
    following: str
    ahead: Sequence[str]
    original: str
    thread: Thread | None

    @property
    def has_side(self) -> bool:
        """Return whether something is to be read beside the picture."""
        return bool(self.prompt or self.thread)


def guest_gallery_of(
    link: GuestLink, page: Page, numbers: Mapping[int, int], *, token: str
) -> GuestGallery:
    """Return a page of a link; `numbers` are those of its pictures at the link, by id."""
    here = reverse("guest", args=[token])
    said = approvals_at(link, page.pictures) if link.comments else {}
    tiles = [
        _tile(link, row, numbers[row.pk], token=token, approval=said.get(row.pk, ""))
        for row in page.pictures
        if row.pk in numbers
    ]
    return GuestGallery(
        title=link_title(link),
        maker=link.person.get_full_name(),
        tiles=tiles,
        newer=f"{here}?before={tiles[0].number}" if page.newer and tiles else "",
        older=f"{here}?after={tiles[-1].number}" if page.older and tiles else "",
    )


def guest_picture_of(
    link: GuestLink,
    picture: Picture,
    number: int,
    *,
    token: str,
    beside: tuple[int | None, int | None],
    thread: Thread | None,
) -> GuestPicture:
    """Return one picture; `beside` are the numbers of those before and after it."""

    def path(name: str, n: int | None) -> str:
        return reverse(name, args=[token, n]) if n else ""

    before, after = beside
    return GuestPicture(
        title=link_title(link),
        number=number,
        alt=alt_of(link, picture, number),
        prompt=picture.generation.prompt if link.prompts else "",
        preview=path("guest_preview", number),
        ratio=TEXTS[picture.aspect],
        width=picture.shown_width,
        height=picture.shown_height,
        clear=picture.transparent,
        back=f"{reverse('guest', args=[token])}#n{number}",
        previous=path("guest_picture", before),
        following=path("guest_picture", after),
        ahead=[path("guest_preview", n) for n in (after, before) if n],
        original=path("guest_file", number) if link.downloads else "",
        thread=thread,
    )


def _tile(
    link: GuestLink, picture: Picture, number: int, *, token: str, approval: str
) -> GuestTile:
    return GuestTile(
        number=number,
        page=reverse("guest_picture", args=[token, number]),
        thumb=reverse("guest_thumb", args=[token, number]),
        alt=alt_of(link, picture, number),
        ratio=TEXTS[picture.aspect],
        width=picture.shown_width,
        height=picture.shown_height,
        clear=picture.transparent,
        approval=approval,
        said=approval_words(approval),
        icon=APPROVAL_ICONS.get(approval, ""),
    )


def alt_of(link: GuestLink, picture: Picture, number: int) -> str:
    """Return the alternative text: the prompt, or only a number where prompts are hidden."""
    return title_of(picture) if link.prompts else _("Picture %(n)s") % {"n": number}


def link_title(link: GuestLink) -> str:
    """Return the title of a link, or of its collection, or a plain one."""
    return link.title or (link.collection.name if link.collection else _("Pictures"))


def guest_file_name(link: GuestLink, picture: Picture, number: int, suffix: str = "") -> str:
    """Return the name of a guest's download: the title and the number, never the prompt."""
    slug = slugify(link_title(link), allow_unicode=True)[:LONGEST_SLUG].strip("-")
    return f"{slug or 'picture'}-{number}{suffix or '.' + ending_of(picture.format)}"
