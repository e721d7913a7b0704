"""Votes at the same moment, with real threads, on both databases: each pair and share once."""

import subprocess
import sys

from tests.services.test_admin_races import RACE

ROWS = """
from omixa_studio.models import Ballot, BlindTest, Contestant, Pair, Run, Vote
from omixa_studio.services import blind_tests
one = Person.objects.create(username="judge")
test = BlindTest.objects.create(
    run=Run.objects.create(kind="blind"), target="sandbox", name="x", prompts=["x"],
    pictures_each=1, pairs_each=5, pairs=12, ready_at="2026-01-01T00:00Z",
)
by = [Contestant.objects.create(test=test, position=n, model="m") for n in range(2)]
pairs = [
    Pair.objects.create(test=test, prompt=0, first_by=by[0], second_by=by[1], position=n)
    for n in range(12)
]
ballot = Ballot.objects.create(test=test, person=one)
"""
ONE_PAIR = """
taken = together(lambda n: blind_tests.vote(ballot, pairs[0], ("left", "right", "equal")[n % 3]))
assert sum(taken) == 1, taken
assert (Vote.objects.count(), Pair.objects.get(pk=pairs[0].pk).votes) == (1, 1)
"""
ONE_SHARE = """
taken = together(lambda n: blind_tests.vote(ballot, pairs[n], "left"))
assert (sum(taken), Vote.objects.count()) == (4, 5), taken
"""
UNDONE_AND_FINISHED = """
undone = together(lambda n: blind_tests.undo(ballot))
assert sum(pair is not None for pair in undone) == 5, undone
assert set(Pair.objects.values_list("votes", flat=True)) == {0}
assert together(lambda n: blind_tests.finish(ballot)).count(True) == 1
assert not blind_tests.vote(ballot, pairs[0], "left")
"""


def test_each_pair_and_each_share_is_judged_once(surroundings: dict[str, str]) -> None:
    race = RACE + ROWS + ONE_PAIR + ONE_SHARE + UNDONE_AND_FINISHED
    done = subprocess.run(
        [sys.executable, "-c", race], env=surroundings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
