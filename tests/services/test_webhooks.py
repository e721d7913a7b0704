"""Webhooks: written with what happened, sent at least once under one id, and given up at last."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from openai import OpenAI
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import (
    Act,
    DeliveryState,
    Generation,
    Notice,
    OffReason,
    Person,
    Picture,
    Scope,
    State,
    Webhook,
    WebhookDelivery,
    WebhookTry,
)
from omixa_studio.services import (
    budget_requests,
    claims,
    pauses,
    settling,
    soft_limits,
    webhook_sending,
)
from omixa_studio.services.audit import Actor
from omixa_studio.services.budget import BudgetRefused, set_limit
from omixa_studio.services.budget_requests import Wish
from omixa_studio.services.older_copies import declare
from omixa_studio.services.people import deactivate
from omixa_studio.services.submission import Choice, submit
from omixa_studio.services.webhooks import (
    Hook,
    WebhookRefused,
    delete_webhook,
    make_webhook,
    rotate_secret,
    send_again,
    send_test,
    switch_off,
    switch_on,
)
from omixa_studio.worker import Worker
from omixa_studio.worker.webhooks import Courier
from tests.factories import (
    hold,
    make_generation,
    make_person,
    make_picture,
)
from tests.gateway.conftest import BadGateway, Script, Visit
from tests.servers import run_whole

pytestmark = pytest.mark.django_db
BY = Actor(1, "ada")
EVENTS = ["generation.done", "generation.failed", "generation.unknown"]
OF_BUDGETS = ["budget.asked", "budget.reached"]


class Receiver:
    """A server on loopback that answers each message as the script says, and remembers it."""

    def __init__(self) -> None:
        self.script: Script = lambda visit: visit.answer(b"thanks", status="204 No Content")
        self.got: list[tuple[Mapping[str, str], bytes]] = []
        self.server = BadGateway(self._take)
        self.url = f"http://127.0.0.1:{self.server.port}/hook"

    def _take(self, visit: Visit) -> None:
        visit.read_request()
        self.got.append((visit.headers, visit.body))
        self.script(visit)

    @property
    def messages(self) -> list[Any]:
        return [json.loads(body) for _headers, body in self.got]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _body in self.got]


Sent = Callable[[], None]


@pytest.fixture(autouse=True)
def loopback(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    it = Receiver()
    yield it
    it.server.close()


@pytest.fixture
def ada() -> Person:
    return make_person("ada")


@pytest.fixture
def send(worker: Worker) -> Sent:
    """Send what is due now, as the worker does."""
    courier = Courier(threads=4, seconds=1.0)
    return lambda: courier.deliver(worker)


def hook_of(person: Person | None, receiver: Receiver, **more: Any) -> tuple[Webhook, str]:
    events = EVENTS if person else [*EVENTS, *OF_BUDGETS]
    return make_webhook(person, Hook(url=receiver.url, events=events, **more), by=BY)


def end(generation: Generation, state: str = "done") -> None:
    Generation.objects.filter(pk=generation.pk).update(state=state)


def now_due() -> None:
    WebhookDelivery.objects.exclude(due_at=None).update(due_at=Now(), lease=None)


def only() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def test_an_older_copy_sends_nothing_until_it_is_resumed(
    ada: Person, receiver: Receiver, send: Sent, worker: Worker
) -> None:
    hook_of(ada, receiver)
    end(make_generation(ada, state="running"))
    declare(worker.target)
    send()
    assert receiver.got == []
    assert only().tries == 0
    pauses.resume(worker.target)
    pauses.pause(worker.target, "key", error=[])  # any other pause holds back no message
    send()
    assert len(receiver.got) == 1


def test_what_it_sends_is_verified_by_both_libraries(
    ada: Person, receiver: Receiver, send: Sent
) -> None:
    _webhook, secret = hook_of(ada, receiver)
    generation = make_generation(ada, state="running", billed_micros=40_000, charged="yes")
    picture = make_picture(generation)
    end(generation)
    send()
    headers, body = receiver.got[0]
    told = Verifier(secret).verify(body, dict(headers))
    assert told["type"] == "generation.done"
    assert told["data"]["id"] == generation.pk
    assert (told["data"]["state"], told["data"]["billed"]) == ("done", "0.040000")
    assert [one["sha256"] for one in told["data"]["pictures"]] == [picture.sha256]
    assert generation.prompt not in body.decode()
    client = OpenAI(api_key="none", webhook_secret=secret)
    event: Any = client.webhooks.unwrap(body, headers)
    assert event.type == "generation.done"
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(body + b" ", dict(headers))
    row = only()
    assert (row.state, row.tries, row.due_at) == (DeliveryState.DELIVERED, 1, None)
    assert WebhookTry.objects.get().status == 204


def test_its_picture_opens_without_a_token_until_the_webhook_is_off(
    ada: Person, receiver: Receiver, send: Sent, client: Client
) -> None:
    webhook, _secret = hook_of(ada, receiver)
    generation = make_generation(ada, state="running")
    picture = make_picture(generation)
    end(generation)
    send()
    path = receiver.messages[0]["data"]["pictures"][0]["url"].partition("8000")[2]
    assert len(b"".join(client.get(path))) == picture.bytes
    Picture.objects.update(person=make_person("heir"))
    assert client.get(path).status_code == 404
    Picture.objects.update(person=ada)
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    assert client.get(path).status_code == 404
    Person.objects.filter(pk=ada.pk).update(is_active=True)
    assert len(b"".join(client.get(path))) == picture.bytes
    switch_off(webhook, OffReason.PERSON, by=BY)
    assert client.get(path).status_code == 404


def test_a_message_read_before_its_webhook_was_switched_off_is_not_sent(
    ada: Person, receiver: Receiver
) -> None:
    webhook, _secret = hook_of(ada, receiver)
    end(make_generation(ada, state="running"))
    row = only()
    switch_off(webhook, OffReason.PERSON, by=BY)
    assert not webhook_sending._claim(row)
    switch_on(webhook, by=BY)
    assert webhook_sending._claim(row)


def test_prompts_are_sent_where_they_are_chosen_alone(
    ada: Person, receiver: Receiver, send: Sent
) -> None:
    hook_of(ada, receiver, with_prompt=True)
    hook_of(None, receiver, with_prompt=True)
    generation = make_generation(ada, state="running")
    make_picture(generation)
    end(generation)
    send()
    told = {"prompt" in one["data"]: one["data"] for one in receiver.messages}
    assert told[True]["prompt"] == generation.prompt
    assert told[True]["pictures"][0]["url"]
    assert "options" not in told[False]
    assert told[False]["pictures"][0]["url"] is None


def test_every_way_to_an_end_writes_one_message_for_those_whom_it_concerns(ada: Person) -> None:
    receiver_url = "https://hooks.example.org/"
    own = make_webhook(ada, Hook(url=receiver_url, events=EVENTS), by=BY)[0]
    bens = make_webhook(make_person("ben"), Hook(url=receiver_url, events=EVENTS), by=BY)[0]
    failed = make_webhook(None, Hook(url=receiver_url, events=EVENTS[1:2]), by=BY)[0]
    settled = make_generation(ada, state="running")
    outcome = settling.Settlement(state=State.FAILED, charged="no")  # type: ignore[arg-type]
    assert settling.settle(settled, outcome, settled_by="t")
    assert not settling.settle(settled, outcome, settled_by="t")
    gone = timezone.now() - timedelta(hours=1)
    lost = make_generation(ada, state="running", sent_at=gone, lease=gone)
    assert claims.expire() == 1
    lost.refresh_from_db()
    assert settling.decide(lost, billed_micros=0, by="ada")
    end(make_generation(ada, state="queued"), "cancelled")
    rows = WebhookDelivery.objects.order_by("pk").values_list("webhook", "event", "generation")
    assert sorted(rows) == sorted(
        [
            (own.pk, "generation.failed", settled.pk),
            (failed.pk, "generation.failed", settled.pk),
            (own.pk, "generation.unknown", lost.pk),
            (own.pk, "generation.failed", lost.pk),
            (failed.pk, "generation.failed", lost.pk),
        ]
    )
    assert not WebhookDelivery.objects.filter(webhook=bens).exists()


def test_a_settlement_that_is_rolled_back_tells_nobody(ada: Person, receiver: Receiver) -> None:
    hook_of(ada, receiver)
    generation = make_generation(ada, state="running")
    with transaction.atomic():
        end(generation)
        assert WebhookDelivery.objects.count() == 1
        transaction.set_rollback(True)
    assert WebhookDelivery.objects.count() == 0


def test_admins_are_told_of_budgets(ada: Person, receiver: Receiver, send: Sent) -> None:
    hook_of(None, receiver)
    hook_of(ada, receiver)
    set_limit(Scope.PERSON, ada.pk, 50_000)
    wish = Wish(amount_micros=5_000_000, until=timezone.now() + timedelta(days=1), message="More")
    for _click in range(2):
        budget_requests.ask_under_tightest(ada, wish, click="one", target="sandbox")
    set_limit(Scope.STUDIO, "", 40_000, hard=False)
    hold(make_generation(ada, state="queued"))
    for _turn in range(2):
        soft_limits.tell_of_reached("sandbox")
    send()
    told = {one["type"]: one["data"] for one in receiver.messages}
    assert len(receiver.messages) == 2
    assert (told["budget.asked"]["amount"], told["budget.asked"]["message"]) == ("5.000000", "More")
    assert told["budget.reached"]["counted"] == "0.040000"


def test_a_hard_limit_tells_at_its_first_refusal(
    ada: Person, receiver: Receiver, send: Sent
) -> None:
    hook_of(None, receiver)
    catalogue = load_catalogue(None)
    choice = Choice(model=catalogue.models["imagen-4.0-generate-001"], values={"prompt": "A pier"})
    for limit_micros in (10_000, 20_000):
        set_limit(Scope.PERSON, ada.pk, limit_micros)
        for _click in range(2):
            with pytest.raises(BudgetRefused):
                submit(ada, choice, catalogue=catalogue, wake=lambda: None)
    send()
    told = [(one["type"], one["data"]["amount"]) for one in receiver.messages]
    assert sorted(told) == [("budget.reached", "0.010000"), ("budget.reached", "0.020000")]
    assert receiver.messages[0]["data"]["hard"] is True


@pytest.mark.parametrize(
    "script",
    [
        lambda visit: visit.answer(b"no", status="500 Oh"),
        lambda visit: visit.answer(b"", "Location: http://127.0.0.1:9/", status="302 Found"),
        Visit.hold,
        Visit.reset,
        lambda visit: visit.sock.sendall(b"HTTP/1.1 2"),
    ],
    ids=["500", "redirect", "timeout", "reset", "cut"],
)
def test_it_is_tried_again_later_under_the_same_id(
    ada: Person, receiver: Receiver, send: Sent, script: Script
) -> None:
    webhook, secret = hook_of(ada, receiver)
    fine, receiver.script = receiver.script, script
    end(make_generation(ada, state="running"))
    send()
    send()
    row = only()
    assert (row.state, row.tries, len(receiver.got)) == (DeliveryState.WAITING, 1, 1)
    assert row.due_at is not None
    assert row.due_at > timezone.now()
    webhook.refresh_from_db()
    assert webhook.failing_since
    receiver.script = fine
    now_due()
    send()
    assert len(set(receiver.ids)) == 1
    assert receiver.got[0][1] == receiver.got[1][1]
    Verifier(secret).verify(receiver.got[1][1], dict(receiver.got[1][0]))
    webhook.refresh_from_db()
    assert webhook.failing_since is None
    assert (only().state, WebhookTry.objects.count()) == (DeliveryState.DELIVERED, 2)


def test_it_gives_up_after_a_day_and_switches_off_after_days(
    ada: Person, receiver: Receiver, send: Sent
) -> None:
    webhook, _secret = hook_of(ada, receiver)
    receiver.script = lambda visit: visit.answer(b"no", status="503 Busy")
    assert 20 * 3600 < sum(webhook_sending.DELAYS) < 28 * 3600
    end(make_generation(ada, state="running"))
    for _try in range(20):
        now_due()
        send()
    assert only().state == DeliveryState.GIVEN_UP
    assert len(receiver.got) == len(webhook_sending.DELAYS) + 1
    webhook.refresh_from_db()
    assert webhook.off_at is None
    long_ago = timezone.now() - timedelta(days=4)
    Webhook.objects.update(failing_since=long_ago)
    end(make_generation(ada, state="running"), "failed")
    send()
    webhook.refresh_from_db()
    assert webhook.off_at is None
    now_due()
    WebhookDelivery.objects.filter(state="waiting").update(tries=len(webhook_sending.DELAYS))
    end(make_generation(ada, state="running"))
    send()
    webhook.refresh_from_db()
    assert (bool(webhook.off_at), webhook.off_reason) == (True, "failing")
    assert Notice.objects.get().person == ada
    assert Act.objects.filter(kind="webhook_off", who_id=0).count() == 1
    end(make_generation(ada, state="running"))
    assert WebhookDelivery.objects.count() == 3
    receiver.script = lambda visit: visit.answer(b"")
    switch_on(webhook, by=BY)
    send()
    assert WebhookDelivery.objects.filter(state="delivered").count() == 1


def test_a_long_queue_to_a_dead_server_ends_after_days(
    ada: Person, receiver: Receiver, send: Sent
) -> None:
    webhook, _secret = hook_of(ada, receiver)
    receiver.script = Visit.reset
    end(make_generation(ada, state="running"))
    days_ago = timezone.now() - timedelta(days=4)
    Webhook.objects.update(failing_since=days_ago)
    WebhookDelivery.objects.update(created_at=days_ago)
    send()
    webhook.refresh_from_db()
    assert (webhook.off_reason, only().state, only().due_at) == ("failing", "waiting", None)


def test_a_server_that_is_gone_is_asked_no_more(
    ada: Person, receiver: Receiver, send: Sent
) -> None:
    webhook, _secret = hook_of(ada, receiver)
    receiver.script = lambda visit: visit.answer(b"", status="410 Gone")
    end(make_generation(ada, state="running"))
    send()
    webhook.refresh_from_db()
    assert (only().state, webhook.off_reason) == (DeliveryState.GIVEN_UP, "gone")


def test_killed_between_sending_and_noting_it_leaves_once_more_and_has_one_row(
    ada: Person, receiver: Receiver, send: Sent
) -> None:
    hook_of(ada, receiver)
    end(make_generation(ada, state="running"))
    held = webhook_sending.claim_due(4, [])
    assert len(held) == 1
    assert webhook_sending.claim_due(4, []) == []  # another worker, while the lease lasts
    send()
    assert receiver.got == []
    WebhookDelivery.objects.update(lease=timezone.now() - timedelta(seconds=1))
    send()
    assert (len(receiver.got), only().state) == (1, DeliveryState.DELIVERED)
    assert only().tries == 2
    # Whoever was thought dead notes nothing more.
    from_the_dead = webhook_sending.UNSIGNED
    assert not webhook_sending.note(held[0], from_the_dead)
    assert (only().state, WebhookTry.objects.count()) == (DeliveryState.DELIVERED, 1)


def test_two_workers_that_read_the_same_row_do_not_both_take_it(
    ada: Person, receiver: Receiver
) -> None:
    hook_of(ada, receiver)
    end(make_generation(ada, state="running"))
    read_by_both = [WebhookDelivery.objects.get(), WebhookDelivery.objects.get()]
    assert [webhook_sending._claim(one) for one in read_by_both] == [True, False]


@pytest.mark.slow
def test_a_killed_worker_and_two_that_follow_send_all_of_it(surroundings: dict[str, str]) -> None:
    code, told = run_whole(["-m", "tests.services.webhook_workers"], surroundings)
    assert code == 0, told


@pytest.mark.django_db(transaction=True)
def test_workers_that_race_send_each_message_once(receiver: Receiver, worker: Worker) -> None:
    ada = make_person("ada")
    hook_of(ada, receiver)
    for _request in range(12):
        end(make_generation(ada, state="running"))

    def work() -> None:
        Courier(threads=4).deliver(worker)
        connection.close()

    threads = [threading.Thread(target=work) for _worker in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(receiver.ids) == len(set(receiver.ids)) == 12
    assert WebhookDelivery.objects.filter(state="delivered", tries=1).count() == 12
    assert WebhookTry.objects.count() == 12


def test_a_rotated_secret_signs_beside_the_old_one_for_a_day(
    ada: Person, receiver: Receiver, send: Sent
) -> None:
    webhook, old = hook_of(ada, receiver)
    new = rotate_secret(webhook, by=BY)
    assert old not in (webhook.secret, new)
    end(make_generation(ada, state="running"))
    send()
    headers, body = receiver.got[0]
    for secret in (old, new):
        Verifier(secret).verify(body, dict(headers))
        OpenAI(api_key="none").webhooks.verify_signature(body, headers, secret=secret)
    Webhook.objects.update(old_until=timezone.now() - timedelta(seconds=1))
    end(make_generation(ada, state="running"))
    send()
    headers, body = receiver.got[1]
    Verifier(new).verify(body, dict(headers))
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(body, dict(headers))


def test_another_secret_of_the_studio_sends_nothing_unsigned(
    ada: Person, receiver: Receiver, send: Sent, settings: Any
) -> None:
    webhook, _secret = hook_of(ada, receiver)
    settings.SECRET_KEY = "another"
    end(make_generation(ada, state="running"))
    send()
    assert receiver.got == []
    assert WebhookTry.objects.get().fault[0]["key"] == "hook_secret_lost"
    rotate_secret(webhook, by=BY)
    now_due()
    send()
    assert len(receiver.got) == 1


def test_a_receiver_that_hangs_holds_up_no_other(
    ada: Person, receiver: Receiver, worker: Worker
) -> None:
    quick = Receiver()
    hook_of(ada, receiver)
    receiver.script = Visit.hold
    Webhook.objects.update(failing_since=timezone.now())
    hook_of(ada, quick)
    for _request in range(2):
        end(make_generation(ada, state="running"))
    WebhookDelivery.objects.exclude(webhook__failing_since=None).update(
        due_at=timezone.now() - timedelta(seconds=1)
    )
    began = timezone.now()
    Courier(threads=2, seconds=2.0).deliver(worker)
    quick.server.close()
    assert len(quick.got) == len(set(receiver.ids)) == 2
    times = dict(WebhookTry.objects.filter(status=204).values_list("pk", "at"))
    assert max(times.values()) < began + timedelta(seconds=1.8)


def test_many_webhooks_of_one_person_leave_threads_to_others(ada: Person) -> None:
    for number in range(20):
        make_webhook(ada, Hook(url=f"https://example.org/{number}", events=EVENTS), by=BY)
    late, _secret = make_webhook(
        make_person("ben"), Hook(url="https://example.org/", events=EVENTS), by=BY
    )
    for webhook in Webhook.objects.order_by("pk"):
        for _message in range(3):
            send_test(webhook)
    old = WebhookDelivery.objects.exclude(webhook=late)
    old.update(due_at=timezone.now() - timedelta(hours=1))
    held = webhook_sending.claim_due(16, [])
    assert sum(one.webhook_id == late.pk for one in held) == 3
    assert webhook_sending.claim_due(16 - len(held), held) == []


def test_nothing_is_sent_for_a_deactivated_person(
    ada: Person, receiver: Receiver, send: Sent
) -> None:
    hook_of(ada, receiver)
    generation = make_generation(ada, state="running")
    end(make_generation(ada, state="running"))
    deactivate(ada, by=BY)
    end(generation)
    send()
    assert (receiver.got, WebhookDelivery.objects.count()) == ([], 1)


def test_a_message_is_sent_again_by_hand(ada: Person, receiver: Receiver, send: Sent) -> None:
    webhook, _secret = hook_of(ada, receiver)
    assert send_test(webhook)
    send()
    assert send_again(only())
    send()
    assert (len(set(receiver.ids)), len(receiver.ids)) == (1, 2)
    assert receiver.messages[0]["type"] == "webhook.test"
    switch_off(webhook, OffReason.PERSON, by=BY)
    assert not send_again(only())
    webhook.refresh_from_db()
    assert send_test(webhook) is None


def test_old_messages_and_those_of_deleted_webhooks_go(ada: Person, receiver: Receiver) -> None:
    webhook, _secret = hook_of(ada, receiver)
    other, _secret = hook_of(ada, receiver)
    end(make_generation(ada, state="running"))
    end(make_generation(ada, state="running"))
    old = WebhookDelivery.objects.filter(webhook=other).first()
    assert old
    WebhookTry.objects.create(delivery=old, seconds=1)
    WebhookDelivery.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    delete_webhook(webhook, by=BY)
    assert webhook_sending.claim_due(9, []) != []
    while webhook_sending.forget_old():
        continue
    assert [one.webhook_id for one in WebhookDelivery.objects.all()] == [other.pk]
    assert not WebhookTry.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/",
        "ftp://hooks.example.org/",
        "https://user:word@hooks.example.org/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "http://10.0.0.1/",
        "not an address",
    ],
)
def test_a_private_or_plain_address_is_refused(ada: Person, url: str) -> None:
    with pytest.raises(WebhookRefused):
        make_webhook(ada, Hook(url=url, events=EVENTS), by=BY)


def test_a_person_is_told_of_no_budgets(ada: Person) -> None:
    with pytest.raises(WebhookRefused):
        make_webhook(ada, Hook(url="https://a.example.org/", events=OF_BUDGETS), by=BY)
