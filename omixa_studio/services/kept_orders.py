"""Refused submissions as JSON, so that they can wait for money and be queued later."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from typing import Any

from omixa_studio.catalogue import Catalogue, Fault, ImageModel
from omixa_studio.catalogue.records import N_
from omixa_studio.models import BalanceKey, Charge, InputImage, Kind, Person, Preset, Run
from omixa_studio.models.ledger import today
from omixa_studio.models.limits import moves_of

from .refusals import ChoiceRefused
from .sending import GONE
from .submission import Choice, GenerationDraft, OrderRefused

Kept = Mapping[str, Any]


def keep(order: OrderRefused) -> dict[str, Any]:
    """Return a refused submission as JSON; its images are named by their ids."""
    return {
        "choices": [_kept(draft) for draft in order.drafts],
        "retry_of": order.drafts[0].row.retry_of_id,
        "run": None if order.run is None else _kept_run(order.run),
        "test": order.test,
    }


def images_in(drafts: Sequence[GenerationDraft]) -> set[int]:
    """Return the ids of all images that a submission sends."""
    return {image.pk for draft in drafts for image in _images(draft.choice)}


def choices_in(kept: Kept, catalogue: Catalogue) -> list[Choice]:
    """Return the choices of a kept submission. Raises ChoiceRefused if a model or image is gone."""
    ids = {pk for one in kept["choices"] for pk in (*one["images"], one["mask"]) if pk}
    stored = InputImage.objects.in_bulk(ids)
    if len(stored) < len(ids):
        raise ChoiceRefused(Fault("input_images", GONE, {}))
    wanted = {one["preset"] for one in kept["choices"]} - {None}
    presets = set(Preset.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    return [
        _choice(one, _model(one["model"], catalogue), stored, presets) for one in kept["choices"]
    ]


def moves_in(kept: Kept, person: Person, target: str) -> Counter[BalanceKey]:
    """Return what a kept submission would hold today in each balance, in micro-dollars."""
    day = today()
    return moves_of(
        Charge(
            kind=Kind.HOLD,
            amount_micros=one["held_micros"],
            target=target,
            month=f"{day:%Y-%m}",
            day=day,
            person_id=person.pk,
            role=person.role,
            model=one["model"],
            project_id=one["project"] or 0,
            token_id=one.get("token") or 0,
        )
        for one in kept["choices"]
    )


def _kept(draft: GenerationDraft) -> dict[str, Any]:
    choice = draft.choice
    return {
        "model": choice.model.slug,
        "values": dict(choice.values),
        "images": [image.pk for image in choice.images],
        "mask": choice.mask.pk if choice.mask else None,
        "preset": choice.preset_id,
        "template": choice.template,
        "project": draft.row.project_id,
        "token": draft.row.token_id,
        "held_micros": draft.row.held_micros,
    }


def _kept_run(run: Run) -> dict[str, Any]:
    return {
        "kind": run.kind,
        "axis": run.axis,
        "cap_micros": run.cap_micros,
        "made_from": None if run.made_from_id is None else str(run.made_from_id),
    }


def _images(choice: Choice) -> list[InputImage]:
    return [*choice.images, *([choice.mask] if choice.mask else [])]


def _choice(
    one: Kept, model: ImageModel, stored: Mapping[int, InputImage], presets: Container[int]
) -> Choice:
    return Choice(
        model=model,
        values=one["values"],
        images=[stored[pk] for pk in one["images"]],
        mask=stored[one["mask"]] if one["mask"] else None,
        preset_id=one["preset"] if one["preset"] in presets else None,
        template=one["template"],
        project_id=one["project"],
        token_id=one.get("token"),
    )


def _model(slug: str, catalogue: Catalogue) -> ImageModel:
    model = catalogue.find(slug)
    if model is None or not model.enabled:
        gone = Fault("model", N_("%(model)s is no longer available."), {"model": slug})
        raise ChoiceRefused(gone)
    return model
