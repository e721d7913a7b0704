"""Middleware: health checks, compression, size limits, the first admin, the language."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    UnreadablePostError,
)
from django.http.request import split_domain_port
from django.middleware.gzip import GZipMiddleware
from django.middleware.security import SecurityMiddleware
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import translation

from omixa_studio import database_file, logs
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.uploads import MOST_FULL_FILES, CappedUpload, take_every_file
from omixa_studio.hosts import is_loopback
from omixa_studio.models.comments import LONGEST_COMMENT
from omixa_studio.program_paths import is_for_programs
from omixa_studio.services.people import ensure_first_admin
from omixa_studio.serving.connection import MOST_READ_AHEAD
from omixa_studio.views.access import person_of
from omixa_studio.views.api_access import identify, unknown_token
from omixa_studio.views.api_errors import as_program_reads
from omixa_studio.views.errors import database_replaced, only_for_forms, too_large
from omixa_studio.views.health import has_metrics_token, readiness, ready, scraped
from omixa_studio.views.styles import joined
from omixa_studio.visitors import BY_PROVIDER

Answer = Callable[[HttpRequest], HttpResponse]

# The most bytes of a form without files: what the web server reads before it uses a thread, so that
# strangers never hold one. And the most bytes that texts may add to files.
MOST_OF_STRANGERS = MOST_READ_AHEAD
ROOM_FOR_TEXTS = 2 * 2**20
FILES_TOO_LARGE = N_(
    "One file may be up to %(most)s MB, and all files of a form together up to %(all)s MB."
)
TEXT_TOO_LONG = N_("The text of a form may be up to %(most)s MB.")
COMMENT_TOO_LONG = N_("A comment has up to %(most)s characters.")
TOO_MANY_FILES = N_("A form may have at most %(most)s files.")
TOO_MANY_FIELDS = N_("A form or an address may have at most %(most)s fields.")
# The log entry, before the path, for a client that left while its form was being received.
BROKE_OFF = "The form broke off"
# Pictures are compressed already, and exports of any length do not need it.
COMPRESSED = {"text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"}


def name_requests(get_response: Answer) -> Answer:
    """Give each request an id, for the log and its answer; a trusted proxy may bring one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        brought = request.headers.get("x-request-id", "") if settings.PROXIES else ""
        with logs.about(request=logs.request_id(brought), person=None) as name:
            response = get_response(request)
            response["X-Request-ID"] = name
            return response

    return middleware


def answer_health(get_response: Answer) -> Answer:
    """Answer health checks before anything that reads a host, a session or the database."""

    answers = {reverse("health"): ready, reverse("readiness"): readiness}
    figures = reverse("metrics")

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info == figures and has_metrics_token(request):
            return scraped(request)
        return answers.get(request.path_info, get_response)(request)

    return middleware


class PublicSecurity(SecurityMiddleware):
    """Redirects to https at the public address only: nothing listens for https on loopback."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        host, _port = split_domain_port(request.headers.get("host", ""))
        return None if is_loopback(host) else super().process_request(request)


class CompressText(GZipMiddleware):
    """Compresses pages, styles and scripts.

    Each response contains up to 100 random bytes, and each form's token is masked anew, so that the
    length of a page does not reveal its secrets (BREACH).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.get("Content-Type", "").partition(";")[0]
        # What streams as JSON is base64 of pictures, which are compressed already.
        is_pictures = response.streaming and kind == "application/json"
        is_part = response.status_code == HTTPStatus.PARTIAL_CONTENT
        if is_part or is_pictures or kind not in COMPRESSED:
            return response
        return super().process_response(request, response)


def answer_programs(get_response: Answer) -> Answer:
    """Learn by their token who asks at an address for programs, and answer errors in JSON.

    No page, no redirect to a login and no cookie leaves here: every error of another shape, be it
    of Django or of other middleware, becomes one that programs read.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not is_for_programs(request.path_info):
            return get_response(request)
        identify(request)
        response = get_response(request)
        response.cookies.clear()
        kind = response.get("Content-Type", "").partition(";")[0]
        if response.status_code < HTTPStatus.MULTIPLE_CHOICES or kind == "application/json":
            return response
        return as_program_reads(response)

    return middleware


def serve_joined_styles(get_response: Answer) -> Answer:
    """Serve joined stylesheets before a session or the database is read, like single ones."""
    folder, ending = f"{settings.STATIC_URL}css/", ".css"

    def middleware(request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if not (path.startswith(folder) and path.endswith(ending) and "+" in path):
            return get_response(request)
        return joined(request, path.removeprefix(folder).removesuffix(ending))

    return middleware


def refuse_replaced_database(get_response: Answer) -> Answer:
    """Refuse requests once the database file was replaced, so that nothing is written to either."""
    database_file.note()

    def middleware(request: HttpRequest) -> HttpResponse:
        if database_file.is_replaced():
            return database_replaced(request)
        return get_response(request)

    return middleware


def keep_out_of_caches(get_response: Answer) -> Answer:
    """Forbid caching unless a response sets its own rule.

    So Back shows nothing after a logout.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


