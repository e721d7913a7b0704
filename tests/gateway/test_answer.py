"""Answers with status 200: pictures, half of them, or none."""

import base64
import gzip
import json
import zlib
from decimal import Decimal
from typing import Any

import pytest

from omixa_studio.gateway.answer import decode_file
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.pictures import NotAPicture
from omixa_studio.gateway.records import ImageAnswer, RawAnswer, ReceivedPicture, RemotePicture
from omixa_studio.gateway.wire import detect_format, iter_pictures, read_answer, received
from omixa_studio.sentences import tell

PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 100
JPEG = b"\xff\xd8\xff\xe0" + b"j" * 101
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 " + b"w" * 102
LARGE = PNG * 2000  # its base64 is far longer than what is parsed as a usual string
SIZES = pytest.mark.parametrize("picture", [PNG, LARGE], ids=["small", "large"])


def inline(data: bytes) -> str:
    return base64.b64encode(data).decode()


def answer(*items: object, **more: Any) -> dict[str, object]:
    return {"created": 1780660800, "data": list(items), "usage": {"billed_amount": "0.04"}, **more}


def read(
    document: object, asked: int = 1, status: int = 200, headers: dict[str, str] | None = None
) -> ImageAnswer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_answer(RawAnswer(status, headers or {}, body), asked=asked)


def failure(
    document: object, status: int = 200, headers: dict[str, str] | None = None
) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        read(document, status=status, headers=headers)
    return caught.value


def files(found: ImageAnswer) -> list[bytes | str]:
    pictures = iter_pictures(found)
    return [one.url if isinstance(one, RemotePicture) else one.data for one in pictures]


def test_it_reads_the_documented_answer() -> None:
    found = read(
        {
            "created": 1780660800,
            "data": [{"b64_json": inline(PNG), "url": None}],
            "usage": {"billed_amount": "0.039000"},
        },
        headers={"x-request-id": "req-7"},
    )
    assert list(iter_pictures(found)) == [ReceivedPicture(0, PNG, "png")]
    assert (found.billed, found.billed_text) == (Decimal("0.039"), "0.039000")
    assert (found.created, found.problems, found.request_id) == (1780660800, (), "req-7")


@SIZES
def test_it_gives_back_every_byte(picture: bytes) -> None:
    assert files(read(answer({"b64_json": inline(picture)}))) == [picture]


@pytest.mark.parametrize(("data", "name"), [(PNG, "png"), (JPEG, "jpeg"), (WEBP, "webp")])
def test_it_finds_the_format_in_the_bytes(data: bytes, name: str) -> None:
    assert detect_format(data) == name
    [found] = iter_pictures(read(answer({"b64_json": inline(data)})))
    assert found == ReceivedPicture(0, data, name)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"GIF89a", "gif"),
        (b"\xff\xd8\xff\xe0\0\4ab\xff\xc3\0\x0b", "ljpeg"),
        (b"\xff\xd8\xff\xe0\0\4ab\xff\xc2\0\x0b", "jpeg"),
        (b"II*\0", "tiff"),
        (b"MM\0*", "tiff"),
        (b"\0\0\0\x1cftypavif", "avif"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "avif"),
        (b"\0\0\0\x1cftypheic", "heic"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
        (b"\xff\x0a\x01", "jxl"),
        (b"\xff\x4f\xff\x51", "jp2"),
        (b"<svg/>", None),
        (b"<svg xmlns='x'/>", "svg"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- a --><svg >", "svg"),
        (b"BM" + bytes(4) + bytes(4) + b"6\0\0\0" + b"\x28\0\0\0", "bmp"),
    ],
)
def test_it_knows_other_kinds_by_their_bytes(data: bytes, name: str | None) -> None:
    assert detect_format(data) == name


