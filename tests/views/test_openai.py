"""Orders of programs: what is answered by which order, and what a client should not repeat."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.api_images import choose, read_body
from omixa_studio.models import (
    ApiOrder,
    Generation,
    LostCall,
    Period,
    Person,
    Picture,
    Scope,
    Token,
)
from omixa_studio.presenters.api.addresses import signed_address
from omixa_studio.presenters.api.failures import failure_of
from omixa_studio.services import api_orders
from omixa_studio.services.api_orders import OrderWanted
from omixa_studio.services.audit import Actor
from omixa_studio.services.budget import set_limit
from omixa_studio.services.tokens import make_token, revoke_token
from tests.factories import make_generation, make_person, make_picture, make_project
from tests.pages import Answer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
FIELDS = {"model": "imagen-4.0-generate-001", "prompt": "A harbour"}
Made = tuple[Person, Token, str]


@pytest.fixture
def made() -> Made:
    person = make_person("ada")
    return (person, *make_token(person, "tests", ["make"], None))


@pytest.fixture
def ask(client: Client, made: Made) -> Callable[..., Answer]:
    def ask_one(path: str = "/v1/images/generations", **fields: Any) -> Answer:
        headers = {"Authorization": f"Bearer {made[2]}", **fields.pop("headers", {})}
        body = json.dumps({**FIELDS, **fields})
        return client.generic("POST", path, body, "application/json", headers=headers)

    return ask_one


def ordered(token: Token, key: str = "", **fields: Any) -> ApiOrder:
    """An order as a request makes it, still queued."""
    body = read_body({**FIELDS, **fields}, MultiValueDict(), is_edit=False, is_text=False)
    catalogue = load_catalogue(None)
    asked = choose(body, catalogue, None, upload_bytes=2**20)
    wanted = OrderWanted(token=token, digest=body.digest, key=key)
    found, ordinal = api_orders.find(wanted)
    assert found is None
    return api_orders.place(wanted, asked, ordinal, catalogue=catalogue, wake=lambda: None)


def end(order: ApiOrder, state: str, **columns: Any) -> Generation:
    """Let the request of an order end as a worker would."""
    row = Generation.objects.get(group=order.group)
    told = {"charged": "no", "finished_at": timezone.now(), **columns}
    Generation.objects.filter(pk=row.pk).update(state=state, **told)
    row.refresh_from_db()
    return row


def error_of(answer: Answer) -> dict[str, Any]:
    """The error of an answer, however it was sent."""
    content = whole(answer) if answer.streaming else answer.content
    found: dict[str, Any] = json.loads(content)["error"]
    return found


def whole(answer: Any) -> bytes:
    """All bytes of an answer; Django's test client closes it at their end."""
    return b"".join(answer.streaming_content)


def test_a_limit_is_a_refusal_with_its_facts(ask: Callable[..., Answer], made: Made) -> None:
    set_limit(Scope.TOKEN, made[1].pk, 10_000, period=Period.MONTH)
    answer = ask()
    error = error_of(answer)
    assert (answer.status_code, answer["x-should-retry"]) == (403, "false")
    assert (error["type"], error["code"]) == ("insufficient_quota", "budget")
    assert (error["scope"], error["limit"], error["left"]) == ("token", "0.010000", "0.010000")
    assert error["ask_url"].endswith("/requests/")
    assert error["resets_at"] > timezone.now().isoformat()
    assert not ApiOrder.objects.exists()


