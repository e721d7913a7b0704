"""Collections for programs: listed, made, changed, deleted, searched, filled and emptied."""

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from omixa_studio.forms.api_changes import LARGEST_ID, CollectionChange, read_collection_change
from omixa_studio.forms.api_collections import (
    WHOSE,
    read_collection_text,
    read_new_collection,
)
from omixa_studio.forms.api_gallery import FILTERED, PAGED, read_gallery
from omixa_studio.forms.api_numbers import QueryNumber, QueryPart, QueryText
from omixa_studio.forms.collections import read_query
from omixa_studio.models import Collection
from omixa_studio.presenters.api.operations import Operation, tells
from omixa_studio.presenters.api.pictures import collection_told
from omixa_studio.queries import collections as read
from omixa_studio.queries.pictures import visible_to
from omixa_studio.services import collecting, curating
from omixa_studio.services.refusals import ChoiceRefused

from .access import caller_of
from .api_access import TokenRequest, api
from .api_errors import ApiError
from .api_queries import change_of, conflict, gallery_page, numbers_of, read_by
from .requests import actor_of

LISTED: dict[str, QueryPart] = {
    "in": QueryText(
        "One's own (mine, if absent), or others' that the team sees.",
        {"type": "string", "enum": list(WHOSE)},
    ),
    "q": QueryText("Words of the name.", {"type": "string", "maxLength": 60}),
    "before": QueryNumber(1, LARGEST_ID, "Older ones than this id."),
}
SEARCH = {**PAGED, **FILTERED}


@tells(
    Operation(
        method="GET",
        summary="Collections that the person may open, newest first",
        answers="Collections",
        query=LISTED,
    ),
    Operation(
        method="POST",
        summary="Make a collection",
        about=(
            "With a query it is live: it holds what a search finds, in one's own pictures or with "
            "in=team in the team's, always by time. The query is written as in the address of a "
            "search. access says who else may open it, and fill it."
        ),
        body="NewCollection",
        answers="Collection",
        status=201,
        errors=(409,),
        example={"name": "Harbours", "access": "team_read", "query": "q=harbour&star=1"},
    ),
)
@api("read", methods=("GET", "POST"), posting="make read")
def collections(request: TokenRequest) -> HttpResponse:
    """List collections of one's own, or those of others that the team may open; or make one."""
    if request.method == "POST":
        return _make(request)
    asked = numbers_of(request, LISTED)
    own = request.GET.get("in", "mine") == "mine"
    words = request.GET.get("q", "").replace("\x00", " ")[:60]
    page = read.page_of_collections(request.user, own=own, words=words, before=asked.get("before"))
    told = [collection_told(one, request.user) for one in page.collections]
    return JsonResponse({"collections": told, "before": page.before})


@tells(
    Operation(method="GET", summary="A collection", answers="Collection"),
    Operation(
        method="PATCH",
        summary="Rename a collection, change its note, who may open it and its order",
        about="One's own; with the scope admin also those that others share.",
        body="CollectionText",
        answers="Collection",
        example={"name": "Harbours at night", "access": "team_write"},
    ),
    Operation(
        method="DELETE",
        summary="Delete a collection",
        about="Its pictures stay, and it can be restored.",
        answers="Collection",
    ),
)
@api("read", methods=("GET", "PATCH", "DELETE"), posting="make read")
def collection(request: TokenRequest, pk: int) -> HttpResponse:
    """Tell what a collection is, change that, or delete it."""
    if request.method == "DELETE":
        found = get_object_or_404(_changeable(request), pk=pk)
        collecting.delete_collection(found, by=actor_of(request))
    elif request.method == "PATCH":
        found = get_object_or_404(_changeable(request), pk=pk, deleted_at=None)
        text = change_of(request, lambda fields: read_collection_text(fields, found))
        collecting.change_collection(found, text, by=actor_of(request))
    else:
        found = get_object_or_404(read.readable_by(request.user), pk=pk)
    return _told(request, found)


