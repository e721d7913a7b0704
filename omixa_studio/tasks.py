"""The configured gateway, and the free requests that pages make to it."""

from django.conf import settings

from omixa_studio.gateway.client import Gateway
from omixa_studio.gateway.records import OfferedModel, RawAnswer, UsageEntry

FREE_QUESTION_SECONDS = 15.0


def build_gateway() -> Gateway:
    """Build the client for paid calls. Raises ValueError for an unusable address."""
    return Gateway(
        settings.GATEWAY_URL,
        settings.GATEWAY_KEY,
        call_seconds=settings.CALL_SECONDS,
        answer_bytes=settings.ANSWER_BYTES,
    )


def ask_for_models() -> tuple[OfferedModel, ...]:
    """Return the models that the gateway lists, as far as its answer can be read.

    Raises GatewayError.
    """
    return _free_gateway().list_models()


def ask_for_usage() -> tuple[UsageEntry, ...]:
    """Return the gateway's request log, as far as it can be read. Raises GatewayError."""
    return _free_gateway().usage_requests()


def ask_about_usage(what: str, query: str = "") -> RawAnswer:
    """Return the gateway's answer about "requests" or "rollups", unread. Raises GatewayError."""
    return _free_gateway().usage_answer(what, query)


def _free_gateway() -> Gateway:
    return Gateway(settings.GATEWAY_URL, settings.GATEWAY_KEY, call_seconds=FREE_QUESTION_SECONDS)
