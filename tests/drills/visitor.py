"""An admin at a running studio, and what they see while something is broken."""

import html
import re
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.api.studios import ApiStudio, broken_promises
from tests.servers import wait_until

MODEL = "imagen-4.0-generate-001"
# Longer than SQLite waits for a lock.
SECONDS_TO_ANSWER = 60
# A pause because of a folder ends by itself after a minute.
SECONDS_TO_GO_ON = 120
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
CLICK = re.compile(r'id="click" value="([^"]+)"')
NOT_WORDS = re.compile(r"<(script|style|svg|head)\b.*?</\1>|<[^>]*>", re.DOTALL)


@dataclass(frozen=True)
class Seen:
    """An answer as a person meets it: its status and its words, without marks."""

    status: int
    words: str


@dataclass
class Visitor:
    """The admin of a studio, in a browser without script."""

    studio: ApiStudio
    browser: requests.Session = field(default_factory=requests.Session)
    page: str = ""

    def log_in(self) -> "Visitor":
        """Log in, and open the page with the composer."""
        self._get("/login/")
        self._post("/login/", login="root", password="a long enough one")
        self.wait_to_read("Generate")
        return self

    def look(self, path: str = "/") -> Seen:
        """Open a page; that of the composer stays open for the next press."""
        answer = self._get(path)
        if path == "/" and CLICK.search(answer.text):
            self.page = answer.text
        return _seen(answer)

    def wait_to_read(self, words: str, seconds: float = 60) -> None:
        """Wait until the page with the composer says something."""
        until = time.monotonic() + seconds
        while words not in (read := self.look().words):
            if time.monotonic() > until:
                pauses = self.studio.ask("SELECT reason, until, error FROM omixa_studio_pause")
                raise AssertionError(f"{words!r} is not in {read!r}, {pauses}")
            time.sleep(0.2)

    def press(self, prompt: str) -> Seen:
        """Press Generate on the composer that was opened last, as often as wanted the same one."""
        [click] = CLICK.findall(self.page)
        return _seen(self._post("/generations/", click=click, model=MODEL, prompt=prompt))

    def buy(self, prompt: str, seconds: float = 60) -> None:
        """Make a picture from a new form, and wait until it is there."""
        assert self.look().status == 200
        assert self.press(prompt).status == 200
        wait_until(lambda: self.studio.state_of(prompt) == "done", seconds)

    def ready(self) -> tuple[int, dict[str, Any]]:
        """Ask `/ready`: the status, and a line for each part."""
        answer = requests.get(f"{self.studio.address}/ready", timeout=SECONDS_TO_ANSWER)
        return answer.status_code, answer.json()

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait until `/ready` says yes."""
        wait_until(lambda: self.ready()[0] == 200, seconds)

    def failing(self) -> set[str]:
        """Return the parts that `/ready` says are failing."""
        status, told = self.ready()
        parts = {name for name, part in told.items() if name != "ready" and not part["ok"]}
        assert (status == 503) == bool(parts), told
        return parts

    def order(self, prompt: str) -> tuple[int, dict[str, Any]]:
        """Ask for a picture as a program does, without waiting; the status and the JSON."""
        answer = requests.post(
            f"{self.studio.address}/api/v1/generations",
            json={"model": MODEL, "prompt": prompt},
            headers={"Authorization": f"Bearer {self.studio.token}", "Idempotency-Key": prompt},
            timeout=SECONDS_TO_ANSWER,
        )
        return answer.status_code, answer.json()

    def fetch(self, picture: object) -> tuple[int, dict[str, Any]]:
        """Ask for a picture's file as a program does; the status and the JSON of a refusal."""
        answer = requests.get(
            f"{self.studio.address}/api/v1/pictures/{picture}/file",
            headers={"Authorization": f"Bearer {self.studio.token}"},
            timeout=SECONDS_TO_ANSWER,
        )
        return answer.status_code, answer.json()

    def _get(self, path: str) -> requests.Response:
        return self.browser.get(f"{self.studio.address}{path}", timeout=SECONDS_TO_ANSWER)

    def _post(self, path: str, **fields: str) -> requests.Response:
        shown = self.page or self._get(path).text
        fields["csrfmiddlewaretoken"] = TOKEN.findall(shown)[0]
        return self.browser.post(f"{self.studio.address}{path}", fields, timeout=SECONDS_TO_ANSWER)


def _seen(answer: requests.Response) -> Seen:
    words = html.unescape(NOT_WORDS.sub(" ", answer.text))
    return Seen(answer.status_code, " ".join(words.split()))


def nothing_is_broken(visitor: Visitor, *prompts: str, unknown: str = "") -> None:
    """Everything goes on by itself; each was bought once and is there, but for an unknown one."""
    visitor.studio.wait_until_done(SECONDS_TO_GO_ON)
    visitor.wait_until_ready()
    visitor.buy("Afterwards")
    assert {visitor.studio.state_of(prompt) for prompt in prompts} <= {"done"}
    assert visitor.studio.state_of(unknown) == ("unknown" if unknown else "")
    assert broken_promises(visitor.studio, [*prompts, unknown, "Afterwards"]) == []
