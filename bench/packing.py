"""Pack so many pictures as the worker does: `python -m bench.packing COUNT`.

Prints {"rest_mib": …, "peak_mib": …, "seconds": …} of this process.
"""

import hashlib
import json
import os
import sys
import time

import django

django.setup()

from omixa_studio import heap, storage  # noqa: E402
from omixa_studio.models import Export, Generation, Person, Picture  # noqa: E402
from omixa_studio.services import background, exports  # noqa: E402
from omixa_studio.services.audit import STUDIO  # noqa: E402
from omixa_studio.services.background_kinds import KINDS  # noqa: E402
from omixa_studio.services.exports import Wanted  # noqa: E402
from omixa_studio.services.people import make_first_admin  # noqa: E402

from .processes import forget_peak, peak_mib, resident_mib  # noqa: E402
from .samples import picture  # noqa: E402
from .studio import ADMIN, PASSWORD  # noqa: E402

WANTED = Wanted(pack="internal", format="original", side=0, quality=85, template="{prompt}")
SIDE = 128


def main(count: int) -> None:
    """Make so many pictures of one file, pack them, and say what memory that took."""
    heap.keep_for_pictures()
    person = make_first_admin(ADMIN, PASSWORD)
    if person is None:
        raise RuntimeError("the studio has an account already")
    ids = _pictures(person, count)
    export = exports.start(person, WANTED, ids, by=STUDIO, wake=lambda: None)
    # The first batch brings in what packs; that is no cost of the others.
    background.take_turn(KINDS, "bench", seconds=0.0)
    pid, began = os.getpid(), time.monotonic()
    rest = resident_mib(pid)
    forget_peak(pid)
    while background.take_turn(KINDS, "bench"):
        continue
    if not Export.objects.get(pk=export.pk).file:
        raise RuntimeError("the export failed")
    seconds = time.monotonic() - began
    print(json.dumps({"rest_mib": rest, "peak_mib": peak_mib(pid), "seconds": seconds}))


def _pictures(person: Person, count: int) -> list[int]:
    data = picture(SIDE)
    name = storage.new_name("pictures", ".png")
    storage.put(name, data)
    about = {"target": "sandbox", "model": "bench", "operation": "generate", "body": "{}"}
    made = Generation.objects.create(
        person=person, prompt="A lighthouse " * 40, month="2026-01", held_micros=0, **about
    )
    rows = (
        Picture(
            generation=made,
            person=person,
            model="bench",
            index=number,
            name=name,
            sha256=hashlib.sha256(data).hexdigest(),
            format="png",
            width=SIDE,
            height=SIDE,
            bytes=len(data),
        )
        for number in range(count)
    )
    return [row.pk for row in Picture.objects.bulk_create(rows, batch_size=500)]


if __name__ == "__main__":
    main(int(sys.argv[1]))
