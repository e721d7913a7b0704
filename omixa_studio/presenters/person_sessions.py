"""Where somebody is logged in, in words: "Firefox · Linux"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from omixa_studio.dates import date_format, local
from omixa_studio.models import Person
from omixa_studio.places import numbered
from omixa_studio.queries.person_sessions import LiveSession, count_live, live_sessions

MOST_SHOWN = 20
# The first that matches: most browsers say that they are several others, too.
BROWSERS = {
    "Edge": r"Edg(e|A|iOS)?/",
    "Opera": r"OPR/|Opera",
    "Firefox": r"Firefox/|FxiOS/",
    "Chrome": r"Chrome/|CriOS/",
    "Safari": r"Safari/",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "macOS": "Mac OS X|Macintosh",
    "ChromeOS": "CrOS",
    "Linux": "Linux|X11",
}


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """A session in the list; `is_this` is the one that shows the page."""

    pk: int
    device: str
    address: str
    began_at: datetime
    used_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class SessionTexts:
    """A session as the texts that `{% tiles %}` fills in; `end` is "" for the one of the page."""

    device: str
    address: str
    since: str
    used: str
    end: str


@dataclass(frozen=True)
class SessionList:
    """A person's sessions, as many as are shown, and the number of those that are not."""

    lines: Sequence[SessionLine]
    more: int

    @property
    def texts(self) -> list[SessionTexts]:
        """Return the lines for the template."""
        end = numbered("session_end")
        return [
            SessionTexts(
                device=one.device,
                address=one.address,
                since=date_format(local(one.began_at), "j E Y, H:i"),
                used=date_format(local(one.used_at), "j E Y"),
                end="" if one.is_this else end(one.pk),
            )
            for one in self.lines
        ]


def sessions_shown(person: Person, key: str | None) -> SessionList:
    """Return a person's sessions; the one of a key first, then the newest."""
    lines = [_line(one, key) for one in live_sessions(person, key, most=MOST_SHOWN)]
    more = count_live(person) - len(lines) if len(lines) == MOST_SHOWN else 0
    return SessionList(lines, max(more, 0))


def device_name(browser: str) -> str:
    """Return what a browser calls itself in short: "Firefox · Linux"."""
    known = (_first(BROWSERS, browser), _first(SYSTEMS, browser))
    return " · ".join(filter(None, known)) or _("Unknown browser")


def _line(one: LiveSession, key: str | None) -> SessionLine:
    return SessionLine(
        pk=one.row.pk,
        device=device_name(one.row.browser),
        address=one.row.address,
        began_at=one.row.created_at,
        used_at=max(one.used_at, one.row.created_at),
        is_this=one.row.session_key == key,
    )


def _first(names: dict[str, str], text: str) -> str:
    return next((name for name, sign in names.items() if re.search(sign, text)), "")
