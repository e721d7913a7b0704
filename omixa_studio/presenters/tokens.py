"""Access tokens in words: what each may do, when it was used, what it may still spend."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from omixa_studio.models import BalanceKey, Period, Person, Scope, Token, TokenScope, dollars
from omixa_studio.models.ledger import today
from omixa_studio.models.periods import first_day
from omixa_studio.queries import budget
from omixa_studio.queries.budget import Room
from omixa_studio.queries.projects import usable_by
from omixa_studio.queries.tokens import TOKEN_PREFIX, listed_tokens
from omixa_studio.services.tokens import may_have

from .budgets import per

MOST_PROJECTS = 200


@dataclass(frozen=True, kw_only=True)
class TokenCard:
    """A token in the list: what it may do, its own limit, and the period of that in words.

    `asks_above` is in dollars, None without an amount of its own.
    """

    token: Token
    begins: str
    may: str
    has_expired: bool
    room: Room | None
    per: str
    asks_above: Decimal | None


@dataclass(frozen=True)
class ScopeChoice:
    """A scope that a token may be given, with what it opens."""

    value: str
    label: str
    hint: str


def token_cards(person: Person) -> list[TokenCard]:
    """Return the tokens of a person that were not revoked, newest first, of connected apps last."""
    tokens = sorted(listed_tokens(person), key=lambda token: bool(token.app))
    day, target = today(), settings.GATEWAY_TARGET
    keys = [
        BalanceKey(target, Scope.TOKEN, str(token.pk), period, first_day(period, day))
        for token in tokens
        for period in Period
    ]
    rooms = {room.subject: room for room in budget.rooms(keys)}
    return [_card(token, rooms.get(str(token.pk))) for token in tokens]


def scope_choices(person: Person, scopes: Collection[str] = TokenScope.values) -> list[ScopeChoice]:
    """Return which of some scopes a token of this person may have."""
    hints = {
        TokenScope.MAKE: _("Spends money, within your limits and its own."),
        TokenScope.READ: _("What you see in your gallery and the team's."),
        TokenScope.COSTS: _("Your own spending, and everybody's where your role sees it."),
        TokenScope.ADMIN: _("People, limits and models, as an admin."),
    }
    return [
        ScopeChoice(scope.value, str(scope.label), hints[scope])
        for scope in TokenScope
        if scope in scopes and may_have(person, scope)
    ]


def token_projects(person: Person) -> list[tuple[str, str]]:
    """Return the projects that a token's requests may be for, by id and name."""
    rows = usable_by(person).order_by("name")[:MOST_PROJECTS]
    return [(str(row.pk), row.name) for row in rows]


def _card(token: Token, room: Room | None) -> TokenCard:
    names = dict(TokenScope.choices)
    return TokenCard(
        token=token,
        begins=token.app_host if token.app else f"{TOKEN_PREFIX}…{token.last_four}",
        may=" · ".join(str(names[scope]) for scope in token.scopes if scope in names),
        has_expired=token.expires_at is not None and token.expires_at <= timezone.now(),
        room=room,
        per=per(room.period) if room else "",
        asks_above=dollars(token.ask_above_micros),
    )
