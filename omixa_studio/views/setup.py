"""The first visit, which creates the first admin."""

import logging
import secrets

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from omixa_studio.forms.setup import FirstAdminForm
from omixa_studio.hosts import is_loopback
from omixa_studio.services import people
from omixa_studio.visitors import address_of

log = logging.getLogger(__name__)

# Drawn once per process, before its threads start; 50 bits.
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE = "-".join("".join(secrets.choice(CODE_LETTERS) for _ in range(5)) for _ in range(2))

# Proxies add one of these; behind one, every visitor appears to connect from this machine.
FORWARDING = (
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_not_required
@sensitive_post_parameters()
def first_admin(request: HttpRequest) -> HttpResponse:
    """Create the first admin and log in; 404 once there is an account."""
    if people.ensure_first_admin():
        raise Http404
    code = "" if comes_from_this_machine(request) else CODE
    if request.method != "POST":
        if code:
            log.warning("Setup code for the first account: %s", code)
        return render(request, "setup/setup.html", {"form": FirstAdminForm(code=code)})
    if code and not ratelimit.consume(request, action="setup_code"):
        too_many: HttpResponse = ratelimit.respond_429(request)
        return too_many
    form = FirstAdminForm(request.POST, code=code)
    if not form.is_valid():
        return render(request, "setup/setup.html", {"form": form}, status=422)
    given = form.cleaned_data
    person = people.make_first_admin(
        given["username"],
        given["password"],
        email=given["email"],
        address=address_of(request),
        limit_micros=form.limit_micros,
    )
    if person is None:
        return redirect("account_login")
    login(request, person)
    return redirect("studio")


def comes_from_this_machine(request: HttpRequest) -> bool:
    """Return whether the visitor certainly uses the machine that serves the studio.

    The address of the connection counts too: a Host header can be made up.
    """
    hosts = (request.get_host(), settings.STUDIO_URL.partition("://")[2])
    return (
        all(is_loopback(_without_port(host)) for host in hosts)
        and is_loopback(request.META.get("REMOTE_ADDR") or "localhost")
        and not any(_tells_of_a_proxy(name) for name in request.headers)
    )


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return name if port.isdigit() and name else host


def _tells_of_a_proxy(header: str) -> bool:
    return header.lower() in FORWARDING or header.lower().startswith("x-forwarded")
