"""The default model that a blind test suggests, and how certain that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from omixa_studio.catalogue import Catalogue
from omixa_studio.models import Person
from omixa_studio.templatetags.studio import estimate

from .statistics import FEWEST_VOTES, Ranking, Record, chance

ALMOST_CERTAIN = 0.001


class Rated(Protocol):
    """The facts on a contestant that advice needs."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def cost(self) -> Decimal | None: ...


@dataclass(frozen=True)
class Advice:
    """A heading and its reasons; `adopts` is the model that the viewer may make default, or ""."""

    heading: str
    sentences: Sequence[str]
    is_sure: bool = False
    adopts: str = ""


def advice_of(
    ranking: Ranking, rated: Mapping[int, Rated], catalogue: Catalogue, viewer: Person
) -> Advice:
    """Return what a ranking suggests to a viewer."""
    if ranking.leader is None:
        needs = _("Each model needs at least %(least)s votes.") % {"least": FEWEST_VOTES}
        return Advice(_("Too few votes for a suggestion"), [needs])
    leader = rated[ranking.leader]
    if not ranking.is_clear:
        return _not_clear(leader, ranking, rated)
    nearest = min(ranking.against, key=lambda pk: ranking.against[pk].rate or 0)
    sentences = [_ahead(rated[nearest].name, ranking.against[nearest])]
    model = catalogue.find_enabled(leader.model)
    is_default = catalogue.default_model == leader.model
    if is_default:
        sentences.append(_("It already is the default model for everyone."))
    may = viewer.is_admin and model is not None and not is_default
    heading = _("Suggested for work like this: %(name)s") % {"name": leader.name}
    return Advice(heading, sentences, is_sure=True, adopts=leader.model if may else "")


def _not_clear(leader: Rated, ranking: Ranking, rated: Mapping[int, Rated]) -> Advice:
    rival = rated[ranking.close[0]]
    names = {"name": leader.name, "rival": rival.name}
    met = ranking.against[ranking.close[0]]
    said = {**names, "wins": met.wins, "decided": met.decided}
    sentences = [
        _(
            "%(name)s was preferred to %(rival)s in %(wins)s of %(decided)s decided votes, "
            "which may well be chance. More prompts or more votes can tell them apart."
        )
        % said
    ]
    if leader.cost and rival.cost and rival.cost < leader.cost:
        costs = {"rival": rival.name, "less": estimate(rival.cost), "more": estimate(leader.cost)}
        cheaper = _("%(rival)s costs %(less)s per picture instead of %(more)s.")
        sentences.append(cheaper % costs)
    return Advice(_("The votes cannot tell %(name)s from %(rival)s") % names, sentences)


def _ahead(rival: str, met: Record) -> str:
    said = {"rival": rival, "wins": met.wins, "decided": met.decided}
    if chance(met.wins, met.losses) < ALMOST_CERTAIN:
        almost = _(
            "Ahead of %(rival)s, the next best, in %(wins)s of %(decided)s decided votes: "
            "almost certainly not chance."
        )
        return almost % said
    likely = _(
        "Ahead of %(rival)s, the next best, in %(wins)s of %(decided)s decided votes: "
        "likely not chance."
    )
    return likely % said
