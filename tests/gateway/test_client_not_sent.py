"""Calls of which nothing was sent: free, and safe to try again."""

import socket
import time

import pytest

from omixa_studio.gateway.client import Gateway
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.sentences import tell
from tests.gateway.conftest import Certificate, GatewayAt, Kept, Serve, Visit


def call(gateway: Gateway, sink: Kept) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        gateway.generate(b"{}", sink)
    return caught.value


def assert_nothing_was_sent(error: GatewayError) -> None:
    assert (error.charged, error.retryable, error.state) == ("no", True, "failed")
    assert error.kind == "unavailable"
    assert tell(error.told).endswith("Nothing was charged.")


def test_it_is_free_when_the_connection_is_refused(gateway_at: GatewayAt, sink: Kept) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert_nothing_was_sent(call(gateway_at(f"http://127.0.0.1:{port}"), sink))


def test_it_is_free_when_the_name_is_not_known(gateway_at: GatewayAt, sink: Kept) -> None:
    assert_nothing_was_sent(call(gateway_at("https://nowhere.invalid/api/v1"), sink))


def test_it_is_free_when_connecting_takes_too_long(gateway_at: GatewayAt, sink: Kept) -> None:
    # A listener whose backlog is full answers no more connections.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = []
        for _ in range(3):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            waiting.append(one)
        started = time.monotonic()
        error = call(gateway_at(f"http://127.0.0.1:{port}", connect_timeout=0.5), sink)
        assert 0.4 < time.monotonic() - started < 3
        for one in waiting:
            one.close()
    assert_nothing_was_sent(error)
    assert "Timeout" in error.detail


def test_it_is_free_when_the_server_does_not_speak_tls(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    def script(visit: Visit) -> None:
        visit.sock.recv(1000)
        visit.sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert_nothing_was_sent(call(gateway_at(serve(script).url("/api/v1")), sink))


def test_it_is_free_when_the_server_hangs_up_in_the_handshake(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    server = serve(lambda visit: visit.sock.recv(10))
    assert_nothing_was_sent(call(gateway_at(server.url("/api/v1")), sink))


def test_it_is_free_when_the_handshake_is_reset(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    def script(visit: Visit) -> None:
        visit.sock.recv(10)
        visit.reset()

    assert_nothing_was_sent(call(gateway_at(serve(script).url("/api/v1")), sink))


def test_it_is_free_when_the_certificate_is_not_trusted(
    serve: Serve, gateway_at: GatewayAt, sink: Kept, certificate: Certificate
) -> None:
    server = serve(lambda visit: visit.read_request(), certificate.server)
    error = call(gateway_at(server.url("/api/v1")), sink)
    assert_nothing_was_sent(error)
    assert "certificate" in tell(error.told)
    assert not any(visit.head for visit in server.visits)


def test_it_is_free_when_the_certificate_is_for_another_name(
    serve: Serve, gateway_at: GatewayAt, sink: Kept, certificate: Certificate
) -> None:
    server = serve(lambda visit: visit.read_request(), certificate.server)
    here = server.url("/api/v1", host="127.0.0.2")
    error = call(gateway_at(here, ca_file=certificate.ca_file), sink)
    assert_nothing_was_sent(error)


def test_it_ends_a_handshake_that_drips_at_the_deadline(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    def script(visit: Visit) -> None:
        visit.sock.recv(1000)
        visit.sock.sendall(b"\x16\x03\x03\x3f\xff")  # a record of 16 KiB begins
        visit.drip(b"\x02", 0.1)

    started = time.monotonic()
    error = call(gateway_at(serve(script).url("/api/v1"), call_seconds=1.0), sink)
    assert 0.5 < time.monotonic() - started < 10
    assert_nothing_was_sent(error)


def test_it_is_free_when_there_is_no_time_left(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    server = serve(lambda visit: visit.read_request())
    error = call(gateway_at(server.base_url, call_seconds=0.0), sink)
    assert_nothing_was_sent(error)
    assert not any(visit.head for visit in server.visits)
