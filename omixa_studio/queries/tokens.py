"""Read access tokens: the one that a text stands for, and those of a person."""

import hashlib
import re

from allauth.idp.oidc.models import Token as OAuthToken
from django.db.models import Q, QuerySet
from django.utils import timezone

from omixa_studio.models import Person, Token

TOKEN_PREFIX = "omixa_"  # noqa: S105 -- what every token begins with
# So many expired tokens are listed beside the valid ones.
MOST_EXPIRED = 20
APP_PREFIX = f"{TOKEN_PREFIX}app_"
_TOKEN = re.compile(rf"{TOKEN_PREFIX}[A-Za-z0-9_\-]{{43}}")
_APP_TOKEN = re.compile(rf"{APP_PREFIX}[A-Za-z0-9_\-]{{43}}")


def find_token(text: str) -> Token | None:
    """Return the token of a text with its person; None unless it is valid now.

    It is not if it was revoked, has expired, or its person is deactivated.
    """
    if not _TOKEN.fullmatch(text):
        return None
    rows = Token.objects.select_related("person").filter(_is_valid(), person__is_active=True)
    return rows.filter(digest=digest_of_token(text)).first()


def find_app_token(text: str) -> Token | None:
    """Return the token of a connected app by an access token of OAuth, with its person.

    None unless both are valid now. Its scopes are those that both have.
    """
    if not _APP_TOKEN.fullmatch(text):
        return None
    held = OAuthToken.objects.lookup(OAuthToken.Type.ACCESS_TOKEN, text)
    token = token_of_app(held) if held else None
    if held and token:
        token.scopes = [scope for scope in token.scopes if scope in held.get_scopes()]
    return token


def token_of_app(held: OAuthToken) -> Token | None:
    """Return the token for which OAuth handed something out, with its person; None unless valid."""
    rows = Token.objects.select_related("person").filter(_is_valid(), person__is_active=True)
    mine = {"pk": held.data["token"], "person_id": held.user_id, "app": held.client_id}
    return rows.filter(**mine).first()


def digest_of_token(text: str) -> str:
    """Return what the table keeps of a token's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def tokens_of_person(person: Person) -> QuerySet[Token]:
    """Select the tokens of a person that are valid now, newest first."""
    return Token.objects.filter(_is_valid(), person=person).order_by("-id")


def listed_tokens(person: Person) -> list[Token]:
    """Return a person's tokens to list, newest first: the valid ones, and the last that expired.

    Expired ones are never revoked by anybody, so they add up.
    """
    rows = Token.objects.filter(person=person, revoked_at=None).select_related("project")
    expired = rows.exclude(_is_valid()).order_by("-id")[:MOST_EXPIRED]
    return sorted([*rows.filter(_is_valid()), *expired], key=lambda token: -token.pk)


def _is_valid() -> Q:
    lasting = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return Q(revoked_at=None) & lasting
