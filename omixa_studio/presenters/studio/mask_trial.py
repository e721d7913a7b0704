"""The question about a masked result: whether masks work with this model."""

from dataclasses import dataclass

from omixa_studio.catalogue import ImageModel
from omixa_studio.gateway.wire import MASK_ENCODINGS, mask_encoding_of
from omixa_studio.models import Generation, State


@dataclass(frozen=True)
class MaskTrial:
    """A masked result not judged yet: the encoding its mask was sent in, and the other one."""

    pk: int
    slug: str
    name: str
    sent: str
    other: str


def trial_of(row: Generation, model: ImageModel | None) -> MaskTrial | None:
    """Return the trial an admin may judge: a done generation with a mask, its model unconfirmed."""
    if row.state != State.DONE or model is None or not model.takes_mask or model.mask_confirmed:
        return None
    sent = mask_encoding_of(row.body)
    if sent is None:
        return None
    other = next(name for name in MASK_ENCODINGS if name != sent)
    return MaskTrial(row.pk, model.slug, model.name, sent, other)
