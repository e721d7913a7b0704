"""Answers with any other status: what they mean, what they cost, whether to try again."""

import gzip
import json
from decimal import Decimal

import pytest

from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.outcomes import OUTCOMES
from omixa_studio.gateway.records import RawAnswer
from omixa_studio.gateway.wire import read_answer
from omixa_studio.sentences import tell

LOW = {"message": "Top up your wallet", "type": "billing_error", "code": "insufficient_balance"}


def refused(status: int, body: object = b"", **headers: str) -> GatewayError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(GatewayError) as caught:
        read_answer(RawAnswer(status, headers, raw), asked=1)
    return caught.value


def enveloped(message: str = "Something", kind: str = "", code: str = "") -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "code": code}}


@pytest.mark.parametrize("body", [b"", b"plain", enveloped()], ids=["empty", "text", "envelope"])
@pytest.mark.parametrize(
    ("status", "kind", "charged", "retryable", "pause"),
    [
        (301, "ours", "no", False, "no"),
        (302, "ours", "no", False, "no"),
        (308, "ours", "no", False, "no"),
        (400, "input", "no", False, "no"),
        (401, "key", "no", False, "open"),
        (402, "balance", "no", False, "open"),
        (403, "model", "no", False, "no"),
        (404, "model", "no", False, "no"),
        (408, "gateway", "unknown", False, "no"),
        (409, "gateway", "unknown", False, "no"),
        (413, "input", "no", False, "no"),
        (415, "input", "no", False, "no"),
        (422, "input", "no", False, "no"),
        (429, "rate", "no", True, "until"),
        (500, "gateway", "unknown", False, "no"),
        (502, "gateway", "unknown", False, "no"),
        (504, "gateway", "unknown", False, "no"),
        (599, "gateway", "unknown", False, "no"),
        (100, "gateway", "unknown", False, "no"),
        (405, "gateway", "unknown", False, "no"),
        (418, "gateway", "unknown", False, "no"),
        (0, "gateway", "unknown", False, "no"),
        (999, "gateway", "unknown", False, "no"),
    ],
)
def test_it_knows_what_a_status_means(
    status: int, kind: str, charged: str, retryable: bool, pause: str, body: object
) -> None:
    error = refused(status, body)
    assert (error.kind, error.charged, error.retryable) == (kind, charged, retryable)
    assert (error.pause, error.status) == (pause, status)
    assert error.state == ("unknown" if charged == "unknown" else "failed")


def test_it_tries_a_503_again_only_in_the_gateways_own_form() -> None:
    error = refused(503, enveloped("No healthy route"), **{"retry-after": "7"})
    assert (error.kind, error.charged, error.retryable) == ("unavailable", "no", True)
    assert (error.pause, error.retry_after) == ("until", 7.0)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html><title>503 Service Unavailable</title>", {"message": "no route"}, {"error": {}},
     {"error": "no route"}, {"error": None}, [], "x", enveloped("")],
)  # fmt: skip
def test_it_is_unknown_for_a_503_in_any_other_form(body: object) -> None:
    error = refused(503, body)
    assert (error.charged, error.retryable, error.state) == ("unknown", False, "unknown")


@pytest.mark.parametrize(
    "message",
    ["Missing X-Omixa-Signature", "invalid signature", "Request signing required", "HMAC mismatch"],
)
def test_it_does_not_blame_the_key_where_a_signature_is_missing(message: str) -> None:
    error = refused(401, enveloped(message))
    assert error.kind == "key"
    assert "signed requests" in tell(error.told)
    assert error.told != refused(401, enveloped("Invalid key")).told


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    "said",
    [
        enveloped("Your prompt was blocked"),
        enveloped("No", kind="content_filter"),
        enveloped("No", code="content_policy_violation"),
        enveloped("No", code="moderation_blocked"),
        {"error": "rejected by the safety system"},
        b"Prohibited content",
    ],
)
def test_it_recognises_a_refusal_by_safety_rules(status: int, said: object) -> None:
    error = refused(status, said)
    assert (error.kind, error.charged, error.retryable) == ("policy", "no", False)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"error": LOW}, "Top up your wallet (billing_error / insufficient_balance)"),
        (enveloped("Only this"), "Only this"),
        ({"error": {"message": "m", "code": 17}}, "m (17)"),
        ({"error": {"code": "only_code"}}, "(only_code)"),
        ({"error": "just text"}, "just text"),
        (
            {"message": "Invalid", "errors": {"n": ["too large", "odd"]}},
            "Invalid n: too large; odd",
        ),
        ({"message": "x", "errors": [{"loc": "n", "msg": "bad"}]}, "x loc: n; msg: bad"),
        ({"detail": "not found"}, "not found"),
        ({"detail": [{"msg": "bad"}]}, "msg: bad"),
        ("a bare string", "a bare string"),
        (["one", "two"], "one; two"),
        ({}, ""),
        ([], ""),
        (b"", ""),
        (b"plain\r\ntext\x00\x1b[31m here", "plain text [31m here"),
        (b"<html><head><TITLE>\n 502 Bad &amp; Gateway</TITLE></head>", "502 Bad & Gateway"),
        (b"<p>No <b>title</b></p>", "No title"),
        (b'{"error": {"message": "cut', '{"error": {"message": "cut'),
        (b"\xff\xfe\xfd", "���"),
    ],
)
def test_it_finds_the_words_in_a_body_of_any_shape(body: object, detail: str) -> None:
    assert refused(422, body).detail == detail


