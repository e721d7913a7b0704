"""The form of a comment. Saves nothing."""

from dataclasses import dataclass

from django.http import QueryDict

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.directions import without_controls
from omixa_studio.models import Approval
from omixa_studio.models.comments import LONGEST_COMMENT, LONGEST_GUEST_NAME

from .generation import read_id

NOTHING_SAID = N_("Write something, or say whether the picture is approved.")
TOO_LONG = N_("A comment has up to %(most)s characters. Yours has %(given)s.")
NO_NAME = N_("Say who you are, so that people know whom to answer.")


@dataclass(frozen=True)
class CommentAsked:
    """A comment as it was typed: text, what it says of the picture, and for which link's guests.

    `name` is the name that a guest gives, on one line. `faults` say why it cannot be kept.
    """

    text: str
    approval: str = ""
    link_id: int | None = None
    name: str = ""
    faults: tuple[Fault, ...] = ()


def read_comment(data: QueryDict, *, by_guest: bool = False, approves: bool = True) -> CommentAsked:
    """Read the form of a comment; one that `approves` nothing has to have a text."""
    text = plain_text(data.get("text", ""))
    approval = data.get("approval", "") if approves else ""
    approval = approval if approval in Approval.values else ""
    given = without_controls(data.get("name", "").replace("\x00", " "))
    name = " ".join(given.split())[:LONGEST_GUEST_NAME]
    faults = []
    if not text and not approval:
        faults.append(Fault("text", NOTHING_SAID, {}))
    if len(text) > LONGEST_COMMENT:
        told = {"most": LONGEST_COMMENT, "given": len(text)}
        faults.append(Fault("text", TOO_LONG, told))
    if by_guest and not name:
        faults.append(Fault("name", NO_NAME, {}))
    link_id = read_id(data.get("link", "")) if data.get("link") else None
    return CommentAsked(text, approval, link_id, name, tuple(faults))


def plain_text(text: str) -> str:
    """Return a text with the line ends of this machine, without NUL and outer spaces."""
    return text.replace("\x00", " ").replace("\r\n", "\n").replace("\r", "\n").strip()
