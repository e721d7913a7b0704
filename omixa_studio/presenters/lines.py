"""The lines under the bar of every page: what is held back, by whom and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from omixa_studio.models import Brake, Pause, Person, WalletWarning
from omixa_studio.queries import brakes, pauses, wallet


@dataclass(frozen=True)
class Lines:
    """The brakes that hold back this person's requests, the pause of the queue, unread notices, and
    for admins whether the wallet is low.

    `lets_go` is whether this person may release a brake, `resumes` whether they may end the pause.
    """

    brakes: Sequence[Brake] = ()
    lets_go: bool = False
    pause: Pause | None = None
    resumes: bool = False
    low: WalletWarning | None = None
    sandbox: bool = False
    unread: int = 0

    @property
    def stamp(self) -> str:
        """Return a short string that a page sends back to get the lines only if they differ."""
        pause = self.pause
        until = int(pause.until.timestamp()) if pause and pause.until else 0
        stopped = [str(brake.pk) for brake in self.brakes]
        paused = f"p{pause.pk}-{until}" if pause else "-"
        low = [f"w{self.low.left_micros}"] if self.low else []
        return ".".join([*stopped, paused, *low, f"n{self.unread}"])


def lines_of(
    person: Person, *, paused: bool = True, braked: bool = True, low: bool = True
) -> Lines:
    """Read what holds back a person's requests; not what is known to be missing."""
    target = settings.GATEWAY_TARGET
    pause = pauses.current_pause(target) if paused else None
    return Lines(
        brakes=brakes.brakes_for(target, person) if braked else (),
        lets_go=person.is_admin,
        pause=pause,
        resumes=person.is_admin and pause is not None and pause.until is None,
        low=wallet.low_wallet(target) if low and person.is_admin else None,
        sandbox=settings.SANDBOX_MODE,
        unread=person.unread,
    )
