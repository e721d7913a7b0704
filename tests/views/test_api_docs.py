"""The page of the API says everything that the schema does, and its examples work."""

import os
import re
import subprocess
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from omixa_studio.models import Collection, Person
from tests.factories import (
    draw_png,
    make_budget_request,
    make_generation,
    make_limit,
    make_picture,
)
from tests.views.programs import program_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
CURL = re.compile(r"<pre><code>(.*?)</code></pre>", re.DOTALL)
# The number in every example.
PK = 17


def test_it_draws_every_operation_field_and_shape(client: Client, person: Person) -> None:
    page = client.get("/api/docs").content.decode()
    schema = client.get("/api/v1/openapi.json").json()
    for path, item in schema["paths"].items():
        for method, told in item.items():
            assert f"<b>{method.upper()}</b> {path}</code>" in page
            assert all(f"<code>{one['name']}</code>" in page for one in told["parameters"])
    for name, shape in schema["components"]["schemas"].items():
        assert f'id="shape-{name}"' in page
        assert all(f"<code>{field}</code>" in page for field in shape.get("properties", ()))
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


# The server has connections of its own.
@pytest.mark.django_db(transaction=True)
def test_its_examples_work_as_they_stand(
    client: Client, person: Person, live_server: LiveServer, tmp_path: Path
) -> None:
    commands = [unescape(one) for one in CURL.findall(client.get("/api/docs").content.decode())]
    make_generation(person, pk=PK, state="queued")
    make_picture(make_generation(person), pk=PK)
    make_picture(make_generation(person), pk=PK + 1)
    Collection.objects.create(pk=PK, owner=person, name="Sea")
    make_budget_request(person, pk=PK)
    make_limit(person.pk, 5_000_000)
    (tmp_path / "harbour.png").write_bytes(draw_png((96, 64)))
    told = {"STUDIO": live_server.url, "TOKEN": program_of(person).text, "no_proxy": "*"}
    assert len(commands) > 20
    for command in commands:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path,
            env={**os.environ, **told},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=False,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, (command, done.stdout[-600:])
