"""Pictures of which only an address came: fetched without trusting the address."""

import base64
import time
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from omixa_studio.gateway.address import vetted_addresses
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.fetch import fetch_picture
from tests.gateway.conftest import Certificate, GatewayAt, Script, Serve, Visit

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
PICTURE = b"\x89PNG\r\n\x1a\n" + b"p" * 100_000


Fetch = Callable[..., bytes]
Refused = Callable[..., str]


def on_loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.fixture
def fetch(certificate: Certificate) -> Fetch:
    """Fetch from the loopback servers of the test, which is allowed unless said otherwise."""

    def call(url: str, **changed: Any) -> bytes:
        defaults = {
            "max_bytes": 2**20,
            "timeout": 5.0,
            "allowed_networks": LOOPBACK,
            "ca_file": certificate.ca_file,
        }
        return fetch_picture(url, **{**defaults, **changed})

    return call


@pytest.fixture
def refused(fetch: Fetch) -> Refused:
    """Fetch what must not be fetched; give the detail of the GatewayError."""

    def call(url: str, **changed: Any) -> str:
        with pytest.raises(GatewayError) as caught:
            fetch(url, **changed)
        assert (caught.value.charged, caught.value.retryable) == ("unknown", False)
        return caught.value.detail

    return call


def send_picture(visit: Visit) -> None:
    visit.read_request()
    visit.answer(PICTURE)


def redirect_to(*places: str) -> Script:
    """Redirect to one place after the other, then send the picture."""
    left = list(places)

    def script(visit: Visit) -> None:
        visit.read_request()
        if left:
            visit.answer(b"", f"Location: {left.pop(0)}", status="302 Found")
        else:
            visit.answer(PICTURE)

    return script


def test_it_fetches_a_picture_byte_for_byte_without_the_key(
    serve: Serve,
    gateway_at: GatewayAt,
    certificate: Certificate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(send_picture, certificate.server)
    gateway = gateway_at(
        "https://www.omixa.cloud", allowed_networks=LOOPBACK, ca_file=certificate.ca_file
    )
    assert gateway.fetch(server.url("/p.png?a=1"), max_bytes=2**20, seconds=5) == PICTURE
    assert server.visits[0].request_line == "GET /p.png?a=1 HTTP/1.1"
    assert server.visits[0].headers["host"] == f"localhost:{server.port}"
    assert not server.visits[0].headers.keys() & {"authorization", "cookie", "referer"}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_it_refuses_loopback_unless_it_is_allowed(
    serve: Serve, refused: Refused, certificate: Certificate, host: str
) -> None:
    server = serve(send_picture, certificate.server)
    assert "private network" in refused(server.url("/p.png", host=host), allowed_networks=())
    assert server.visits == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1", "64:ff9b::7f00:1",
        "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::1", "::127.0.0.1", "64:ff9b:1::1",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe", "fec0::1", "3fff::1", "3fff:fff::1",
        "192.88.99.1", "192.0.0.9", "192.31.196.1", "192.52.193.1", "192.175.48.1",
        "198.51.100.1", "203.0.113.1", "100::1", "100:0:0:1::1", "2001:4:112::1", "2001:20::1",
        "2002:5db8:d822::1", "2620:4f:8000::1", "5f00::1", "64:ff9b::c058:6301", "4000::1",
    ],
)  # fmt: skip
def test_it_refuses_every_address_that_is_not_public(address: str) -> None:
    assert vetted_addresses("x", 443, (), lambda host, port: [address]) == ()


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_it_takes_public_addresses(address: str) -> None:
    assert vetted_addresses("x", 443, (), lambda host, port: [address]) == (address,)


def test_it_refuses_a_host_of_which_one_address_is_private() -> None:
    both = ["93.184.216.34", "10.0.0.1"]
    assert vetted_addresses("x", 443, (), lambda host, port: both) == ()
    allowed = (ip_network("10.0.0.0/8"),)
    assert vetted_addresses("x", 443, allowed, lambda host, port: both) == tuple(both)


