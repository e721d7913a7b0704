"""The lines under the bar of every page: what is held back, by whom and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from omixa_studio.models import ENVIRONMENT, Brake, Pause, Person, WalletWarning
from omixa_studio.queries import brakes, gateway_keys, pauses, wallet


@dataclass(frozen=True)
class PauseLine:
    """A pause that holds back requests; `resumes` is whether this person may end it.

    `key` is the name of the key whose requests wait, "" for that of the environment or all;
    `of_environment` is whether only those with the environment's key do while there are others.
    """

    pause: Pause
    resumes: bool
    key: str = ""
    of_environment: bool = False

    @property
    def stamp(self) -> str:
        until = int(self.pause.until.timestamp()) if self.pause.until else 0
        return f"p{self.pause.pk}-{until}"


@dataclass(frozen=True)
class Lines:
    """The brakes and pauses that hold back this person's requests, unread notices, and for admins
    whether the wallet is low.

    `lets_go` is whether this person may release a brake.
    """

    brakes: Sequence[Brake] = ()
    lets_go: bool = False
    pauses: Sequence[PauseLine] = ()
    low: WalletWarning | None = None
    sandbox: bool = False
    unread: int = 0

    @property
    def stamp(self) -> str:
        """Return a short string that a page sends back to get the lines only if they differ."""
        stopped = [str(brake.pk) for brake in self.brakes]
        paused = [one.stamp for one in self.pauses] or ["-"]
        low = [f"w{self.low.left_micros}"] if self.low else []
        return ".".join([*stopped, *paused, *low, f"n{self.unread}"])


def lines_of(
    person: Person, *, paused: bool = True, braked: bool = True, low: bool = True
) -> Lines:
    """Read what holds back a person's requests; not what is known to be missing."""
    target = settings.GATEWAY_TARGET
    return Lines(
        brakes=brakes.brakes_for(target, person) if braked else (),
        lets_go=person.is_admin,
        pauses=_pauses(target, person) if paused else (),
        low=wallet.low_wallet(target) if low and person.is_admin else None,
        sandbox=settings.SANDBOX_MODE,
        unread=person.unread,
    )


def _pauses(target: str, person: Person) -> list[PauseLine]:
    rows = pauses.holding_for(target, person)
    names = pauses.names_of_keys([row.gateway_key for row in rows])
    has_others = any(row.gateway_key == ENVIRONMENT for row in rows) and gateway_keys.are_there(
        target
    )
    return [
        PauseLine(
            row,
            resumes=person.is_admin and row.until is None,
            key=names.get(row.gateway_key or ENVIRONMENT, ""),
            of_environment=has_others and row.gateway_key == ENVIRONMENT,
        )
        for row in rows
    ]
