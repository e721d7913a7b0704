"""Background jobs as screens show them: what each does, how far it is, what it did."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from omixa_studio.models import BackgroundJob, JobState, Person
from omixa_studio.queries import background
from omixa_studio.sentences import tell

from .kinds import WORDS
from .words import JobLink, JobWords

UNNAMED = JobWords(title=lambda job: _("Work in the background"), ended=lambda job: _("Done."))


@dataclass(frozen=True, kw_only=True)
class JobCard:
    """A job in finished words: how it ended (`sentence`), the path that undoes it (`undo`)."""

    job: BackgroundJob
    title: str
    sentence: str
    link: JobLink | None
    undo: str
    undone: bool

    @property
    def is_open(self) -> bool:
        return self.job.is_open

    @property
    def is_waiting(self) -> bool:
        return self.job.state == JobState.QUEUED

    @property
    def failed(self) -> bool:
        return self.job.state == JobState.FAILED


@dataclass(frozen=True)
class JobMenu:
    """The jobs that every page shows."""

    cards: Sequence[JobCard] = ()

    @property
    def open(self) -> Sequence[JobCard]:
        return [card for card in self.cards if card.is_open]

    @property
    def percent(self) -> int | None:
        """Return how much of the open jobs is done, 0 to 100; None while a total is not known."""
        totals = [card.job.total for card in self.open]
        if not all(totals):
            return None
        done = sum(min(card.job.done, card.job.total or 0) for card in self.open)
        return 100 * done // sum(total or 0 for total in totals) if totals else None

    @property
    def stamp(self) -> str:
        """Return a short string by which a page says which jobs it shows in which state."""
        return ",".join(
            f"{card.job.pk}{'o' if card.is_open else 'e'}{card.job.done}{'u' * card.undone}"
            for card in self.cards
        )


def menu_of(person: Person) -> JobMenu:
    """Read the jobs to show on every page of a person."""
    return JobMenu(cards_of(background.shown_jobs(person)) if person.has_jobs else ())


def cards_of(jobs: Sequence[BackgroundJob]) -> list[JobCard]:
    """Put jobs into words."""
    undone = background.undone_among(jobs)
    return [card_of(job, undone=job.pk in undone) for job in jobs]


def card_of(job: BackgroundJob, *, undone: bool) -> JobCard:
    """Put a job into words; `undone` is whether it is undone, or being undone."""
    words = WORDS.get(job.kind, UNNAMED)
    undoable = not (job.is_open or undone) and words.undoable(job)
    return JobCard(
        job=job,
        title=words.title(job),
        sentence=_ending(job, words),
        link=words.link(job) if job.state == JobState.DONE else None,
        undo=reverse("job_undo", args=[job.pk]) if undoable else "",
        undone=undone,
    )


def ended_since(menu: JobMenu, seen: str) -> list[JobCard]:
    """Return the jobs that have ended since a page got the stamp `seen`."""
    open_then = {one.partition("o")[0] for one in seen.split(",") if "o" in one}
    return [card for card in menu.cards if not card.is_open and str(card.job.pk) in open_then]


def _ending(job: BackgroundJob, words: JobWords) -> str:
    if job.is_open:
        return ""
    if job.state == JobState.FAILED:
        return tell(job.error)
    said = words.ended(job)
    return _("Cancelled. %(done)s") % {"done": said} if job.state == JobState.CANCELLED else said
