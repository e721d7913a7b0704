"""The rooms that read and write rows pass their tests on a real PostgreSQL as well."""

import os
import subprocess
import sys

import pytest

from tests.servers import PROJECT

# Every service, and the pages whose statements a database may take in its own way.
ROWS = [
    "--rows-only",
    "tests/services",
    "tests/views/test_studio_submit.py",
    "tests/views/test_studio_board.py",
    "tests/views/test_gallery.py",
    "tests/views/test_gallery_filters.py",
    "tests/views/test_selections.py",
    "tests/views/test_bulk.py",
    "tests/views/test_marks.py",
    "tests/views/test_similar.py",
    "tests/views/test_geometry.py",
    "tests/views/test_search.py",
    "tests/views/test_costs_export.py",
    "tests/views/test_exports.py",
    "tests/views/test_origins.py",
    "tests/views/test_colours.py",
    "tests/views/test_costs.py",
    "tests/views/test_keepers.py",
    "tests/views/test_people_list.py",
    "tests/views/test_many_limits.py",
    "tests/views/test_budgets.py",
    "tests/views/test_presets.py",
    "tests/views/test_collections.py",
    "tests/views/test_review.py",
    "tests/views/test_guests.py",
    "tests/views/test_comments.py",
    "tests/views/test_blind_tests.py",
    "tests/views/test_acts.py::test_it_finds_people_of_the_log_however_they_are_spelled",
    "tests/views/test_runs.py",
    "tests/views/test_unready.py::test_a_database_that_takes_no_writes_says_so",
    "tests/views/test_api_pictures.py",
    "tests/views/test_api_costs.py",
]
PARTS = {
    "rows, a third": [*ROWS, "--share=1/3"],
    "rows, another third": [*ROWS, "--share=2/3"],
    "rows, the last third": [*ROWS, "--share=3/3"],
    # The same instants and fewer kills: what differs is what a lost connection leaves.
    "crash": [
        "tests/crash/test_instants.py",
        "tests/crash/test_random_kills.py",
        "tests/crash/test_older_copies.py",
        "tests/crash/test_dear_pictures.py",
    ],
    "operations": ["tests/crash/test_operations.py"],
}


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.first
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", PARTS)
def test_it_passes_on_postgresql_too(part: str, postgres_url: str) -> None:
    # With the settings' name in the environment they would be loaded before the address is.
    theirs = ("PYTEST", "DJANGO_SETTINGS_MODULE")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "0",
            "-p",
            "no:cacheprovider",
            *PARTS[part],
        ],
        cwd=PROJECT,
        env={**ours, "TEST_DATABASE_URL": postgres_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=840,
    )
    assert done.returncode == 0, done.stdout[-20_000:]