@pytest.mark.parametrize(
    ("fields", "param"),
    [({"style": "natural"}, "style"), ({"project": 99}, "project"), ({"prompt": ""}, "prompt")],
)
def test_a_field_that_cannot_be_honoured_is_named(
    ask: Callable[..., Answer], fields: dict[str, Any], param: str
) -> None:
    answer = ask(**fields)
    assert (answer.status_code, answer["x-should-retry"]) == (400, "false")
    assert error_of(answer)["param"] == param
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/v1/images/generations", b"{", 400),
        ("/v1/images/generations", b"[" * 100_000, 400),
        ("/v1/images/generations", b"[]", 400),
        ("/v1/images/edits", b'{"image": "https://example.com/a.png", "prompt": "x"}', 400),
        ("/v1/images/edits", b'{"prompt": "x"}', 400),
        ("/v1/images/edits", b'{"image": [' + b'"data:;base64,",' * 60_000 + b"0]}", 413),
        ("/v1/images/variations", b"{}", 404),
    ],
)
def test_an_odd_body_is_refused_in_json(
    client: Client, made: Made, path: str, content: bytes, status: int
) -> None:
    headers = {"Authorization": f"Bearer {made[2]}"}
    answer = client.generic("POST", path, content, "application/json", headers=headers)
    assert (answer.status_code, answer["x-should-retry"]) == (status, "false")
    assert error_of(answer)["message"]


def test_what_is_not_known_is_joined_until_it_is(ask: Callable[..., Answer], made: Made) -> None:
    order = ordered(made[1])
    row = end(order, "unknown", charged="unknown", error=[{"key": "too_slow", "values": {}}])
    ApiOrder.objects.update(created_at=timezone.now() - timedelta(days=3))
    for _ in range(3):
        answer = ask()
        assert (answer.status_code, answer["x-should-retry"]) == (424, "false")
        error = error_of(answer)
        assert (error["code"], error["generations"]) == ("outcome_unknown", [row.pk])
    assert Generation.objects.count() == 1
    make_picture(end(order, "done", charged="yes", billed_micros=40_000))
    assert ask().status_code == 200


def test_a_charge_without_pictures_is_told_once(ask: Callable[..., Answer], made: Made) -> None:
    end(ordered(made[1]), "failed", charged="yes", billed_micros=40_000)
    answer = ask()
    assert (answer.status_code, answer["x-should-retry"]) == (424, "false")
    error = error_of(answer)
    assert (error["code"], error["billed"]) == ("no_picture", "0.040000")
    assert ordered(made[1]).ordinal == 1


@pytest.mark.parametrize(
    ("columns", "status", "retry"),
    [
        ({"error_kind": "policy"}, 400, "false"),
        ({"error_kind": "model"}, 400, "false"),
        ({"error_kind": "key"}, 424, "false"),
        ({"error_kind": "ours"}, 424, "false"),
        ({"error_kind": "unavailable"}, 503, "true"),
    ],
)
def test_what_was_free_is_told_and_asked_for_anew(
    made: Made, columns: dict[str, str], status: int, retry: str
) -> None:
    order = ordered(made[1])
    row = end(order, "failed", **columns)
    failure = failure_of([row], [])
    assert failure is not None
    assert (failure.status, failure.retry) == (status, retry == "true")
    assert (failure.counts, ordered(made[1]).ordinal) == (False, 1)


def test_an_order_that_an_older_copy_has_lost_is_to_be_asked_again() -> None:
    """While it was waited for; the repeat is told what the copy lacks."""
    failure = failure_of([], [])
    assert failure is not None
    assert (failure.status, failure.retry, failure.counts) == (503, True, False)


def test_a_key_belongs_to_one_body_for_a_day(ask: Callable[..., Answer], made: Made) -> None:
    order = ordered(made[1], "k-1")
    make_picture(end(order, "done", charged="yes"))
    keyed = {"headers": {"Idempotency-Key": "k-1"}}
    for _ in range(2):
        answer = ask(**keyed)
        assert answer.status_code == 200
        assert len(json.loads(whole(answer))["data"]) == 1
    assert ApiOrder.objects.get().delivered_at is not None
    answer = ask(prompt="Another", **keyed)
    assert (answer.status_code, answer["x-should-retry"]) == (409, "false")
    assert error_of(answer)["code"] == "idempotency_key_reused"
    assert error_of(ask(headers={"Idempotency-Key": "k" * 256}))["param"] == "Idempotency-Key"
    ApiOrder.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert ordered(made[1], "k-1", prompt="Another").ordinal == 1


