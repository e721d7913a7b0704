"""The body of a call: the same bytes as at the click, after checking the rules again."""

import hashlib
import logging
from collections.abc import Sequence

from omixa_studio import storage
from omixa_studio.catalogue import Catalogue, check_choice
from omixa_studio.gateway.errors import GatewayError, Told, told
from omixa_studio.gateway.rebuild import STANDS_FOR, restore_body
from omixa_studio.gateway.records import InlineImage
from omixa_studio.models import Generation, GenerationInput
from omixa_studio.sentences import as_told

log = logging.getLogger(__name__)


def body_of(generation: Generation, catalogue: Catalogue) -> bytes:
    """Return the body to send.

    Raises GatewayError if it cannot be rebuilt or is no longer allowed, StorageAwayError if its
    images cannot be read at the moment.
    """
    uses = _inputs_of(generation)
    body = rebuild_body(generation, uses)
    _check_again(generation, uses, catalogue)
    return body


def rebuild_body(generation: Generation, uses: Sequence[GenerationInput]) -> bytes:
    """Return exactly the body of the click, rebuilt from its inputs and their images.

    Raises GatewayError if that fails, StorageAwayError.
    """
    try:
        images = {
            use.image.sha256: InlineImage(storage.get(use.image.name), use.image.mime)
            for use in uses
        }
        body = restore_body(generation.body, images)
    except storage.StorageAwayError:
        raise
    except (OSError, KeyError) as error:
        log.error("An input image of generation %s is missing: %s", generation.pk, error)
        body = b""
    if hashlib.sha256(body).hexdigest() != generation.body_sha256:
        raise _ours(told("not_rebuilt"))
    return body


def _inputs_of(generation: Generation) -> list[GenerationInput]:
    if STANDS_FOR not in generation.body:
        return []
    return list(generation.sent_inputs.select_related("image"))


def _check_again(
    generation: Generation, uses: Sequence[GenerationInput], catalogue: Catalogue
) -> None:
    """Check again, since models.toml may have changed between click and call."""
    model = catalogue.find(generation.model)
    if model is None or not model.enabled:
        raise _ours(told("switched_off", model=generation.model))
    values = dict(generation.options)
    if model.takes_prompt:
        values["prompt"] = generation.prompt
    masks = [use.is_mask for use in uses]
    faults = check_choice(model, values, images=masks.count(False), mask=True in masks)
    if faults:
        raise _ours(told("nothing_sent", why=as_told(faults[0])))


def _ours(said: Told) -> GatewayError:
    return GatewayError(said, kind="ours", charged="no")
