"""What changed on the board since a page last looked, and cards that a click made."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.conf import settings

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Person
from omixa_studio.presenters.shell import Shell, shell_of
from omixa_studio.queries import generations

from .board import Block, Head, blocks_for, heads_for
from .cards import Card, cards_for
from .stamps import seen_stamps, stamps_of


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Cards to be put in place of those on the page; `settled` where money may have moved."""

    cards: Sequence[Card]
    heads: Collection[Head]
    open: int
    shell: Shell
    settled: bool
    oob: bool = True


@dataclass(frozen=True, kw_only=True)
class NewCards:
    """Cards to be put on top, and the one-time value for the form's next click."""

    blocks: Sequence[Block]
    open: int
    shell: Shell
    click: str


def changes_since(person: Person, seen: str, *, queue: str | None) -> Changes | None:
    """Draw the cards that differ from what a page says it shows, None where nothing does.

    `seen` are the stamps of its open cards, `queue` that of the counts of the queue; None
    where it shows none.
    """
    stamps = seen_stamps(seen)
    now = stamps_of(person, stamps)
    moved = [pk for pk, stamp in now.items() if stamp != stamps[pk]]
    settled = bool(moved) or len(now) < len(stamps)
    if not settled and not _queue_moved(person, queue):
        return None
    rows = generations.changed_cards(person, moved)
    cards = cards_for(rows, load_catalogue(settings.MODELS_TOML), person)
    return Changes(
        cards=cards,
        heads=heads_for(cards).values(),
        open=generations.open_of(person).count(),
        shell=shell_of(person),
        settled=settled,
    )


def new_cards(person: Person, made: Sequence[int], *, click: str = "") -> NewCards:
    """Draw the cards of some generations, with all around them that changed with them."""
    rows = generations.changed_cards(person, list(made))
    return NewCards(
        blocks=blocks_for(cards_for(rows, load_catalogue(settings.MODELS_TOML), person)),
        open=generations.open_of(person).count(),
        shell=shell_of(person),
        click=click,
    )


def _queue_moved(person: Person, shown: str | None) -> bool:
    if shown is None:
        return False
    return generations.queue_counts(settings.GATEWAY_TARGET, person).stamp != shown
