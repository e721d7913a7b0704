"""People and programs at once on one studio: `python -m bench.load`.

Each person opens pages, generates now and then and polls as the script of the page does while
something is open; each program buys by the API, one after the other. Web server, worker, gateway
and those who ask share this machine.
"""

import argparse
import os
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import requests

from omixa_studio.sandbox import Sandbox
from tests.scale.machines import Browser, Cluster, Machine, cluster

from .processes import cpu_seconds
from .samples import picture, write_answer

MODEL = "imagen-4.0-generate-001"
GATEWAY_SECONDS = 2.0
PAGES = ("/", "/gallery/", "/gallery/?q=harbour", "/team/", "/collections/", "/account/")
SECONDS_BETWEEN_PAGES = (4.0, 12.0)
SECONDS_BETWEEN_POLLS = 0.5
# One page in so many is a click on Generate.
PAGES_PER_CLICK = 8
SECONDS_BETWEEN_CALLS = (2.0, 6.0)
STAMP = re.compile(r'data-seen="(\d+\.[^"]*)"')
# People with a token and a session each; what a password costs is not what is measured.
MAKE_PEOPLE = """
import django, json
django.setup()
from django.conf import settings
from django.test import Client
from omixa_studio.models import Person
from omixa_studio.services.tokens import make_token
made = []
for number in range({count}):
    person, client = Person.objects.create(username=f"person{{number}}"), Client()
    client.force_login(person)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    made.append([make_token(person, "load", ["make", "read"], None)[1], session])
print(json.dumps([settings.SESSION_COOKIE_NAME, made]))
"""


@dataclass
class Load:
    """What was asked so far: seconds by kind, and what went wrong."""

    studio: Cluster
    until: float = 0.0
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def goes_on(self) -> bool:
        return time.monotonic() < self.until

    def note(
        self,
        kind: str,
        began: float,
        answer: requests.Response,
        expected: int = 200,
        path: str = "",
    ) -> None:
        seconds = time.monotonic() - began
        with self.lock:
            for row in filter(None, (kind, path and f"{kind} {path}")):
                self.seconds[row].append(seconds)
            if answer.status_code != expected:
                self.faults[f"{kind}: {answer.status_code}"] += 1

    def failed(self, kind: str, error: Exception) -> None:
        with self.lock:
            self.faults[f"{kind}: {error!r:.160}"] += 1

    def browse(self, browser: Browser, number: int) -> None:
        """Be a person until the time is over."""
        luck, machine = random.Random(number), self._machine(number)
        time.sleep(luck.uniform(0, SECONDS_BETWEEN_PAGES[1]))
        while self.goes_on():
            try:
                if luck.randrange(PAGES_PER_CLICK) == 0:
                    self._generate(browser, machine, number)
                else:
                    path, began = luck.choice(PAGES), time.monotonic()
                    answer = browser.get(machine, path)
                    self.note("page", began, answer, path=path)
            except requests.RequestException as error:
                self.failed("page", error)
            time.sleep(luck.uniform(*SECONDS_BETWEEN_PAGES))

    def _generate(self, browser: Browser, machine: Machine, number: int) -> None:
        began = time.monotonic()
        form = {"model": MODEL, "prompt": f"A harbour of person {number} at {began}"}
        self.note("click", began, browser.post(machine, "/generations/", form), 303)
        seen = _stamps_of(browser.get(machine, "/").text)
        while seen and self.goes_on():
            time.sleep(SECONDS_BETWEEN_POLLS)
            began = time.monotonic()
            answer = browser.post(machine, "/generations/cards/", {"seen": ",".join(seen)})
            self.note("poll", began, answer, 204 if answer.status_code == 204 else 200)
            if answer.status_code == 200:
                seen = _stamps_of(answer.text)

    def call(self, token: str, number: int) -> None:
        """Be a program until the time is over."""
        luck, machine = random.Random(-number), self._machine(number)
        url = f"{machine.address}/v1/images/generations"
        while self.goes_on():
            body = {"model": MODEL, "prompt": f"By program {number} at {time.monotonic()}"}
            began = time.monotonic()
            try:
                headers = {"Authorization": f"Bearer {token}"}
                answer = requests.post(url, json=body, headers=headers, timeout=120)
                self.note("program", began, answer)
            except requests.RequestException as error:
                self.failed("program", error)
            time.sleep(luck.uniform(*SECONDS_BETWEEN_CALLS))

    def _machine(self, number: int) -> Machine:
        return self.studio.machines[number % len(self.studio.machines)]


def _stamps_of(html: str) -> list[str]:
    """Return what the cards of open requests on a page say of them; the script posts that."""
    return STAMP.findall(html)


def main(arguments: Sequence[str]) -> int:
    """Print seconds by kind and what went wrong; return 1 if anything did."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--programs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=300)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="omixa-load-") as name:
        answer = write_answer(Path(name) / "answer.json", [picture(512)])
        with (
            Sandbox(fixed_answer=answer.read_bytes(), seconds=GATEWAY_SECONDS) as gateway,
            cluster(Path(name), gateway, machines=1, threads=16) as studio,
        ):
            load = _run(Load(studio), options.people, options.programs, options.seconds)
    for fault, count in load.faults.most_common():
        print(f"{count} × {fault}")
    return 1 if load.faults else 0


def _run(load: Load, people: int, programs: int, seconds: float) -> Load:
    cookie, made = load.studio.ask(MAKE_PEOPLE.format(count=max(people, programs)))
    browsers = [Browser() for _ in range(people)]
    for browser, (_token, session) in zip(browsers, made, strict=False):
        browser.session.cookies.set(cookie, session)
        # Also gives the one-time value of forms.
        assert browser.get(load.studio.a, "/").status_code == 200
    pids = [process.pid for process in load.studio.a.running.values()]
    before, load.until = [cpu_seconds(pid) for pid in pids], time.monotonic() + seconds
    threads = [
        threading.Thread(target=load.browse, args=(browser, number))
        for number, browser in enumerate(browsers)
    ] + [
        threading.Thread(target=load.call, args=(made[number][0], number))
        for number in range(programs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used = [cpu_seconds(pid) - old for pid, old in zip(pids, before, strict=True)]
    _print(load, people, programs, seconds, used)
    return load


def _print(load: Load, people: int, programs: int, seconds: float, used: Sequence[float]) -> None:
    cores = ", ".join(
        f"{part} {cpu / seconds:.2f}" for part, cpu in zip(load.studio.a.running, used, strict=True)
    )
    print(f"{people} people and {programs} programs for {seconds:.0f} s; cores: {cores};")
    print(f"load of the machine {os.getloadavg()[0]:.1f}\n")
    print("| kind | answers | median | p95 | longest |\n|---|---|---|---|---|")
    for kind, times in sorted(load.seconds.items()):
        p95 = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        shown = [f"{1000 * value:.0f} ms" for value in (median(times), p95, max(times))]
        print(f"| {kind} | {len(times)} | {' | '.join(shown)} |")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
