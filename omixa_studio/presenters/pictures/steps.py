"""The words of steps on many pictures: before, meanwhile and afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from omixa_studio.models import BackgroundJob, JobState
from omixa_studio.presenters.background.words import JobLink, JobWords
from omixa_studio.services.selections import MOST_AT_ONCE, step_of
from omixa_studio.templatetags.studio import grouped

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, kw_only=True)
class StepWords:
    """What a step is called: its button, its icon, the question, while it runs, when it is done.

    `withheld` tells why it left some as they were. A step with a dialog of its own has no question.
    """

    button: StrPromise | str = ""
    icon: str = ""
    asks: StrPromise | None = None
    doing: StrPromise
    said: StrPromise
    withheld: StrPromise | None = None


WORDS = {
    "share": StepWords(
        button=gettext_lazy("Share"),
        icon="share",
        asks=ngettext_lazy(
            "Share %(n)s picture with the team?", "Share %(n)s pictures with the team?", "count"
        ),
        doing=ngettext_lazy("Sharing %(n)s picture", "Sharing %(n)s pictures", "count"),
        said=ngettext_lazy(
            "%(n)s picture shared with the team.", "%(n)s pictures shared with the team.", "count"
        ),
        withheld=ngettext_lazy(
            "Not shared: the team judges %(n)s picture blind until its test is closed.",
            "Not shared: the team judges %(n)s pictures blind until their tests are closed.",
            "count",
        ),
    ),
    "private": StepWords(
        button=gettext_lazy("Make private"),
        icon="lock",
        asks=ngettext_lazy("Make %(n)s picture private?", "Make %(n)s pictures private?", "count"),
        doing=ngettext_lazy(
            "Making %(n)s picture private", "Making %(n)s pictures private", "count"
        ),
        said=ngettext_lazy(
            "Made private: %(n)s picture.", "Made private: %(n)s pictures.", "count"
        ),
    ),
    "star": StepWords(
        button=gettext_lazy("Star"),
        icon="star",
        asks=ngettext_lazy("Star %(n)s picture?", "Star %(n)s pictures?", "count"),
        doing=ngettext_lazy("Starring %(n)s picture", "Starring %(n)s pictures", "count"),
        said=ngettext_lazy("%(n)s picture starred.", "%(n)s pictures starred.", "count"),
        withheld=ngettext_lazy(
            "%(n)s is rejected and stays so.", "%(n)s are rejected and stay so.", "count"
        ),
    ),
    "reject": StepWords(
        button=gettext_lazy("Reject"),
        icon="close",
        asks=ngettext_lazy("Reject %(n)s picture?", "Reject %(n)s pictures?", "count"),
        doing=ngettext_lazy("Rejecting %(n)s picture", "Rejecting %(n)s pictures", "count"),
        said=ngettext_lazy("%(n)s picture rejected.", "%(n)s pictures rejected.", "count"),
        withheld=ngettext_lazy(
            "%(n)s has a star and keeps it.", "%(n)s have a star and keep it.", "count"
        ),
    ),
    "unreject": StepWords(
        button=gettext_lazy("Reject no longer"),
        icon="undo",
        asks=ngettext_lazy(
            "Reject %(n)s picture no longer?", "Reject %(n)s pictures no longer?", "count"
        ),
        doing=ngettext_lazy(
            "Taking back the rejection of %(n)s picture",
            "Taking back the rejection of %(n)s pictures",
            "count",
        ),
        said=ngettext_lazy(
            "%(n)s picture is not rejected any more.",
            "%(n)s pictures are not rejected any more.",
            "count",
        ),
    ),
    "unstar": StepWords(
        button=gettext_lazy("Remove star"),
        icon="starred",
        asks=ngettext_lazy(
            "Remove the star of %(n)s picture?", "Remove the stars of %(n)s pictures?", "count"
        ),
        doing=ngettext_lazy(
            "Removing the star of %(n)s picture", "Removing the stars of %(n)s pictures", "count"
        ),
        said=ngettext_lazy(
            "Star removed from %(n)s picture.", "Stars removed from %(n)s pictures.", "count"
        ),
    ),
    "tag": StepWords(
        button=gettext_lazy("Tag"),
        icon="tag",
        asks=ngettext_lazy("Tag %(n)s picture?", "Tag %(n)s pictures?", "count"),
        doing=ngettext_lazy("Tagging %(n)s picture", "Tagging %(n)s pictures", "count"),
        said=ngettext_lazy("%(n)s picture tagged.", "%(n)s pictures tagged.", "count"),
        withheld=ngettext_lazy(
            "%(n)s has as many tags as a picture can have.",
            "%(n)s have as many tags as a picture can have.",
            "count",
        ),
    ),
    "untag": StepWords(
        button=gettext_lazy("Remove tag"),
        icon="tag",
        asks=ngettext_lazy(
            "Remove a tag from %(n)s picture?", "Remove a tag from %(n)s pictures?", "count"
        ),
        doing=ngettext_lazy(
            "Removing a tag from %(n)s picture", "Removing a tag from %(n)s pictures", "count"
        ),
        said=ngettext_lazy(
            "Tag removed from %(n)s picture.", "Tag removed from %(n)s pictures.", "count"
        ),
    ),
    "trash": StepWords(
        button=gettext_lazy("Move to trash"),
        icon="trash",
        asks=ngettext_lazy(
            "Move %(n)s picture to the trash?", "Move %(n)s pictures to the trash?", "count"
        ),
        doing=ngettext_lazy(
            "Moving %(n)s picture to the trash", "Moving %(n)s pictures to the trash", "count"
        ),
        said=ngettext_lazy(
            "%(n)s picture moved to the trash.", "%(n)s pictures moved to the trash.", "count"
        ),
    ),
    "restore": StepWords(
        button=gettext_lazy("Restore"),
        icon="undo",
        asks=ngettext_lazy("Restore %(n)s picture?", "Restore %(n)s pictures?", "count"),
        doing=ngettext_lazy("Restoring %(n)s picture", "Restoring %(n)s pictures", "count"),
        said=ngettext_lazy("%(n)s picture restored.", "%(n)s pictures restored.", "count"),
        withheld=ngettext_lazy(
            "%(n)s stays in the trash: your pictures may take no more room.",
            "%(n)s stay in the trash: your pictures may take no more room.",
            "count",
        ),
    ),
}
COLLECTED = StepWords(
    doing=ngettext_lazy(
        "Adding %(n)s picture to a collection", "Adding %(n)s pictures to a collection", "count"
    ),
    said=ngettext_lazy(
        "%(n)s picture added to the collection.", "%(n)s pictures added to the collection.", "count"
    ),
)
TAGGED = StepWords(
    doing=ngettext_lazy(
        "Changing the tag of %(n)s picture", "Changing the tag of %(n)s pictures", "count"
    ),
    said=ngettext_lazy("Tag changed on %(n)s picture.", "Tag changed on %(n)s pictures.", "count"),
)
UNTAGGED = StepWords(
    doing=ngettext_lazy(
        "Removing a tag from %(n)s picture", "Removing a tag from %(n)s pictures", "count"
    ),
    said=ngettext_lazy(
        "Tag removed from %(n)s picture.", "Tag removed from %(n)s pictures.", "count"
    ),
)
COLLECTING = ("collect", "share_and_collect", "uncollect")
WORDS |= {
    "collect": COLLECTED,
    "share_and_collect": COLLECTED,
    "put_back": COLLECTED,
    "tag_off": UNTAGGED,
    "put_tag_back": TAGGED,
    "tag_again": TAGGED,
    "replace_tag": TAGGED,
    "uncollect": StepWords(
        doing=ngettext_lazy(
            "Removing %(n)s picture from a collection",
            "Removing %(n)s pictures from a collection",
            "count",
        ),
        said=ngettext_lazy(
            "%(n)s picture removed from the collection.",
            "%(n)s pictures removed from the collection.",
            "count",
        ),
    ),
}


@dataclass(frozen=True, kw_only=True)
class StepQuestion:
    """The question before a step: what happens to how many, who is left out; and what was sent.

    `of` is the name of a value that is still to be given, "" if none is.
    """

    words: StepWords
    title: str
    notes: Sequence[str]
    sent: Sequence[tuple[str, str]]
    danger: bool
    of: str = ""


def question_of(
    name: str, *, count: int, left_out: int, sent: Sequence[tuple[str, str]], of: str = ""
) -> StepQuestion:
    """Ask before a step on `count` pictures; `left_out` more are somebody else's.

    `sent` are the fields of the form, to be sent again, `of` is the one that is missing.
    """
    notes = []
    if left_out:
        notes.append(
            ngettext(
                "%(n)s selected picture is not yours and stays as it is.",
                "%(n)s selected pictures are not yours and stay as they are.",
                left_out,
            )
            % {"n": grouped(left_out)}
        )
    if count > MOST_AT_ONCE:
        notes.append(_("This runs in the background. You can cancel it, and undo it as a whole."))
    return StepQuestion(
        words=WORDS[name],
        title=_counted(WORDS[name].asks or WORDS[name].doing, count),
        notes=notes,
        sent=sent,
        danger=name == "trash",
        of=of,
    )


def taken(job: BackgroundJob) -> str:
    """Say what a step has changed, and why it left some as they were."""
    words, result = WORDS[job.parameters["step"]], job.result
    changed = result.get("changed", 0)
    said = [_counted(words.said, changed) if changed else _("Nothing had to be changed.")]
    if gone := _gone(job):
        said.append(
            ngettext("%(n)s was gone meanwhile.", "%(n)s were gone meanwhile.", gone)
            % {"n": grouped(gone)}
        )
    withheld = result.get("withheld", 0)
    if withheld and words.withheld:
        said.append(_counted(words.withheld, withheld))
    return " ".join(said)


def started(job: BackgroundJob) -> str:
    """Say what a step in the background is doing."""
    return _counted(WORDS[job.parameters["step"]].doing, job.total or 0)


def _collection_of(job: BackgroundJob) -> JobLink | None:
    if job.parameters["step"] not in COLLECTING:
        return None
    return JobLink(
        reverse("collection", args=[job.parameters["values"]["into"]]), _("Show the collection")
    )


STEP_JOB = JobWords(
    title=started,
    ended=taken,
    link=_collection_of,
    undoable=lambda job: bool(step_of(job).undo and job.result.get("changed")),
)
UNDO_JOB = JobWords(title=lambda job: _("Undo: %(what)s") % {"what": started(job)}, ended=taken)


def _gone(job: BackgroundJob) -> int:
    ended = job.state == JobState.DONE
    return max((job.total or 0) - job.done, 0) if ended else 0


def _counted(words: StrPromise, count: int) -> str:
    values: Mapping[str, object] = {"n": grouped(count), "count": count}
    return words % values
