"""Messages to somebody else's server: where they may go, and how much of an answer is read."""

import time
from ipaddress import ip_network

import pytest

from omixa_studio.gateway.posting import Receipt, address_fault, post
from tests.gateway.conftest import Certificate, Script, Serve, Visit

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
HEADERS = {"Content-Type": "application/json", "webhook-id": "msg_1"}


def on_loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def posted(url: str, **more: object) -> Receipt:
    return post(url, b"{}", HEADERS, **({"timeout": 2.0, "allowed_networks": LOOPBACK} | more))  # type: ignore[arg-type]


def test_it_posts_by_tls_to_the_address_that_was_checked(
    serve: Serve, certificate: Certificate
) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.answer(b"thanks\x00\n", status="202 Accepted")

    server = serve(script, certificate.server)
    receipt = posted(server.url("/in?a=1"), ca_file=certificate.ca_file, resolve=on_loopback)
    assert (receipt.status, receipt.answer, receipt.is_taken) == (202, "thanks\n", True)
    visit = server.visits[0]
    assert visit.request_line == "POST /in?a=1 HTTP/1.1"
    assert visit.headers["host"] == f"localhost:{server.port}"
    assert visit.headers["webhook-id"] == "msg_1"
    assert not visit.headers.keys() & {"authorization", "cookie", "referer"}


def test_only_a_named_file_makes_a_private_authority_trusted(
    serve: Serve, certificate: Certificate
) -> None:
    server = serve(lambda visit: None, certificate.server)
    for ca_file in (None, "/nowhere/ca.pem"):
        receipt = posted(server.url("/"), ca_file=ca_file, resolve=on_loopback)
        assert [one["key"] for one in receipt.fault] == ["hook_no_answer"]


@pytest.mark.parametrize("found", [["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["169.254.169.254"]])
def test_a_name_that_leads_into_a_private_network_is_refused(found: list[str]) -> None:
    receipt = posted(
        "https://hooks.example.org/", allowed_networks=(), resolve=lambda host, port: found
    )
    assert [one["key"] for one in receipt.fault] == ["hook_private"]


def test_plain_http_goes_to_this_machine_alone_and_only_where_it_is_allowed() -> None:
    assert address_fault("http://127.0.0.1:9/", LOOPBACK) is None
    assert address_fault("http://localhost:9/", LOOPBACK) is None
    for url in ("http://127.0.0.1/", "http://localhost/", "https://localhost/"):
        assert address_fault(url, ())
    private = (ip_network("10.0.0.0/8"),)
    assert address_fault("https://10.1.1.1/", private) is None
    assert address_fault("http://10.1.1.1/", private)
    receipt = posted("http://localhost:9/", resolve=lambda host, port: ["8.8.8.8"])
    assert [one["key"] for one in receipt.fault] == ["hook_private"]


def ten_megabytes(visit: Visit) -> None:
    visit.read_request()
    visit.answer(b"x" * 10 * 2**20)


def without_an_end(visit: Visit) -> None:
    visit.read_request()
    visit.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\nfirst")
    visit.drip(b"more")


@pytest.mark.parametrize("script", [ten_megabytes, without_an_end])
def test_of_a_long_answer_the_beginning_is_read(serve: Serve, script: Script) -> None:
    began = time.monotonic()
    receipt = posted(f"http://127.0.0.1:{serve(script).port}/")
    assert (receipt.status, receipt.answer[:1] in "xf") == (200, True)
    assert len(receipt.answer) <= 2048
    assert time.monotonic() - began < 10


def test_headers_that_drip_end_at_the_deadline(serve: Serve) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.sock.sendall(b"HTTP/1.1 200 OK\r\n")
        visit.drip(b"X-A: b\r\n", 0.1)

    began = time.monotonic()
    receipt = posted(f"http://127.0.0.1:{serve(script).port}/", timeout=1.0)
    assert [one["key"] for one in receipt.fault] == ["hook_too_slow"]
    assert time.monotonic() - began < 10


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    target = serve(ten_megabytes)

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.answer(b"", f"Location: http://127.0.0.1:{target.port}/", status="307 Moved")

    receipt = posted(f"http://127.0.0.1:{serve(script).port}/")
    assert (receipt.status, receipt.is_taken, target.visits) == (307, False, [])
