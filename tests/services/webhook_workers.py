"""Real workers that send to a real server, one of them killed; the environment names the database.

Run by tests/services/test_webhooks.py as a process of its own: settings are read once.
"""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from ipaddress import ip_network

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from omixa_studio.models import Generation, Person, WebhookDelivery, WebhookTry  # noqa: E402
from tests.factories import make_generation, make_webhook  # noqa: E402
from tests.gateway.conftest import BadGateway, Visit  # noqa: E402
from tests.servers import PROJECT, wait_until  # noqa: E402

SECONDS = 120
SURROUNDINGS = {
    **os.environ,
    "STUDIO_WEBHOOK_NETWORKS": "127.0.0.0/8",
    "STUDIO_SANDBOX_URL": "http://127.0.0.1:9/api/v1",
}
got: list[str] = []


def main() -> None:
    settings.WEBHOOK_NETWORKS = (ip_network("127.0.0.0/8"),)
    server = BadGateway(take)
    ada = Person.objects.create(username="ada")
    make_webhook(ada, url=f"http://127.0.0.1:{server.port}/hook")
    end(make_generation(ada, state="running"))

    killed = start()
    wait_until(lambda: got, SECONDS)
    killed.kill()
    killed.wait()
    row = WebhookDelivery.objects.get()
    assert (row.state, row.tries, WebhookTry.objects.count()) == ("waiting", 1, 0)
    WebhookDelivery.objects.update(lease=timezone.now() - timedelta(seconds=1))

    workers = [start(), start()]
    wait_until(lambda: delivered() == 1, SECONDS)
    assert got == [row.message] * 2, got
    assert WebhookDelivery.objects.get().tries == 2
    for _request in range(20):
        end(make_generation(ada, state="running"))
    wait_until(lambda: delivered() == 21, SECONDS)
    assert (len(got), len(set(got))) == (22, 21), got
    for one in workers:
        one.send_signal(signal.SIGTERM)
        assert one.wait(60) == 0


def take(visit: Visit) -> None:
    """Answer all but the first, which waits for its answer until it is killed."""
    visit.read_request()
    got.append(visit.headers["webhook-id"])
    if len(got) == 1:
        visit.hold()
    visit.answer(b"thanks")


def start() -> "subprocess.Popen[bytes]":
    command = [sys.executable, "manage.py", "worker", "--stop-seconds", "1"]
    return subprocess.Popen(command, cwd=PROJECT, env=SURROUNDINGS)


def end(row: Generation) -> None:
    Generation.objects.filter(pk=row.pk).update(state="done")


def delivered() -> int:
    return WebhookDelivery.objects.filter(state="delivered").count()


if __name__ == "__main__":
    main()
