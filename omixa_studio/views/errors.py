"""Pages for requests that no view can answer."""

import errno
import sys
from itertools import chain
from pathlib import Path
from typing import cast

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import IntegrityError, InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from omixa_studio import storage
from omixa_studio.places import place_above
from omixa_studio.program_paths import is_for_programs
from omixa_studio.sentences import tell
from omixa_studio.services import folders

from . import respond
from .access import person_of
from .api_errors import api_error

# Errors that prevent writing in any folder, and errors that may also be a bug of ours.
UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
FORBIDDEN = (errno.EACCES, errno.EPERM)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400 to a malformed request, or one whose host is not configured.

    Rendered without the request, since half of its middleware has not run.
    """
    shown = {"unknown_host": isinstance(exception, DisallowedHost)}
    return HttpResponse(render_to_string("400.html", shown), status=400)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a CSRF refusal: the sender is hidden, or another site, or the token is old."""
    origin = request.headers.get("origin", "")
    elsewhere = origin if reason.startswith("Origin checking failed") else ""
    shown = {"hidden": origin == "null", "elsewhere": elsewhere}
    return render(request, "403_csrf.html", shown, status=403)


def only_for_forms(request: HttpRequest, allowed: str) -> HttpResponse:
    """Answer 405 to a page request for a form's address, and link to the form's page.

    This happens, for example, after a login in between. `allowed` are the methods of the address.
    """
    shown = {"place": place_above(request.path)}
    response = render(request, "405.html", shown, status=405)
    response["Allow"] = allowed
    return response


def database_replaced(request: HttpRequest) -> HttpResponse:
    """Answer 503 if the database file is no longer the one that is open."""
    with translation.override(_language_of(request, None)):
        cause = _(
            "The studio's database file was replaced or deleted while the studio was running."
        )
        then = _("Nothing was done. Whoever runs the studio has to start it again.")
        return respond.unready(request, f"{cause} {then}", {}, passes=False)


def too_large(request: HttpRequest, sentence: str, **most: int) -> HttpResponse:
    """Answer 413 with what is too large: a sentence, with the maximum as a parameter.

    Script leaves the form as it is. Rendered where its language is not activated yet.
    """
    with translation.override(_language_of(request, person_of(request))):
        then = _("Nothing was changed and nothing was bought.")
        said = f"{_(sentence) % most} {then}"
        return respond.without_a_row(request, 413, said, {})


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 503 with the cause if nothing can be written or the database is unavailable, else 500.

    Django calls this while it handles the exception, and has logged it when the answer is sent.
    """
    person = getattr(request, "_cached_user", None)
    with translation.override(_language_of(request, person)):
        cause = _cause_of(sys.exc_info()[1])
        if not cause and is_for_programs(request.path_info):
            return api_error(500)
        if not cause:
            return server_error(request)
        _forget_what_was_meant(request)
        then = _("Nothing was done. Try again: one click is never charged twice.")
        return respond.unready(request, f"{cause} {then}", _what_was_typed(request))


def _cause_of(error: BaseException | None) -> str:
    """Return a temporary cause in words; "" for a bug of ours."""
    if isinstance(error, storage.StorageAwayError):
        return _("The storage of pictures is unavailable.")
    if isinstance(error, OSError):
        folder = Path(str(error.filename)).parent if error.filename else settings.DATA_DIR
        ours = error.errno in FORBIDDEN and folder.is_relative_to(settings.DATA_DIR)
        may_pass = error.errno in UNWRITABLE or ours
        return tell([folders.cause_of(error, folder)]) if may_pass else ""
    if isinstance(error, IntegrityError) and _names_what_is_gone(error):
        return _("Something that this is about was deleted meanwhile.")
    words = str(error).lower()
    # What PostgreSQL says where a copy has taken over that does not take writes yet.
    is_read_only = isinstance(error, InternalError) and "read-only" in words
    if not (is_read_only or isinstance(error, OperationalError | InterfaceError)):
        return ""
    if "disk is full" in words or "no space left" in words:
        return _("The disk with the studio's database is full.")
    if is_read_only or "readonly" in words:
        return _("The studio's database is read-only.")
    return _("The studio's database is busy or unavailable.")


def _names_what_is_gone(error: IntegrityError) -> bool:
    """Return whether a row was to name another that is not there, as SQLite and PostgreSQL say."""
    return "foreign key constraint" in str(error).lower()


def _forget_what_was_meant(request: HttpRequest) -> None:
    """Drop new toasts and session changes: saving them would wait for the database again."""
    vars(request).pop("_messages", None)
    if hasattr(request, "session"):
        request.session.modified = False


def _language_of(request: HttpRequest, person: object) -> str:
    """Return the person's language if the row was read, else the browser's, without a query."""
    chosen: str = getattr(person, "language", "")
    if not chosen:
        chosen = translation.get_language_from_request(request)
    return chosen or settings.LANGUAGE_CODE


def _has_secrets(posted: QueryDict) -> bool:
    return any("password" in name or "secret" in name for name in posted)


def _what_was_typed(request: HttpRequest) -> dict[str, object]:
    """Return the fields of a form, to be sent again with one press.

    No fields of a form with files, passwords or secrets, which no page may contain, nor of one that
    was not parsed yet: its token has not been checked.
    """
    if request.method != "POST":
        return {"fields": [], "again": request.method in ("GET", "HEAD")}
    posted = cast("QueryDict", getattr(request, "_post", QueryDict()))
    if getattr(request, "_files", None) or _has_secrets(posted):
        return {"fields": []}
    pairs = ([(name, value) for value in values] for name, values in posted.lists())
    return {"fields": list(chain.from_iterable(pairs))}
