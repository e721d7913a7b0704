"""How a kind of background job is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omixa_studio.models import BackgroundJob


@dataclass(frozen=True)
class JobLink:
    """Where the result of a job is found."""

    href: str
    label: str


@dataclass(frozen=True, kw_only=True)
class JobWords:
    """The words of one kind of job, each in the reader's language.

    `title` is what it does; `ended` what it did, for a job that is done or was cancelled; `link`
    leads to its result, None while there is none; `undoable` is whether its changes can be undone.
    """

    title: Callable[[BackgroundJob], str]
    ended: Callable[[BackgroundJob], str]
    link: Callable[[BackgroundJob], JobLink | None] = lambda job: None
    undoable: Callable[[BackgroundJob], bool] = lambda job: False
