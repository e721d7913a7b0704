"""People by whom to filter the team's gallery."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from omixa_studio.forms.gallery import read_sought
from omixa_studio.presenters.pictures.filters import value_choices
from omixa_studio.queries.people import by_name, found_people, names_of

from . import respond
from .requests import PersonRequest

LONGEST_SEARCH = 100
MOST_CHOICES = 50


@require_safe
def choices(request: PersonRequest) -> HttpResponse:
    """Find people by `named` to filter the team's gallery by; its other filters stay.

    Without script it leads to that gallery.
    """
    sought = read_sought(request.GET, team=True)
    if not respond.wants_part(request):
        return respond.see_other(f"{reverse('team')}?{urlencode(sought.texts)}")
    words = request.GET.get("named", "").replace("\x00", " ")[:LONGEST_SEARCH]
    found = list(by_name(found_people(words)).values_list("pk", flat=True)[: MOST_CHOICES + 1])
    names = names_of(found[:MOST_CHOICES])
    offered = {pk: names[pk] for pk in found if pk in names}
    shown = {
        "choices": value_choices("person", offered, sought),
        "more": len(found) > MOST_CHOICES,
        "gallery_path": reverse("team"),
    }
    return respond.part(request, "people/_filter_choices.html", shown)
