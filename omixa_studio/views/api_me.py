"""Who a token is: the first address a program asks."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse

from omixa_studio.models import TokenScope
from omixa_studio.presenters.api.operations import Operation, tells
from omixa_studio.presenters.api.studio import limit_told
from omixa_studio.queries import budget

from .access import caller_of
from .api_access import TokenRequest, api


@tells(Operation(method="GET", summary="Who asks, and what is left", answers="Me"))
@api()
def me(request: TokenRequest) -> HttpResponse:
    """Say who asks, what the token may do, and what the limits of any request leave."""
    person, caller = request.user, caller_of(request)
    keys = budget.keys_now(settings.GATEWAY_TARGET, person, token_id=request.token.pk)
    rooms = budget.rooms(keys)
    return JsonResponse(
        {
            "username": person.username,
            "name": person.name,
            "role": person.role,
            "token": {
                "name": request.token.name,
                "expires_at": request.token.expires_at,
            },
            "scopes": [scope for scope in TokenScope.values if caller.has(scope)],
            "limits": [limit_told(room) for room in rooms],
        }
    )
