"""The schema of the studio's own API."""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.urls import URLPattern, get_resolver

from omixa_studio.presenters.api.document import Address, document_of
from omixa_studio.presenters.api.operations import Operation, tells
from omixa_studio.queries.request_rules import catalogue_for

from .api_access import TokenRequest, api


@tells(Operation(method="GET", summary="This schema", answers="Document"))
@api(session=True)
def document(request: TokenRequest) -> HttpResponse:
    """Return the schema by OpenAPI 3.1, with the models that the person may use."""
    catalogue = catalogue_for(request.user)
    return JsonResponse(document_of(_addresses(), catalogue, server=settings.STUDIO_URL))


def _addresses() -> Iterator[Address]:
    for pattern in get_resolver().url_patterns:
        told = (
            getattr(pattern.callback, "operations", ()) if isinstance(pattern, URLPattern) else ()
        )
        if told:
            scopes = getattr(pattern.callback, "scopes", {})
            yield Address(str(pattern.pattern), told, scopes)
