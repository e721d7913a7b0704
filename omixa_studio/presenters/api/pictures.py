"""Pictures, collections and lineage in the studio's own shapes; their schemas stand beside."""

from collections.abc import Container, Sequence
from typing import Any

from omixa_studio.gateway.address import SANDBOX
from omixa_studio.models import Collection, InputImage, Person, Picture, dollars
from omixa_studio.queries import api_pictures as read
from omixa_studio.queries import lineage, pictures
from omixa_studio.queries.collections import holding
from omixa_studio.queries.galleries import Gallery
from omixa_studio.queries.gallery_pages import Page
from omixa_studio.queries.lineage import Attempts
from omixa_studio.queries.projects import project_names
from omixa_studio.queries.tags import tags_of

from .studio import money

MOST_COLLECTIONS = 30


def pictures_told(shown: Sequence[Picture], person: Person) -> list[dict[str, Any]]:
    """Return what is told of pictures that a person may see; a cost that is unknown is None.

    A project is told to the picture's maker, and to who may see it. At most one statement.
    """
    others = {one.project_id for one in shown if one.person_id != person.pk and one.project_id}
    seen = project_names(person, others) if others else {}
    return [_picture_told(one, person, seen) for one in shown]


def _picture_told(picture: Picture, person: Person, seen: Container[int | None]) -> dict[str, Any]:
    same = ("format", "width", "height", "bytes", "sha256", "model", "operation", "shared")
    told: dict[str, Any] = {name: getattr(picture, name) for name in same}
    mine, cost = picture.person_id == person.pk, picture.cost_micros
    return {
        "id": picture.pk,
        "generation": picture.generation_id,
        **told,
        "mine": mine,
        "person": picture.person_id,
        "prompt": picture.generation.prompt,
        "cost": None if cost is None else money(dollars(cost)),
        "practice": picture.generation.target == SANDBOX,
        "project": picture.project_id if mine or picture.project_id in seen else None,
        "starred": picture.winner,
        "rejected": bool(picture.verdict) if mine else None,
        "approval": picture.approval or None,
        "created_at": picture.created_at,
        "trashed_at": picture.trashed_at,
    }


def gallery_told(
    gallery: Gallery, page: Page, person: Person, *, most: int, counted: bool
) -> dict[str, Any]:
    """Return up to `most` pictures of a page, where the next begins, and if asked the count."""
    shown = page.pictures[:most]
    more = page.older or len(page.pictures) > most
    count = read.count_of(gallery, page) if counted else None
    return {
        "pictures": pictures_told(read.whole(shown), person),
        "before": shown[-1].pk if more and shown else None,
        "count": count and {"pictures": count.count, "is_least": count.is_least},
    }


def facts_of(picture: Picture, person: Person, *, sees_costs: bool) -> dict[str, Any]:
    """Return everything about a picture: its marks, where it is, what it was made from.

    `sees_costs` is whether everybody's costs are open to who asks.
    """
    mine, row = picture.person_id == person.pk, picture.generation
    way = lineage.way_to(picture.generation_id)
    sent = lineage.sent_on(list(way))
    back = lineage.steps_back(way, sent)
    images = {one.image_id: one.image for one in sent}
    siblings = [one.pk for one in pictures.siblings(picture, person)]
    told = mine or sees_costs
    tries = lineage.attempts_on(list(way), sent, picture.generation_id) if told else None
    return {
        **pictures_told([picture], person)[0],
        "person_name": picture.person.name if picture.person else None,
        "options": row.options,
        "note": picture.note if mine else None,
        "tags": [tag.name for tag in tags_of(picture)],
        "collections": [
            {"id": one.pk, "name": one.name}
            for one in holding(person, picture, most=MOST_COLLECTIONS)
        ],
        "siblings": [pk for pk in siblings if pk != picture.pk],
        "made_from": [
            {"steps_back": back[pk], **_image_told(images[pk], person)}
            for pk in sorted(images, key=lambda pk: back[pk])
        ],
        "used_in": [one.pk for one in pictures.used_in(picture, person)],
        "whole_cost": _tries_told(tries) if tries else None,
    }


def collection_told(collection: Collection, person: Person) -> dict[str, Any]:
    """Return what is told of a collection that a person may open."""
    own = collection.owner_id == person.pk
    return {
        "id": collection.pk,
        "name": collection.name,
        "note": collection.note,
        "mine": own,
        "access": collection.access,
        "is_live": collection.is_live,
        "query": collection.query if own and collection.is_live else None,
        "may_fill": not collection.is_live and (own or collection.access == "team_write"),
        "order": collection.order,
        "created_at": collection.created_at,
        "deleted_at": collection.deleted_at,
    }


def input_told(image: InputImage) -> dict[str, Any]:
    """Return what is told of an uploaded image, as it will be sent."""
    same = ("width", "height", "bytes", "sha256", "mime")
    return {"id": image.pk, **{name: getattr(image, name) for name in same}}


def _image_told(image: InputImage, person: Person) -> dict[str, Any]:
    """Return what an image on the way is: nothing more of one that the person may not see."""
    picture, upload = image.picture, image.pk if image.person_id == person.pk else None
    if image.origin_id is None:
        return {"kind": "upload", "picture": None, "input": upload}
    if picture is None:
        return {"kind": "deleted", "picture": None, "input": upload}
    if lineage.seen_among([picture], person.pk):
        return {"kind": "picture", "picture": picture.pk, "input": upload}
    if picture.person_id == person.pk:
        return {"kind": "trashed", "picture": picture.pk, "input": upload}
    return {"kind": "private", "picture": None, "input": upload}


def _tries_told(tries: Attempts) -> dict[str, Any]:
    return {
        "requests": tries.count,
        "billed": money(dollars(tries.billed_micros)),
        "unknown": tries.unknown,
        "is_least": tries.more,
    }
