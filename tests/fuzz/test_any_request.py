"""Whatever is asked, at every address, by everybody: never a 500, and never an answer cut off.

`--requests 10000` asks so many; by default it is three hundred. `--seed` draws others.
"""

import gzip
import random
import traceback
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from omixa_studio import awaiting, ledger_guard
from omixa_studio.models import Person, TokenScope
from omixa_studio.views import openai
from tests.factories import make_person
from tests.fuzz.any_request import ADDRESSES, MOST_PIECES, Asked, Asker
from tests.pages import Answer
from tests.views.rules import RULES, path_of
from tests.views.test_every_address import token_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.timeout(7200),
]
ROLES = ("admin", "member", "manager", "admin")
TOKENS = (*([one] for one in TokenScope.values), TokenScope.values, TokenScope.values)
REQUESTS_OF_A_STUDIO = 200


@pytest.fixture(autouse=True)
def _nobody_waits_for_long(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """No worker runs here, so who waits for a picture would wait in vain."""
    settings.MODELS_TOML = tmp_path / "models.toml"
    settings.CALL_SECONDS = 0.05
    monkeypatch.setattr(openai, "SECONDS_IN_LINE", 0)
    monkeypatch.setattr(openai, "SECONDS_BETWEEN_LOOKS", 0.02)
    monkeypatch.setattr(openai, "SECONDS_BETWEEN_COMMENTS", 0.02)
    wait_for = awaiting.wait_for

    def shortly(group: Any, seconds: float, **more: Any) -> bool:
        return wait_for(group, min(seconds, 0.05), **more)

    monkeypatch.setattr(awaiting, "wait_for", shortly)


def test_nothing_is_answered_with_500(request: pytest.FixtureRequest) -> None:
    number, seed = request.config.getoption("requests"), request.config.getoption("seed")
    run = Run(random.Random(seed))
    names = sorted(ADDRESSES)
    run.luck.shuffle(names)
    for count, name in zip(range(number), cycle(names), strict=False):
        if count % REQUESTS_OF_A_STUDIO == 0:
            run.begin_anew()
        run.ask(name)
    print(f"{number} requests, seed {seed}: {dict(sorted(run.answered.items()))}")
    assert run.wrong == {}
    # Most are let in, or the generator would prove nothing.
    assert sum(run.answered[status] for status in (401, 404, 405)) < number / 2
    assert run.answered[200] > number / 10


@pytest.mark.parametrize(
    ("path", "status"),
    # What the fuzzing found.
    [
        ("/people/", 200),
        (f"/pictures/{2**63}/collect/", 404),
        (f"/pictures/{10**40}/collect/", 404),
    ],
)
def test_it_stays_mended(client: Client, path: str, status: int) -> None:
    client.force_login(make_person(role="admin"))
    headers = {"HX-Request": "true", "HX-Current-URL": "http://["}
    assert client.get(path, headers=headers).status_code == status


@pytest.mark.parametrize("act", ["star", "unstar", "reject", "unreject", "private", "share"])
def test_no_picture_has_a_number_so_large(client: Client, act: str) -> None:
    client.force_login(make_person())
    assert client.post(f"/pictures/{2**63}/{act}/").status_code == 404


class Run:
    """Asks one request after another; `wrong` are answers that should not be, by their cause."""

    def __init__(self, luck: random.Random) -> None:
        self.luck, self.asker = luck, Asker(luck)
        self.answered: Counter[int] = Counter()
        self.wrong: dict[str, str] = {}
        self.people: dict[str, Person] = {}

    def begin_anew(self) -> None:
        """Empty the studio, since an admin may have closed it to everybody by now."""
        ledger_guard.allow_changes()
        call_command("flush", interactive=False, verbosity=0)
        cache.clear()
        self.people = {role: make_person(role=role) for role in set(ROLES)}
        if not self.asker.forms:
            self._read_pages()

    def ask(self, name: str) -> None:
        """Send a request to an address, as somebody who is often let in."""
        person = self._person(self.luck.choice(ROLES))
        asked = self.asker.request(name, person)
        client, token = Client(raise_request_exception=False), {}
        if RULES[name].scope and self.luck.random() < 0.9:
            scopes = self.luck.choice(TOKENS)
            token = {"Authorization": f"Bearer {token_for(person, scopes)}"}
        elif self.luck.random() < 0.9:
            client.force_login(person)
        self._judge(asked, self._answer(client, asked, token))
        # What the tests call a passkey holds no key.
        Authenticator.objects.filter(type="webauthn").delete()

    def _answer(self, client: Client, asked: Asked, token: dict[str, str]) -> Answer:
        return client.generic(
            asked.method,
            asked.path,
            asked.body,
            asked.kind,
            headers={**asked.headers, **token},
            # How often somebody may ask is counted by where they ask from.
            REMOTE_ADDR=f"10.{self.luck.randrange(256)}.{self.luck.randrange(256)}.7",
        )

    def _judge(self, asked: Asked, answer: Answer) -> None:
        self.answered[answer.status_code] += 1
        if answer.status_code >= 500 and asked.address != "readiness":
            self.wrong.setdefault(_cause_of(answer), str(asked))
        try:
            html = _read(answer)
        except Exception as error:  # noqa: BLE001 (whatever it is, the answer was cut off)
            self.wrong.setdefault(f"cut off by {error!r}", str(asked))
            return
        if answer.get("Content-Type", "").startswith("text/html"):
            self.asker.learn_forms(html.decode(), asked.path)

    def _person(self, role: str) -> Person:
        """Return somebody with a role, anew if they were renamed, closed or lowered meanwhile."""
        person = Person.objects.filter(pk=self.people[role].pk, role=role, is_active=True).first()
        if person is None or person.must_change_password:
            person = self.people[role] = make_person(role=role)
        return person

    def _read_pages(self) -> None:
        client = Client()
        client.force_login(self.people["admin"])
        for name, rule in RULES.items():
            if "GET" in rule.methods and rule.who not in ("nobody", "strangers") and not rule.scope:
                path = path_of(name, self.people["admin"])
                answer = client.get(path)
                if answer.get("Content-Type", "").startswith("text/html"):
                    self.asker.learn_forms(_read(answer).decode(), path)


def _read(answer: Answer) -> bytes:
    if answer.streaming:
        pieces: Iterator[bytes] = getattr(answer, "streaming_content")  # noqa: B009 (the stubs')
        return b"".join(islice(pieces, MOST_PIECES))
    is_packed = answer.get("Content-Encoding") == "gzip"
    return gzip.decompress(answer.content) if is_packed else answer.content


def _cause_of(answer: Answer) -> str:
    """Where in our code it went wrong, so that one fault is told once."""
    broke = getattr(answer, "exc_info", None)
    if not broke:
        return f"{answer.status_code} {answer.resolver_match and answer.resolver_match.url_name}"
    lines = traceback.extract_tb(broke[2])
    ours = [line for line in lines if "omixa_studio" in line.filename] or list(lines)
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].name}"
    return f"{answer.status_code} {broke[1]!r:.200} in {place}"
