"""The shapes of pictures, collections and uploads, and the bodies that change them."""

from omixa_studio.forms import api_changes
from omixa_studio.forms.api_changes import LARGEST_ID, MOST_IDS
from omixa_studio.forms.marks import MOST_NAMES
from omixa_studio.models import Access, CollectionOrder
from omixa_studio.models.collections import (
    LONGEST_COLLECTION_NAME,
    LONGEST_COLLECTION_NOTE,
    LONGEST_QUERY,
)
from omixa_studio.models.comments import Approval
from omixa_studio.models.pictures import LONGEST_NOTE
from omixa_studio.models.tags import LONGEST_TAG

from .operations import Schema
from .schemas import DOLLARS, MOMENT, TEXT, TEXTS, WHOLE, YES_NO, listed, maybe, one_of, ref, shape

IDS: Schema = {"type": "array", "items": WHOLE}
TOLD: dict[str, Schema] = {
    "id": WHOLE,
    "generation": WHOLE,
    "format": TEXT,
    "width": WHOLE,
    "height": WHOLE,
    "bytes": WHOLE,
    "sha256": TEXT,
    "model": TEXT,
    "operation": TEXT,
    "shared": YES_NO,
    "mine": YES_NO,
    "person": maybe(WHOLE),
    "prompt": TEXT,
    "cost": maybe(DOLLARS),
    "practice": YES_NO,
    "project": maybe(WHOLE),
    "starred": YES_NO,
    "rejected": maybe(YES_NO),
    "approval": maybe(one_of(Approval.values)),
    "created_at": MOMENT,
    "trashed_at": maybe(MOMENT),
}
NAMED = shape(id=WHOLE, name=TEXT)
WAY = shape(
    steps_back=WHOLE,
    kind=one_of(("picture", "upload", "trashed", "deleted", "private")),
    picture=maybe(WHOLE),
    input=maybe(WHOLE),
)
FACTS = shape(
    **TOLD,
    person_name=maybe(TEXT),
    options={"type": "object"},
    note=maybe(TEXT),
    tags=TEXTS,
    collections={"type": "array", "items": NAMED},
    siblings=IDS,
    made_from={"type": "array", "items": WAY},
    used_in=IDS,
    whole_cost=maybe(shape(requests=WHOLE, billed=DOLLARS, unknown=WHOLE, is_least=YES_NO)),
)
COLLECTION = shape(
    id=WHOLE,
    name=TEXT,
    note=TEXT,
    mine=YES_NO,
    access=one_of(Access.values),
    is_live=YES_NO,
    query=maybe(TEXT),
    may_fill=YES_NO,
    order=one_of(CollectionOrder.values),
    created_at=MOMENT,
    deleted_at=maybe(MOMENT),
)
NAMES: Schema = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_TAG},
    "maxItems": MOST_NAMES,
}
SOME_IDS: Schema = {
    "type": "array",
    "items": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
    "maxItems": MOST_IDS,
}
# Every mark of a picture but its note.
MARKS: dict[str, Schema] = {
    **dict.fromkeys(api_changes.MARKS, YES_NO),
    "tag": NAMES,
    "untag": NAMES,
}
COLLECTION_TEXT: dict[str, Schema] = {
    "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_COLLECTION_NAME},
    "note": {"type": "string", "maxLength": LONGEST_COLLECTION_NOTE},
    "access": one_of(Access.values),
    "order": one_of(CollectionOrder.values),
}


def optional(**properties: Schema) -> Schema:
    """Return an object that may have these properties and no others."""
    return {"type": "object", "properties": properties, "additionalProperties": False}


PICTURE_SCHEMAS: dict[str, Schema] = {
    "GalleryPicture": shape(**TOLD),
    "GalleryPage": shape(
        pictures=listed("GalleryPicture"),
        before=maybe(WHOLE),
        count=maybe(shape(pictures=WHOLE, is_least=YES_NO)),
    ),
    "PictureFacts": FACTS,
    "PictureChange": optional(
        **MARKS,
        note={"type": "string", "maxLength": LONGEST_NOTE},
    ),
    "PicturesChange": optional(ids={**SOME_IDS, "minItems": 1}, **MARKS) | {"required": ["ids"]},
    "PicturesChanged": shape(pictures=listed("GalleryPicture")),
    "Collection": COLLECTION,
    "Collections": shape(collections=listed("Collection"), before=maybe(WHOLE)),
    "NewCollection": optional(
        **COLLECTION_TEXT,
        query={"type": "string", "minLength": 1, "maxLength": LONGEST_QUERY},
    )
    | {"required": ["name"]},
    "CollectionText": optional(**COLLECTION_TEXT),
    "CollectionChange": optional(add=SOME_IDS, remove=SOME_IDS, share=YES_NO),
    "CollectionChanged": shape(added=IDS, removed=IDS, collection=ref("Collection")),
    "InputFile": {
        "type": "object",
        "properties": {"image": {"type": "string", "format": "binary"}},
        "required": ["image"],
    },
    "Input": shape(id=WHOLE, width=WHOLE, height=WHOLE, bytes=WHOLE, sha256=TEXT, mime=TEXT),
}
