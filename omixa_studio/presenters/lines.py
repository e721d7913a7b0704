"""The lines under the bar of every page: what is stopped, by whom and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from omixa_studio.models import Brake, Pause, Person
from omixa_studio.queries import brakes, pauses


@dataclass(frozen=True)
class Lines:
    """What an admin stopped of everybody or of this person, and what paused the queue.

    `lets_go` says that this person may end a brake, `resumes` that they may end the pause.
    """

    brakes: Sequence[Brake] = ()
    lets_go: bool = False
    pause: Pause | None = None
    resumes: bool = False
    sandbox: bool = False

    @property
    def stamp(self) -> str:
        """The same in few letters: a page says what it shows, and gets what differs."""
        pause = self.pause
        until = int(pause.until.timestamp()) if pause and pause.until else 0
        stopped = [str(brake.pk) for brake in self.brakes]
        return ".".join([*stopped, f"p{pause.pk}-{until}" if pause else "-"])


def lines_of(person: Person) -> Lines:
    """Read what is stopped for a person."""
    target = settings.GATEWAY_TARGET
    pause = pauses.current_pause(target)
    return Lines(
        brakes=brakes.brakes_for(target, person),
        lets_go=person.is_admin,
        pause=pause,
        resumes=person.is_admin and pause is not None and pause.until is None,
        sandbox=settings.SANDBOX_MODE,
    )