@pytest.mark.parametrize(
    "data",
    [b"", b"RIFF1234WAVE", b"\x89PNG", b"\xff", b"%PDF-1.7", b"BM of words",
     b"<html><svg >", b"\0\0\0\x1cftypisom", b"{}"],
)  # fmt: skip
def test_it_knows_no_other_format(data: bytes) -> None:
    assert detect_format(data) is None


@SIZES
@pytest.mark.parametrize("broken", ["\n", "\r\n", " "])
def test_it_tolerates_base64_broken_into_lines(picture: bytes, broken: str) -> None:
    text = inline(picture)
    lines = broken.join(text[at : at + 76] for at in range(0, len(text), 76))
    assert files(read(answer({"b64_json": lines + broken}))) == [picture]


@SIZES
def test_it_tolerates_escaped_slashes(picture: bytes) -> None:
    body = json.dumps(answer({"b64_json": inline(picture + b"\xff\xff\xff")}))
    assert files(read(body.replace("/", "\\/").encode())) == [picture + b"\xff\xff\xff"]


@SIZES
@pytest.mark.parametrize("name", ["b64_json", "url"])
@pytest.mark.parametrize(
    "prefix", ["data:image/png;base64,", "DATA:;base64,", "data:a/b;c=d;BASE64,"]
)
def test_it_tolerates_a_data_prefix(picture: bytes, name: str, prefix: str) -> None:
    assert files(read(answer({name: prefix + inline(picture)}))) == [picture]


def test_it_takes_the_inline_picture_before_the_address() -> None:
    assert files(read(answer({"b64_json": inline(PNG), "url": "https://x.test/1"}))) == [PNG]


@pytest.mark.parametrize("text", [None, "", 7, [], "!", inline(b"no picture")])
def test_it_takes_the_address_where_nothing_inline_is_usable(text: object) -> None:
    found = read(answer({"b64_json": text, "url": "https://x.test/1?a=b&c=%20"}))
    assert found.pictures == (RemotePicture(0, "https://x.test/1?a=b&c=%20"),)


@pytest.mark.parametrize(
    "url",
    ["data:,x", "http://x.test/1", "ftp://x", "//x.test/1", "/1", "https://x.test/ 1", "https://x\\y",
     "https://x.test/" + "a" * 9000, "https://x.test/" + "a" * 90000, "javascript:0", "x", 5, True],
)  # fmt: skip
def test_it_refuses_any_address_but_https_and_inline_data(url: int | str) -> None:
    error = failure(answer({"url": url}))
    assert "Picture 1 " in error.detail


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (None, "is missing"),
        ([], "is missing"),
        ("iVBORw0KGgo=", "is missing"),
        ({}, "is missing"),
        ({"b64_json": None, "url": None}, "is missing"),
        ({"b64_json": "iVBORw0KGgo=="}, "is not valid base64"),
        ({"b64_json": inline(PNG) + "*"}, "is not valid base64"),
        ({"b64_json": "é" * 8}, "is not valid base64"),
        ({"b64_json": inline(LARGE) + "A"}, "is not valid base64"),
        ({"b64_json": inline(LARGE) + "\\"}, "is not valid base64"),
        ({"b64_json": inline(LARGE) + '"'}, "is not valid base64"),
        ({"b64_json": "\ud83d" * 20000}, "is not valid base64"),
        ({"b64_json": "data:image/png;base64,"}, "is empty"),
        ({"b64_json": inline(b"%PDF-1.7" * 9)}, "is not in a known picture format"),
        ({"b64_json": "A" * 40000}, "is not in a known picture format"),
        ({"url": "http://x.test/"}, "has an address that is not https"),
    ],
)
def test_it_keeps_the_good_pictures_beside_a_bad_one(item: object, why: str) -> None:
    found = read(answer({"b64_json": inline(PNG)}, item, {"b64_json": inline(LARGE)}), asked=3)
    assert [picture.index for picture in found.pictures] == [0, 2]
    assert files(found) == [PNG, LARGE]
    assert tell(found.problems[:1]).startswith(f"Picture 2 {why}.")
    assert tell(found.problems[1:]) == "The gateway sent 2 of 3 pictures."