def refuse_large_bodies(get_response: Answer) -> Answer:
    """Refuse bodies larger than a form, and files of anonymous visitors, without reading them.

    The CSRF check that follows would write all of it to the disk.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        if size > MOST_FULL_FILES * settings.UPLOAD_BYTES + ROOM_FOR_TEXTS:
            most = settings.UPLOAD_BYTES // 2**20
            return too_large(request, FILES_TOO_LARGE, most=most, all=MOST_FULL_FILES * most)
        if size > MOST_OF_STRANGERS and not person_of(request).is_authenticated:
            if is_for_programs(request.path_info):
                return unknown_token(request)
            if is_for_guests(request.path_info):
                return too_large(request, COMMENT_TOO_LONG, most=LONGEST_COMMENT)
            return redirect_to_login(request.get_full_path())
        try:
            return _refusal(request, size) or get_response(request)
        finally:
            for handler in request.upload_handlers if size else ():
                if isinstance(handler, CappedUpload):
                    handler.forget_what_broke_off()

    return middleware


def is_for_guests(path: str) -> bool:
    """Return whether a path belongs to a guest link; guests have no account to log in to."""
    try:
        return "token" in resolve(path).kwargs
    except Resolver404:
        return False


def _refusal(request: HttpRequest, size: int) -> HttpResponse | None:
    """Parse the query and the form, as later middleware would, and answer if they are unusable."""
    take_every_file(request)
    try:
        bool(request.GET)
        bool(size and request.POST)
    except UnreadablePostError:
        return HttpResponseBadRequest(reason=BROKE_OFF)
    except TooManyFieldsSent:
        return too_large(request, TOO_MANY_FIELDS, most=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)
    except TooManyFilesSent:
        return too_large(request, TOO_MANY_FILES, most=settings.DATA_UPLOAD_MAX_NUMBER_FILES)
    except RequestDataTooBig:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
        return too_large(request, TEXT_TOO_LONG, most=most)
    return None


def first_admin_first(get_response: Answer) -> Answer:
    """Redirect every page to /setup/ while there is no account; choosing a language stays."""
    made = False

    def middleware(request: HttpRequest) -> HttpResponse:
        nonlocal made
        is_open = request.path in (reverse("setup"), reverse("speak"))
        if not made and not is_open and not is_for_programs(request.path_info):
            made = ensure_first_admin()
            if not made:
                return redirect("setup")
        return get_response(request)

    return middleware


def refuse_pages_of_others(get_response: Answer) -> Answer:
    """Answer 409 to the script of a page that belongs to another account than the current one.

    The current account would pay for the click. Only the script's header names the page's account.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        logs.set_person(request.user.pk)
        # Themselves: the lazy object, read by now, looks at each use whether it was read.
        request.user = person_of(request)
        shown = request.headers.get("x-person", "")
        if shown and request.user.is_authenticated and shown != str(request.user.pk):
            return HttpResponse(status=HTTPStatus.CONFLICT)
        return get_response(request)

    return middleware


# Routes open to a person who has to choose their own password first.
OPEN_BEFORE = (
    "account",
    "change_password",
    "account_logout",
    "choose_language",
    "theme",
    "lines",
)


def own_password_first(get_response: Answer) -> Answer:
    """Redirect to /account/ until a password set by somebody else is changed."""
    open_paths = {reverse(name) for name in OPEN_BEFORE}

    def middleware(request: HttpRequest) -> HttpResponse:
        must = getattr(request.user, "must_change_password", False)
        if must and request.path not in open_paths and not is_for_programs(request.path_info):
            return redirect("account")
        return get_response(request)

    return middleware


# Routes open to a person whose role requires a second step that they have not set up; all that is
# below the page of second steps is open, too.
OPEN_BEFORE_STEP = ("account_logout", "choose_language", "theme", "lines")


def second_step_first(get_response: Answer) -> Answer:
    """Redirect to the second steps whoever has to set one up; programs with a token go on."""
    open_paths, steps = {reverse(name) for name in OPEN_BEFORE_STEP}, reverse("two_step")

    def middleware(request: HttpRequest) -> HttpResponse:
        must = getattr(request.user, "must_add_factor", False)
        # Their own password comes first.
        must = must and not getattr(request.user, "must_change_password", False)
        if must and settings.SSO.trusts_second_step:
            must = not request.session.get(BY_PROVIDER)
        is_open = request.path in open_paths or request.path.startswith(steps)
        if must and not is_open and not is_for_programs(request.path_info):
            return redirect("two_step")
        return get_response(request)

    return middleware


def lead_to_where_forms_stand(get_response: Answer) -> Answer:
    """Show a page for a GET of an address that only takes forms; Django's 405 is empty."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = request.method == "GET" and not is_for_programs(request.path_info)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and is_page:
            return only_for_forms(request, response["Allow"])
        return response

    return middleware


def speak_the_persons_language(get_response: Answer) -> Answer:
    """Activate the person's language, else the one chosen at the login, else the browser's if it is
    supported, else the studio's.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = getattr(request.user, "language", "")
        if not chosen:
            chosen = translation.get_language_from_request(request)
        with translation.override(chosen or settings.LANGUAGE_CODE):
            response = get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response = response.render()
        return response

    return middleware
