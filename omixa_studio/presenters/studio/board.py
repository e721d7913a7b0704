"""The board: cards newest first, those of one run together under one head."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from omixa_studio.models import Run, RunKind
from omixa_studio.queries import runs as reads

from .cards import Card


@dataclass(frozen=True)
class Head:
    """What stands above the cards of a run."""

    run: Run
    title: str
    done: int
    rows: int
    queued: int

    @property
    def name(self) -> str:
        """Its prompt where all rows have the same one, else what kind of run it is."""
        same = self.run.kind in (RunKind.SPLIT, RunKind.COMPARE)
        return self.title if same else self.run.get_kind_display()


@dataclass(frozen=True)
class Block:
    """Cards that belong together; `head` is None for a single generation."""

    head: Head | None
    cards: Sequence[Card]


def blocks_for(cards: Iterable[Card]) -> list[Block]:
    """Put cards of one run into one block; one statement for all runs, none without cards."""
    cards = list(cards)
    heads = heads_for(cards)
    grouped = groupby(cards, key=lambda card: card.group)
    return [Block(heads.get(group), list(members)) for group, members in grouped]


def heads_for(cards: Iterable[Card]) -> dict[uuid.UUID, Head]:
    """The heads of the runs that some cards belong to."""
    titles = {card.group: card.title for card in cards}
    return {
        run.pk: Head(run, titles[run.pk], progress.done, progress.rows, progress.queued)
        for run, progress in reads.progress_of_groups(list(titles))
    }
