"""Addresses of pictures that programs may fetch without a session or token, for an hour."""

from django.core import signing
from django.db.models import Q
from django.utils import timezone

from omixa_studio.models import Picture, Token, Webhook

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
    """Return the picture of a signed text; None if it is not valid any more, or never was."""
    if (found := _read(text, SALT)) and _token_lasts(found[1]):
        return Picture.objects.filter(pk=found[0]).first()
    if found := _read(text, WEBHOOK_SALT):
        lasting = Webhook.objects.filter(pk=found[1], off_at=None, person__is_active=True)
        owners = lasting.values("person")
        return Picture.objects.filter(pk=found[0], generation__person__in=owners).first()
    return None


def _read(text: str, salt: str) -> tuple[int, int] | None:
    try:
        picture_id, of = signing.loads(text, salt=salt, max_age=SECONDS)
    except signing.BadSignature:
        return None
    return picture_id, of


def _token_lasts(token_id: int) -> bool:
    lasting = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    valid = Token.objects.filter(lasting, pk=token_id, revoked_at=None, person__is_active=True)
    return valid.exists()
