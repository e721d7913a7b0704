"""What people do, over real processes: on one machine, and on two that share no disk.

Each flow asks one machine and looks at the other one, as behind a balancer.
"""

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from PIL import Image

from tests.present import present
from tests.scale.machines import Browser, Cluster, Machine
from tests.servers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
MODEL, EDITOR = "imagen-4.0-generate-001", "gpt-image-1.5"
SWITCHED = "imagen-4.0-fast-generate-001"
KINDS = ("thumb", "preview")
TOO_MANY = "Too many failed login attempts"
MAKE_TOKEN = """
import django
django.setup()
from omixa_studio.models import Person
from omixa_studio.services.tokens import make_token
print(make_token(Person.objects.get(username="root"), "tests", ["make", "read"], None)[1])
"""


def make(studio: Cluster, who: Browser, prompt: str, **form: Any) -> int:
    """Press Generate at the first machine; return the picture that the last one shows."""
    accepted(who.post(studio.a, "/generations/", {"model": MODEL, "prompt": prompt, **form}))
    return shown(studio, who, prompt)


def shown(studio: Cluster, who: Browser, prompt: str) -> int:
    """Wait until the last machine's gallery finds a prompt; return its first picture."""
    path = f"/gallery/?{urlencode({'q': prompt})}"
    found: list[str] = []

    def is_there() -> bool:
        found[:] = re.findall(r'data-picture="(\d+)"', who.get(studio.b, path).text)
        return bool(found)

    wait_until(is_there, 60)
    return int(found[0])