def test_it_connects_to_the_address_it_checked_and_asks_for_it_once(
    serve: Serve, fetch: Fetch, certificate: Certificate
) -> None:
    """A name that answers differently the second time gains nothing."""
    server = serve(send_picture, certificate.server)
    answers = [["127.0.0.1"], ["127.0.0.9"]]
    url = server.url("/p.png", host="pictures.test")
    assert fetch(url, resolve=lambda host, port: answers.pop(0)) == PICTURE
    assert answers == [["127.0.0.9"]]
    assert server.visits[0].headers["host"] == f"pictures.test:{server.port}"


def test_it_tries_the_next_checked_address_where_one_is_dead(
    serve: Serve, fetch: Fetch, certificate: Certificate
) -> None:
    server = serve(send_picture, certificate.server)
    found = fetch(server.url("/p"), resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"])
    assert found == PICTURE


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/p.png", "file:///etc/passwd", "//localhost/p", "p.png",
        "", "ftp://localhost/p", "https://", "https:///p", "https://someone@localhost/p", "https://a:b@localhost/p",
        "https://localhost\\@example.com/p", "https://localhost:0/p", "https://localhost:99999/p",
        "https://local host/p", "https://[::1/p", "https://ex\u00e4mple.com/p", "https://a/\r\nb",
        "https://localhost/" + "p" * 9000,
    ],
)  # fmt: skip
def test_it_refuses_whatever_is_not_a_plain_https_address(refused: Refused, url: str) -> None:
    assert "not a plain https address" in refused(url)


def test_it_says_so_where_the_host_is_not_known(refused: Refused) -> None:
    assert "not known" in refused("https://nowhere.invalid/p.png")


def test_it_refuses_a_certificate_for_another_name(
    serve: Serve, refused: Refused, certificate: Certificate
) -> None:
    server = serve(send_picture, certificate.server)
    url = server.url("/p", host="other.test")
    assert "certificate" in refused(url, resolve=on_loopback).lower()


def test_it_refuses_a_certificate_that_nobody_vouches_for(
    serve: Serve, refused: Refused, certificate: Certificate
) -> None:
    server = serve(send_picture, certificate.server)
    assert "certificate" in refused(server.url("/p"), ca_file=None).lower()


@pytest.mark.parametrize("hops", [1, 3])
def test_it_follows_a_few_redirects(
    serve: Serve, fetch: Fetch, certificate: Certificate, hops: int
) -> None:
    server = serve(redirect_to(*["/next"] * hops), certificate.server)
    assert fetch(server.url("/p.png")) == PICTURE
    assert len(server.visits) == hops + 1


def test_it_does_not_follow_redirects_for_ever(
    serve: Serve, refused: Refused, certificate: Certificate
) -> None:
    server = serve(redirect_to(*["/next"] * 9), certificate.server)
    assert "too often" in refused(server.url("/p.png"))
    assert len(server.visits) == 4


@pytest.mark.parametrize("place", ["http://localhost/p", "//u:p@localhost/", "file:///etc/passwd"])
def test_it_refuses_a_redirect_away_from_plain_https(
    serve: Serve, refused: Refused, certificate: Certificate, place: str
) -> None:
    server = serve(redirect_to(place), certificate.server)
    assert "not a plain https address" in refused(server.url("/p.png"))


@pytest.mark.parametrize("place", ["https://10.0.0.1/p", "https://[::1]/p", "https://2130706433/"])
def test_it_refuses_a_redirect_into_a_private_network(
    serve: Serve, refused: Refused, certificate: Certificate, place: str
) -> None:
    server = serve(redirect_to(place), certificate.server)
    only_here = (ip_network("127.0.0.1/32"),)
    names = {"pictures.test": "127.0.0.1", "2130706433": "127.0.0.2"}
    why = refused(
        server.url("/p.png", host="pictures.test"),
        allowed_networks=only_here,
        resolve=lambda host, port: [names.get(host, host)],
    )
    assert "private network" in why
    assert len(server.visits) == 1


def test_it_refuses_a_redirect_to_inline_data(
    serve: Serve, refused: Refused, certificate: Certificate
) -> None:
    server = serve(redirect_to("data:image/png;base64,iVBORw0KGgo="), certificate.server)
    assert "not a plain https address" in refused(server.url("/p.png"))


