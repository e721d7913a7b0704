"""The gateway's keys as their page and that of a project show them; never a secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from omixa_studio.models import ENVIRONMENT, GatewayKey, Pause, Project
from omixa_studio.queries import gateway_keys as reads
from omixa_studio.queries.pauses import pauses_by_key
from omixa_studio.services import gateway_secrets

from .targets import target_name


@dataclass(frozen=True, kw_only=True)
class KeyCard:
    """A key with the projects that name it, and what is under way with it.

    `trouble` is why its requests wait, "" if they do not; `elsewhere` is the gateway it is for, if
    that is not the one in use.
    """

    key: GatewayKey
    projects: Sequence[Project]
    open: int
    last_sent: datetime | None
    trouble: str
    elsewhere: str = ""

    @property
    def is_used(self) -> bool:
        return bool(self.projects or self.open)


@dataclass(frozen=True, kw_only=True)
class KeyPage:
    """The keys of the gateway in use, and those of others; `trouble` is of the environment's."""

    gateway: str
    cards: Sequence[KeyCard]
    others: Sequence[KeyCard]
    trouble: str
    practice: bool


@dataclass(frozen=True)
class KeyChoice:
    """The keys to choose from for a project, with the one it names; none to show if `keys` is
    empty and it names none.
    """

    keys: Sequence[GatewayKey]
    chosen: GatewayKey | None
    elsewhere: str = ""

    @property
    def is_shown(self) -> bool:
        return bool(self.keys or self.chosen)


def key_page() -> KeyPage:
    """Draw all keys that were not ended."""
    target = settings.GATEWAY_TARGET
    here, elsewhere = list(reads.keys_of(target)), reads.keys_elsewhere(target)
    every = [*here, *elsewhere]
    projects, counts = reads.projects_of(every), reads.open_requests(every)
    last, pauses = reads.last_sent(every), pauses_by_key(target)
    readable = gateway_secrets.readable(every)

    def card(key: GatewayKey, where: str = "") -> KeyCard:
        return KeyCard(
            key=key,
            projects=projects.get(key.pk, ()),
            open=counts.get(key.pk, 0),
            last_sent=last.get(key.pk),
            trouble=_trouble(key, pauses.get(key.pk), readable=key.pk in readable),
            elsewhere=where,
        )

    of_environment = pauses.get(ENVIRONMENT)
    return KeyPage(
        gateway=target_name(target),
        cards=[card(key) for key in here],
        others=[card(key, target_name(key.target)) for key in elsewhere],
        trouble=str(of_environment.get_reason_display()) if of_environment else "",
        practice=settings.SANDBOX_MODE,
    )


def key_choice(project: Project) -> KeyChoice:
    """Return the keys that a project can name."""
    target, chosen = settings.GATEWAY_TARGET, project.gateway_key
    elsewhere = target_name(chosen.target) if chosen and chosen.target != target else ""
    return KeyChoice(list(reads.keys_of(target)), chosen, elsewhere)


def _trouble(key: GatewayKey, pause: Pause | None, *, readable: bool) -> str:
    if not readable:
        return _("Its secret cannot be read: type it again")
    if key.paused_at:
        return _("Paused")
    return str(pause.get_reason_display()) if pause else ""
