"""The floor: what one picture costs when nothing but the work itself is done.

A loop without Django, without the ORM and without requests: receive over loopback, spool,
parse, hash, unpack, decode, write the original and a thumbnail with fsync, insert one row.
Run as a program it prints {"cpu": seconds, "wall": seconds} for so many pictures.
"""

import hashlib
import http.client
import io
import json
import os
import sqlite3
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pybase64
from PIL import Image

BODY = json.dumps({"model": "imagen-4.0-generate-001", "prompt": "floor"}).encode()
WARM_UP = 3
CHUNK = 256 * 1024


def main(address: str, key: str, folder: str, count: int) -> None:
    """Make so many pictures after a few that do not count."""
    place = Path(folder)
    place.mkdir(parents=True)
    rows = _open_rows(place / "floor.sqlite3")
    for number in range(-WARM_UP, 0):
        one_picture(address, key, place, rows, number)
    cpu, wall = time.process_time(), time.monotonic()
    for number in range(count):
        one_picture(address, key, place, rows, number)
    spent = {"cpu": time.process_time() - cpu, "wall": time.monotonic() - wall}
    print(json.dumps(spent))


def one_picture(
    address: str, key: str, folder: Path, rows: sqlite3.Connection, number: int
) -> None:
    """From the POST to the row."""
    spool = folder / f"{number}.answer"
    _receive(address, key, spool)
    text = spool.read_bytes()
    answer = json.loads(text)
    data = pybase64.b64decode(answer["data"][0]["b64_json"], validate=True)
    digest = hashlib.sha256(data).hexdigest()
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        size = image.size
        small = image.reduce(2)
    small.thumbnail((512, 512))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=82)
    _write(folder / f"{number}.png", data)
    _write(folder / f"{number}.jpg", out.getvalue())
    billed = answer["usage"]["billed_amount"]
    with rows:
        rows.execute("INSERT INTO picture VALUES (?, ?, ?, ?)", (digest, *size, billed))
    spool.unlink()


def _receive(address: str, key: str, spool: Path) -> None:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", f"{parts.path}/images/generations", BODY, headers)
    answer = connection.getresponse()
    with spool.open("wb") as file:
        while piece := answer.read(CHUNK):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    connection.close()


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _open_rows(path: Path) -> sqlite3.Connection:
    rows = sqlite3.connect(path)
    rows.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    rows.execute("CREATE TABLE picture (sha256 TEXT, width INT, height INT, billed TEXT)")
    return rows


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
