"""A paid call that goes well, and what is in it."""

import json
from pathlib import Path

import pytest

from omixa_studio.gateway.errors import GatewayError
from tests.gateway.conftest import Certificate, GatewayAt, Kept, Serve, Visit


def read_and_answer(visit: Visit) -> None:
    visit.read_request()
    visit.answer(b'{"data": []}', "Content-Type: application/json", "X-Request-Id: r-1")


def test_it_posts_exactly_the_body_it_was_given(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    server = serve(read_and_answer)
    gateway_at(server.base_url).generate(b'{"prompt":"a\xc3\xa9  cat"}', sink)
    (visit,) = server.visits
    assert visit.request_line == "POST /api/v1/images/generations HTTP/1.1"
    assert visit.body == b'{"prompt":"a\xc3\xa9  cat"}'
    assert visit.headers["content-type"] == "application/json"
    assert visit.headers["accept-encoding"] == "identity"
    assert "cookie" not in visit.headers


def test_it_hands_status_headers_of_interest_and_body_to_the_sink(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    gateway_at(serve(read_and_answer).base_url).generate(b"{}", sink)
    assert sink.status == 200
    assert sink.headers == {
        "content-type": "application/json",
        "content-length": "12",
        "x-request-id": "r-1",
    }
    assert sink.body == b'{"data": []}'


def test_it_reads_a_chunked_answer_to_its_end(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        visit.sock.sendall(head + b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")

    gateway_at(serve(script).base_url).generate(b"{}", sink)
    assert sink.body == b"abcdefg"


@pytest.mark.parametrize("status", [204, 302, 401, 429, 500, 599])
def test_it_hands_over_an_answer_of_any_status(
    serve: Serve, gateway_at: GatewayAt, sink: Kept, status: int
) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.answer(b"", "Location: /elsewhere", status=f"{status} Whatever")

    server = serve(script)
    gateway_at(server.base_url).generate(b"{}", sink)
    assert (sink.status, sink.body) == (status, b"")
    assert len(server.visits) == 1


def test_it_opens_a_connection_of_its_own_for_each_call(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    server = serve(read_and_answer)
    gateway = gateway_at(server.base_url)
    gateway.generate(b"{}", sink)
    gateway.generate(b"{}", sink)
    assert len(server.visits) == 2


def test_it_keeps_its_key_where_a_netrc_names_the_host(
    serve: Serve,
    gateway_at: GatewayAt,
    sink: Kept,
    key: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(read_and_answer)
    gateway_at(server.base_url).generate(b"{}", sink)
    assert server.visits[0].headers["authorization"] == f"Bearer {key}"


def test_it_ignores_proxies_of_the_environment(
    serve: Serve, gateway_at: GatewayAt, sink: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(read_and_answer)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    server = serve(read_and_answer)
    gateway_at(server.base_url).generate(b"{}", sink)
    assert (len(server.visits), len(proxy.visits)) == (1, 0)


def test_it_asks_the_guard_once_before_the_first_byte(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    server = serve(read_and_answer)
    heads: list[bytes] = []

    def guard() -> None:
        heads.append(b"".join(visit.head for visit in server.visits))

    gateway_at(server.base_url).generate(b"{}", sink, guard)
    assert heads == [b""]


@pytest.mark.parametrize("refusal", [LookupError("taken"), OSError("disk"), TimeoutError("late")])
def test_it_sends_nothing_when_the_guard_refuses(
    serve: Serve, gateway_at: GatewayAt, sink: Kept, refusal: Exception
) -> None:
    received: list[bytes] = []
    server = serve(lambda visit: received.append(visit.sock.recv(100)))

    def guard() -> None:
        raise refusal

    with pytest.raises(type(refusal)) as caught:
        gateway_at(server.base_url).generate(b"{}", sink, guard)
    assert caught.value is refusal
    assert b"".join(received) == b""


def test_it_lets_what_the_sink_raises_out_as_it_is(serve: Serve, gateway_at: GatewayAt) -> None:
    class Full:
        def head(self, status: int, headers: dict[str, str]) -> None: ...

        def write(self, chunk: bytes) -> None:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left") as caught:
        gateway_at(serve(read_and_answer).base_url).generate(b"{}", Full())
    assert not isinstance(caught.value, GatewayError)


def test_it_speaks_tls_with_a_certificate_it_trusts(
    serve: Serve, gateway_at: GatewayAt, sink: Kept, certificate: Certificate
) -> None:
    server = serve(read_and_answer, certificate.server)
    gateway_at(server.url("/api/v1"), ca_file=certificate.ca_file).generate(b"{}", sink)
    assert sink.status == 200


def test_it_sends_megabytes_uphill_past_the_connect_timeout(
    serve: Serve, gateway_at: GatewayAt, sink: Kept
) -> None:
    def script(visit: Visit) -> None:
        visit.stopped.wait(1.0)  # far longer than the time to connect
        read_and_answer(visit)

    server = serve(script)
    body = json.dumps({"prompt": "x" * 2**24}).encode()
    gateway_at(server.base_url, connect_timeout=0.2).generate(body, sink)
    assert server.visits[0].body == body
