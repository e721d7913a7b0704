"""The lines under the bar of every page: what is held back, by whom and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from omixa_studio.models import Brake, Pause, Person
from omixa_studio.queries import brakes, pauses


@dataclass(frozen=True)
class Lines:
    """The brakes that hold back this person's requests, and the pause of the queue.

    `lets_go` is whether this person may release a brake, `resumes` whether they may end the pause.
    """

    brakes: Sequence[Brake] = ()
    lets_go: bool = False
    pause: Pause | None = None
    resumes: bool = False
    sandbox: bool = False

    @property
    def stamp(self) -> str:
        """Return a short string that a page sends back to get the lines only if they differ."""
        pause = self.pause
        until = int(pause.until.timestamp()) if pause and pause.until else 0
        stopped = [str(brake.pk) for brake in self.brakes]
        return ".".join([*stopped, f"p{pause.pk}-{until}" if pause else "-"])


def lines_of(person: Person) -> Lines:
    """Read what holds back a person's requests."""
    target = settings.GATEWAY_TARGET
    pause = pauses.current_pause(target)
    return Lines(
        brakes=brakes.brakes_for(target, person),
        lets_go=person.is_admin,
        pause=pause,
        resumes=person.is_admin and pause is not None and pause.until is None,
        sandbox=settings.SANDBOX_MODE,
    )
