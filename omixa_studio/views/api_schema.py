"""The schema of the studio's own API, and the page that draws it."""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, get_resolver
from django.views.decorators.http import require_safe

from omixa_studio.models import Person
from omixa_studio.presenters.api.document import Address, document_of
from omixa_studio.presenters.api.operations import Operation, Schema, tells
from omixa_studio.presenters.api.reading import reading_of
from omixa_studio.queries.request_rules import catalogue_for

from .api_access import TokenRequest, api
from .requests import PersonRequest


@tells(Operation(method="GET", summary="This schema", answers="Document"))
@api(session=True)
def document(request: TokenRequest) -> HttpResponse:
    """Return the schema by OpenAPI 3.1, with the models that the person may use."""
    return JsonResponse(_document(request.user))


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show the schema as a page, with the models that the person may use."""
    return render(request, "api/docs.html", {"reading": reading_of(_document(request.user))})


def _document(person: Person) -> Schema:
    return document_of(_addresses(), catalogue_for(person), server=settings.STUDIO_URL)


def _addresses() -> Iterator[Address]:
    for pattern in get_resolver().url_patterns:
        told = (
            getattr(pattern.callback, "operations", ()) if isinstance(pattern, URLPattern) else ()
        )
        if told:
            scopes = getattr(pattern.callback, "scopes", {})
            yield Address(str(pattern.pattern), told, scopes)
