"""Guest links: listed, made for pictures or a collection, changed, revoked."""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from omixa_studio.forms.generation import read_id
from omixa_studio.forms.guests import USUAL_DAYS, LinkForm, ends
from omixa_studio.forms.selections import SelectionUnusable, read_selection
from omixa_studio.models import GuestLink
from omixa_studio.presenters.links import MOST_SHOWN, ToShare, cards_of_links, to_share
from omixa_studio.queries import guests, selections
from omixa_studio.queries.collections import readable_by
from omixa_studio.queries.pictures import visible_to
from omixa_studio.sentences import say
from omixa_studio.services import guest_links
from omixa_studio.services.guest_links import LinkRefused, LinkTerms

from . import respond
from .access import admin_only
from .requests import PersonRequest, actor_of

# The fields by which a form or an address says what is shared.
WHAT = ("picture", "ids", "collection", "gallery", "ranges", "all", "without", "as_of")


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show the person's guest links; to an admin also those of others."""
    shown = {
        "cards": cards_of_links(guests.links_of_person(request.user), request.user),
        "ends": list(ends()),
    }
    if request.user.is_admin:
        shown["others"] = cards_of_links(guests.links_of_others(request.user), request.user)
    return render(request, "links/links.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def new(request: PersonRequest) -> HttpResponse:
    """Ask what a link to pictures or a collection allows; a form with an end makes it."""
    shared = _shared(request)
    if shared.is_nothing:
        return _ask(request, shared, LinkForm(), status=422 if request.method == "POST" else 200)
    if "days" not in request.POST:
        return _ask(request, shared, LinkForm(initial={"days": usual_end()}))
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _ask(request, shared, form, status=422)
    if not ratelimit.consume(request, action="guest_link"):
        form.add_error(None, _("You made many links in the last hour. Wait a little."))
        return _ask(request, shared, form, status=429)
    try:
        link = guest_links.make_link(
            request.user,
            _terms(form),
            by=actor_of(request),
            pictures=shared.ids,
            collection=shared.collection,
        )
    except LinkRefused as refusal:
        form.add_error(None, " ".join(say(fault) for fault in refusal.faults))
        return _ask(request, shared, form, status=422)
    messages.success(request, _("The link is ready. Copy its address below."))
    return respond.see_other(f"{reverse('links')}#link-{link.pk}")


@require_POST
@sensitive_post_parameters("password")
def change(request: PersonRequest, pk: int) -> HttpResponse:
    """Change what a link of one's own allows."""
    link = get_object_or_404(GuestLink, pk=pk, person=request.user)
    form = LinkForm(request.POST, changing=True)
    if not form.is_valid():
        messages.error(request, form.sentence)
        return respond.back(request, reverse("links"), refused=True)
    guest_links.change_link(link, _terms(form, link), by=actor_of(request))
    messages.success(request, _("Saved."))
    return respond.see_other(f"{reverse('links')}#link-{pk}")


@require_POST
def revoke(request: PersonRequest, pk: int) -> HttpResponse:
    """Close a link of one's own at once."""
    link = get_object_or_404(GuestLink, pk=pk, person=request.user)
    return _close(request, link, undo="link_restore")


@require_POST
def restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Open a revoked link of one's own again."""
    return _reopen(request, get_object_or_404(GuestLink, pk=pk, person=request.user))


@require_POST
@admin_only
def close(request: PersonRequest, pk: int) -> HttpResponse:
    """Close anybody's link at once."""
    return _close(request, get_object_or_404(GuestLink, pk=pk), undo="link_reopen")


@require_POST
@admin_only
def reopen(request: PersonRequest, pk: int) -> HttpResponse:
    """Open anybody's revoked link again."""
    return _reopen(request, get_object_or_404(GuestLink, pk=pk), anybodys=True)


def usual_end() -> str:
    """Return the choice of how long a link lasts that is offered first."""
    choices = [key for key, _words in ends()]
    return str(USUAL_DAYS) if str(USUAL_DAYS) in choices else choices[-1]


def _ask(
    request: PersonRequest, shared: ToShare, form: LinkForm, *, status: int = 200
) -> HttpResponse:
    shown = {"form": form, "shared": shared, "ends": list(ends())}
    return render(request, "links/new.html", shown, status=status)


def _shared(request: PersonRequest) -> ToShare:
    """Read what a link is to show; 404 for what the person may not see."""
    data, person = request.POST or request.GET, request.user
    sent = [(name, text) for name in WHAT for text in data.getlist(name)]
    if data.get("collection"):
        rows = readable_by(person)
        collection = get_object_or_404(rows, pk=read_id(data["collection"]))
        return to_share(collection=collection, sent=sent)
    if data.get("gallery"):
        ids = _selected(request)
    else:
        given = [text for name in WHAT[:2] for text in ",".join(data.getlist(name)).split(",")]
        ids = list(dict.fromkeys(pk for pk in map(read_id, given) if pk is not None))
        ids = ids[: guest_links.MOST_PICTURES + 1]
        if visible_to(person).filter(pk__in=ids).count() < len(ids):
            raise Http404
    first = visible_to(person).in_bulk(ids[:MOST_SHOWN])
    return to_share(ids=ids, shown=[first[pk] for pk in ids if pk in first], sent=sent)


def _selected(request: PersonRequest) -> list[int]:
    """Return the ids of a selection in a gallery, one more than a link takes at most."""
    try:
        selection = read_selection(request.POST or request.GET)
    except SelectionUnusable:
        raise Http404 from None
    where, person = selection.gallery, request.user
    gallery = selections.gallery_at(person, where) if where else None
    found = selections.stretches_of(person, gallery, selection.ranges) if gallery else None
    if found is None:
        raise Http404
    most = guest_links.MOST_PICTURES + 1
    ids = selections.first_ids(person, selection, found, own=False, most=most)
    # Of the trash nothing can be shared.
    seen = set(visible_to(person).filter(pk__in=ids).values_list("pk", flat=True))
    return [pk for pk in ids if pk in seen]


def _close(request: PersonRequest, link: GuestLink, *, undo: str) -> HttpResponse:
    if guest_links.revoke_link(link, by=actor_of(request)):
        words = _("Link revoked: nobody can open it.")
        messages.success(request, words, extra_tags=f"undo:{reverse(undo, args=[link.pk])}")
    return respond.back(request, reverse("links"))


def _reopen(request: PersonRequest, link: GuestLink, *, anybodys: bool = False) -> HttpResponse:
    if guest_links.restore_link(link, by=actor_of(request), anybodys=anybodys):
        messages.success(request, _("The link can be opened again."))
    else:
        messages.error(request, _("The link cannot be opened again."))
    return respond.back(request, reverse("links"))


def _terms(form: LinkForm, link: GuestLink | None = None) -> LinkTerms:
    given = form.cleaned_data
    return LinkTerms(
        title=given["title"],
        expires_at=form.end(link.expires_at if link else None),
        password=form.new_password(changing=link is not None),
        downloads=given["downloads"],
        prompts=given["prompts"],
        comments=given["comments"],
    )