def test_it_unpacks_a_refusal_that_came_compressed() -> None:
    packed = gzip.compress(json.dumps(enveloped("packed words")).encode())
    assert refused(422, packed, **{"content-encoding": "gzip"}).detail == "packed words"
    assert refused(422, packed[:-9], **{"content-encoding": "gzip"}).detail == ""
    bomb = gzip.compress(b"x" * 10**7)
    assert refused(422, bomb, **{"content-encoding": "gzip"}).detail == ""


def test_it_cuts_what_it_keeps_and_reads() -> None:
    assert len(refused(400, enveloped("long " * 1000)).detail) == 500
    assert len(refused(400, b"x" * 10**7).detail) == 500


@pytest.mark.parametrize(
    "text",
    ["omx_live_abc-DEF_123 is wrong", "Bearer abc.def-ghi12", "omx_test_zzz9", "bearer  zabcdefg"],
)  # fmt: skip
@pytest.mark.parametrize(
    "form", ["{}", '{{"error": {{"message": "{}", "code": "{}"}}}}', "<title>{}</title>"]
)
def test_it_keeps_no_key_that_the_gateway_repeats(text: str, form: str) -> None:
    error = refused(401, form.format(text, text).encode(), **{"x-request-id": text})
    written = f"{error.detail} {tell(error.told)} {error.request_id} {error!r}"
    assert "[key]" in error.detail
    assert not any(word in written for word in ("abc", "zzz9"))


def test_it_says_where_a_redirect_wanted_to_go_but_not_to_people() -> None:
    error = refused(302, b"", location="https://login.example.com/\n?next=1")
    assert error.detail == "https://login.example.com/ ?next=1"
    assert "example" not in tell(error.told)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0), ("5", 5.0), (" 120 ", 120.0), ("3600", 3600.0), ("999999", 3600.0),
        ("-5", None), ("5.5", None), ("", None), ("soon", None), ("1e3", None), ("²", None),
        ("9" * 400, None),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30.0),
        ("Wednesday, 21-Oct-26 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 09:28:30 +0200", 30.0),
        ("Wed, 21 Oct 2026 07:28:30", 30.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0),
        ("Fri, 21 Oct 2033 07:28:00 GMT", 3600.0),
        ("Wed, 21 Oct 2026 07:27:59 GMT", None),
        ("Wed, 32 Oct 2026 07:28:30 GMT", None),
        ("Wed, 21 Oct 99999 07:28:30 GMT", None),
        ("Wed, 21 Oct 2026 07:28:30 +9999999999", None),
    ],
)  # fmt: skip
def test_it_obeys_retry_after_within_reason(header: str, seconds: float | None) -> None:
    now = "Wed, 21 Oct 2026 07:28:00 GMT"
    assert refused(429, b"", **{"retry-after": header, "date": now}).retry_after == seconds


@pytest.mark.parametrize("date", ["", "odd"])
def test_it_measures_a_date_against_its_own_clock_where_the_gateway_tells_none(date: str) -> None:
    past, future = "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2099 07:28:00 GMT"
    assert refused(429, b"", **{"retry-after": past, "date": date}).retry_after is None
    assert refused(429, b"", **{"retry-after": future, "date": date}).retry_after == 3600.0


@pytest.mark.parametrize("status", [400, 401, 402, 408, 422, 429, 500, 503])
def test_it_books_an_amount_that_a_failing_answer_reports(status: int) -> None:
    error = refused(status, {**enveloped(), "usage": {"billed_amount": "0.039"}})
    assert (error.charged, error.billed, error.state) == ("yes", Decimal("0.039"), "failed")
    assert error.billed_text == "0.039"
    assert not error.retryable


@pytest.mark.parametrize("status", [429, 503])
def test_it_still_tries_again_where_the_amount_is_zero(status: int) -> None:
    error = refused(status, {**enveloped(), "usage": {"billed_amount": "0.000000"}})
    assert (error.charged, error.billed, error.retryable) == ("no", None, True)


def test_it_believes_a_failing_gateway_that_says_it_cost_nothing() -> None:
    error = refused(500, {**enveloped(), "usage": {"billed_amount": 0}})
    assert (error.charged, error.state, error.retryable) == ("no", "failed", False)


def test_it_does_not_believe_an_odd_amount() -> None:
    error = refused(500, {**enveloped(), "usage": {"billed_amount": "-1"}})
    assert (error.charged, error.billed, error.billed_text) == ("unknown", None, "-1")


@pytest.mark.parametrize("status", [*OUTCOMES, 302, 500, 503, 999])
def test_it_says_to_people_what_happened_what_to_do_and_what_it_cost(status: int) -> None:
    error = refused(status, enveloped("raw provider words 123"))
    assert "raw provider words" not in tell(error.told)
    assert "charged" in tell(error.told).rpartition(". ")[2]
    assert tell(error.told).count(". ") <= 2


def test_it_keeps_the_request_id_for_support() -> None:
    assert refused(500, b"", **{"x-omixa-request-id": "r-42"}).request_id == "r-42"
