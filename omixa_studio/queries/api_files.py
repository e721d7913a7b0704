"""Addresses of pictures that programs may fetch without a token, for an hour."""

from django.core import signing
from django.db.models import Q
from django.utils import timezone

from omixa_studio.models import Picture, Token

SECONDS = 3600
SALT = "a picture of a token"


def sign(picture: Picture, token: Token) -> str:
    """Return a text that stands for a picture until the hour is over or the token ends."""
    return signing.dumps([picture.pk, token.pk], salt=SALT)


def signed_picture(text: str) -> Picture | None:
    """Return the picture of a signed text; None if it is not valid any more, or never was."""
    try:
        picture_id, token_id = signing.loads(text, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    lasting = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    valid = Token.objects.filter(lasting, pk=token_id, revoked_at=None, person__is_active=True)
    if not valid.exists():
        return None
    return Picture.objects.filter(pk=picture_id).first()
