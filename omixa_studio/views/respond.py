"""Responses, with script and without. The only file that knows HTMX."""

from collections.abc import Iterable, Mapping

from django.contrib import messages
from django.contrib.messages import ERROR
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_htmx.http import reswap, retarget, trigger_client_event
from django_htmx.middleware import HtmxDetails

from omixa_studio.presenters.pictures.questions import Question
from omixa_studio.presenters.pictures.steps import StepQuestion
from omixa_studio.program_paths import is_for_programs
from omixa_studio.visitors import is_path_here

from .api_errors import api_error
from .requests import PersonRequest

# How long a browser or a program should wait before it asks an unavailable studio again.
SECONDS_TO_WAIT = 10


def wants_part(request: PersonRequest) -> bool:
    """Return whether script asked, so that a part of the page is enough.

    Going back in the history asks for the whole page although it is marked as script.
    """
    return bool(request.htmx) and not request.htmx.history_restore_request


def see_other(where: str) -> HttpResponse:
    """Redirect to a page with GET, whatever the method of this request."""
    response = redirect(where)
    response.status_code = 303
    return response


def download(lines: Iterable[str], name: str) -> StreamingHttpResponse:
    """Stream a table as a download that no cache stores."""
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def nothing_new() -> HttpResponse:
    """Tell a poll that the page is up to date; it goes on polling."""
    return HttpResponse(status=204)


def part(
    request: PersonRequest, template: str, context: Mapping[str, object], *, event: str = ""
) -> HttpResponse:
    """Return a part of the page for script, and trigger an event on the page if one is named."""
    response = render(request, template, dict(context))
    # The browser's cache must never return a part for the page at the same address.
    patch_vary_headers(response, ["HX-Request"])
    return trigger_client_event(response, event, after="settle") if event else response


def refused(
    request: PersonRequest,
    *,
    page: str,
    fragment: str,
    context: Mapping[str, object],
    into: str,
) -> HttpResponse:
    """Answer 422 with the form and its sentences: the fragment for script, else the page."""
    if not wants_part(request):
        return render(request, page, dict(context), status=422)
    response = render(request, fragment, dict(context), status=422)
    return reswap(retarget(response, into), "outerHTML")


def asked_in_place(
    request: PersonRequest, *, page: str, fragment: str, context: Mapping[str, object]
) -> HttpResponse:
    """Answer 422 with a question to answer first: a page, or for script a part in the sent form.

    The form stays in place around the part, and so does the target of its answer.
    """
    if not wants_part(request):
        return render(request, page, dict(context), status=422)
    response = render(request, fragment, dict(context), status=422)
    return reswap(retarget(response, "this"), "innerHTML")


def asked_beside(
    request: PersonRequest, fragment: str, context: Mapping[str, object]
) -> HttpResponse:
    """Answer 422 to script with a question that goes where the answer would have gone."""
    return render(request, fragment, dict(context), status=422)


def question(
    request: PersonRequest, asked: Question, *, refused: bool = False, offer: object = None
) -> HttpResponse:
    """Ask before something is bought: on a page, or for script in a dialog.

    `offer` is what can be done if a budget refused it.
    """
    in_dialog = wants_part(request)
    template = "actions/_question.html" if in_dialog else "actions/question.html"
    context = {
        "question": asked,
        "shell": asked.shell,
        "in_dialog": in_dialog,
        "offer": offer,
    }
    return render(request, template, context, status=422 if refused else 200)


def confirm(request: PersonRequest, asked: StepQuestion) -> HttpResponse:
    """Ask before many pictures change: on a page, or for script in a dialog."""
    in_dialog = wants_part(request)
    template = "gallery/_confirm.html" if in_dialog else "gallery/confirm.html"
    return render(request, template, {"question": asked, "in_dialog": in_dialog})


def refuse(request: PersonRequest, sentence: str, fallback: str) -> HttpResponse:
    """Say in a toast why nothing was done; script gets 422, which closes an open dialog."""
    messages.error(request, sentence)
    if not wants_part(request):
        return back(request, fallback, refused=True)
    answer = part(request, "_toasts.html", {"oob": True})
    answer.status_code = 422
    return answer


def came_from(request: PersonRequest) -> str:
    """Return the page of the studio that a form was sent from (`next`), "" if none is named."""
    wanted = request.POST.get("next", "")
    return wanted if is_path_here(wanted) else ""


def back(request: PersonRequest, fallback: str, *, refused: bool = False) -> HttpResponse:
    """Return only the toasts to script, else redirect to where the click came from (`next`).

    If it was `refused`, script gets 422 and leaves its page as it is.
    """
    where = came_from(request) or fallback
    if not wants_part(request):
        return see_other(where)
    answer = part(request, "_toasts.html", {"next_path": where})
    answer.status_code = 422 if refused else 200
    return answer


def unready(
    request: HttpRequest, sentence: str, context: Mapping[str, object], *, passes: bool = True
) -> HttpResponse:
    """Answer 503 with a Retry-After header; programs may ask again by themselves if it `passes`."""
    if is_for_programs(request.path_info):
        response: HttpResponse = api_error(503, sentence, code="studio_unavailable", retry=passes)
    else:
        response = without_a_row(request, 503, sentence, context)
    response["Retry-After"] = SECONDS_TO_WAIT
    return response


def without_a_row(
    request: HttpRequest, status: int, sentence: str, context: Mapping[str, object]
) -> HttpResponse:
    """Answer without a query: script gets a toast, a program an error, others the status's page.

    Half of the middleware may not have run, and the usual frame of a page is in the database.
    """
    if is_for_programs(request.path_info):
        return api_error(status, sentence)
    htmx = HtmxDetails(request)
    if htmx and not htmx.history_restore_request:
        html = render_to_string("_toasts.html", {"messages": [Message(ERROR, sentence)]})
    else:
        html = render_to_string(f"{status}.html", {**context, "sentence": sentence})
    return HttpResponse(html, status=status)
