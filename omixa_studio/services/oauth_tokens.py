"""What OAuth hands out for connected apps, in allauth's table: codes, access and refresh tokens.

Their texts are never stored, only digests. Each row names the token of its app, without which it
opens nothing. The functions that lock run inside the transaction of a request.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from allauth.idp.oidc.models import Token as OAuthToken
from django.utils import timezone

from omixa_studio.models import Token

CODE_LASTS = timedelta(minutes=1)
ACCESS_LASTS = timedelta(hours=1)
# Without a use for so long an app has to ask its person anew.
REFRESH_LASTS = timedelta(days=90)
# A used refresh token is remembered so long, to notice a second use; some clients ask for one twice
# at once, as two windows of one editor do, or lose the answer.
REPLAY_NOTICED = timedelta(days=7)
TWICE_AT_ONCE = timedelta(seconds=30)
# Rows of one app and person: what is older than so many is forgotten.
MOST_KEPT = 300
USED = "used_at"


def keep_code(
    text: str, token: Token, *, redirect_uri: str, challenge: str, scopes: Iterable[str]
) -> None:
    """Keep an authorization code and what it is bound to."""
    bound = {"redirect_uri": redirect_uri, "challenge": challenge}
    kind = OAuthToken.Type.AUTHORIZATION_CODE
    _row(kind, text, token, scopes, CODE_LASTS, bound).save()


def keep_pair(
    token: Token, access: str, refresh: str, *, scopes: Iterable[str], all_scopes: Iterable[str]
) -> None:
    """Keep an access token for some scopes, and the refresh token for all; forget what ended."""
    kinds = OAuthToken.Type
    _row(kinds.ACCESS_TOKEN, access, token, scopes, ACCESS_LASTS).save()
    _row(kinds.REFRESH_TOKEN, refresh, token, all_scopes, REFRESH_LASTS).save()
    rows = OAuthToken.objects.filter(client_id=token.app, user_id=token.person_id)
    rows.expired().delete()
    old = rows.order_by("-pk").values_list("pk", flat=True)[MOST_KEPT : 2 * MOST_KEPT]
    OAuthToken.objects.filter(pk__in=list(old)).delete()


def lock(kind: OAuthToken.Type, text: str, client_id: str) -> OAuthToken | None:
    """Lock and return what a text of a client stands for; None unless it is valid now."""
    rows = OAuthToken.objects.select_for_update().valid().by_value(text)
    found: OAuthToken | None = rows.filter(type=kind, client_id=client_id).first()
    return found


def spend(held: OAuthToken) -> None:
    """Note the first use of something that was locked and counts once."""
    if USED in held.data:
        return
    now = timezone.now()
    held.data[USED] = now.timestamp()
    if held.type == OAuthToken.Type.REFRESH_TOKEN:
        held.expires_at = min(held.expires_at, now + REPLAY_NOTICED)
    held.save(update_fields=["data", "expires_at"])


def is_replayed(held: OAuthToken) -> bool:
    """Return whether something that counts once was used before.

    A code at all, a refresh token longer ago than TWICE_AT_ONCE.
    """
    used_at = held.data.get(USED)
    if used_at is None or held.type == OAuthToken.Type.AUTHORIZATION_CODE:
        return used_at is not None
    return bool(timezone.now().timestamp() - used_at > TWICE_AT_ONCE.total_seconds())


def drop(token: Token) -> None:
    """Delete all that was handed out to an app for its person."""
    OAuthToken.objects.filter(client_id=token.app, user_id=token.person_id).delete()


def _row(
    kind: OAuthToken.Type,
    text: str,
    token: Token,
    scopes: Iterable[str],
    lasts: timedelta,
    bound: Mapping[str, Any] | None = None,
) -> OAuthToken:
    row = OAuthToken(
        type=kind,
        client_id=token.app,
        user_id=token.person_id,
        data={**(bound or {}), "token": token.pk},
        expires_at=timezone.now() + lasts,
    )
    row.set_value(text)
    row.set_scopes(list(scopes))
    return row
