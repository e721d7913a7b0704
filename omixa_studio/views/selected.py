"""The selection that a form is about, and what is started with many of its pictures."""

from django.core.exceptions import BadRequest
from django.http import Http404
from django.utils.translation import gettext as _

from omixa_studio import jobs
from omixa_studio.forms.selections import SelectionUnusable, read_selection
from omixa_studio.models import Collection, Person
from omixa_studio.queries import selections
from omixa_studio.queries.selections import Resolved
from omixa_studio.services.selections import take_later

from .requests import PersonRequest


def selected(request: PersonRequest) -> Resolved:
    """Read the selection of a form; 404 if what it names is gone."""
    try:
        selection = read_selection(request.POST)
    except SelectionUnusable as odd:
        raise BadRequest("no such selection") from odd
    where, person = selection.gallery, request.user
    if where is None and not selection.ids:
        raise BadRequest("no pictures")
    if where is None:
        return Resolved(selection, [])
    gallery = selections.gallery_at(person, where)
    found = selections.stretches_of(person, gallery, selection.ranges) if gallery else None
    if found is None:
        raise Http404
    return Resolved(selection, found)


def start_later(
    person: Person, step: str, chosen: Resolved, collection: Collection, *, total: int
) -> None:
    take_later(
        person,
        step,
        chosen.selection,
        chosen.stretches,
        total=total,
        wake=jobs.wake,
        values={"into": collection.pk},
    )


def busy() -> str:
    return _("Too much of yours is under way. Wait until some of it is done.")
