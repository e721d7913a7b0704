"""What language models are told of the studio's tools: names, sentences, schemas of arguments.

In English, as the catalogue is: models read it, whatever language their people speak.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from omixa_studio.catalogue import Catalogue, ImageModel
from omixa_studio.catalogue.records import Field
from omixa_studio.forms.api_gallery import FILTERED, GALLERIES, MOST_ON_A_PAGE
from omixa_studio.forms.api_images import LONGEST_KEY
from omixa_studio.forms.api_tools import (
    LONGEST_WAIT,
    SIDES,
    USUAL_FOUND,
    USUAL_SIDE,
    USUAL_WAIT,
)
from omixa_studio.forms.generation import of_one_click

from .document import DATA_ADDRESS, NOT_IN_JSON, field_schema
from .operations import Schema

ID: Schema = {"type": "integer", "minimum": 1}
INSTRUCTIONS = (
    "Omixa Studio makes pictures that cost money, and keeps them in galleries. list_models and "
    "estimate are free; generate buys. Requests above the studio's confirmation amount are not "
    "bought before the person agreed to the price: tell them, then call generate again with "
    "confirm_cost. If a call to generate breaks off, call it again with the same arguments: it "
    "continues the same purchase. The state 'unknown' means that nobody knows yet what became of a "
    "request: never ask for it anew, an admin finds it out."
)


@dataclass(frozen=True, kw_only=True)
class ToolWords:
    """A tool as a model is told of it; `arguments` makes the schema from the catalogue."""

    title: str
    description: str
    arguments: Callable[[Catalogue], Schema]
    buys: bool = False


def tools_told(
    names: Iterable[str], catalogue: Catalogue, *, ask_above: Decimal
) -> list[dict[str, Any]]:
    """Return the definitions of tools; arguments follow the catalogue.

    Above `ask_above`, in dollars, nothing is bought unconfirmed.
    """
    catalogue = replace(catalogue, ask_above=ask_above)
    return [_told(name, TOOLS[name], catalogue) for name in names]


def _told(name: str, words: ToolWords, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "name": name,
        "title": words.title,
        "description": words.description,
        "inputSchema": words.arguments(catalogue),
        "annotations": {
            "readOnlyHint": not words.buys,
            "destructiveHint": False,
            "idempotentHint": not words.buys,
            "openWorldHint": words.buys,
        },
    }


def _object(required: Sequence[str] = (), /, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _of_models(catalogue: Catalogue) -> Schema:
    about = "Tell of this one alone, with all its fields."
    return _object(model={**_model(catalogue), "description": about})


def _of_estimate(catalogue: Catalogue) -> Schema:
    return _object(("prompt",), **_wanted(catalogue))


def _of_order(catalogue: Catalogue) -> Schema:
    above = f"${catalogue.ask_above}"
    return _object(
        ("prompt",),
        **_wanted(catalogue),
        confirm_cost={
            "type": "string",
            "pattern": r"^\d+(\.\d+)?$",
            "description": (
                f"Dollars that the person agreed to, needed above {above}. Never fill this in "
                "before they did."
            ),
        },
        idempotency_key={
            "type": "string",
            "maxLength": LONGEST_KEY,
            "description": (
                "A text of your own for this purchase: the same again within 24 hours buys "
                "nothing and tells of the first. Another one wants another copy."
            ),
        },
        wait=_wait(),
    )


def _of_status(catalogue: Catalogue) -> Schema:
    about = "Id of a request; without it the newest ones are listed."
    return _object(generation={**ID, "description": about}, wait=_wait())


def _of_search(catalogue: Catalogue) -> Schema:
    where = "mine: one's own pictures; team: those that anybody shared; trash: one's own."
    return _object(
        gallery={"type": "string", "enum": list(GALLERIES), "description": where},
        **{name: {**part.schema, "description": part.about} for name, part in FILTERED.items()},
        before={**ID, "description": "Go on with pictures older than this one."},
        limit={"type": "integer", "minimum": 1, "maximum": MOST_ON_A_PAGE, "default": USUAL_FOUND},
    )


def _of_picture(catalogue: Catalogue) -> Schema:
    side = {"minimum": SIDES[0], "maximum": SIDES[1], "default": USUAL_SIDE}
    about = "The longest side of the image in the answer, in pixels."
    return _object(
        ("picture",),
        picture={**ID, "description": "Id of a picture."},
        side={"type": "integer", **side, "description": about},
    )


TOOLS: Mapping[str, ToolWords] = {
    "list_models": ToolWords(
        title="List models",
        description="The image models that may be used, with their fields and prices in dollars.",
        arguments=_of_models,
    ),
    "estimate": ToolWords(
        title="Estimate the cost",
        description="What a request would cost, and whether the limits let it through. Free.",
        arguments=_of_estimate,
    ),
    "generate": ToolWords(
        title="Buy pictures",
        description=(
            "Buy pictures from a prompt, or edits of input pictures, and wait for them. It costs "
            "money. Above the confirmation amount nothing is bought: the answer says what it "
            "would cost, and confirm_cost has to be at least that. The same arguments again, "
            "while the first have brought no answer, continue the same purchase."
        ),
        arguments=_of_order,
        buys=True,
    ),
    "status": ToolWords(
        title="Follow a request",
        description=(
            "What became of a request and all that was bought together with it: its state, cost, "
            "pictures, and why it failed. Waits while it is open."
        ),
        arguments=_of_status,
    ),
    "search_pictures": ToolWords(
        title="Search the gallery",
        description="Pictures of a gallery, newest first, by words of the prompt and filters.",
        arguments=_of_search,
    ),
    "fetch_picture": ToolWords(
        title="Fetch a picture",
        description=(
            "One picture as an image to look at, and an address of the original that works "
            "without a login for an hour."
        ),
        arguments=_of_picture,
    ),
}


def _model(catalogue: Catalogue) -> Schema:
    return {"type": "string", "enum": [model.slug for model in catalogue.enabled]}


def _wait() -> Schema:
    return {
        "type": "integer",
        "minimum": 0,
        "maximum": LONGEST_WAIT,
        "default": USUAL_WAIT,
        "description": "Seconds to wait at most; what is still open then goes on by itself.",
    }


def _wanted(catalogue: Catalogue) -> dict[str, Schema]:
    """Return the fields of all models side by side: few clients take alternatives at the top."""
    models = catalogue.enabled
    takers: dict[str, list[tuple[ImageModel, Field]]] = {}
    for model in models:
        for field in of_one_click(model).fields:
            if field.name not in NOT_IN_JSON:
                takers.setdefault(field.name, []).append((model, field))
    told: dict[str, Schema] = {
        "model": {**_model(catalogue), "description": "Absent: the studio's usual one."},
        **{name: _merged(found, len(models)) for name, found in takers.items()},
        "project": {**ID, "description": "Number of the project it is for."},
    }
    if any(model.max_images for model in models):
        about = "Ids of pictures of the gallery to edit or combine."
        told["input_pictures"] = {"type": "array", "items": ID, "description": about}
        about = "Pictures to edit or combine that are not in the gallery."
        told["images"] = {"type": "array", "items": DATA_ADDRESS, "description": about}
    if any(model.takes_mask for model in models):
        about = "Transparent where the first input picture may change."
        told["mask"] = {**DATA_ADDRESS, "description": about}
        about = "Instead of a mask, the id of a picture of the gallery that is one."
        told["mask_picture"] = {**ID, "description": about}
    return told


def _merged(takers: Sequence[tuple[ImageModel, Field]], models: int) -> Schema:
    """Return what any model takes in a field; each one checks its own values."""
    shapes = [field_schema(field) for _model, field in takers]
    told: Schema = {"type": sorted({shape["type"] for shape in shapes})}
    if len(told["type"]) == 1:
        [told["type"]] = told["type"]
    for name, chosen in (("minimum", min), ("maximum", max), ("maxLength", max)):
        if all(name in shape for shape in shapes):
            told[name] = chosen(shape[name] for shape in shapes)
    if all("enum" in shape for shape in shapes):
        told["enum"] = list(dict.fromkeys(one for shape in shapes for one in shape["enum"]))
    told["description"] = takers[0][1].help + _of_whom(takers, models)
    return told


def _of_whom(takers: Sequence[tuple[ImageModel, Field]], models: int) -> str:
    by_values: dict[tuple[str, ...], list[str]] = {}
    for model, field in takers:
        by_values.setdefault(field.accepted, []).append(model.slug)
    if len(by_values) == 1 and len(takers) == models:
        return ""
    said = (
        f"{', '.join(slugs)}" + (f": {', '.join(accepted)}" if accepted else "")
        for accepted, slugs in by_values.items()
    )
    return f" Taken by {'; '.join(said)}."