def test_it_refuses_a_picture_larger_than_allowed() -> None:
    body = json.dumps(answer({"b64_json": inline(LARGE)}, {"b64_json": inline(PNG)})).encode()
    found = read_answer(RawAnswer(200, {}, body), asked=2, item_bytes=len(PNG))
    assert files(found) == [PNG]
    assert tell(found.problems[:1]) == "Picture 1 is larger than allowed."
    found = read_answer(RawAnswer(200, {}, body), asked=2, item_bytes=len(LARGE))
    assert files(found) == [LARGE, PNG]


@pytest.mark.parametrize(
    ("asked", "problem"),
    [(1, "The gateway sent 2 pictures, more than the 1 asked for."), (4, "sent 2 of 4 pictures")],
)
def test_it_keeps_whatever_number_came_and_says_so(asked: int, problem: str) -> None:
    found = read(answer({"b64_json": inline(PNG)}, {"b64_json": inline(JPEG)}), asked=asked)
    assert files(found) == [PNG, JPEG]
    assert problem in tell(found.problems[:1])


@pytest.mark.parametrize(
    ("amount", "billed", "text"),
    [
        ('"0.039000"', Decimal("0.039"), "0.039000"),
        ("0.1", Decimal("0.1"), "0.1"),
        ("0.30000000000000004", None, "0.30000000000000004"),
        ("0", Decimal(0), "0"),
        ("1e-2", None, "1e-2"),
        ('"-1"', None, "-1"),
        ('"free"', None, "free"),
        ("null", None, ""),
        ("true", None, ""),
        ("[1]", None, ""),
        ('"0.0390001"', None, "0.0390001"),
        ("9" * 9000, None, None),
    ],
)
def test_it_reads_the_amount_exactly_or_calls_it_unknown(
    amount: str, billed: Decimal | None, text: str | None
) -> None:
    body = f'{{"data":[{{"b64_json":"{inline(PNG)}"}}],"usage":{{"billed_amount":{amount}}}}}'
    found = read(body.encode())
    assert found.billed == billed
    assert text is None or found.billed_text == text
    assert len(found.billed_text) <= 64


@pytest.mark.parametrize("more", [{"usage": None}, {"usage": []}, {"usage": "0.04"}, {"usage": {}}])
def test_it_calls_the_cost_unknown_where_usage_is_odd(more: dict[str, object]) -> None:
    assert read(answer({"b64_json": inline(PNG)}, **more)).billed is None


@pytest.mark.parametrize("created", ["null", '"x"', "-1", "1.5", "1e9", "9" * 400, "[]"])
def test_it_takes_an_odd_time_for_no_time(created: str) -> None:
    body = f'{{"created":{created},"data":[{{"b64_json":"{inline(PNG)}"}}]}}'
    assert read(body.encode()).created is None


def test_it_keeps_pictures_that_came_with_an_error() -> None:
    found = read(answer({"b64_json": inline(PNG)}, error={"message": "half of it failed"}))
    assert files(found) == [PNG]
    assert "The gateway also reported an error." in tell(found.problems)


@pytest.mark.parametrize("document", [{"data": []}, {}, {"data": None}, {"created": 1}])
def test_it_takes_an_empty_success_for_a_refusal(document: dict[str, object]) -> None:
    error = failure(document)
    assert (error.kind, error.state, error.charged) == ("policy", "failed", "unknown")
    assert not error.retryable


def test_it_takes_an_error_inside_a_success_for_a_failure_of_unknown_cost() -> None:
    error = failure({"error": {"message": "It broke", "type": "server_error", "code": "e1"}})
    assert (error.kind, error.state, error.charged) == ("gateway", "failed", "unknown")
    assert error.detail == "It broke (server_error / e1)"
    assert "It broke" not in tell(error.told)


