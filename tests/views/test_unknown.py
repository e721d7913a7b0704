"""The page on which admins say what a call cost that nobody knows the cost of."""

import re
import socket
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from omixa_studio.models import AnswerFile, Charge, Generation, LostCall, Person
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import ledger
from omixa_studio.spool import HEAD_BYTES
from tests.factories import (
    make_answer_file,
    make_generation,
    make_lost_call,
    make_person,
    make_picture,
)
from tests.pages import folded
from tests.views.conftest import Says

pytestmark = pytest.mark.django_db

SCRIPT = {"HX-Request": "true"}
SENT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def admin(client: Client) -> Person:
    admin = make_person("ada", role="admin")
    client.force_login(admin)
    return admin


def unknown_call(state: str = "unknown", **fields: Any) -> Generation:
    """A call of Mara's with an open hold of $0.04."""
    told = {
        "charged": "unknown",
        "billed_micros": None,
        "settled_by": None if state == "unknown" else "worker:1",
        "sent_at": SENT,
        "finished_at": SENT + timedelta(seconds=90),
    }
    mara = Person.objects.filter(username="mara").first() or make_person("mara")
    generation = make_generation(mara, state=state, **(told | fields))
    ledger.hold(generation)
    return generation


def booked(generation: Generation) -> list[int]:
    rows = Charge.objects.filter(generation_id=generation.pk).exclude(kind="hold")
    return list(rows.order_by("kind").values_list("amount_micros", flat=True))


def shown(client: Client, address: str = "/unknown/", **extra: Any) -> str:
    return client.get(address, **extra).content.decode()


@pytest.mark.parametrize("role", ["member", "manager"])
def test_it_lets_only_admins_in(client: Client, role: str) -> None:
    generation = unknown_call()
    client.force_login(make_person(role=role))
    assert client.get("/unknown/").status_code == 403
    assert client.get("/unknown/usage/").status_code == 403
    answer = client.post(f"/unknown/{generation.pk}/", {"outcome": "free"})
    assert answer.status_code == 403
    assert booked(generation) == []
    assert "/unknown/" not in shown(client, "/")


def test_it_sends_strangers_to_the_login(client: Client) -> None:
    make_person()
    assert client.get("/unknown/")["Location"] == "/login/?next=/unknown/"


def test_it_says_all_that_is_known(client: Client, admin: Person) -> None:
    row = unknown_call(
        prompt="A <lost> harbour",
        error="The connection broke.",
        error_detail="reset by peer",
        request_id="req_77",
    )
    page = shown(client)
    for words in (
        "A &lt;lost&gt; harbour",
        "mara",
        "Imagen 4",
        "$0.040",
        "12:00:00",
        f"G-{row.pk}<",
        ">req_77<",
        "The connection broke.",
        "reset by peer",
        "outcome unknown",
    ):
        assert words in page


def test_it_lists_kept_pictures_and_refusals_without_an_amount(
    client: Client, admin: Person
) -> None:
    make_picture(unknown_call("done"), cost_micros=None)
    unknown_call("failed")
    unknown_call("done", charged="yes", billed_micros=40_000, prompt="Known")
    page = shown(client)
    assert "1 picture kept, cost unknown" in page
    assert "refused, cost unknown" in page
    assert "Known" not in page


def test_it_shows_kept_pictures_until_it_is_decided(client: Client, admin: Person) -> None:
    jon = make_person()
    picture = make_picture(make_generation(jon, charged="unknown", billed_micros=None))
    make_generation(jon, state="unknown", charged="unknown")
    html = client.get("/unknown/").content.decode()
    thumb = f"/unknown/pictures/{picture.pk}/thumb"
    assert f'<img src="{thumb}"' in html
    # Alike stand together, those that looking may decide first.
    headings = re.findall(r'<h2 id="alike-\d">(.*?) <', html)
    assert headings == ["Pictures kept, cost unknown", "Outcome unknown"]
    assert client.get(thumb)["Content-Type"].startswith("image/")
    assert client.get(f"/pictures/{picture.pk}/thumb").status_code == 404
    client.post(f"/unknown/{picture.generation_id}/", {"outcome": "charged", "amount": "0.04"})
    assert client.get(thumb).status_code == 404


