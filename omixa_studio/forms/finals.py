"""The form for a run's winners: a model, its options, and whether to start from the draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict

from omixa_studio.catalogue import Fault, ImageModel, parse_choice

from .budget_requests import asks_for_more
from .fields import read_confirmed
from .generation import read_project


@dataclass(frozen=True, kw_only=True)
class FinalsAsked:
    """The form as submitted, with typed values.

    `project` is the id of the one it names, 0 for none, None if it says nothing of projects.
    """

    model: ImageModel
    texts: Mapping[str, str]
    values: Mapping[str, str | int | float | bool]
    from_draft: bool = False
    starts: bool = False
    confirmed: Decimal | bool = False
    project: int | None = None
    faults: tuple[Fault, ...] = ()


def read_finals(
    data: QueryDict, model: ImageModel, texts: Mapping[str, str] | None = None
) -> FinalsAsked:
    """Read the form for the winners of a run; `texts`, if given, replace its fields."""
    given = {name: data.get(name, "") for name in data} if texts is None else texts
    fields = {name: given[name] for name in given if model.field(name) and name != "prompt"}
    values, faults = parse_choice(model, fields)
    project, no_project = read_project(data)
    return FinalsAsked(
        model=model,
        texts=fields,
        values=values,
        from_draft=data.get("from_draft") == "yes" and model.max_images > 0,
        starts=data.get("step") == "start" or asks_for_more(data),
        confirmed=read_confirmed(data.get("confirmed", "")),
        project=project or 0 if "project" in data else None,
        faults=(*faults, *no_project),
    )