def test_it_recognises_a_safety_refusal_inside_a_success() -> None:
    error = failure({"error": {"message": "Blocked by the safety filter"}, "data": []})
    assert (error.kind, error.state) == ("policy", "failed")


@pytest.mark.parametrize("document", [{"error": "x"}, {"data": []}, {"data": [None]}])
def test_it_reports_the_amount_of_an_answer_without_pictures(document: dict[str, object]) -> None:
    error = failure({**document, "usage": {"billed_amount": "0.04"}})
    assert (error.charged, error.billed, error.state) == ("yes", Decimal("0.04"), "failed")
    assert tell(error.told).endswith("The gateway charged for it.")


@pytest.mark.parametrize("document", [{"error": "x"}, {"data": []}, {"data": [None]}])
def test_it_believes_the_gateway_that_it_cost_nothing(document: dict[str, object]) -> None:
    error = failure({**document, "usage": {"billed_amount": "0.000000"}})
    assert (error.charged, error.billed, error.state) == ("no", None, "failed")


@pytest.mark.parametrize("items", [[None], [{}], [{"b64_json": "!"}], "x", {"b64_json": "x"}, 5])
def test_it_is_unknown_where_something_came_that_is_no_picture(items: object) -> None:
    error = failure({"data": items})
    assert (error.kind, error.state, error.charged) == ("gateway", "unknown", "unknown")


WHOLE = json.dumps(answer({"b64_json": inline(PNG)})).encode()
WHOLE_LARGE = json.dumps(answer({"b64_json": inline(LARGE)})).encode()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n", id="blank"),
        pytest.param(WHOLE[:-1], id="cut off at the end"),
        pytest.param(WHOLE[:80], id="cut off in a picture"),
        pytest.param(WHOLE_LARGE[:-1], id="large, cut off at the end"),
        pytest.param(WHOLE_LARGE[:100_000], id="large, cut off in a picture"),
        pytest.param(WHOLE + b"{}", id="something after it"),
        pytest.param(b"<html><title>Welcome</title></html>", id="HTML"),
        pytest.param(b"OK", id="text"),
        pytest.param(b"\xff\xfe" + '{"data":[]}'.encode("utf-16-le"), id="UTF-16"),
        pytest.param(b'{"data":"\xff"}', id="not UTF-8"),
        pytest.param(b"[" * 100_000, id="nested deeply"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="nested deeply, whole"),
        pytest.param(b'{"data":[],"data":[{}]}', id="twice the same key"),
        pytest.param(b'{"data":[{"b64_json":"a","b64_json":"b"}]}', id="twice inside"),
        pytest.param(b'{"data":[],"usage":{"billed_amount":NaN}}', id="NaN"),
        pytest.param(b'{"data":[],"usage":{"billed_amount":-Infinity}}', id="Infinity"),
        pytest.param(b'{"data":[' + b"{}," * 2**21 + b"{}]}", id="millions of items"),
        pytest.param(b'{"data":["' + b'\\"' * 2**20 + b'"]}', id="a million escapes"),
        pytest.param(b'{"data":["' + b"\\" * 2**22 + b'"]}', id="millions of backslashes"),
        pytest.param(b'"' * 2**22, id="millions of quotes"),
        pytest.param(b"\x00" * (50 * 2**20), id="50 MB of zeros"),
        pytest.param(b'"' + b"junk " * (10 * 2**20), id="50 MB of text"),
    ],
)
def test_it_is_unknown_where_the_answer_cannot_be_read(body: bytes) -> None:
    error = failure(body)
    assert (error.kind, error.state, error.charged) == ("gateway", "unknown", "unknown")
    assert not error.retryable
    assert len(error.detail) <= 500


@pytest.mark.parametrize("document", [[], None, "x", 5, True, [{"b64_json": inline(PNG)}]])
def test_it_is_unknown_where_the_answer_is_another_kind_of_value(document: object) -> None:
    error = failure(document)
    assert (error.kind, error.state) == ("gateway", "unknown")


