"""Pages for requests that no view can answer."""

import errno
import sys
from itertools import chain
from pathlib import Path
from typing import cast

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from omixa_studio.places import place_above
from omixa_studio.sentences import tell
from omixa_studio.services import folders

from . import respond

# What keeps a file from being written wherever it lies, and what may also be an error of ours.
UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
FORBIDDEN = (errno.EACCES, errno.EPERM)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that a request cannot be understood, or that its host is not configured.

    Rendered without the request: half of its middleware has not run.
    """
    shown = {"unknown_host": isinstance(exception, DisallowedHost)}
    return HttpResponse(render_to_string("400.html", shown), status=400)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say why a form was not taken: its sender is hidden, or elsewhere, or its token is old."""
    origin = request.headers.get("origin", "")
    elsewhere = origin if reason.startswith("Origin checking failed") else ""
    shown = {"hidden": origin == "null", "elsewhere": elsewhere}
    return render(request, "403_csrf.html", shown, status=403)


def only_for_forms(request: HttpRequest, allowed: str) -> HttpResponse:
    """Say that an address was opened to which forms are sent, as after a login in between, and
    lead to where they stand. `allowed` are the methods that it takes."""
    shown = {"place": place_above(request.path)}
    response = render(request, "405.html", shown, status=405)
    response["Allow"] = allowed
    return response


def database_replaced(request: HttpRequest) -> HttpResponse:
    """Answer 503 where the file of the database is another one than the one that is open."""
    with translation.override(_language_of(request, None)):
        cause = _(
            "The studio's database file was replaced or deleted while the studio was running."
        )
        then = _("Nothing was done. Whoever runs the studio has to start it again.")
        return respond.unready(request, f"{cause} {then}", {})


def too_large(request: HttpRequest, sentence: str, **most: int) -> HttpResponse:
    """Answer 413 with what is too large: a sentence with the most there may be of it.

    Script leaves the form as it stands. Rendered where its language is not activated yet.
    """
    with translation.override(_language_of(request, get_user(request))):
        then = _("Nothing was changed and nothing was bought.")
        said = f"{_(sentence) % most} {then}"
        return respond.without_a_row(request, 413, said, {})


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 503 with the cause while nothing can be written or the database is away, else 500.

    Django calls this while it handles the exception, and has logged it when this is sent.
    """
    person = getattr(request, "_cached_user", None)
    with translation.override(_language_of(request, person)):
        cause = _cause_of(sys.exc_info()[1])
        if not cause:
            return server_error(request)
        _forget_what_was_meant(request)
        then = _("Nothing was done. Try again: one click is never charged twice.")
        return respond.unready(request, f"{cause} {then}", _what_was_typed(request))


def _cause_of(error: BaseException | None) -> str:
    """Say what is in the way for a while; "" for an error of ours."""
    if isinstance(error, OSError):
        folder = Path(str(error.filename)).parent if error.filename else settings.DATA_DIR
        ours = error.errno in FORBIDDEN and folder.is_relative_to(settings.DATA_DIR)
        may_pass = error.errno in UNWRITABLE or ours
        return tell([folders.cause_of(error, folder)]) if may_pass else ""
    if not isinstance(error, OperationalError | InterfaceError):
        return ""
    words = str(error).lower()
    if "disk is full" in words or "no space left" in words:
        return _("The disk with the studio's database is full.")
    if "readonly" in words:
        return _("The studio's database is read-only.")
    return _("The studio's database is busy or unavailable.")


def _forget_what_was_meant(request: HttpRequest) -> None:
    """Keep toasts and the session as they were: to save them would wait for the database again."""
    vars(request).pop("_messages", None)
    if hasattr(request, "session"):
        request.session.modified = False


def _language_of(request: HttpRequest, person: object) -> str:
    """The person's language if the row was read, else the browser's: nothing is asked here."""
    chosen: str = getattr(person, "language", "")
    if not chosen and request.headers.get("accept-language"):
        chosen = translation.get_language_from_request(request)
    return chosen or settings.LANGUAGE_CODE


def _what_was_typed(request: HttpRequest) -> dict[str, object]:
    """The fields of a form, to be sent again with one press.

    None of a form with files or passwords, which no page may hold, or that was not read yet:
    its token has not been judged.
    """
    if request.method != "POST":
        return {"fields": [], "again": request.method in ("GET", "HEAD")}
    posted = cast("QueryDict", getattr(request, "_post", QueryDict()))
    if getattr(request, "_files", None) or any("password" in name for name in posted):
        return {"fields": []}
    pairs = ([(name, value) for value in values] for name, values in posted.lists())
    return {"fields": list(chain.from_iterable(pairs))}
