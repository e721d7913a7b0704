"""What programs may ask for, and what it will cost."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse

from omixa_studio.forms.api_images import FieldRefused
from omixa_studio.presenters.api.operations import Operation, tells
from omixa_studio.presenters.api.studio import estimate_told, models_told
from omixa_studio.queries.prices import bills_of
from omixa_studio.queries.request_rules import catalogue_for
from omixa_studio.services.quoting import quote

from .api_access import TokenRequest, api
from .api_orders import asked_of
from .openai_bodies import body_of, field_error


@tells(Operation(method="GET", summary="Models, their fields and prices", answers="Models"))
@api()
def models(request: TokenRequest) -> HttpResponse:
    """List the models that the person may use, with fields and prices."""
    catalogue, bills = catalogue_for(request.user), bills_of(settings.GATEWAY_TARGET)
    return JsonResponse({"models": models_told(catalogue, bills)})


@tells(
    Operation(
        method="POST",
        summary="What a request would cost; buys nothing",
        body="Wanted",
        answers="Estimate",
        example={"model": "imagen-4.0-generate-001", "prompt": "A harbour"},
    )
)
@api(methods=("POST",))
def estimate(request: TokenRequest) -> HttpResponse:
    """Price a request as it would be made, and say whether the limits let it through."""
    body, catalogue = body_of(request, is_edit=None), catalogue_for(request.user)
    try:
        asked = asked_of(request, body, catalogue)
    except FieldRefused as refused:
        raise field_error(refused) from None
    return JsonResponse(estimate_told(quote(asked, request.token, catalogue=catalogue)))