def test_it_tolerates_a_byte_order_mark() -> None:
    assert files(read(b"\xef\xbb\xbf" + WHOLE)) == [PNG]


def test_it_reads_pictures_of_another_success_status() -> None:
    assert files(read(WHOLE, status=201)) == [PNG]


@pytest.mark.parametrize("status", [201, 202, 204, 206])
def test_it_is_unknown_where_another_success_status_brings_no_picture(status: int) -> None:
    assert failure({"data": []}, status=status).state == "unknown"
    assert failure(b"", status=status).state == "unknown"


@pytest.mark.parametrize("coding", ["gzip", "deflate", " GZIP "])
def test_it_unpacks_an_answer_that_came_compressed_nevertheless(coding: str) -> None:
    packed = gzip.compress(WHOLE) if "g" in coding.lower() else zlib.compress(WHOLE)
    assert files(read(packed, headers={"content-encoding": coding})) == [PNG]


@pytest.mark.parametrize("most", [10**4, 10**6])
def test_it_does_not_unpack_a_bomb(most: int) -> None:
    bomb = gzip.compress(b"x" * 20 * 10**6)
    raw = RawAnswer(200, {"content-encoding": "gzip"}, bomb)
    with pytest.raises(GatewayError) as caught:
        read_answer(raw, asked=1, answer_bytes=most)
    assert caught.value.state == "unknown"


@pytest.mark.parametrize("packed", [b"", b"no gzip", gzip.compress(WHOLE)[:-9], WHOLE])
def test_it_is_unknown_where_the_compression_is_broken(packed: bytes) -> None:
    assert failure(packed, headers={"content-encoding": "gzip"}).state == "unknown"


def test_it_is_unknown_where_the_compression_is_a_strange_one() -> None:
    assert failure(b"\x00\x01brotli", headers={"content-encoding": "br"}).state == "unknown"


@SIZES
@pytest.mark.parametrize("name", ["b64_json", "url"])
def test_it_decodes_whatever_decodes_without_doubt(picture: bytes, name: str) -> None:
    data = picture + b"\xfb\xff\xfe"
    text, prefix = inline(data), "data:image/png;base64,"
    other = base64.urlsafe_b64encode(data).decode()
    quoted = "data:image/png," + "".join(f"%{byte:02x}" for byte in data)
    escaped = prefix + text.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    forms = [prefix + text.rstrip("="), prefix + other, prefix + other.rstrip("="), quoted, escaped]
    if name == "b64_json":
        forms += [text.rstrip("="), other, other.rstrip("=")]
    for form in forms:
        assert files(read(answer({name: form}))) == [data]


def test_it_hands_on_what_is_no_picture() -> None:
    document = answer({"b64_json": inline(PNG)}, {"b64_json": inline(b"%PDF-1.7")}, None)
    found = read(document, asked=3)
    assert [(one.index, decode_file(one)) for one in found.remains.files] == [(1, b"%PDF-1.7")]
    assert not found.remains.answer


@pytest.mark.parametrize(
    "document",
    [
        answer({"b64_json": "!" * 99}),
        answer({"image": inline(LARGE)}),
        answer(images=[inline(LARGE)]),
        b"not JSON at all",
    ],
)
def test_it_asks_for_the_answer_to_be_kept_where_bytes_may_hide(document: object) -> None:
    assert failure(document).remains.answer


@pytest.mark.parametrize("document", [answer(), answer({"b64_json": ""}), {"error": "no"}])
def test_it_keeps_no_answer_without_bytes(document: dict[str, object]) -> None:
    assert not failure(document).remains.answer


def test_it_takes_fetched_bytes_for_a_picture_only_if_they_are_one() -> None:
    assert received(RemotePicture(3, "https://x.test"), JPEG) == ReceivedPicture(3, JPEG, "jpeg")
    with pytest.raises(NotAPicture):
        received(RemotePicture(3, "https://x.test"), b"<html>")
