"""Find pictures like another one, each kind under its own name, among what a person may see.

A *same request* asked for exactly the same; the *same file* has the same bytes; a *near copy* looks
the same; a picture is *alike* if its prompt has the most telling words of the other's.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import Q, QuerySet, Subquery
from django.utils import timezone

from omixa_studio.models import Generation, Person, Picture
from omixa_studio.models.pictures import BAND_BITS, BANDS, digest_start, hash_band

from .pictures import TILE_COLUMNS, newest_found, visible_to

MOST_SHOWN = 12
# A request that was made more often is looked for among its latest only.
MOST_REQUESTS = 200
# Many pictures can share a band of the hash; this many per band are compared.
MOST_COMPARED = 400
LARGEST_DISTANCE = 7
# Ratios of two shapes up to which they count as the same.
SHAPE_TOLERANCE = 0.03
# So many of the longest words of a prompt are looked for, and fewer while there is no hit.
TELLING = (4, 3, 2)
# Words, or two letters of a script that is written without spaces.
WORD = re.compile(r"[\u2e80-\u9fff]{2}|[^\W\u2e80-\u9fff]{3,}")
# The pictures looked at, since one request makes several.
MOST_ALIKE = 60
# Id, perceptual hash, SHA-256, width and height of a picture.
Hashed = tuple[int, int | None, str, int, int]
# What a person made so recently is still on the board.
RECENT = timedelta(days=1)


def made_before(person: Person, request_key: int) -> Picture | None:
    """Return the newest picture of a request; not the person's own of the last day."""
    rows = _of_request(visible_to(person), request_key).exclude(thumb="")
    mine = Q(person=person, created_at__gt=timezone.now() - RECENT)
    return rows.exclude(mine).select_related("generation", "person").order_by("-id").first()


def shared_before(generation: Generation) -> bool:
    """Return whether somebody else shared a picture of an earlier request for exactly the same.

    It looks at the MOST_REQUESTS requests before it.
    """
    key = generation.request_key
    if key is None:
        return False
    same = Generation.objects.filter(request_key=key, pk__lt=generation.pk).order_by("-id")
    theirs = Picture.objects.filter(
        ~Q(person=generation.person_id),
        generation_id__in=Subquery(same.values("pk")[:MOST_REQUESTS]),
        generation__target=generation.target,
        shared=True,
        trashed_at=None,
    )
    return theirs.exists()


def of_same_request(picture: Picture, person: Person) -> list[Picture]:
    """Return pictures of other generations that asked for exactly the same, newest first."""
    key = picture.generation.request_key
    if key is None:
        return []
    rows = _of_request(visible_to(person), key).exclude(generation=picture.generation_id)
    return list(_for_tiles(rows).order_by("-id")[:MOST_SHOWN])


def of_same_bytes(sha256: str, person: Person) -> list[Picture]:
    """Return the newest pictures whose originals have a SHA-256, one more than are shown.

    A picture that is looked at is among them.
    """
    rows = visible_to(person).alias(start=digest_start()).filter(start=sha256[:16], sha256=sha256)
    # In no order: SQLite would rather read all pictures by id than sort those of the index.
    found = rows.order_by().values_list("pk", flat=True)[:MOST_COMPARED]
    return _in_order(sorted(found, reverse=True)[: MOST_SHOWN + 1])


def near_copies(picture: Picture, person: Person) -> list[Picture]:
    """Return pictures that look the same and have the same shape, the nearest first.

    Pictures with the same bytes are left out.
    """
    own = picture.perceptual_hash
    if own is None:
        return []
    near = {
        pk: bits
        for pk, other, sha256, width, height in _sharing_a_band(own, person)
        if other is not None
        and (bits := distance(own, other)) <= LARGEST_DISTANCE
        and sha256 != picture.sha256
        and _same_shape(picture.width / picture.height, width / height)
    }
    return _in_order(sorted(near, key=lambda pk: (near[pk], -pk))[:MOST_SHOWN])


def alike(picture: Picture, person: Person) -> list[Picture]:
    """Return the newest pictures whose prompts have the longest words of a picture's prompt.

    One per request, and none of a request for exactly the same.
    """
    words = _telling_words(picture.generation.prompt_search)
    for count in TELLING:
        if len(words) >= count and (found := _holding(words[:count], picture, person)):
            return found
    return []


def distance(one: int, other: int) -> int:
    """Return in how many of their 64 bits two perceptual hashes differ."""
    return ((one ^ other) & (2**64 - 1)).bit_count()


def _for_tiles(rows: QuerySet[Picture], *more: str) -> QuerySet[Picture]:
    return rows.select_related("generation").only(*TILE_COLUMNS, *more)


def _of_request(rows: QuerySet[Picture], request_key: int) -> QuerySet[Picture]:
    same = Generation.objects.filter(request_key=request_key).order_by("-id")
    return rows.filter(generation_id__in=list(same.values_list("pk", flat=True)[:MOST_REQUESTS]))


def _sharing_a_band(own: int, person: Person) -> Iterable[Hashed]:
    """Yield pictures of which a band differs from that of a hash in at most one bit."""
    for number in BANDS:
        near = visible_to(person).alias(band=hash_band(number)).order_by()
        found = near.filter(band__in=_near_bands(own, number))
        yield from found.values_list("pk", "perceptual_hash", "sha256", "width", "height")[
            :MOST_COMPARED
        ]


def _near_bands(own: int, number: int) -> Sequence[int]:
    band = own >> (3 - number) * BAND_BITS & 2**BAND_BITS - 1
    return [band, *(band ^ 1 << bit for bit in range(BAND_BITS))]


def _same_shape(one: float, other: float) -> bool:
    """Return whether two ratios of width to height are as good as equal."""
    return max(one, other) <= min(one, other) * (1 + SHAPE_TOLERANCE)


def _in_order(ids: Sequence[int]) -> list[Picture]:
    """Return pictures in the order of their ids, ready for tiles."""
    found = _for_tiles(Picture.objects.all()).in_bulk(ids)
    return [found[pk] for pk in ids]


def _telling_words(text: str) -> list[str]:
    """Return the words of a folded prompt, the longest first."""
    return sorted(dict.fromkeys(WORD.findall(text)), key=len, reverse=True)


def _holding(words: Sequence[str], picture: Picture, person: Person) -> list[Picture]:
    sought, own = {"q": " ".join(words)}, picture.generation
    found: dict[int, Picture] = {}
    for team in (False, True):
        rows = newest_found(person, team=team, sought=sought, needed=MOST_ALIKE)
        for other in _for_tiles(rows, "generation__request_key")[:MOST_ALIKE]:
            same = other.generation.request_key == own.request_key is not None
            if not same and other.generation_id != own.pk:
                found.setdefault(other.generation_id, other)
    newest = sorted(found.values(), key=lambda other: other.pk, reverse=True)
    return newest[:MOST_SHOWN]
