"""Durable files in a folder and in a bucket."""

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from django.conf import settings as product
from moto.server import ThreadedMotoServer

from omixa_studio import storage


@pytest.fixture(autouse=True)
def _built_anew() -> Iterator[None]:
    storage.backend.cache_clear()
    yield
    storage.backend.cache_clear()


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket_url(s3_server: str) -> str:
    """A STORAGE_URL that names a real, empty bucket."""
    name = f"studio-{secrets.token_hex(4)}"
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
    boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1", **keys).create_bucket(
        Bucket=name
    )
    options = f"endpoint_url={s3_server}&region_name=us-east-1&access_key=k&secret_key=s"
    return f"s3://{name}/some/prefix?{options}"


@pytest.fixture(params=["folder", "bucket"])
def kept(request: pytest.FixtureRequest, settings: Any) -> None:
    if request.param == "bucket":
        settings.STORAGE_URL = request.getfixturevalue("bucket_url")


@pytest.mark.usefixtures("kept")
class TestBoth:
    def test_what_is_erased_while_one_looks_has_no_size(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(storage.backend(), "exists", lambda _name: True)
        assert storage.size("pictures/3f/gone.png") is None

    def test_it_gives_back_exactly_what_was_put(self) -> None:
        name, data = storage.new_name("pictures", ".png"), os.urandom(700_000)
        storage.put(name, data)
        assert storage.get(name) == data
        with storage.open_file(name) as file:
            assert file.read() == data

    def test_it_takes_the_same_name_twice(self) -> None:
        name = storage.new_name("pictures", ".png")
        storage.put(name, b"first")
        storage.put(name, b"again")
        assert storage.get(name) == b"again"

    def test_it_says_that_a_file_is_not_there(self) -> None:
        for look in (storage.get, storage.open_file, storage.stream):
            with pytest.raises(FileNotFoundError):
                look("pictures/00/nothing.png")

    def test_it_streams_a_file_of_known_size(self) -> None:
        name, data = storage.new_name("pictures", ".png"), os.urandom(300_000)
        storage.put(name, data)
        file, size = storage.stream(name)
        with contextlib.closing(file):
            assert size == len(data)
            assert file.read(10) == data[:10]
            assert b"".join(iter(lambda: file.read(65_536), b"")) == data[10:]

    def test_it_takes_a_local_file_over_and_reads_it_from_a_point(self, tmp_path: Path) -> None:
        local = tmp_path / "made.zip"
        local.write_bytes(b"0123456789" * 1000)
        storage.adopt("exports/aa/made.zip", local)
        assert not local.exists()
        assert storage.size("exports/aa/made.zip") == 10_000
        assert storage.size("exports/aa/other.zip") is None
        with contextlib.closing(storage.open_at("exports/aa/made.zip", 9_995)) as file:
            assert file.read(3) + file.read() == b"56789"
        with pytest.raises(OSError, match=r"."):
            storage.open_at("exports/aa/other.zip", 0)

    def test_it_removes_a_file_and_does_not_mind_twice(self) -> None:
        name = storage.new_name("inputs", ".png")
        storage.put(name, b"x")
        storage.remove(name)
        storage.remove(name)
        with pytest.raises(FileNotFoundError):
            storage.get(name)


def test_it_speaks_of_a_bucket_that_refuses_as_of_a_disk(bucket_url: str, settings: Any) -> None:
    settings.STORAGE_URL = bucket_url.replace("s3://studio-", "s3://no-such-")
    with pytest.raises(OSError, match="refuses"):
        storage.put("pictures/00/x.png", b"x")


def test_it_opens_nothing_of_a_bucket_that_goes_away_meanwhile(
    bucket_url: str, settings: Any
) -> None:
    settings.STORAGE_URL = bucket_url
    storage.put("pictures/00/x.png", b"x")

    def is_away(**_told: object) -> None:
        raise EndpointConnectionError(endpoint_url=bucket_url)

    driver: Any = storage.backend()
    driver.connection.meta.client.meta.events.register("before-call.s3.GetObject", is_away)
    with pytest.raises(storage.StorageAwayError):
        storage.open_file("pictures/00/x.png")


@pytest.fixture
def strict_server() -> Iterator[tuple[str, list[set[str]]]]:
    """A server that knows no newer headers of Amazon: its address, and what came with PUT."""
    came: list[set[str]] = []

    class Strict(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            came.append({name.lower() for name in self.headers})
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Strict) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", came
        server.shutdown()


def test_it_sends_other_servers_no_checksums_of_amazons(
    strict_server: tuple[str, list[set[str]]], settings: Any, tmp_path: Path
) -> None:
    """Backblaze, older MinIO, Ceph and others refuse every file that comes with one."""
    address, came = strict_server
    options = f"endpoint_url={address}&region_name=us-east-1&access_key=k&secret_key=s"
    settings.STORAGE_URL = f"s3://bucket?{options}"
    storage.put("pictures/3f/a.png", b"paid for")
    whole = tmp_path / "whole.zip"
    whole.write_bytes(b"zip")
    storage.adopt("exports/3f/a.zip", whole)
    assert len(came) == 2
    assert [name for headers in came for name in headers if "checksum" in name] == []
    assert [headers & {"x-amz-trailer", "content-encoding"} for headers in came] == [set(), set()]


def test_it_writes_under_the_prefix(bucket_url: str, settings: Any, s3_server: str) -> None:
    settings.STORAGE_URL = bucket_url
    storage.put("pictures/ab/c.png", b"x")
    bucket = bucket_url.removeprefix("s3://").partition("/")[0]
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
    client = boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1", **keys)
    (found,) = client.list_objects_v2(Bucket=bucket)["Contents"]
    assert found["Key"] == "some/prefix/pictures/ab/c.png"


@pytest.mark.file_ages
def test_it_leaves_what_was_cut_off_in_one_place_and_forgets_it() -> None:
    parts = Path(product.MEDIA_ROOT) / storage.PARTS
    storage.make_folder(parts)
    old, new = parts / "old.part", parts / "new.part"
    for part in (old, new):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 3700,) * 2)
    storage.forget_parts()
    assert (old.exists(), new.exists()) == (False, True)
    new.unlink()


def test_it_leaves_no_half_file_when_the_disk_refuses(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    (taken / "inside").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        storage.write_durably(taken, b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_it_draws_names_that_nobody_guesses() -> None:
    names = {storage.new_name("pictures", ".png") for _ in range(100)}
    assert len(names) == 100
    assert all(len(Path(name).stem) == 32 for name in names)
