"""Two at once, with real threads, on both databases: one first admin, never none."""

import subprocess
import sys

TWELVE_SET_UP = """
from omixa_studio.services.people import make_first_admin
made = together(lambda n: make_first_admin(f"admin{n}", "tall-blue-harbour"))
assert sum(person is not None for person in made) == 1, made
assert Person.objects.count() == 1
"""
ALL_ADMINS_LEAVE = """
from omixa_studio.services import people
from omixa_studio.services.audit import STUDIO
Person.objects.all().delete()
admins = [Person.objects.create(username=f"a{n}", role="admin") for n in range(12)]
steps = (
    lambda one: people.change_role(one, "member", by=STUDIO),
    lambda one: people.deactivate(one, by=STUDIO),
)
def leave(n):
    try:
        steps[n % 2](admins[n])
    except people.LastAdminError:
        return admins[n]
kept = [one for one in together(leave) if one]
assert len(kept) == 1, kept
assert Person.objects.filter(role="admin", is_active=True).count() == 1
"""
RACE = """
import threading
import django
django.setup()
from django.db import connection
from omixa_studio.models import Person
def together(step, count=12):
    results, start = [None] * count, threading.Barrier(count)
    def run(n):
        start.wait()
        results[n] = step(n)
        connection.close()
    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return results
"""


def test_it_makes_one_first_admin_and_keeps_one_last(surroundings: dict[str, str]) -> None:
    race = RACE + TWELVE_SET_UP + ALL_ADMINS_LEAVE
    done = subprocess.run(
        [sys.executable, "-c", race], env=surroundings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
