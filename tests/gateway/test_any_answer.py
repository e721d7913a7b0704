"""Whatever comes: a record or a GatewayError, and never a float."""

import base64
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass

from hypothesis import example, given
from hypothesis import strategies as st

from omixa_studio.gateway.bills import read_entries, read_rollups
from omixa_studio.gateway.document import LONG_LITERAL, Blob, Unreadable, read_document
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.listings import read_models
from omixa_studio.gateway.records import ImageAnswer, RawAnswer, RemotePicture
from omixa_studio.gateway.wire import iter_pictures, read_answer
from omixa_studio.sentences import tell

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(60)).decode()
LONG_PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(LONG_LITERAL)).decode()
NAMES = (
    "data", "b64_json", "url", "usage", "billed_amount", "error", "message", "type", "code",
    "created", "errors", "detail", "models", "slug", "prices", "cost", "created_at",
    "period", "next", "next_page", "page", "cost_cents", "requests", "2026-06-05",
)  # fmt: skip
WORDS = (
    PNG, LONG_PNG, LONG_PNG[:-1], f"data:image/png;base64,{PNG}", "https://x.test/1", "http://x",
    "0.039000", "-1", "1e9", "1780660800", "2026-06-05T12:00:00Z", "signature", "blocked",
)  # fmt: skip

texts = st.text(max_size=20) | st.sampled_from(WORDS)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)
items = st.dictionaries(st.sampled_from(("b64_json", "url")), json_values)
answers = st.fixed_dictionaries(
    {},
    optional={
        "data": st.lists(items | json_values, max_size=4) | json_values,
        "usage": st.dictionaries(st.just("billed_amount"), json_values) | json_values,
        "created": json_values,
        "error": json_values,
    },
)
bodies = (
    st.binary(max_size=300)
    | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))
    | (answers | json_values).map(lambda value: json.dumps(value).encode())
    | answers.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
)
cut_bodies = st.builds(lambda body, cut: body[:cut], bodies, st.integers(0, 400)) | bodies
statuses = st.integers(0, 999) | st.sampled_from((200, 200, 200, 201, 302, 401, 422, 429, 503))
headers = st.dictionaries(
    st.sampled_from(("retry-after", "date", "content-encoding", "location", "x-request-id")),
    st.text(max_size=40) | st.sampled_from(("gzip", "5", "Wed, 21 Oct 2026 07:28:30 GMT")),
)
raw_answers = st.builds(RawAnswer, statuses, headers, cut_bodies)


def no_float(value: object) -> bool:
    if is_dataclass(value):
        return all(no_float(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, tuple | list):
        return all(map(no_float, value))
    if isinstance(value, dict):
        return all(no_float(inner) for pair in value.items() for inner in pair)
    return not isinstance(value, float)


def ended(read: Callable[[], object]) -> object:
    """The record or the GatewayError; anything else fails the test."""
    try:
        return read()
    except GatewayError as error:
        return error


def assert_honest(error: GatewayError) -> None:
    assert tell(error.told)
    assert error.state in ("failed", "unknown")
    assert error.charged == "no" or not error.retryable
    assert error.billed is None or (error.charged == "yes" and error.billed > 0)
    assert error.retry_after is None or 0 <= error.retry_after <= 3600
    assert len(error.detail) <= 500
    error.detail.encode()  # no half characters, which a database would refuse
    assert no_float((error.billed, error.billed_text))


@given(raw_answers)
def test_it_ends_in_a_record_or_a_gateway_error(raw: RawAnswer) -> None:
    answer = ended(lambda: read_answer(raw, asked=1))
    if isinstance(answer, GatewayError):
        return assert_honest(answer)
    assert 200 <= raw.status < 300
    assert isinstance(answer, ImageAnswer)
    assert answer.pictures
    assert no_float(answer)
    for picture in iter_pictures(answer):
        assert isinstance(picture, RemotePicture) or picture.format == "png"
    return None


@given(st.sampled_from((read_models, read_entries, read_rollups)), raw_answers)
def test_it_reads_lists_into_records_or_a_free_gateway_error(
    read: Callable[[RawAnswer], object], raw: RawAnswer
) -> None:
    found = ended(lambda: read(raw))
    if isinstance(found, GatewayError):
        assert_honest(found)
        assert found.state == "failed"
    else:
        assert no_float(found)


@given(json_values)
def test_it_reads_any_document_as_the_standard_library_does(value: object) -> None:
    """All but numbers, which stay text, and long strings, which stay where they are."""
    text = json.dumps(value)
    if "NaN" in text or "Infinity" in text:
        return
    body = text.encode()
    assert plain(read_document(body), body) == json.loads(text, parse_float=str, parse_int=str)


def plain(value: object, body: bytes) -> object:
    if isinstance(value, dict):
        return {name: plain(inner, body) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner, body) for inner in value]
    if isinstance(value, Blob):
        return json.loads(b'"' + body[value.start : value.end] + b'"')
    return value


def strict(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs) or any(len(name) >= LONG_LITERAL for name in found):
        raise ValueError
    return found


LONG = "A" * LONG_LITERAL
PIECES = ('"', "\\", LONG, f'"{LONG}"', f'"{LONG}', f'{LONG}"', "{", "}", ":", ",", "[", "]", "a")


@given(st.lists(st.sampled_from(PIECES), max_size=8))
@example(["[", f'"{LONG}"', "]"])
@example(["{", '"', "a", '"', ":", f'"{LONG}"', "}"])
@example(['"', "\\", '"', LONG, '"'])
@example(["{", f'"{LONG}"', ":", f'"{LONG}"', "}"])
def test_it_never_makes_sense_of_what_makes_none(pieces: list[str]) -> None:
    """Taking long strings out must not turn broken JSON into whole JSON, or the reverse."""
    text = "".join(pieces)
    try:
        expected = json.loads(text, object_pairs_hook=strict)
    except ValueError:
        expected = Unreadable
    try:
        found = plain(read_document(text.encode()), text.encode())
    except Unreadable:
        found = Unreadable
    assert found == expected