def test_an_answer_that_arrived_ends_an_order(ask: Callable[..., Answer], made: Made) -> None:
    make_picture(end(ordered(made[1]), "done", charged="yes"))
    half: Any = ask()
    next(iter(half.streaming_content))
    half._iterator.close()  # as a client that hangs up
    assert ApiOrder.objects.get().delivered_at is None
    assert b'"b64_json"' in whole(ask())
    assert ApiOrder.objects.get().delivered_at is not None
    again = ask(headers={"x-stainless-retry-count": "1"})
    assert (again.status_code, b'"b64_json"' in whole(again)) == (200, True)
    assert ordered(made[1]).ordinal == 1


@pytest.mark.parametrize("headers", [{}, {"x-stainless-retry-count": "0"}])
def test_the_same_again_that_is_no_repeat_is_bought_anew(
    ask: Callable[..., Answer], made: Made, headers: dict[str, str]
) -> None:
    order = ordered(made[1])
    make_picture(end(order, "done", charged="yes"))
    api_orders.note_delivered(order.pk)
    set_limit(Scope.TOKEN, made[1].pk, 10_000, period=Period.MONTH)
    assert error_of(ask(headers=headers))["code"] == "budget"


@pytest.mark.parametrize("kind", ["rate", "unavailable"])
def test_what_a_busy_gateway_refused_for_free_may_be_sent_again(made: Made, kind: str) -> None:
    row = end(ordered(made[1]), "failed", error_kind=kind)
    failure = failure_of([row], [])
    assert failure is not None
    assert (failure.status, failure.retry, failure.counts) == (503, True, False)


def test_an_answer_that_nobody_got_is_kept_for_half_an_hour(made: Made) -> None:
    long_ago = timezone.now() - timedelta(minutes=31)
    end(ordered(made[1]), "done", charged="yes", finished_at=long_ago)
    assert ordered(made[1]).ordinal == 1


@pytest.mark.parametrize("ahead", [timedelta(hours=25), -timedelta(hours=25)])
def test_a_wrong_clock_of_a_machine_buys_nothing_again(made: Made, ahead: timedelta) -> None:
    """Which rows are how old is a matter of the database's clock alone."""
    keyed, plain = ordered(made[1], "k-1"), ordered(made[1], prompt="Undelivered")
    said = ordered(made[1], prompt="Said to be a repeat")
    for order in (keyed, plain, said):
        end(order, "done", charged="yes")
    api_orders.note_delivered(said.pk)
    with time_machine.travel(timezone.now() + ahead):
        for order in (keyed, plain, said):
            wanted = OrderWanted(
                token=made[1],
                digest=order.body_sha256,
                key="k-1" if order == keyed else "",
                is_repeat=order == said,
            )
            assert api_orders.find(wanted)[0] == order


def test_other_tokens_and_other_bodies_are_other_orders(made: Made) -> None:
    other, _text = make_token(made[0], "other", ["make"], None)
    made_rows = [ordered(made[1]), ordered(other), ordered(made[1], n=2), ordered(made[1], "k")]
    assert {order.ordinal for order in made_rows} == {0}
    assert Generation.objects.count() == 4
    assert set(Generation.objects.values_list("token", flat=True)) == {made[1].pk, other.pk}


def test_more_pictures_than_a_call_brings_are_one_order(made: Made) -> None:
    order = ordered(made[1], n=25)
    rows = Generation.objects.filter(group=order.group)
    assert sorted(rows.values_list("count", flat=True)) == [5, 10, 10]


def test_a_call_that_an_older_copy_lost_is_not_bought_again(
    ask: Callable[..., Answer], made: Made
) -> None:
    order = ordered(made[1])
    row = end(order, "done")
    lost = {"generation_id": 7, "target": row.target, "sent_at": timezone.now()}
    attempt = "12345678-1234-1234-1234-123456789012"
    LostCall.objects.create(attempt=attempt, person_id=made[0].pk, click=row.click or "", **lost)
    ApiOrder.objects.all().delete()
    row.click = None
    row.save()
    answer = ask()
    assert (answer.status_code, answer["x-should-retry"]) == (424, "false")
    assert error_of(answer)["code"] == "sent_before"


