"""What probes and monitors ask: whether the studio lives, whether it can work, its figures."""

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error as AnyDatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import split_domain_port
from django.views.decorators.http import require_safe

from omixa_studio import database_file
from omixa_studio.hosts import is_loopback
from omixa_studio.queries.metrics import Metric, metrics
from omixa_studio.queries.readiness import parts

from .api_access import api, count_guess

# How headers begin that a proxy adds: whoever comes through one is not on this machine.
FORWARDED = ("forwarded", "x-forwarded-", "x-real-ip", "via")
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the database answers, else 503, with no further detail."""
    said, status = ("ok", 200) if _answers() else ("no database", 503)
    return HttpResponse(said, status=status, content_type="text/plain")


@require_safe
@login_not_required
def readiness(request: HttpRequest) -> HttpResponse:
    """Answer 200 if every part of the studio works, else 503.

    Strangers are told no more; this machine and whoever has the token of metrics, a line for each
    part.
    """
    looked = parts(settings.GATEWAY_TARGET)
    is_ready = all(part.ok for part in looked)
    status = 200 if is_ready else 503
    if not (_is_from_here(request) or has_metrics_token(request)):
        if settings.METRICS_TOKEN and _shown(request):
            _may_guess(request, is_wrong=True)
        return HttpResponse(
            "ok" if is_ready else "not ready", status=status, content_type="text/plain"
        )
    said = {part.name: {"ok": part.ok, **part.facts} for part in looked}
    return JsonResponse({"ready": is_ready, **said}, status=status, json_dumps_params={"indent": 1})


@api("admin")
def figures(request: HttpRequest) -> HttpResponse:
    """Show an admin's token the figures of the studio, as Prometheus reads them."""
    return scraped(request)


@require_safe
def scraped(request: HttpRequest) -> HttpResponse:
    """Show the figures; the caller has seen to it that who asks may."""
    target = settings.GATEWAY_TARGET
    text = "".join(map(_written, metrics(target, parts(target))))
    return HttpResponse(text, content_type=PROMETHEUS)


def has_metrics_token(request: HttpRequest) -> bool:
    """Return whether a request shows STUDIO_METRICS_TOKEN.

    From an address of too many guesses the right one is worth nothing for a while, either.
    """
    shown, wanted = _shown(request), settings.METRICS_TOKEN
    if not (shown and wanted):
        return False
    is_right = hmac.compare_digest(shown.encode(), wanted.encode())
    return _may_guess(request, is_wrong=False) and is_right


def _shown(request: HttpRequest) -> str:
    scheme, _space, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""


def _may_guess(request: HttpRequest, *, is_wrong: bool) -> bool:
    """As `count_guess`; without a database, of which a monitor has to hear, nobody counts."""
    try:
        return count_guess(request, is_wrong=is_wrong)
    except AnyDatabaseError:
        return True


def _written(metric: Metric) -> str:
    """Return a figure in the text format; no label of ours holds a quote or a line break."""
    name = f"omixa_{metric.name}"
    lines = [f"# HELP {name} {metric.meaning}", f"# TYPE {name} gauge"]
    for labels, value in metric.values:
        inner = ",".join(f'{key}="{text}"' for key, text in labels.items())
        lines.append(f"{name}{{{inner}}} {value!r}" if inner else f"{name} {value!r}")
    return "\n".join(lines) + "\n"


def _is_from_here(request: HttpRequest) -> bool:
    """Return whether somebody on this machine asks, by its own name, and not through a proxy."""
    if any(name.lower().startswith(FORWARDED) for name in request.headers):
        return False
    host, _port = split_domain_port(request.headers.get("host", ""))
    return is_loopback(host) and is_loopback(request.META.get("REMOTE_ADDR") or "")


def _answers() -> bool:
    if database_file.is_replaced():
        return False
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except AnyDatabaseError:
        return False
    return True
