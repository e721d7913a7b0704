"""Apps that registered themselves, to ask people to let them in; nobody vouches for them."""

import unicodedata
from collections.abc import Sequence
from datetime import timedelta

from allauth.idp.oidc.models import Client
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import Token, TokenScope
from omixa_studio.models.tokens import LONGEST_TOKEN_NAME

from .refusals import Refused

# Scopes that an app may ask for, and those it gets when it asks for none.
APP_SCOPES = (TokenScope.MAKE.value, TokenScope.READ.value, TokenScope.COSTS.value)
USUAL_SCOPES = (TokenScope.MAKE.value, TokenScope.READ.value)
# Registrations that no token uses, at most; past this the oldest give way, but for new ones: their
# people may be reading the question.
MOST_UNUSED = 500
NEW_FOR = timedelta(hours=1)
UNUSED_FOR = timedelta(days=90)
MOST_FORGOTTEN = 100


class TooManyApps(Refused):
    """So many apps registered lately that no more can."""

    reason = "apps"


def register(name: str, redirect_uris: Sequence[str]) -> Client:
    """Register an app under a name that it gives itself. Raises TooManyApps."""
    client = Client(
        name=shown_name(name),
        type=Client.Type.PUBLIC,
        # No secret fits: apps on people's devices cannot keep one.
        secret="!",  # noqa: S106 -- none
        data={"dcr": True},
    )
    client.set_redirect_uris(list(redirect_uris))
    client.set_scopes(list(APP_SCOPES))
    client.set_grant_types(["authorization_code", "refresh_token"])
    client.set_response_types(["code"])
    with transaction.atomic():
        _make_room()
        client.save()
    return client


def shown_name(name: str) -> str:
    """Return a name as it is shown: one line, and no signs that hide or turn what follows."""
    plain = "".join(" " if one.isspace() else one for one in name)
    shown = "".join(one for one in plain if unicodedata.category(one) not in ("Cc", "Cf", "Cs"))
    return " ".join(shown.split())[:LONGEST_TOKEN_NAME]


def _make_room() -> None:
    now, unused = timezone.now(), _unused().order_by("created_at")
    unused.filter(pk__in=_some(unused.filter(created_at__lt=now - UNUSED_FOR))).delete()
    over = unused.count() - MOST_UNUSED + 1
    if over <= 0:
        return
    gone = _some(unused.filter(created_at__lt=now - NEW_FOR))
    if not gone:
        raise TooManyApps(Fault("", N_("Too many apps registered lately. Try again later."), {}))
    Client.objects.filter(pk__in=gone[: max(over, 1)]).delete()


def _some(rows: "QuerySet[Client]") -> list[str]:
    return list(rows.values_list("pk", flat=True)[:MOST_FORGOTTEN])


def _unused() -> "QuerySet[Client]":
    used = Token.objects.filter(revoked_at=None).exclude(app="").values("app")
    found: QuerySet[Client] = Client.objects.exclude(pk__in=used)
    return found
