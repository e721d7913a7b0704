"""A practice studio full of demonstration data, for what looks at real pages."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import requests

PROJECT = Path(__file__).resolve().parent.parent
ADMIN, PASSWORD = "demo-1", "only-for-demonstration-1"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS_TO_START = 120
# What a studio of the deployer's would say does not matter here.
TOLD = ("STUDIO_", "OMIXA_", "DATABASE_URL", "QUEUE_URL", "STORAGE_URL")


@contextmanager
def practice_studio(
    *, pictures: int = 400, people: int = 12, project: Path = PROJECT
) -> Iterator[str]:
    """Serve a new studio with so much in it until the end; give its address.

    ADMIN may log in with PASSWORD.
    """
    with tempfile.TemporaryDirectory(prefix="omixa-practice-") as folder:
        port = _free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(TOLD)}
        told = {**kept, "STUDIO_DATA_DIR": folder, "STUDIO_PORT": str(port)}
        filling = ["demo", "--pictures", str(pictures), "--charges", str(3 * pictures)]
        filling += ["--people", str(people), "--password", PASSWORD]
        subprocess.run(  # noqa: S603 (ours)
            [sys.executable, "manage.py", *filling],
            cwd=project,
            env=told,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        studio = subprocess.Popen(
            [sys.executable, "manage.py", "studio", "--with-parent"],
            cwd=project,
            env=told,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address)
            yield address
        finally:
            studio.terminate()
            studio.wait()


def logged_in(address: str, name: str = ADMIN) -> requests.Session:
    """Log in with PASSWORD; give the session."""
    session = requests.Session()
    session.get(f"{address}/login/", timeout=60)
    token = next(c.value for c in session.cookies if c.name.startswith("studio_form"))
    form = {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": token}
    session.post(f"{address}/login/", form, timeout=60).raise_for_status()
    return session


def cookies_of(session: requests.Session) -> list[Any]:
    """Give the cookies of a session as browsers are told of them."""
    return [
        {"name": cookie.name, "value": cookie.value, "domain": cookie.domain, "path": cookie.path}
        for cookie in session.cookies
    ]


def newest_picture(session: requests.Session, address: str) -> str:
    """Give the path of the page of the newest picture that the team shares."""
    page = session.get(f"{address}/team/", timeout=60).text
    return "/pictures/" + page.partition('href="/pictures/')[2].partition('"')[0]


def chromium() -> str:
    """Give the path of the system's Chromium or Chrome; CHROMIUM in the environment wins."""
    named = os.environ.get("CHROMIUM", "")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), "")
    return found or sys.exit("No Chromium and no Chrome was found; CHROMIUM may name one.")


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{address}/health", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    sys.exit(f"The studio did not answer within {SECONDS_TO_START} s.")
