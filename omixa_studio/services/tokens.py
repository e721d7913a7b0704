"""Access tokens: made, noted when they are used, revoked."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.gateway.errors import told
from omixa_studio.models import (
    ActKind,
    Generation,
    Limit,
    Period,
    Person,
    Scope,
    Token,
    TokenScope,
)
from omixa_studio.queries.tokens import TOKEN_PREFIX, digest_of_token, tokens_of_person

from . import audit, notices, oauth_tokens
from .audit import STUDIO, Actor
from .endings import cancel_waiting
from .limits import LimitKind, add_limit, change_amount, remove_limit
from .refusals import Refused

MOST_TOKENS = 50
TOKEN_BYTES = 32
# How old the noted last use may be before it is written anew.
NOTED_EVERY = timedelta(minutes=1)


class TokenRefused(Refused):
    """The token cannot be made; a fault says why."""

    reason = "token"


def make_token(
    person: Person,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None,
    *,
    by: Actor | None = None,
    limit: tuple[int, str] | None = None,
    project_id: int | None = None,
    ask_above_micros: int | None = None,
) -> tuple[Token, str]:
    """Make a token of a person's, and return it with its text, which nobody can read again.

    `by` is the person unless it says otherwise, `limit` the micro-dollars and the period of a limit
    of its own, `project_id` what its requests are for by default, and `ask_above_micros` as of
    Token. Raises TokenRefused for a scope beyond the person's role, none at all, a deactivated
    account or the MOST_TOKENS-th valid token.
    """
    text = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    given = [scope for scope in TokenScope.values if scope in scopes]
    by = by or Actor(person.pk, person.username, name=person.name)
    with transaction.atomic():
        owner = Person.objects.select_for_update().get(pk=person.pk)
        _refuse(owner, given)
        token = Token.objects.create(
            person=owner,
            name=name,
            digest=digest_of_token(text),
            last_four=text[-4:],
            scopes=given,
            expires_at=expires_at,
            project_id=project_id,
            ask_above_micros=ask_above_micros,
        )
        audit.write(ActKind.TOKEN_MADE, by=by, thing=token.name, after=" ".join(given))
        if limit is not None:
            limit_token(token, *limit, by=by)
    key, path = f"token-{token.pk}", reverse("tokens")
    notices.tell([owner], "token_made", {"token": name}, path=path, key=key)
    return token, text


def connect_app(
    person: Person,
    app: str,
    name: str,
    host: str,
    scopes: Collection[str],
    expires_at: datetime | None,
    *,
    by: Actor,
    limit: tuple[int, str] | None = None,
    project_id: int | None = None,
    ask_above_micros: int | None = None,
) -> Token:
    """Let an app act for a person, and return the token by which it counts and is limited.

    `app` is the id of its client, `host` as of Token, the others as of `make_token`. The same app
    gets the same token again, with these terms, and what OAuth handed out before is void. Raises
    TokenRefused; nobody lets an app administer.
    """
    given = [one for one in TokenScope.values if one in scopes and one != TokenScope.ADMIN]
    terms = {
        "name": name,
        "app_host": host,
        "scopes": given,
        "expires_at": expires_at,
        "project_id": project_id,
        "ask_above_micros": ask_above_micros,
    }
    with transaction.atomic():
        owner = Person.objects.select_for_update().get(pk=person.pk)
        there = Token.objects.filter(person=owner, app=app, revoked_at=None).first()
        _refuse(owner, given, is_new=there is None)
        if there:
            oauth_tokens.drop(there)
        # Nobody ever sees this text: the token is found by what OAuth hands out.
        digest = digest_of_token(secrets.token_urlsafe(TOKEN_BYTES))
        token, _made = Token.objects.update_or_create(
            person=owner,
            app=app,
            revoked_at=None,
            defaults=terms,
            create_defaults={**terms, "digest": digest},
        )
        audit.write(ActKind.APP_CONNECTED, by=by, thing=name, after=" ".join(given))
        limit_token(token, *(limit or (None, Period.MONTH)), by=by)
    notices.tell([owner], "app_connected", {"app": name, "host": host}, path=reverse("tokens"))
    return token


def end_replayed(token: Token) -> None:
    """Disconnect an app of which something was used twice that counts once, and tell its person."""
    if revoke_token(token, STUDIO) is not None:
        path = reverse("tokens")
        notices.tell([token.person], "app_replayed", {"app": token.name}, path=path)


def limit_token(token: Token, amount_micros: int | None, period: str, *, by: Actor) -> None:
    """Give a token one limit of its own, in micro-dollars per period; None for none."""
    kind = LimitKind(Scope.TOKEN, str(token.pk), period)
    with transaction.atomic():
        there = Limit.objects.filter(scope=kind.scope, subject=kind.subject)
        same = there.filter(period=period).first()
        for other in there if amount_micros is None else there.exclude(period=period):
            remove_limit(other, by=by)
        if amount_micros is not None and same:
            change_amount(same, amount_micros, by=by)
        elif amount_micros is not None:
            add_limit(kind, amount_micros, by=by)


def gives_more(
    token: Token, amount_micros: int | None, period: str, ask_above_micros: int | None
) -> bool:
    """Return whether a token could spend more by these, or more before anybody is asked.

    Of a limit per another period nobody can say which is more, so it counts as more.
    """
    limits = list(Limit.objects.filter(scope=Scope.TOKEN, subject=str(token.pk)))
    is_wider = amount_micros is None or any(
        one.period != period or amount_micros > one.amount_micros for one in limits
    )
    before = token.ask_above_micros
    asks_less = ask_above_micros != before and (
        ask_above_micros is None or before is None or ask_above_micros > before
    )
    return bool(limits and is_wider) or asks_less


def set_ask_above(token: Token, amount_micros: int | None) -> None:
    """Set the hold above which a language model asks first; None leaves that to the studio."""
    Token.objects.filter(pk=token.pk).update(ask_above_micros=amount_micros)


def revoke_token(token: Token, by: Actor) -> list[Generation] | None:
    """Revoke a token at once, cancel its queued requests and return them; None if it was revoked.

    Running requests finish and are recorded. Its limit goes, too: nothing will count there.
    """
    with transaction.atomic():
        there = Token.objects.filter(pk=token.pk, revoked_at=None)
        if not there.update(revoked_at=Now(), revoked_by=by.person_id or None):
            return None
        why = told("token_revoked", name=token.name)
        cancelled = cancel_waiting(Generation.objects.filter(token=token), why)
        for limit in Limit.objects.filter(scope=Scope.TOKEN, subject=str(token.pk)):
            remove_limit(limit, by=by)
        whom = None if token.person_id == by.person_id else token.person
        after = len(cancelled) or ""
        kind = ActKind.APP_DISCONNECTED if token.app else ActKind.TOKEN_REVOKED
        audit.write(kind, by=by, whom=whom, thing=token.name, after=after)
        if token.app:
            oauth_tokens.drop(token)
    return cancelled


def revoke_all_tokens(person: Person, by: Actor) -> int:
    """Revoke all tokens of a person, inside the transaction of the act that calls for it.

    Returns how many.
    """
    there = Token.objects.filter(person=person, revoked_at=None).select_related("person")
    return sum(revoke_token(token, by) is not None for token in there.order_by("pk"))


def note_use(token: Token) -> None:
    """Note that a token was used, by at most one write a minute."""
    now = timezone.now()
    if token.last_used_at and token.last_used_at > now - NOTED_EVERY:
        return
    old = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
    Token.objects.filter(old, pk=token.pk).update(last_used_at=now)


def may_have(person: Person, scope: str) -> bool:
    """Return whether a token of this person may have a scope."""
    return person.is_admin or scope != TokenScope.ADMIN


def _refuse(person: Person, scopes: Collection[str], *, is_new: bool = True) -> None:
    if not person.is_active:
        raise TokenRefused(Fault("", N_("This account is deactivated."), {}))
    if not scopes:
        raise TokenRefused(Fault("scopes", N_("Choose at least one permission."), {}))
    if not all(may_have(person, scope) for scope in scopes):
        raise TokenRefused(Fault("scopes", N_("A token may not do more than you."), {}))
    if is_new and tokens_of_person(person).count() >= MOST_TOKENS:
        many = N_("You have %(most)s tokens. Revoke one to make another.")
        raise TokenRefused(Fault("", many, {"most": MOST_TOKENS}))
