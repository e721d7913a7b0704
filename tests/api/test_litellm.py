"""litellm as a client; it needs an older openai than the tests, and so an environment."""

import json
import subprocess

import pytest

from tests.api.studios import ApiStudio
from tests.servers import PROJECT

PYTHON = ("sh", "scripts/python.sh", ".venv-litellm", "requirements-litellm.lock")


@pytest.mark.slow
def test_litellm_works(studio: ApiStudio) -> None:
    told = ["tests/api/with_litellm.py", studio.base_url, studio.token]
    done = subprocess.run([*PYTHON, *told], cwd=PROJECT, check=True, stdout=subprocess.PIPE)
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen == {"pictures": ["PNG", "PNG"], "failed": "424", "refused": "400"}
    assert len(studio.sandbox.calls) == 3
