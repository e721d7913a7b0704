"""The free lists, whose shape nobody has documented."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from omixa_studio.gateway.client import Gateway
from omixa_studio.gateway.errors import GatewayError
from tests.gateway.conftest import BadGateway, GatewayAt, Serve, Visit

Answering = Callable[..., tuple[Gateway, BadGateway]]


@pytest.fixture
def answering(serve: Serve, gateway_at: GatewayAt) -> Answering:
    """Make a client whose gateway answers every question with this."""

    def make(document: object, status: str = "200 OK") -> tuple[Gateway, BadGateway]:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()

        def script(visit: Visit) -> None:
            visit.read_request()
            visit.answer(body, status=status)

        server = serve(script)
        return gateway_at(server.base_url), server

    return make


MODEL = {
    "slug": "imagen-4.0-generate-001",
    "name": "Imagen 4",
    "modality": "image",
    "provider": "google",
    "prices": {"image_per_unit": "0.040000", "minimum_hold": 0.01, "per": None},
    "new_key": [1],
}


@pytest.mark.parametrize(
    "shape", [[MODEL], {"data": [MODEL]}, {"object": "list", "models": [MODEL]}]
)
def test_it_reads_models_from_a_list_however_wrapped(answering: Answering, shape: object) -> None:
    gateway, server = answering(shape)
    (found,) = gateway.list_models()
    assert (found.slug, found.name) == ("imagen-4.0-generate-001", "Imagen 4")
    assert (found.modality, found.provider) == ("image", "google")
    assert found.prices == {"image_per_unit": "0.040000", "minimum_hold": "0.01"}
    assert found.raw["new_key"] == ["1"]
    assert server.visits[0].request_line == "GET /api/v1/models HTTP/1.1"
    assert "content-type" not in server.visits[0].headers


def test_it_skips_entries_that_are_no_models(answering: Answering) -> None:
    gateway, _ = answering(
        [None, 5, "x", {}, {"id": ""}, {"id": "MAI-Image-2.5", "image_price": "1"}]
    )
    (found,) = gateway.list_models()
    assert (found.slug, found.name, found.prices) == (
        "MAI-Image-2.5",
        "MAI-Image-2.5",
        {"image_price": "1"},
    )


def test_it_reads_the_request_log(answering: Answering) -> None:
    entry = {
        "id": 17,
        "model": "imagen",
        "operation": "image.generate",
        "status": "ok",
        "cost": "0.039000",
        "created_at": "2026-06-05T12:00:00Z",
    }
    gateway, server = answering({"data": [entry, {"cost": 1e-3, "created": 1780660800}, {}]})
    first, second, third = gateway.usage_requests()
    assert (first.id, first.model, first.operation, first.status) == (
        "17",
        "imagen",
        "image.generate",
        "ok",
    )
    assert (first.cost, first.created) == (Decimal("0.039"), datetime(2026, 6, 5, 12, tzinfo=UTC))
    assert (second.cost, second.created) == (Decimal("0.001"), datetime(2026, 6, 5, 12, tzinfo=UTC))
    assert (third.id, third.cost, third.created) == ("", None, None)
    assert server.visits[0].request_line == "GET /api/v1/usage/requests HTTP/1.1"


@pytest.mark.parametrize("document", [b"", b"<html>", {"data": {}}, {"nothing": []}, "x", None, 5])
def test_it_says_so_where_the_answer_is_no_list(answering: Answering, document: object) -> None:
    gateway, _ = answering(document)
    with pytest.raises(GatewayError) as caught:
        gateway.list_models()
    assert (caught.value.charged, caught.value.state) == ("no", "failed")


@pytest.mark.parametrize("status", ["401 No", "404 Gone", "500 Oops", "503 Busy", "302 Found"])
def test_it_costs_nothing_when_the_gateway_refuses(answering: Answering, status: str) -> None:
    gateway, _ = answering({"error": {"message": "no"}}, status)
    with pytest.raises(GatewayError) as caught:
        gateway.usage_requests()
    assert (caught.value.charged, caught.value.status) == ("no", int(status[:3]))


def test_it_costs_nothing_when_the_connection_breaks(serve: Serve, gateway_at: GatewayAt) -> None:
    gateway = gateway_at(serve(lambda visit: visit.read_request()).base_url)
    with pytest.raises(GatewayError) as caught:
        gateway.list_models()
    assert (caught.value.charged, caught.value.state) == ("no", "failed")


def test_it_stops_a_list_without_end(serve: Serve, gateway_at: GatewayAt) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n[")
        visit.drip(b"0," * 32768, 0)

    with pytest.raises(GatewayError) as caught:
        gateway_at(serve(script).base_url).list_models()
    assert caught.value.charged == "no"
