"""A used prompt as the prompt history and the palette show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.forms.variables import literal
from omixa_studio.gateway.address import SANDBOX
from omixa_studio.models import MICRO, Picture, UsedPrompt
from omixa_studio.queries.prompts import best_pictures, used_among, uses_of
from omixa_studio.templatetags import studio as words

from .ratios import ratio_text
from .targets import target_name

# The palette does not carry a longer prompt; it links to the studio instead.
LONGEST_CARRIED = 4_000


@dataclass(frozen=True, kw_only=True, slots=True)
class PromptEntry:
    """A prompt with its results. `newest` is its last generation, `billed` is in dollars.

    `unknown` is the number of generations of unknown cost. `where` is the target if that is
    practice or a former gateway.
    """

    pk: int
    prompt: str
    count: int
    newest: int
    billed: Decimal
    unknown: int
    last_used_at: datetime
    where: str
    picture: Picture | None

    @property
    def carried(self) -> str:
        """Return the whole prompt for the script, "" if it is too long."""
        return _carried(self.prompt)

    @property
    def ratio(self) -> str:
        """Return the picture's width to height, as its tile has it; "" without a picture."""
        shown = self.picture
        return ratio_text(shown.shown_width, shown.shown_height) if shown else ""

    @property
    def facts(self) -> str:
        """Return how often it was used and what that cost: "3 requests · $0.12"."""
        requests = ngettext("%(n)s request", "%(n)s requests", self.count) % {"n": self.count}
        open_costs = ngettext(
            "%(n)s with unknown cost", "%(n)s with unknown cost", self.unknown
        ) % {"n": self.unknown}
        told = (requests, words.money(self.billed), open_costs if self.unknown else "", self.where)
        return " · ".join(filter(None, told))


@dataclass(frozen=True, kw_only=True, slots=True)
class PromptLine:
    """A prompt as the palette shows it, without what it cost."""

    pk: int
    prompt: str
    last_used_at: datetime
    picture: Picture | None

    @property
    def carried(self) -> str:
        """Return the whole prompt for the script, "" if it is too long."""
        return _carried(self.prompt)


def lines_of(prompts: Sequence[UsedPrompt]) -> list[PromptLine]:
    """Draw prompts for the palette; those without a generation are left out.

    It is asked at each letter, so nothing is counted: a prompt may have 100,000 uses.
    """
    if not prompts:
        return []
    used, pictures = used_among(prompts), best_pictures(prompts)
    return [
        PromptLine(
            pk=one.pk,
            prompt=one.prompt,
            last_used_at=one.last_used_at,
            picture=pictures.get(one.pk),
        )
        for one in prompts
        if one.pk in used
    ]


def entries_of(prompts: Sequence[UsedPrompt]) -> list[PromptEntry]:
    """Read the results of prompts, in three statements; those without a generation are left out."""
    if not prompts:
        return []
    uses, pictures = uses_of(prompts), best_pictures(prompts)
    return [
        PromptEntry(
            pk=one.pk,
            prompt=one.prompt,
            count=use.count,
            newest=use.newest,
            billed=use.billed_micros * MICRO,
            unknown=use.unknown,
            last_used_at=one.last_used_at,
            where=_where(one.target),
            picture=pictures.get(one.pk),
        )
        for one in prompts
        if (use := uses.get(one.pk))
    ]


def _carried(prompt: str) -> str:
    return literal(prompt) if len(prompt) <= LONGEST_CARRIED else ""


def _where(target: str) -> str:
    if target == SANDBOX:
        return _("practice")
    return "" if target == settings.GATEWAY_TARGET else target_name(target)
