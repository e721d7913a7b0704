"""Collections for programs: listed, their pictures searched, filled and emptied."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from omixa_studio.forms.api_changes import CollectionChange, read_collection_change
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

from .api_access import TokenRequest, api
from .api_errors import ApiError
from .api_queries import change_of, conflict, gallery_page, numbers_of, read_by

LARGEST_ID = 2**63 - 1
LISTED: dict[str, QueryPart] = {
    "in": QueryText(
        "One's own (mine, if absent), or others' that the team sees.",
        {"type": "string", "enum": ["mine", "team"]},
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
    )
)
@api("read")
def collections(request: TokenRequest) -> HttpResponse:
    """List collections of one's own, or those of others that the team may open."""
    asked = numbers_of(request, LISTED)
    own = request.GET.get("in", "mine") == "mine"
    words = request.GET.get("q", "").replace("\x00", " ")[:60]
    page = read.page_of_collections(request.user, own=own, words=words, before=asked.get("before"))
    told = [collection_told(one, request.user) for one in page.collections]
    return JsonResponse({"collections": told, "before": page.before})


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
def collection(request: TokenRequest, pk: int) -> HttpResponse:
    """Tell a page of a collection as the person sees it, or change which pictures it holds."""
    if request.method == "POST":
        found = get_object_or_404(read.fillable_by(request.user), pk=pk)
        return _change(request, found)
    found = get_object_or_404(read.readable_by(request.user), pk=pk)
    asked = numbers_of(request, SEARCH)
    sought, live = read_by(lambda: read_gallery(request.GET, team=True)), read_query(found.query)
    gallery = read.gallery_of(found, request.user, sought.values, live.values, team=live.team)
    return JsonResponse(gallery_page(request, gallery, sought.values, asked))


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
