"""The board: cards newest first, those of one run together under one head."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from omixa_studio.catalogue import Catalogue
from omixa_studio.models import Run, RunKind
from omixa_studio.queries import runs as reads
from omixa_studio.queries.runs import RunSums

from .cards import Card, billed, reserved


@dataclass(frozen=True)
class Head:
    """The heading above the cards of a run: its prompt, its model, what it costs."""

    sums: RunSums
    title: str
    model: str

    @property
    def run(self) -> Run:
        return self.sums.run

    @property
    def name(self) -> str:
        """Return its prompt if all rows have the same one, else the kind of run."""
        same = self.run.kind in (RunKind.SPLIT, RunKind.COMPARE)
        return self.title if same else self.run.get_kind_display()

    @property
    def meta(self) -> str:
        """Return the model that all rows share, and their money."""
        sums = self.sums
        parts = [self.model]
        parts += [billed(sums.billed_micros, sums.target)] if sums.billed_micros else []
        parts += [reserved(sums.held_micros)] if sums.held_micros else []
        return " · ".join(part for part in parts if part)

    @property
    def again(self) -> str:
        """Return the query that refills the form; "" if the rows were made elsewhere."""
        if self.run.kind != RunKind.SPLIT:
            return ""
        return urlencode({"again": self.sums.first, "n": self.sums.pictures})


@dataclass(frozen=True)
class Block:
    """Cards that belong together; `head` is None for a single generation."""

    head: Head | None
    cards: Sequence[Card]


def blocks_for(cards: Iterable[Card], catalogue: Catalogue) -> list[Block]:
    """Put cards of one run into one block; two statements for all runs, none without cards."""
    cards = list(cards)
    heads = heads_for(cards, catalogue)
    grouped = groupby(cards, key=lambda card: card.group)
    return [Block(heads.get(group), list(members)) for group, members in grouped]


def heads_for(cards: Iterable[Card], catalogue: Catalogue) -> dict[uuid.UUID, Head]:
    """Return the heads of the runs that some cards belong to."""
    titles = {card.group: card.title for card in cards}
    every = reads.sums_of_groups(list(titles))
    return {sums.run.pk: Head(sums, titles[sums.run.pk], _name(sums, catalogue)) for sums in every}


def _name(sums: RunSums, catalogue: Catalogue) -> str:
    model = catalogue.find(sums.model)
    return model.name if model else sums.model
