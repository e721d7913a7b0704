"""What a worker hands to the services, for tests that do its turn themselves."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pybase64
from django.conf import settings

from omixa_studio.catalogue import load_catalogue
from omixa_studio.gateway.client import Gateway
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.models import Person, Picture
from omixa_studio.sandbox import Sandbox
from omixa_studio.sent import Journal
from omixa_studio.services import claims, running
from omixa_studio.services.space import Space
from omixa_studio.services.submission import Choice, submit
from omixa_studio.services.tools import Tools
from omixa_studio.spool import Spool


def make_tools(sandbox: Sandbox, folder: Path) -> Tools:
    """The tools of a worker with a spool in `folder`: the real client, with short limits."""
    gateway = Gateway(sandbox.base_url, sandbox.key, call_seconds=20, answer_bytes=32 * 2**20)
    return Tools(
        send=gateway.generate,
        send_with_key=gateway.generate,
        fetch=partial(gateway.fetch, max_bytes=2**20, seconds=5.0),
        spool=Spool(folder / "spool"),
        journal=Journal(folder / "sent"),
        catalogue=lambda: load_catalogue(settings.MODELS_TOML),
        unpacking=Space(2**20, turns=2),
        key=sandbox.key,
        worker="here:7",
    )


def buy(person: Person, originals: Sequence[bytes], folder: Path) -> list[Picture]:
    """Pictures of one answer, bought, received and kept as a worker does; at most a hundred."""
    catalogue = load_catalogue(None)
    model = catalogue.find("imagen-4.0-generate-001")
    assert model is not None
    data = [{"b64_json": pybase64.b64encode_as_string(one)} for one in originals]
    body = json.dumps({"data": data, "usage": {"billed_amount": "0.040000"}}).encode()
    with Sandbox() as sandbox:
        sandbox.script("answer-file", answer=body)
        choice = Choice(model=model, values={"prompt": "Six fields"})
        row = submit(person, choice, catalogue=catalogue, wake=lambda: None)
        take_turn(make_tools(sandbox, folder))
    return list(row.pictures.order_by("index"))


def take_turn(tools: Tools) -> GatewayError | None:
    """Claim what is next in line and run it to its end; give what went wrong."""
    row = claims.claim_next(settings.GATEWAY_TARGET, "test")
    assert row is not None
    return running.run(row, tools)
