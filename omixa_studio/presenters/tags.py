"""The page of tags: each with its pictures and what can be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.models import Tag
from omixa_studio.queries.tags import MOST_COUNTED


@dataclass(frozen=True, kw_only=True)
class TagRow:
    """A tag of a person: its name, how many pictures have it, the path of those."""

    pk: int
    name: str
    uses: str
    path: str


def rows_of_tags(tags: Sequence[Tag]) -> list[TagRow]:
    """Return the tags of a page, which know their `uses`."""
    return [
        TagRow(
            pk=tag.pk,
            name=tag.name,
            uses=_uses(getattr(tag, "uses", 0)),
            path=f"{reverse('gallery')}?{urlencode({'tag': tag.name})}",
        )
        for tag in tags
    ]


def _uses(count: int) -> str:
    if count > MOST_COUNTED:
        return _("more than %(n)s pictures") % {"n": MOST_COUNTED}
    return ngettext("%(n)d picture", "%(n)d pictures", count) % {"n": count}