@pytest.mark.parametrize(
    ("status", "again"),
    [
        ("404 Not Found", False),
        ("410 Gone", False),
        ("206 Partial", False),
        ("304 Same", False),
        ("429 Slow down", True),
        ("500 Oops", True),
        ("503 Later", True),
    ],
)
def test_it_takes_no_other_status_for_a_picture(
    serve: Serve, fetch: Fetch, certificate: Certificate, status: str, again: bool
) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.answer(PICTURE, status=status)

    with pytest.raises(GatewayError) as caught:
        fetch(serve(script, certificate.server).url("/p"))
    assert status[:3] in caught.value.detail
    assert caught.value.fetch_again is again


@pytest.mark.parametrize(
    ("place", "again"),
    [
        ("https://127.0.0.1:9/nobody-listens", True),
        ("https://nowhere.invalid/p.png", True),
        ("http://localhost/p.png", False),
        ("https://10.0.0.1/p.png", False),
        ("data:image/png;base64,AAAA", False),
    ],
)
def test_it_says_whether_the_trouble_may_pass(fetch: Fetch, place: str, again: bool) -> None:
    with pytest.raises(GatewayError) as caught:
        fetch(place)
    assert caught.value.fetch_again is again


def test_it_stops_at_the_largest_size(
    serve: Serve, refused: Refused, fetch: Fetch, certificate: Certificate
) -> None:
    server = serve(send_picture, certificate.server)
    assert "larger" in refused(server.url("/p"), max_bytes=len(PICTURE) - 1)
    assert fetch(server.url("/p"), max_bytes=len(PICTURE)) == PICTURE


def test_it_stops_an_endless_body_at_the_largest_size(
    serve: Serve, refused: Refused, certificate: Certificate
) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        visit.drip(b"x" * 65536, 0)

    assert "larger" in refused(serve(script, certificate.server).url("/p"))


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_it_ends_a_drip_at_the_deadline(
    serve: Serve, refused: Refused, certificate: Certificate, begin: bytes
) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.sock.sendall(begin)
        visit.drip(b"x")

    server = serve(script, certificate.server)
    started = time.monotonic()
    assert "too long" in refused(server.url("/p"), timeout=1.0)
    assert time.monotonic() - started < 10


def test_it_counts_all_hops_against_one_deadline(
    serve: Serve, refused: Refused, certificate: Certificate
) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.stopped.wait(0.4)
        visit.answer(b"", "Location: /next", status="302 Found")

    server = serve(script, certificate.server)
    started = time.monotonic()
    assert "too long" in refused(server.url("/p"), timeout=1.0)
    assert time.monotonic() - started < 10


def test_it_was_too_long_before_anything_watches_the_clock(
    serve: Serve, refused: Refused, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(send_picture, certificate.server)
    monkeypatch.setattr("omixa_studio.gateway.line.CallConnection._watch", lambda line: None)
    monkeypatch.setattr("omixa_studio.gateway.fetch.now", lambda: 0.0)
    assert "too long" in refused(server.url("/p"), timeout=1e-6)


def test_it_refuses_a_body_that_is_cut_off(
    serve: Serve, refused: Refused, certificate: Certificate
) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")

    assert refused(serve(script, certificate.server).url("/p"))


def test_it_unpacks_inline_data() -> None:
    url = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
    assert fetch_picture(url, max_bytes=len(PICTURE), timeout=1) == PICTURE


@pytest.mark.parametrize(
    "url", ["data:,x", "data:image/png;base64,!", "data:text/plain;base64,eA=="]
)
def test_it_refuses_inline_data_that_is_no_picture(url: str) -> None:
    with pytest.raises(GatewayError):
        fetch_picture(url, max_bytes=1000, timeout=1)


def test_it_refuses_inline_data_that_is_too_large() -> None:
    url = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
    for most in (len(PICTURE) - 1, 100):
        with pytest.raises(GatewayError):
            fetch_picture(url, max_bytes=most, timeout=1)
