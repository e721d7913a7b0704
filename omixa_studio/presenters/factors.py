"""The second steps of somebody's login, the picture of an app's secret, and codes as a file."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext as _

from omixa_studio.models import Person, Role
from omixa_studio.queries.factors import STEPS, factors_of, needs_step, people_without_step
from omixa_studio.queries.studio_settings import studio_settings
from omixa_studio.services.factors import codes_left, name_of

GROUP = 4
Type = Authenticator.Type


@dataclass(frozen=True, kw_only=True)
class FactorLine:
    """An app or a passkey; `logs_in` is whether it needs no password beside it."""

    pk: int
    name: str
    added_at: datetime
    used_at: datetime | None
    logs_in: bool


@dataclass(frozen=True, kw_only=True)
class FactorSheet:
    """The second steps of a person; `codes_left` is None where there are no recovery codes.

    `must_add` is whether nothing else opens until one is added, `only_one` whether the one there is
    cannot be removed.
    """

    app: FactorLine | None
    passkeys: Sequence[FactorLine]
    codes_left: int | None
    is_required: bool

    @property
    def count(self) -> int:
        return len(self.passkeys) + bool(self.app)

    @property
    def must_add(self) -> bool:
        return self.is_required and not self.count

    @property
    def only_one(self) -> bool:
        return self.is_required and self.count == 1


@dataclass(frozen=True)
class RoleDuty:
    """A role, whether its login needs two steps, and how many of it have only one."""

    role: str
    label: str
    is_required: bool
    without: int


@dataclass(frozen=True)
class AppSecret:
    """The secret of an app: a picture to scan, a text, and an address for the same device."""

    picture: str
    text: str
    address: str


def factor_sheet(person: Person) -> FactorSheet:
    """Draw the second steps of a person."""
    factors = factors_of(person)
    steps = [_line(one) for one in factors if one.type in STEPS]
    app = next((one.pk for one in factors if one.type == Type.TOTP), 0)
    codes = next((one for one in factors if one.type == Type.RECOVERY_CODES), None)
    return FactorSheet(
        app=next((line for line in steps if line.pk == app), None),
        passkeys=[line for line in steps if line.pk != app],
        codes_left=codes_left(codes) if codes else None,
        is_required=needs_step(person.role),
    )


def role_duties() -> list[RoleDuty]:
    """Return for each role whether its login needs two steps."""
    required, without = studio_settings().factor_roles, people_without_step()
    return [
        RoleDuty(role.value, str(role.label), role.value in required, without.get(role.value, 0))
        for role in Role
    ]


def app_secret(person: Person, secret: str) -> AppSecret:
    """Draw the secret of an app that is being set up."""
    adapter = get_adapter()
    address = adapter.build_totp_url(person, secret)
    picture = b64encode(adapter.build_totp_svg(address).encode()).decode()
    groups = (secret[at : at + GROUP] for at in range(0, len(secret), GROUP))
    return AppSecret(f"data:image/svg+xml;base64,{picture}", " ".join(groups), address)


def codes_file(person: Person, codes: Sequence[str]) -> str:
    """Return an address that holds recovery codes as a text file."""
    told = {"name": person.username, "studio": settings.STUDIO_URL}
    head = _("Recovery codes of %(name)s at %(studio)s. Each works once.") % told
    return f"data:text/plain;charset=utf-8,{quote(chr(10).join([head, '', *codes, '']))}"


def _line(factor: Authenticator) -> FactorLine:
    is_passkey = factor.type == Type.WEBAUTHN
    return FactorLine(
        pk=factor.pk,
        name=name_of(factor),
        added_at=factor.created_at,
        used_at=factor.last_used_at,
        logs_in=is_passkey and bool(factor.wrap().is_passwordless),
    )