def accepted(answer: requests.Response) -> str:
    """Return where a form leads that was taken."""
    faults = re.findall(r'role="alert"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
    assert answer.status_code == 303, (answer.status_code, faults or answer.text[-500:])
    return answer.headers["Location"]


def drawing(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (120, 90), colour).save(out, "PNG")
    return out.getvalue()


def test_what_one_machine_makes_the_other_one_serves(studio: Cluster, root: Browser) -> None:
    pk = make(studio, root, "A lighthouse made at one machine")
    files = [root.get(machine, f"/pictures/{pk}/file") for machine in (studio.a, studio.b)]
    assert [file.status_code for file in files] == [200, 200]
    assert files[0].content == files[1].content
    assert Image.open(io.BytesIO(files[0].content)).size == (96, 64)
    for file in files:
        assert file.headers["Content-Type"] == "image/png"
        assert file.headers["Cache-Control"].startswith("private")
        assert int(file.headers["Content-Length"]) == len(file.content)
    small = [root.get(m, f"/pictures/{pk}/{kind}") for m in (studio.a, studio.b) for kind in KINDS]
    assert {one.status_code for one in small} == {200}
    part = root.get(studio.b, f"/pictures/{pk}/file", headers={"Range": "bytes=0-7"})
    assert part.content == files[0].content[: len(part.content)]
    assert requests.get(f"{studio.b.address}/pictures/{pk}/file", timeout=30).url.endswith(
        f"/login/?next=/pictures/{pk}/file"
    )


def test_an_upload_at_one_machine_is_sent_by_any_worker(studio: Cluster, root: Browser) -> None:
    """Of four edits each worker sends some; the images lie where all of them can read."""
    upload = ("sea.png", drawing("teal"), "image/png")
    before = len(studio.sandbox.calls)
    for number in range(4):
        prompt = f"Paint it anew, number {number}"
        form, files = {"model": EDITOR, "prompt": prompt}, [("input_images", upload)]
        accepted(root.post(studio.a, "/generations/", form, files=files))
    pk = shown(studio, root, "Paint it anew, number 3")
    form = {"model": EDITOR, "prompt": "And again", "input_pictures": f"{pk}"}
    accepted(root.post(studio.b, "/generations/", form))
    shown(studio, root, "And again")
    calls = studio.sandbox.calls[before:]
    assert len(calls) == 5
    assert all(b"data:image/png;base64," in call.body for call in calls)


def test_both_workers_work(studio: Cluster, root: Browser) -> None:
    for number in range(8):
        root.post(studio.a, "/generations/", {"model": MODEL, "prompt": f"Of many, {number}"})
    shown(studio, root, "Of many, 7")
    facts = root.get(studio.b, "/ready").json()
    assert facts["waiting"]["workers"] == len(studio.machines)


def test_a_guest_sees_a_link_at_either_machine(studio: Cluster, root: Browser) -> None:
    pk = make(studio, root, "For a client to see")
    terms = {"ids": pk, "days": "7", "downloads": "yes"}
    link = accepted(root.post(studio.a, "/links/new/", terms)).rpartition("-")[2]
    path = present(re.search(r"/g/[\w-]+/", root.get(studio.b, "/links/").text))[0]
    for machine in (studio.a, studio.b):
        assert requests.get(machine.address + path, timeout=30).status_code == 200
        file = requests.get(f"{machine.address}{path}1/file", timeout=30)
        assert (file.status_code, file.headers["Content-Type"]) == (200, "image/png")
    root.post(studio.a, f"/links/{link}/revoke/", {})
    assert requests.get(studio.b.address + path, timeout=30).status_code == 404
    assert requests.get(f"{studio.b.address}{path}1/file", timeout=30).status_code == 404


def test_a_program_fetches_elsewhere_what_it_asked_for(studio: Cluster) -> None:
    token = studio.a.run("-c", MAKE_TOKEN).stdout.strip().splitlines()[-1]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
    asked = {"model": MODEL, "prompt": "Asked by a program", "response_format": "url"}
    url, before = f"{studio.a.address}/v1/images/generations", len(studio.sandbox.calls)
    answer = requests.post(url, json=asked, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    given = answer.json()["data"][0]["url"]
    assert "127.0.0.1" in given  # of the studio, never of a bucket
    path = given[given.index("/v1/") :]
    files = [requests.get(m.address + path, timeout=30) for m in (studio.a, studio.b)]
    assert [file.status_code for file in files] == [200, 200]
    assert files[0].content == files[1].content
    assert requests.get(studio.b.address + path[:-4] + "AAAA", timeout=30).status_code == 404
    # A repeat that comes to the other machine buys nothing.
    again = requests.post(
        f"{studio.b.address}/v1/images/generations", json=asked, headers=headers, timeout=60
    )
    assert again.status_code == 200
    assert len(studio.sandbox.calls) == before + 1


def test_every_machine_writes_the_same_costs(studio: Cluster, root: Browser) -> None:
    make(studio, root, "What does it cost")
    texts = [root.get(m, "/costs/export.csv").content for m in (studio.a, studio.b)]
    assert texts[0] == texts[1]
    rows = list(csv.DictReader(io.StringIO(texts[0].decode("utf-8-sig"))))
    done = [row for row in rows if row["state"] == "done"]
    assert len(done) >= 1
    assert {row["billed"] for row in done} == {"0.040000"}


def test_an_export_can_be_fetched_at_every_machine(studio: Cluster, root: Browser) -> None:
    pks = [make(studio, root, f"To be packed, {number}") for number in range(3)]
    form = {"ids": pks, "pack": "internal", "format": "original", "step": "start"}
    accepted(root.post(studio.a, "/exports/new/", form))
    found: list[str] = []

    def is_ready() -> bool:
        found[:] = re.findall(r"/exports/\d+/file", root.get(studio.b, "/exports/").text)
        return bool(found)

    wait_until(is_ready, 60)
    files = [root.get(machine, found[0]) for machine in (studio.a, studio.b)]
    assert files[0].content == files[1].content
    with zipfile.ZipFile(io.BytesIO(files[0].content)) as whole:
        assert whole.testzip() is None
        assert len([name for name in whole.namelist() if name.endswith(".png")]) == 3
    part = root.get(studio.b, found[0], headers={"Range": "bytes=10-29"})
    assert (part.status_code, part.content) == (206, files[0].content[10:30])


def test_what_is_deleted_here_comes_back_there(studio: Cluster, root: Browser) -> None:
    pk = make(studio, root, "Thrown away and missed")
    root.post(studio.a, f"/pictures/{pk}/trash", {})
    assert f'data-picture="{pk}"' not in root.get(studio.b, "/gallery/").text
    assert geometry(studio, root)[1] == geometry(studio, root)[0]
    root.post(studio.b, f"/pictures/{pk}/restore", {})
    assert f'data-picture="{pk}"' in root.get(studio.a, "/gallery/").text
    # Each machine keeps geometry on its own disk; both have to notice.
    assert geometry(studio, root)[1] == geometry(studio, root)[0]


def geometry(studio: Cluster, who: Browser) -> list[int]:
    """Return how many pictures each machine's geometry has."""
    counts = []
    for machine in (studio.a, studio.b):
        data = who.get(machine, "/gallery/geometry").content
        length = int.from_bytes(data[:4], "little")
        counts.append(json.loads(data[4 : 4 + length])["count"])
    return counts


def test_guesses_count_over_machines(studio: Cluster) -> None:
    answers = []
    for number in range(6):
        machine = (studio.a, studio.b)[number % 2]
        answers.append(Browser().log_in(machine, "root2", f"wrong {number}").text)
    assert [TOO_MANY in answer for answer in answers] == [False] * 5 + [True]


def test_a_backup_of_one_machine_holds_what_all_of_them_made(
    studio: Cluster, root: Browser, tmp_path: Path
) -> None:
    make(studio, root, "To be kept for years")
    taken = studio.a.run("manage.py", "backup", str(tmp_path / "backups"))
    assert taken.returncode == 0, taken.stdout
    verified = studio.b.run("manage.py", "verify")
    assert verified.returncode == 0, verified.stdout


def test_a_model_switched_at_one_machine_is_switched_at_all(studio: Cluster, root: Browser) -> None:
    def is_listed(machine: Machine) -> bool:
        return SWITCHED in root.get(machine, "/?model=" + SWITCHED).text.split("<main")[1]

    switch = f'[models."{SWITCHED}"]\nenabled = {{}}\n'
    assert is_listed(studio.b)
    (studio.a.folder / "data" / "models.toml").write_text(switch.format("false"))
    wait_until(lambda: not is_listed(studio.b), 30)
    (studio.b.folder / "data" / "models.toml").write_text(switch.format("true"))
    wait_until(lambda: is_listed(studio.a), 30)
    # Each worker asks its own catalogue once more before it sends.
    for number in range(4):
        make(studio, root, f"Switched on again, {number}", model=SWITCHED)
