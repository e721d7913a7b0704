"""Calls that may have reached the gateway: the outcome is unknown, and nothing is sent again."""

import time
from collections.abc import Callable

import pytest

from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.records import RawAnswer
from omixa_studio.gateway.wire import read_answer
from omixa_studio.sentences import tell
from tests.gateway.conftest import Certificate, Failing, GatewayAt, Kept, Script, Serve, Visit

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def hang_up_after(sent: bytes) -> Script:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.sock.sendall(sent)

    return script


def reset_after(sent: bytes) -> Script:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.sock.sendall(sent)
        visit.reset()

    return script


def hang_up_unread(visit: Visit) -> None:
    visit.sock.recv(1)


def reset_unread(visit: Visit) -> None:
    visit.sock.recv(1)
    visit.reset()


def assert_unknown(error: GatewayError) -> None:
    assert (error.charged, error.retryable, error.state) == ("unknown", False, "unknown")
    assert error.kind == "gateway"
    assert tell(error.told).endswith("It is not known whether it was charged.")


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(hang_up_unread, id="hangs up while we send"),
        pytest.param(reset_unread, id="resets while we send"),
        pytest.param(hang_up_after(b""), id="hangs up without an answer"),
        pytest.param(reset_after(b""), id="resets without an answer"),
        pytest.param(hang_up_after(b"no http at all\r\n\r\n"), id="not HTTP"),
        pytest.param(hang_up_after(b"HTTP/1.1 abc Odd\r\n\r\n"), id="status not a number"),
        pytest.param(hang_up_after(b"\x00\xff" * 40000), id="binary junk"),
        pytest.param(hang_up_after(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200), id="200 headers"),
        pytest.param(hang_up_after(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70000), id="long header"),
        pytest.param(hang_up_after(HEAD), id="cut off before the body"),
        pytest.param(hang_up_after(HEAD + b"x" * 999), id="cut off before the last byte"),
        pytest.param(reset_after(HEAD + b"x" * 500), id="reset in the body"),
        pytest.param(hang_up_after(CHUNKED), id="no chunk"),
        pytest.param(hang_up_after(CHUNKED + b"5\r\nab"), id="cut off in a chunk"),
        pytest.param(hang_up_after(CHUNKED + b"2\r\nab\r\n"), id="no last chunk"),
        pytest.param(hang_up_after(CHUNKED + b"zz\r\nab\r\n"), id="chunk size not a number"),
        pytest.param(hang_up_after(CHUNKED + b"-5\r\nab\r\n"), id="negative chunk size"),
    ],
)
def test_it_is_unknown_when_the_gateway_breaks_off(
    failing: Failing, script: Callable[..., object]
) -> None:
    assert_unknown(failing(script, body=b"x" * 2**21))


@pytest.mark.parametrize("sent", [b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Le"])
def test_it_is_unknown_when_the_head_is_cut_off(
    serve: Serve, gateway_at: GatewayAt, sink: Kept, sent: bytes
) -> None:
    """HTTP takes this for an empty answer that ended, so it is the reader who says unknown."""
    gateway_at(serve(hang_up_after(sent)).base_url).generate(b"{}", sink)
    with pytest.raises(GatewayError) as caught:
        read_answer(RawAnswer(sink.status, sink.headers, sink.body), asked=1)
    assert (caught.value.charged, caught.value.state) == ("unknown", "unknown")


def test_it_is_unknown_when_the_answer_announces_too_much(failing: Failing, sink: Kept) -> None:
    error = failing(hang_up_after(HEAD + b"x" * 1000), answer_bytes=999)
    assert_unknown(error)
    assert "larger" in tell(error.told)
    assert sink.body == b""


def test_it_is_unknown_when_the_answer_grows_too_large(failing: Failing, sink: Kept) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.sock.sendall(CHUNKED)
        visit.drip(b"10000\r\n" + b"x" * 65536 + b"\r\n", 0)

    assert_unknown(failing(script, answer_bytes=2**20))
    assert len(sink.body) <= 2**20


def test_it_takes_an_answer_of_just_the_largest_size(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    server = serve(hang_up_after(HEAD + b"x" * 1000))
    gateway_at(server.base_url, answer_bytes=1000).generate(b"{}", sink)
    assert len(sink.body) == 1000


def read_then_drip(sent: bytes, piece: bytes) -> Script:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.sock.sendall(sent)
        visit.drip(piece)

    return script


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(lambda visit: (visit.read_request(), visit.hold()), id="never answers"),
        pytest.param(lambda visit: visit.hold(), id="never reads our body"),
        pytest.param(read_then_drip(b"", b"H"), id="drips the status"),
        pytest.param(read_then_drip(b"HTTP/1.1 200 OK\r\nA: ", b"b"), id="drips a header"),
        pytest.param(read_then_drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="says continue"),
        pytest.param(read_then_drip(HEAD, b"x"), id="drips the body"),
        pytest.param(read_then_drip(CHUNKED, b"1\r\nx\r\n"), id="drips chunks"),
        pytest.param(read_then_drip(CHUNKED, b"1"), id="drips a chunk size"),
        pytest.param(read_then_drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), id="drips without length"),
    ],
)
def test_it_ends_at_the_deadline_whatever_the_gateway_does(
    failing: Failing, script: Callable[..., object]
) -> None:
    started = time.monotonic()
    error = failing(script, body=b"x" * 2**24, call_seconds=1.5)
    assert 1.0 < time.monotonic() - started < 10
    assert_unknown(error)
    assert "too long" in tell(error.told)


def test_it_keeps_an_answer_whose_body_was_complete_at_the_deadline(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    server = serve(read_then_drip(CHUNKED + b"5\r\nwhole\r\n0\r\n", b"A: b\r\n"))
    started = time.monotonic()
    gateway_at(server.base_url, call_seconds=4.0).generate(b"{}", sink)
    assert 3.5 < time.monotonic() - started < 15
    assert sink.body == b"whole"


def test_it_keeps_an_answer_for_which_the_sink_was_too_slow(
    serve: Serve, gateway_at: GatewayAt
) -> None:
    class Slow(Kept):
        def write(self, chunk: bytes) -> None:
            super().write(chunk)
            time.sleep(4.2)  # a disk that hangs, past the deadline

    slow, server = Slow(), serve(hang_up_after(HEAD + b"x" * 1000))
    gateway_at(server.base_url, call_seconds=4.0).generate(b"{}", slow)
    assert len(slow.body) == 1000


def test_it_ends_at_the_deadline_over_tls_as_well(
    serve: Serve, gateway_at: GatewayAt, sink: Kept, certificate: Certificate
) -> None:
    server = serve(read_then_drip(HEAD, b"x"), certificate.server)
    gateway = gateway_at(server.url("/api"), ca_file=certificate.ca_file, call_seconds=1.5)
    started = time.monotonic()
    with pytest.raises(GatewayError) as caught:
        gateway.generate(b"{}", sink)
    assert 1.0 < time.monotonic() - started < 10
    assert_unknown(caught.value)
