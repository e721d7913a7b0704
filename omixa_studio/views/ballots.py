"""Judging a blind test: two pictures at a time, without any names."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from omixa_studio.forms.generation import read_id
from omixa_studio.models import BlindTest, Verdict
from omixa_studio.presenters.blind_tests.ballot import ballot_sheet
from omixa_studio.queries import blind_tests as reads
from omixa_studio.services import blind_tests
from omixa_studio.services.blind_tests import LEFT, RIGHT

from . import respond
from .requests import PersonRequest

WORDS = (LEFT, RIGHT, Verdict.EQUAL, Verdict.SKIP)


@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the next pair; POST judges one and shows the one after it."""
    test = _test(request, pk)
    if request.method != "POST":
        return _shown(request, test, first=read_id(request.GET.get("pair", "")))
    then = read_id(request.POST.get("then", ""))
    ballot, said = reads.ballot_of(test, request.user), request.POST.get("said", "")
    pair_id = read_id(request.POST.get("pair", ""))
    pair = reads.offered(test).filter(pk=pair_id).first() if pair_id else None
    if ballot and pair and said in WORDS:
        blind_tests.vote(ballot, pair, said)
    return _after(request, test, then)


@require_POST
def join(request: PersonRequest, pk: int) -> HttpResponse:
    """Start judging."""
    test = _test(request, pk)
    if test.is_open:
        blind_tests.join(test, request.user)
    return respond.see_other(reverse("blind_vote", args=[pk]))


@require_POST
def undo(request: PersonRequest, pk: int) -> HttpResponse:
    """Undo one's last vote, and show its pair again."""
    test = _test(request, pk)
    ballot = reads.ballot_of(test, request.user)
    return _after(request, test, blind_tests.undo(ballot) if ballot else None)


@require_POST
def finish(request: PersonRequest, pk: int) -> HttpResponse:
    """Finish one's ballot, and show the results."""
    test = _test(request, pk)
    ballot = reads.ballot_of(test, request.user)
    if not (ballot and blind_tests.finish(ballot)) and test.is_open:
        messages.error(request, _("There are pairs left to judge."))
        return respond.see_other(reverse("blind_vote", args=[pk]))
    return respond.see_other(reverse("blind_test", args=[pk]))


def _test(request: PersonRequest, pk: int) -> BlindTest:
    return get_object_or_404(reads.visible_to(request.user), pk=pk)


def _after(request: PersonRequest, test: BlindTest, then: int | None) -> HttpResponse:
    """Return the pair to show next: in place for script, else by a redirect."""
    if respond.wants_part(request):
        return _shown(request, test, first=then)
    query = f"?{urlencode({'pair': then})}" if then else ""
    return respond.see_other(reverse("blind_vote", args=[test.pk]) + query)


def _shown(request: PersonRequest, test: BlindTest, *, first: int | None) -> HttpResponse:
    sheet = ballot_sheet(test, request.user, first=first)
    part = respond.wants_part(request)
    template = "blind_tests/_ballot.html" if part else "blind_tests/vote.html"
    return respond.part(request, template, {"sheet": sheet})