def test_it_stands_in_the_bar_only_while_something_is_unknown(
    client: Client, admin: Person
) -> None:
    assert 'href="/unknown/">Needs review' not in folded(shown(client, "/"))
    unknown_call()
    unknown_call("done")
    page = folded(shown(client, "/gallery/"))
    assert 'href="/unknown/">Needs review <span class="chip warn num">2</span>' in page
    assert 'href="/unknown/">2 requests need review' in folded(shown(client, "/costs/"))


def test_it_says_when_everything_is_settled(client: Client, admin: Person) -> None:
    assert "Nothing needs review" in shown(client)


@pytest.mark.parametrize(
    ("suffix", "words"),
    [
        (".part", "800\N{NO-BREAK SPACE}B, incomplete"),
        (".unusable", "800\N{NO-BREAK SPACE}B, complete but not usable"),
        (".answer", "800\N{NO-BREAK SPACE}B, complete; waiting"),
    ],
)
def test_it_says_what_lies_on_disk(
    client: Client,
    admin: Person,
    settings: Settings,
    tmp_path: Path,
    suffix: str,
    words: str,
) -> None:
    settings.SPOOL_DIR = tmp_path
    row = unknown_call(attempt=uuid.uuid4())
    (tmp_path / f"{row.pk}-{row.attempt}{suffix}").write_bytes(b"x" * (HEAD_BYTES + 800))
    (tmp_path / f"{row.pk}-nonsense{suffix}").write_bytes(b"x")
    assert words in shown(client)


@pytest.mark.parametrize(("host", "named"), [("elsewhere", True), (socket.gethostname(), False)])
def test_it_names_the_worker_on_whose_machine_an_answer_may_lie(
    client: Client, admin: Person, host: str, named: bool
) -> None:
    unknown_call(attempt=uuid.uuid4(), worker=f"{host}:77")
    assert ("sent by worker elsewhere:77" in shown(client)) == named


def test_it_links_what_came(client: Client, admin: Person) -> None:
    row = unknown_call()
    files = [make_answer_file(row, b"x" * 800), make_answer_file(row, b"{}", AnswerFile.WHOLE)]
    page = folded(shown(client))
    assert "file 1, 800 B" in page
    assert "complete answer, 2 B" in page
    for file in files:
        assert f'href="/answers/{file.pk}/file"' in page
        answer = client.get(f"/answers/{file.pk}/file")
        assert (answer.status_code, answer["Content-Disposition"][:10]) == (200, "attachment")
    client.post(f"/unknown/{row.pk}/", {"outcome": "free"})
    assert client.get(f"/answers/{files[0].pk}/file").status_code == 404


def test_it_lists_calls_that_an_older_database_lost(client: Client, admin: Person) -> None:
    kept = make_lost_call(answer=b'{"data": []}', generation_id=77)
    make_lost_call(generation_id=78, target="www.omixa.cloud")
    page = folded(shown(client))
    assert "2 paid requests are missing from this database." in page
    for words in ("G-77", "12 B", "G-78", "www.omixa.cloud", "elsewhere:7", "is not here"):
        assert words in page
    assert '>Needs review <span class="chip warn num">2</span>' in page
    answer = client.get(f"/unknown/lost/{kept.pk}/file")
    assert b"".join(answer) == b'{"data": []}'
    assert 'filename="answer-77.json"' in answer["Content-Disposition"]
    later = make_lost_call()
    client.post("/unknown/lost/close/", {"last": str(later.pk - 1)})
    assert list(LostCall.objects.values_list("closed_by", flat=True)) == ["ada", "ada", ""]
    client.post("/unknown/lost/close/", {"last": "9" * 30})
    assert "1 paid request is missing from this database." in folded(shown(client))


