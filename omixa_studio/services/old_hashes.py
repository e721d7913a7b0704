"""The background job that gives older rows their hash and their key; see services/hashes.py.

It goes from the newest ids down in spans of ids, pictures before generations, so that a batch is
short however few rows lack something; ids without rows are skipped. Its progress is counted in ids.
"""

import io
import logging
from collections.abc import Sequence

from django.db.models import Max

from omixa_studio import storage
from omixa_studio.models import BackgroundJob, Generation, GenerationInput, Picture

from .background import Batch
from .hashes import perceptual_hash, request_key
from .pixels import ImageRefused
from .reading import opened

log = logging.getLogger(__name__)

KIND = "hashes"
SPAN = 2000
# Each thumbnail is read and decoded, which takes a few milliseconds.
MOST_PICTURES, MOST_GENERATIONS = 25, 200
LARGEST_ID = 2**63 - 1
# Rows filled in, and the column, by the name of the phase.
MODELS: dict[str, type[Picture] | type[Generation]] = {
    "pictures": Picture,
    "generations": Generation,
}
COLUMNS = {"pictures": "perceptual_hash", "generations": "request_key"}


def work(job: BackgroundJob) -> Batch:
    """Prepare the next rows: pictures first, generations after them."""
    at = job.cursor or {phase: _last_id(model) for phase, model in MODELS.items()}
    phase = "pictures" if at["pictures"] else "generations"
    lowest = max(at[phase] - SPAN, 0)
    rows: Sequence[Picture] | Sequence[Generation]
    if phase == "pictures":
        rows, most = _hashed_pictures(lowest, at[phase]), MOST_PICTURES
    else:
        rows, most = _named_generations(lowest, at[phase]), MOST_GENERATIONS
    reached = _last_id(MODELS[phase], rows[-1].pk - 1 if len(rows) == most else lowest)
    after = {**at, phase: reached}
    return Batch(
        cursor=after,
        handled=at[phase] - reached,
        total=sum(at.values()) if job.cursor is None else None,
        finished=not any(after.values()),
        write=lambda: _save(rows, COLUMNS[phase]),
    )


def _last_id(model: type[Picture] | type[Generation], up_to: int = LARGEST_ID) -> int:
    rows = model._default_manager.filter(pk__lte=up_to)
    return rows.aggregate(last=Max("pk"))["last"] or 0


def _hashed_pictures(above: int, up_to: int) -> list[Picture]:
    """Return pictures among some ids that had no hash, the last ones first."""
    rows = Picture.objects.filter(pk__gt=above, pk__lte=up_to, perceptual_hash=None)
    found = list(rows.exclude(thumb="").only("thumb").order_by("-pk")[:MOST_PICTURES])
    for picture in found:
        picture.perceptual_hash = _hash_of(picture.thumb)
    return found


def _hash_of(thumb: str) -> int | None:
    try:
        with opened(io.BytesIO(storage.get(thumb)), ("JPEG", "WEBP")) as image:
            image.load()
            return perceptual_hash(image)
    except storage.StorageAwayError:
        raise  # the job is tried again
    except (OSError, ImageRefused) as error:
        log.warning("The thumbnail %s cannot be compared with others: %s", thumb, error)
        return None


def _named_generations(above: int, up_to: int) -> list[Generation]:
    """Return generations among some ids that had no key, the last ones first."""
    rows = Generation.objects.filter(pk__gt=above, pk__lte=up_to, request_key=None)
    wanted = rows.only("model", "prompt", "options").order_by("-pk")[:MOST_GENERATIONS]
    found = {row.pk: row for row in wanted}
    sent: dict[int, list[GenerationInput]] = {pk: [] for pk in found}
    uses = GenerationInput.objects.filter(generation_id__in=found).select_related("image")
    for use in uses.order_by("position"):
        sent[use.generation_id].append(use)
    for pk, row in found.items():
        images = [use.image for use in sent[pk] if not use.is_mask]
        mask = next((use.image for use in sent[pk] if use.is_mask), None)
        row.request_key = request_key(row.model, row.prompt, row.options, images, mask)
    return list(found.values())


def _save(rows: Sequence[Picture] | Sequence[Generation], column: str) -> None:
    for row in rows:
        if getattr(row, column) is not None:
            row.save(update_fields=[column])