@tells(
    Operation(
        method="POST", summary="Restore a deleted collection", answers="Collection", errors=(409,)
    )
)
@api("make read", methods=("POST",))
def restore(request: TokenRequest, pk: int) -> HttpResponse:
    """Restore a deleted collection; one that is not deleted stays as it is."""
    found = get_object_or_404(_changeable(request), pk=pk)
    if not collecting.restore_collection(found, by=actor_of(request)) and found.deleted_at:
        said = _("Not restored: there are as many collections as are kept.")
        raise ApiError(409, said, code="too_many_collections")
    return _told(request, found)


@tells(
    Operation(
        method="GET",
        summary="Search the pictures of a collection, in its order",
        answers="GalleryPage",
        query=SEARCH,
        errors=(409,),
    ),
    Operation(
        method="POST",
        summary="Add pictures to a collection, and remove some from it",
        about=(
            "Added at the end are those that the person can see. Private pictures join a shared "
            "collection only with share: true shares them with the team, too, false does not."
        ),
        body="CollectionChange",
        answers="CollectionChanged",
        errors=(409,),
        example={"add": [17, 18], "share": False},
    ),
)
@api("read", methods=("GET", "POST"), posting="make read")
def pictures(request: TokenRequest, pk: int) -> HttpResponse:
    """Tell a page of a collection as the person sees it, or change which pictures it holds."""
    if request.method == "POST":
        found = get_object_or_404(read.fillable_by(request.user), pk=pk)
        return _change(request, found)
    found = get_object_or_404(read.readable_by(request.user), pk=pk)
    asked = numbers_of(request, SEARCH)
    sought, live = read_by(lambda: read_gallery(request.GET, team=True)), read_query(found.query)
    gallery = read.gallery_of(found, request.user, sought.values, live.values, team=live.team)
    return JsonResponse(gallery_page(request, gallery, sought.values, asked))


def _make(request: TokenRequest) -> HttpResponse:
    asked = change_of(request, read_new_collection)
    try:
        made = collecting.make_collection(request.user, asked.text, query=asked.query)
    except ChoiceRefused as refused:
        raise conflict(refused) from None
    return _told(request, made, status=201)


def _changeable(request: TokenRequest) -> QuerySet[Collection]:
    """Return the collections that the token may change: as an admin only with that scope."""
    rows = read.changeable_by(request.user)
    return rows if caller_of(request).is_admin else rows.filter(owner=request.user)


def _told(request: TokenRequest, found: Collection, *, status: int = 200) -> HttpResponse:
    """Return a collection as it stands now, with what the database wrote."""
    found.refresh_from_db()
    return JsonResponse(collection_told(found, request.user), status=status)


def _change(request: TokenRequest, found: Collection) -> HttpResponse:
    asked, person = change_of(request, read_collection_change), request.user
    seen = {one.pk: one for one in visible_to(person).filter(pk__in=asked.add)}
    if len(seen) < len(asked.add):
        said = _("There is no such picture.")
        raise ApiError(400, said, param="add", code="picture_not_found")
    private = [pk for pk, one in seen.items() if one.person_id == person.pk and not one.shared]
    _refuse_silent_sharing(found, asked, private)
    try:
        added = collecting.add_pictures(found, person, asked.add) if asked.add else []
    except ChoiceRefused as refused:
        raise conflict(refused) from None
    if asked.share:
        curating.share_several(person, private)
    removed = list(collecting.remove_pictures(found, asked.remove)) if asked.remove else []
    told = {"added": added, "removed": removed, "collection": collection_told(found, person)}
    return JsonResponse(told)


def _refuse_silent_sharing(found: Collection, asked: CollectionChange, private: list[int]) -> None:
    """Raise ApiError if private pictures would join a shared collection with nothing said."""
    if found.is_shared and private and asked.share is None:
        said = _("Some of these pictures are private: say whether they are shared with the team.")
        raise ApiError(400, said, param="share", code="share_unsaid")