def test_it_shows_the_page_with_few_queries(
    client: Client, admin: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        make_picture(unknown_call("done"), cost_micros=None)
    with django_assert_max_num_queries(12):
        client.get("/unknown/")


@pytest.mark.parametrize(
    ("state", "after", "words"),
    [("unknown", "failed", "$0.012345 recorded"), ("done", "done", "$0.012345 recorded")],
)
@pytest.mark.parametrize("typed", ["0.012345", "$0.012345", " $0.012345 "])
def test_it_books_what_an_admin_says(
    client: Client, admin: Person, state: str, after: str, words: str, typed: str
) -> None:
    row = unknown_call(state)
    form = {"outcome": "charged", "amount": typed}
    answer = client.post(f"/unknown/{row.pk}/", form)
    assert (answer.status_code, answer["Location"]) == (303, "/unknown/")
    row.refresh_from_db()
    assert (row.state, row.billed_micros, row.decided_by) == (after, 12_345, "ada")
    assert booked(row) == [12_345, -40_000]
    assert words in shown(client)


@pytest.mark.parametrize("typed", ["10000", "123456.789012"])
def test_it_books_a_large_amount(client: Client, admin: Person, typed: str) -> None:
    row = unknown_call()
    client.post(f"/unknown/{row.pk}/", {"outcome": "charged", "amount": typed})
    row.refresh_from_db()
    assert row.billed_micros == int(Decimal(typed) * 10**6)


def test_it_gives_the_hold_back(client: Client, admin: Person) -> None:
    row = unknown_call()
    client.post(f"/unknown/{row.pk}/", {"outcome": "free", "amount": "nonsense"})
    row.refresh_from_db()
    assert (row.state, row.charged) == ("failed", "no")
    assert booked(row) == [0, -40_000]


@pytest.mark.parametrize(
    "amount",
    ["", "0", "0.000000", "0.0000001", "-1", "1e3", "NaN", "٣", "1,000", "0,04", "1,2.3", "9" * 50],
)
def test_it_refuses_what_is_no_amount(client: Client, admin: Person, amount: str) -> None:
    row = unknown_call()
    answer = client.post(f"/unknown/{row.pk}/", {"outcome": "charged", "amount": amount})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert booked(row) == []


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("1,000", "Use a point before the cents"),
        ("0,04", "Use a point before the cents"),
        ("1000000000", "This is too much"),
        ("0.0000001", "at most six decimals"),
    ],
)
def test_it_says_why_an_amount_is_none(
    client: Client, admin: Person, typed: str, reason: str
) -> None:
    form = {"outcome": "charged", "amount": typed}
    answer = client.post(f"/unknown/{unknown_call().pk}/", form)
    assert reason in answer.content.decode()


@pytest.mark.parametrize("form", [{}, {"outcome": "maybe"}, {"amount": "0.04"}])
def test_it_refuses_a_form_without_an_outcome(
    client: Client, admin: Person, form: dict[str, str]
) -> None:
    assert client.post(f"/unknown/{unknown_call().pk}/", form).status_code == 422


@pytest.mark.parametrize("state", ["unknown", "done"])
def test_it_books_a_double_press_once(client: Client, admin: Person, state: str) -> None:
    row = unknown_call(state)
    for amount in ("0.03", "0.04"):
        form = {"outcome": "charged", "amount": amount}
        client.post(f"/unknown/{row.pk}/", form)
    assert booked(row) == [30_000, -40_000]
    assert "already reviewed" in shown(client)


def test_it_asks_the_log_once_and_suggests_an_amount(
    client: Client, admin: Person, gateway_says: Says
) -> None:
    row = unknown_call(model="MAI-Image-2.5")
    entries = [
        {"id": "req_1", "model": "MAI-Image-2.5", "cost": "0.033000", "created": 1795348801},
        {"id": "req_2", "model": "gpt-image-1.5", "cost": "0.07", "created": 1795348801},
    ]
    server = gateway_says({"data": entries})
    assert server.asked == []
    part = shown(client, "/unknown/usage/", headers=SCRIPT)
    assert f'id="found-{row.pk}" hx-swap-oob="true"' in part
    assert "$0.033" in part
    assert 'value="0.033"' in part
    assert "req_2" not in part
    assert "Even without an entry, the request may have been charged." in part
    assert server.asked == ["/api/v1/usage/requests"]
    assert "<html" in shown(client, "/unknown/usage/")


def test_it_suggests_no_amount_that_a_settled_call_explains(
    client: Client, admin: Person, gateway_says: Says
) -> None:
    """Call 1 is done, call 2 broke off two seconds later, and the log holds one entry."""
    told: dict[str, Any] = {"model": "MAI-Image-2.5", "created_at": SENT}
    done = make_generation(make_person(), sent_at=SENT, **told)
    lost = unknown_call(**told | {"sent_at": SENT + timedelta(seconds=2)})
    one = {"model": "MAI-Image-2.5", "cost": "0.04", "created": SENT.timestamp() + 1}
    gateway_says([one])
    part = shown(client, "/unknown/usage/", headers=SCRIPT)
    assert 'value="0.04"' not in part
    assert "shows nothing for that time" in part
    gateway_says([one, one | {"created": SENT.timestamp() + 3}])
    part = shown(client, "/unknown/usage/", headers=SCRIPT)
    assert (f'id="amount-{lost.pk}"' in part, 'value="0.04"' in part) == (True, True)
    assert done.state == "done"


