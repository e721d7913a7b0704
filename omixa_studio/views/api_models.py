"""What programs may ask for, and what it will cost."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse

from omixa_studio.forms.api_images import FieldRefused, ImagesBody, choose
from omixa_studio.forms.generation import Asked
from omixa_studio.models import micros
from omixa_studio.presenters.api.operations import Operation, tells
from omixa_studio.presenters.api.studio import estimate_told, models_told
from omixa_studio.queries import budget
from omixa_studio.queries.prices import bills_of
from omixa_studio.queries.request_rules import catalogue_for
from omixa_studio.services.beginning import usual_model
from omixa_studio.services.pricing import price, terms_now

from .api_access import TokenRequest, api
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
    )
)
@api(methods=("POST",))
def estimate(request: TokenRequest) -> HttpResponse:
    """Price a request as it would be made, and say whether the limits let it through."""
    body = body_of(request, is_edit=None)
    asked = _asked(request, body)
    if asked.model is None:
        raise TypeError("what was chosen has a model")
    project = asked.project or request.token.project_id
    terms = terms_now(catalogue_for(request.user), [asked.model])
    priced = price(terms, asked.model, asked.values, len(asked.images))
    keys = budget.keys_now(
        settings.GATEWAY_TARGET,
        request.user,
        model=asked.model.slug,
        project_id=project or 0,
        token_id=request.token.pk,
    )
    count = asked.values.get("n", 1)
    told = estimate_told(
        asked.model, int(count), priced, budget.rooms(keys), held_micros=micros(priced.hold)
    )
    return JsonResponse(told)


def _asked(request: TokenRequest, body: ImagesBody) -> Asked:
    catalogue = catalogue_for(request.user)
    usual = usual_model(catalogue, edits=body.is_edit)
    try:
        return choose(body, catalogue, usual, upload_bytes=settings.UPLOAD_BYTES)
    except FieldRefused as refused:
        raise field_error(refused) from None
