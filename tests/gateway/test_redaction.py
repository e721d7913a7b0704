"""The key stays inside: not in log lines, exceptions, tracebacks or texts that are kept."""

import io
import logging
import traceback
from collections.abc import Callable, Iterator

import pytest

from omixa_studio.gateway.client import Gateway
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.redaction import RedactKey, clean, redact
from tests.gateway.conftest import Kept, Serve, Visit

ODD_KEY = "9f8e7d6c5b4a+/odd=key"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, through the filter, in the most talkative form."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(who)s", defaults={"who": "-"}))
    handler.addFilter(RedactKey(ODD_KEY))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"key={ODD_KEY}.", "key=[key]."),
        ("key=9f8e7d6c5b4a%2B%2Fodd%3Dkey", "key=[key]"),
        ("omx_live_abc-DEF_1 and omx_test_2", "[key] and [key]"),
        ("Authorization: Bearer abcdefgh12", "Authorization: [key]"),
        ("?token=omixa_6hKAB2oNluLwZUqcW9VtWoiFKssYee0WYB1ar_L-vLI", "?token=[key]"),
        (
            "no table omixa_studio_generation_used_prompt",
            "no table omixa_studio_generation_used_prompt",
        ),
        ("{'Authorization': 'Basic dXNlcjpwYXNz'}", "{'Authorization': '[key]'}"),
        ("Bearer token", "Bearer token"),
        ("the Omixa key is missing", "the Omixa key is missing"),
    ],
)
def test_it_takes_out_the_key_and_whatever_looks_like_one(text: str, left: str) -> None:
    assert redact(text, ODD_KEY) == left


def test_it_does_not_tear_words_apart_for_a_key_that_is_an_ordinary_word() -> None:
    assert redact("the sandbox answers", "sandbox") == "the sandbox answers"


def test_it_cleans_foreign_text_into_one_short_line() -> None:
    assert clean("a\x00b\r\n\tc\x1b[0m \u202ereversed\u2028") == "a b c [0m reversed"
    assert clean("\ud83d") == "?"
    assert clean("x" * 600) == "x" * 499 + "…"
    assert clean("y" * 490 + " omx_live_secret") == "y" * 490 + " [key]"


def test_it_cleans_message_arguments_and_extra_fields(log: io.StringIO) -> None:
    logging.getLogger("x").warning("sent %s", {"Authorization": f"Bearer {ODD_KEY}"})
    logging.getLogger("x").warning(f"key {ODD_KEY}", extra={"who": f"with {ODD_KEY}"})
    logging.getLogger("x").warning("wrong %d", ODD_KEY)
    assert "9f8e" not in log.getvalue()
    assert log.getvalue().count("[key]") == 4


def test_it_cleans_exceptions_and_stacks(log: io.StringIO) -> None:
    try:
        try:
            raise KeyError(ODD_KEY)
        except KeyError as error:
            raise RuntimeError(f"with {ODD_KEY}") from error
    except RuntimeError:
        logging.getLogger("x").exception("failed with %s", ODD_KEY, stack_info=True)
    assert "9f8e" not in log.getvalue()
    assert "RuntimeError: with [key]" in log.getvalue()


def test_it_hides_the_tokens_of_guest_links(log: io.StringIO) -> None:
    path = "/g/e6HOqKsQWx40TUu6gHXlZDSBQnvQ_Q-M/1/file"
    logging.getLogger("x").warning("Not Found: %s", path, extra={"who": path})
    assert log.getvalue() == "x Not Found: /g/[link]/1/file /g/[link]/1/file\n"


def test_it_hides_addresses_that_open_a_picture(log: io.StringIO) -> None:
    path = "/v1/pictures/WzEsMV0:1w3nJk:kZ-5_0nqQkb2Hk"
    logging.getLogger("x").warning("Not Found: %s", path, extra={"who": path})
    assert log.getvalue() == "x Not Found: /v1/pictures/[link] /v1/pictures/[link]\n"


def test_it_hides_the_secrets_of_invitations(log: io.StringIO) -> None:
    path = "/invited/e6HOqKsQWx40TUu6gHXlZDSBQnvQ_Q-M/"
    logging.getLogger("x").warning("Gone: %s", path, extra={"who": path})
    assert log.getvalue() == "x Gone: /invited/[link]/ /invited/[link]/\n"


def test_it_hides_the_exception_from_handlers_that_format_it_again() -> None:
    record = logging.LogRecord("x", 40, "f", 1, "m", None, (ValueError, ValueError("v"), None))
    assert RedactKey(ODD_KEY).filter(record)
    assert record.exc_info is None
    assert "ValueError: v" in str(record.exc_text)


def echo_the_request(visit: Visit) -> None:
    """Answer with the visitor's own key in every place there is."""
    visit.read_request()
    shown = visit.headers["authorization"]
    visit.answer(shown.encode(), f"X-Request-Id: {shown}", f"Location: /{shown}")


def explode(visit: Visit) -> None:
    visit.read_request()
    visit.sock.sendall(b"HTTP/1.1 " + visit.headers["authorization"].encode() + b"\r\n\r\n")


def cut_off(visit: Visit) -> None:
    visit.read_request()
    visit.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nBad header here\r\n\r\n")


def refuse(visit: Visit) -> None:
    visit.reset()


@pytest.mark.parametrize("script", [explode, cut_off, refuse])
@pytest.mark.parametrize("key", [ODD_KEY, "omx_live_Another-Key_123"])
def test_it_keeps_the_key_out_of_tracebacks_and_logs(
    serve: Serve, sink: Kept, log: io.StringIO, script: Callable[..., object], key: str
) -> None:
    gateway = Gateway(serve(script).base_url, key, call_seconds=5)
    with pytest.raises(GatewayError) as caught:
        gateway.generate(b"{}", sink)
    written = "".join(traceback.format_exception(caught.value)) + log.getvalue()
    written += repr(caught.value) + caught.value.detail + repr(gateway)
    assert "urllib3" in log.getvalue()
    assert key not in written
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_it_does_not_store_a_key_that_the_gateway_repeats(serve: Serve, sink: Kept) -> None:
    Gateway(serve(echo_the_request).base_url, ODD_KEY).generate(b"{}", sink)
    assert ODD_KEY not in str(sink.headers)
    assert "[key]" in sink.headers["x-request-id"]


def test_it_leaves_no_local_variable_with_the_key_to_error_reports(sink: Kept, key: str) -> None:
    with pytest.raises(GatewayError) as caught:
        Gateway("http://127.0.0.1:1/api/v1", key).generate(b"{}", sink)
    frames = traceback.StackSummary.extract(
        traceback.walk_tb(caught.value.__traceback__), capture_locals=True
    )
    shown = [str(frame.locals) for frame in frames if "omixa_studio" in frame.filename]
    assert len(shown) >= 3
    assert not any(key in text for text in shown)