def test_it_suggests_nothing_where_an_entry_fits_two_calls(
    client: Client, admin: Person, gateway_says: Says
) -> None:
    for _ in range(2):
        unknown_call(model="MAI-Image-2.5")
    gateway_says([{"id": "r", "model": "MAI-Image-2.5", "created": 1795348801, "cost": "0.03"}])
    part = shown(client, "/unknown/usage/", headers=SCRIPT)
    assert part.count("$0.030") == 2
    assert 'name="amount"' not in part


def test_it_leaves_out_entries_of_calls_that_are_settled(
    client: Client, admin: Person, gateway_says: Says
) -> None:
    unknown_call(model="MAI-Image-2.5")
    make_generation(make_person(), request_id="req_1")
    gateway_says([{"id": "req_1", "model": "MAI-Image-2.5", "created": 1795348801, "cost": "1"}])
    part = shown(client, "/unknown/usage/", headers=SCRIPT)
    assert "shows nothing for that time" in part
    assert "hx-swap-oob" in part


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (b"<html>oops</html>", 200),
        ({"data": "none"}, 200),
        ({"error": {"message": "no"}}, 403),
        (b"", 500),
        (b"\xff" * 100, 200),
    ],
)
def test_it_survives_odd_logs(
    client: Client, admin: Person, gateway_says: Says, document: object, status: int
) -> None:
    row = unknown_call()
    gateway_says(document, status=status)
    part = client.get("/unknown/usage/", headers=SCRIPT)
    assert part.status_code == 200
    assert "could not be read" in part.content.decode()
    assert f'id="unknown-{row.pk}"' in shown(client, "/unknown/usage/")


def test_it_never_waits_for_the_gateway(client: Client, admin: Person, gateway_says: Says) -> None:
    unknown_call()
    server = gateway_says([], hang=True)
    assert client.get("/unknown/").status_code == 200
    assert server.asked == []


def test_it_reads_the_sandboxs_log(
    client: Client, admin: Person, sandbox: Sandbox, settings: Settings
) -> None:
    row = unknown_call(model="imagen-4.0-generate-001", sent_at=timezone.now(), finished_at=None)
    call = sandbox.book.begin("/api/v1/images/generations", {}, b"{}")
    call.model = row.model
    sandbox.book.charge(call, status=200, billed="0.040000", pictures=1)
    part = shown(client, "/unknown/usage/", headers=SCRIPT)
    assert 'value="0.04"' in part


def test_calls_of_an_older_gateway_stay_and_are_booked_where_they_were_held(
    client: Client, admin: Person, settings: Settings
) -> None:
    settings.GATEWAY_TARGET, settings.SANDBOX_MODE = "www.omixa.cloud", False
    old, practice = unknown_call(target="old.example"), unknown_call(target="sandbox")
    html = folded(shown(client))
    assert f'id="unknown-{old.pk}"' in html
    assert "old.example, not in use" in html
    assert f'id="unknown-{practice.pk}"' not in html
    assert client.post(f"/unknown/{practice.pk}/", {"outcome": "free"}).status_code == 404
    told = {"outcome": "charged", "amount": "0.07"}
    assert client.post(f"/unknown/{old.pk}/", told).status_code == 303
    assert booked(old) == [70_000, -40_000]
    assert set(Charge.objects.filter(generation_id=old.pk).values_list("target", flat=True)) == {
        "old.example"
    }
    assert f'id="unknown-{old.pk}"' not in shown(client)


def test_a_studio_without_its_key_shows_what_is_unknown_of_the_gateway(
    client: Client, admin: Person
) -> None:
    row = unknown_call(target="www.omixa.cloud")
    assert f'id="unknown-{row.pk}"' in shown(client)


def test_the_log_of_one_gateway_explains_no_call_of_another(
    client: Client, admin: Person, gateway_says: Says
) -> None:
    for target in ("sandbox", "old.example"):
        unknown_call(model="MAI-Image-2.5", target=target)
    gateway_says([{"id": "r", "model": "MAI-Image-2.5", "created": 1795348801, "cost": "0.03"}])
    part = shown(client, "/unknown/usage/", **SCRIPT)
    assert part.count("$0.030") == 1
    assert part.count('value="0.03"') == 1
