"""Filters of an address whose value names nothing: a misspelt model, a person who never was."""

from collections.abc import Callable, Container, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q

from omixa_studio.filters import Values
from omixa_studio.models import Generation, Person, Picture, UsedPrompt
from omixa_studio.models.search import searchable

from .marked import collection_named
from .tags import known_to


def filters_of_nothing(
    values: Values, person: Person, *, models: Container[str], target: str
) -> list[str]:
    """Return the names of such filters; `models` are those of the catalogue.

    One statement for each that is asked for. What only others' private pictures have is as if it
    were not there.
    """
    is_there: Mapping[str, Callable[[Any], bool]] = {
        "model": lambda slug: slug in models or _was_used(slug, target),
        "person": lambda pk: Person.objects.filter(pk=pk).exists(),
        "collection": lambda pk: bool(collection_named(person, pk)),
        "tag": lambda name: _is_known_tag(name, person),
        "prompt": lambda pk: _is_known_prompt(pk, person),
    }
    return [name for name, holds in is_there.items() if name in values and not holds(values[name])]


def _was_used(slug: str, target: str) -> bool:
    """Return whether anything was asked of a model, which the catalogue may have lost since."""
    return Generation.objects.filter(target=target, model=slug).exists()


def _is_known_tag(name: str, person: Person) -> bool:
    """Return whether a person added a tag, or knows it from pictures."""
    called = Q(folded=searchable(name))
    known = known_to(person).filter(called)
    return known.exists() or person.tags.filter(called).exists()


def _is_known_prompt(pk: int, person: Person) -> bool:
    """Return whether a prompt is a person's own, or one of pictures shared with the team."""
    shared = Picture.objects.filter(
        person=OuterRef("person"), used_prompt=OuterRef("pk"), shared=True, trashed_at=None
    )
    return UsedPrompt.objects.filter(Q(person=person) | Exists(shared), pk=pk).exists()
