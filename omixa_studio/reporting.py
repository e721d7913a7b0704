"""Errors of the studio to Sentry, by setting: where it broke and in which request, no contents."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings

from omixa_studio import logs
from omixa_studio.env import ConfigurationError
from omixa_studio.gateway.redaction import hidden_in_logs

# All else of a request may hold prompts, tokens or cookies.
OF_A_REQUEST = ("method", "url")


def start() -> None:
    """Report errors from now on if SENTRY_DSN is set. Raises ConfigurationError."""
    if not settings.SENTRY_DSN:
        return
    if not find_spec("sentry_sdk"):
        raise ConfigurationError('SENTRY_DSN needs one more package: pip install "sentry-sdk".')
    import_module("sentry_sdk").init(
        dsn=settings.SENTRY_DSN,
        before_send=scrubbed,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0.0,
        auto_session_tracking=False,
        server_name="",
    )


def scrubbed(event: dict[str, Any], _hint: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may leave the house of an event: no key, token, cookie, query, body or value."""
    request = event.get("request") or {}
    kept = {name: request[name] for name in OF_A_REQUEST if name in request}
    if "url" in kept:
        kept["url"] = str(kept["url"]).partition("?")[0]
    about = logs.current()
    event = {**event, "request": kept, "user": {"id": about.get("person")}}
    event.pop("breadcrumbs", None)
    event["tags"] = {**(event.get("tags") or {}), **{key: str(it) for key, it in about.items()}}
    cleaned: dict[str, Any] = _clean(event)
    return cleaned


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return hidden_in_logs(logs.without_values(value), settings.GATEWAY_KEY)
    if isinstance(value, Mapping):
        return {key: _clean(it) for key, it in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(it) for it in value]
    return value
