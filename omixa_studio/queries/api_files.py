"""Addresses of pictures that programs may fetch without a session or token, for an hour."""

from django.core import signing
from django.db.models import Q
from django.utils import timezone

from omixa_studio.models import Picture, Token, Webhook

from .pictures import visible_or_own

SECONDS = 3600
SALT = "a picture of a token"
WEBHOOK_SALT = "a picture of a webhook"


def sign(picture: Picture, token: Token) -> str:
    """Return a text that stands for a picture until the hour is over or the token ends."""
    return signing.dumps([picture.pk, token.pk], salt=SALT)


def sign_for_webhook(picture_id: int, webhook: Webhook) -> str:
    """Return a text that stands for a picture until the hour is over or the webhook is off."""
    return signing.dumps([picture_id, webhook.pk], salt=WEBHOOK_SALT)


def signed_picture(text: str) -> Picture | None:
    """Return the picture of a signed text; None if it is not valid any more, or never was.

    Nor if the person of the token or webhook may not see the picture any more.
    """
    if found := _read(text, SALT):
        tokens = Token.objects.filter(_token_lasts(), pk=found[1])
        return _seen_by_person(found[0], tokens.select_related("person").first())
    if found := _read(text, WEBHOOK_SALT):
        on = Webhook.objects.filter(pk=found[1], off_at=None, person__is_active=True)
        return _seen_by_person(found[0], on.select_related("person").first())
    return None


def _seen_by_person(picture_id: int, opens: Token | Webhook | None) -> Picture | None:
    if opens is None or opens.person is None:
        return None
    return visible_or_own(opens.person).filter(pk=picture_id).first()


def _read(text: str, salt: str) -> tuple[int, int] | None:
    try:
        picture_id, of = signing.loads(text, salt=salt, max_age=SECONDS)
    except signing.BadSignature:
        return None
    return picture_id, of


def _token_lasts() -> Q:
    lasting = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return lasting & Q(revoked_at=None, person__is_active=True)
