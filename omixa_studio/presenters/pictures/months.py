"""What a gallery says of a month, or of all it found: how many pictures, and what they cost."""

from django.utils.html import strip_tags
from django.utils.translation import ngettext

from omixa_studio.models import dollars
from omixa_studio.templatetags.studio import grouped, total


def facts_of(count: int, billed_micros: int | None = None, unknown: int = 0) -> str:
    """Return "62 pictures · $0.60 · 1 with unknown cost"; no cost if `billed_micros` is None."""
    said = [ngettext("%(n)s picture", "%(n)s pictures", count) % {"n": count}]
    if billed_micros is not None:
        said.append(strip_tags(total(dollars(billed_micros))))
    if unknown:
        said.append(
            ngettext("%(n)s with unknown cost", "%(n)s with unknown cost", unknown) % {"n": unknown}
        )
    return " · ".join(said)


def found_of(count: int) -> str:
    """Return "1,234 pictures found"."""
    said = ngettext("%(shown)s picture found", "%(shown)s pictures found", count)
    return said % {"shown": grouped(count)}
