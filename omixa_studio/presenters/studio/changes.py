"""What changed on the board since a page last polled, and the cards that a click made."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Person
from omixa_studio.presenters.costs.requests import RequestBoard, board_of
from omixa_studio.presenters.lines import Lines
from omixa_studio.presenters.shell import Shell, shell_of
from omixa_studio.queries import generations

from .board import Block, Head, blocks_for, heads_for
from .cards import Card, cards_for
from .stamps import ended_stamps, seen_stamps, stamps_of


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Cards that replace those on the page, and `newer` ones to put on top.

    `lines` are the lines under the bar if they differ; `settled` is whether money may have moved.
    """

    cards: Sequence[Card]
    newer: Sequence[Block]
    lines: Lines | None
    heads: Collection[Head]
    open: int
    shell: Shell
    settled: bool
    oob: bool = True


@dataclass(frozen=True, kw_only=True)
class NewCards:
    """Cards to put on top, the requests for money, and the value for the form's next click."""

    blocks: Sequence[Block]
    open: int
    shell: Shell
    click: str
    asked: RequestBoard


@dataclass(frozen=True, kw_only=True)
class BoardShown:
    """What a page says it shows: the stamps of its open cards, and that of its queue.

    Now and then it also sends its newest generation and the stamps of its ended cards, to learn
    what other pages did. `lines` is the stamp of the lines under the bar.
    """

    seen: str
    queue: str | None = None
    lines: str | None = None
    after: int | None = None
    ended: str = ""


def changes_since(person: Person, shown: BoardShown) -> Changes | None:
    """Draw what differs from what a page says it shows; None if nothing does."""
    stamps = seen_stamps(shown.seen)
    now = stamps_of(person, stamps)
    moved = [pk for pk, stamp in now.items() if stamp != stamps[pk]]
    moved += _ended_otherwise(person, seen_stamps(shown.ended))
    newer = shown.after is not None and generations.has_newer(person, shown.after)
    settled = bool(moved) or newer or len(now) < len(stamps)
    if not settled and not _queue_moved(person, shown.queue):
        return None
    catalogue, shell = load_catalogue(settings.MODELS_TOML), shell_of(person)
    cards = cards_for(generations.changed_cards(person, moved), catalogue, person)
    came = generations.newer_than(person, shown.after or 0) if newer else ()
    return Changes(
        cards=cards,
        newer=blocks_for(cards_for(came, catalogue, person), catalogue),
        lines=shell.lines if shown.lines not in (None, shell.lines.stamp) else None,
        heads=heads_for(cards, catalogue).values(),
        open=generations.open_of(person).count(),
        shell=shell,
        settled=settled,
    )


def new_cards(person: Person, made: Sequence[int], *, click: str = "") -> NewCards:
    """Draw the cards of some generations, with everything around them that changed too."""
    rows = generations.changed_cards(person, list(made))
    catalogue = load_catalogue(settings.MODELS_TOML)
    return NewCards(
        blocks=blocks_for(cards_for(rows, catalogue, person), catalogue),
        open=generations.open_of(person).count(),
        shell=shell_of(person),
        click=click,
        asked=board_of(person),
    )


def _ended_otherwise(person: Person, shown: Mapping[int, str]) -> list[int]:
    """Return the ended cards that differ: pictures trashed or restored, a reviewed cost."""
    now = ended_stamps(person, shown) if shown else {}
    return [pk for pk, stamp in now.items() if stamp != shown[pk]]


def _queue_moved(person: Person, shown: str | None) -> bool:
    if shown is None:
        return False
    return generations.queue_counts(settings.GATEWAY_TARGET, person).stamp != shown
