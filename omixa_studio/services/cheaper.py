"""Cheaper ways to what a budget refused: fewer pictures, smaller, plainer, or of another model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, partial
from math import inf

from omixa_studio.catalogue import Catalogue, check_choice
from omixa_studio.forms.generation import of_one_click
from omixa_studio.models import Generation, Person, RunKind, micros
from omixa_studio.queries.budget import keys_now, rooms, tightest

from .pricing import Price, Terms, price, terms_now
from .runs import for_models
from .submission import Choice, OrderRefused, operation_of

MOST_WAYS = 3
# The options by which models are priced.
PRICED = ("quality", "size")


@dataclass(frozen=True)
class CheaperWay:
    """A choice that fits, its price, and what differs from what was asked for, by field."""

    choice: Choice
    price: Price
    changes: Mapping[str, object]


def cheaper_ways(refusal: OrderRefused, catalogue: Catalogue) -> list[CheaperWay]:
    """Return a few ways that fit under every limit now, one of each sort.

    `catalogue` is what the person may use. Only single requests have some, and those that one
    click had to split; lists and comparisons have none.
    """
    asked, person = _asked(refusal), refusal.drafts[0].row.person
    if asked is None or person is None:
        return []
    terms = terms_now(catalogue, catalogue.models.values())
    before = price(terms, asked.model, asked.values, asked.inputs).hold
    left = cache(partial(_left, person, refusal.drafts[0].row))
    found: list[CheaperWay] = []
    for sort in (_fewer(asked), _plainer(asked), _others(asked, catalogue)):
        # The dearest that fits is most like what was asked for.
        priced = sorted(
            _priced(sort, terms, below=before), key=lambda way: way.price.hold, reverse=True
        )
        fitting = (way for way in priced if micros(way.price.hold) <= left(way.choice.model.slug))
        found += [way for way in [next(fitting, None)] if way]
    return found[:MOST_WAYS]


def _asked(refusal: OrderRefused) -> Choice | None:
    """Return the choice of a click as it was asked for, before it was split into calls."""
    first = refusal.drafts[0].choice
    if refusal.run is None:
        return first
    if refusal.run.kind != RunKind.SPLIT:
        return None
    count = sum(draft.choice.count for draft in refusal.drafts)
    return replace(first, values={**first.values, "n": count})


def _fewer(asked: Choice) -> Iterator[tuple[Choice, dict[str, object]]]:
    for count in range(asked.count - 1, 0, -1):
        yield replace(asked, values={**asked.values, "n": count}), {"n": count}


def _plainer(asked: Choice) -> Iterator[tuple[Choice, dict[str, object]]]:
    """Yield the same with another quality or size."""
    for name in PRICED:
        field = asked.model.field(name)
        for value in field.accepted if field is not None else ():
            if value != asked.values.get(name):
                yield replace(asked, values={**asked.values, name: value}), {name: value}


def _others(asked: Choice, catalogue: Catalogue) -> Iterator[tuple[Choice, dict[str, object]]]:
    """Yield the same of other models that do the same with as many images, mask and prompt."""
    operation = operation_of(asked.model, asked.inputs)
    for model in catalogue.models.values():
        offered = model.enabled and not model.retiring and model.slug != asked.model.slug
        same = model.takes_prompt == asked.model.takes_prompt
        if not offered or not same or operation_of(model, asked.inputs) != operation:
            continue
        [choice] = for_models(asked, [model])
        counted = asked.count == 1 or model.field("n") is not None
        if counted and not _faults(choice):
            yield choice, {"model": model}


def _faults(choice: Choice) -> bool:
    images, mask = len(choice.images), choice.mask is not None
    return bool(check_choice(of_one_click(choice.model), choice.values, images=images, mask=mask))


def _priced(
    sort: Iterator[tuple[Choice, dict[str, object]]], terms: Terms, *, below: Decimal
) -> Iterator[CheaperWay]:
    for choice, changes in sort:
        cost = price(terms, choice.model, choice.values, choice.inputs)
        if cost.hold < below:
            yield CheaperWay(choice, cost, changes)


def _left(person: Person, row: Generation, slug: str) -> float:
    """Return the micro-dollars that the tightest limit leaves for a model now."""
    keys = keys_now(
        row.target,
        person,
        model=slug,
        project_id=row.project_id or 0,
        token_id=row.token_id or 0,
    )
    room = tightest(rooms(keys))
    return inf if room is None else room.left_micros
