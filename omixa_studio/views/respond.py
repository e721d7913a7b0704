"""Answers to a browser, with script and without. The only file that knows HTMX headers."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import reswap, retarget


def wants_part(request: HttpRequest) -> bool:
    """Whether script asked, so that a part of the page is enough."""
    return bool(request.headers.get("HX-Request"))


def see_other(where: str) -> HttpResponse:
    """Lead to a page with GET, however this was asked."""
    response = redirect(where)
    response.status_code = 303
    return response


def nothing_new() -> HttpResponse:
    """Tell a poll that the page is up to date; it goes on asking."""
    return HttpResponse(status=204)


def part(
    request: HttpRequest, template: str, context: Mapping[str, object], *, into: str = ""
) -> HttpResponse:
    """Answer script with a part of the page, put in the place of `into` if that is given."""
    response = render(request, template, dict(context))
    return _instead_of(response, into) if into else response


def refused(
    request: HttpRequest,
    *,
    page: str,
    fragment: str,
    context: Mapping[str, object],
    into: str,
) -> HttpResponse:
    """Answer 422 with the form and its sentences: the fragment for script, else the page."""
    if not wants_part(request):
        return render(request, page, dict(context), status=422)
    return _instead_of(render(request, fragment, dict(context), status=422), into)


def _instead_of(response: HttpResponse, selector: str) -> HttpResponse:
    return reswap(retarget(response, selector), "outerHTML")