@pytest.mark.parametrize("key", ["", "k-1"])
def test_a_repeat_that_came_before_the_copy_was_noticed_is_not_bought_after_it(
    ask: Callable[..., Answer], made: Made, key: str
) -> None:
    """It was queued and then cancelled, for free; what it repeats may have been charged."""
    end(ordered(made[1], key), "cancelled", error=[{"key": "older_pressed_again", "values": {}}])
    for _ in range(2):
        answer = ask(headers={"Idempotency-Key": key} if key else {})
        assert (answer.status_code, answer["x-should-retry"]) == (424, "false")
        assert error_of(answer)["code"] == "sent_before"
    assert Generation.objects.count() == 1
    shown = failure_of(list(Generation.objects.all()), [])
    assert shown is not None
    assert shown.code == "sent_before"


def test_it_belongs_to_the_project_of_the_token_or_of_the_request(made: Made) -> None:
    own, other = make_project(made[0], name="Own"), make_project(made[0], name="Other")
    made[1].project = own
    made[1].save()
    orders = [ordered(made[1]), ordered(made[1], project=other.pk)]
    rows = [Generation.objects.get(group=order.group) for order in orders]
    assert [row.project_id for row in rows] == [own.pk, other.pk]
    made[0].refresh_from_db()
    assert made[0].last_project_id is None


def test_addresses_of_pictures_end_with_the_hour_and_with_the_token(
    client: Client, ask: Callable[..., Answer], made: Made
) -> None:
    make_picture(end(ordered(made[1]), "done", charged="yes"))
    answer = ask(response_format="url")
    url = json.loads(whole(answer))["data"][0]["url"]
    path = url[url.index("/v1/") :]
    shown = client.get(path)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    assert "session" not in "".join(shown.cookies)
    assert client.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert client.get(path).status_code == 404
    revoke_token(made[1], Actor(made[0].pk, made[0].username))
    assert client.get(path).status_code == 404


def test_an_address_of_a_picture_shows_what_its_person_may_still_see(
    client: Client, made: Made
) -> None:
    picture = make_picture(make_generation(make_person("ben")), shared=True)
    url = signed_address(picture, made[1])
    path = url[url.index("/v1/") :]
    assert client.get(path).status_code == 200
    for hidden in ({"shared": False}, {"trashed_at": timezone.now()}):
        Picture.objects.filter(pk=picture.pk).update(**{"shared": True, **hidden})
        assert client.get(path).status_code == 404, hidden
    Picture.objects.filter(pk=picture.pk).update(trashed_at=None)
    assert client.get(path).status_code == 200
    Person.objects.filter(pk=made[0].pk).update(is_active=False)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(("format", "opens"), [("png", "inline"), ("svg", "attachment")])
def test_an_address_of_a_picture_names_it_and_opens_only_what_browsers_draw(
    client: Client, made: Made, format: str, opens: str
) -> None:
    picture = make_picture(make_generation(made[0]), format=format)
    url = signed_address(picture, made[1])
    named = client.get(url[url.index("/v1/") :])["Content-Disposition"]
    assert named == f'{opens}; filename="picture-{picture.pk}.{format}"'


def test_models_are_those_that_the_person_may_use(client: Client, made: Made) -> None:
    headers = {"Authorization": f"Bearer {made[2]}"}
    listed = client.get("/v1/models", headers=headers).json()["data"]
    by_id = {one["id"]: one for one in listed}
    assert by_id["gpt-image-1"]["stands_for"] == "gpt-image-1.5"
    assert by_id["gpt-image-1.5"]["object"] == "model"
    assert client.get("/v1/models/dall-e-3", headers=headers).json()["id"] == "dall-e-3"
    missing = client.get("/v1/models/gpt-9", headers=headers)
    assert (missing.status_code, error_of(missing)["param"]) == (404, "model")
