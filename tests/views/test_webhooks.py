"""The screens of webhooks: a secret shown once, a log, and doors between people."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from omixa_studio.gateway.errors import told
from omixa_studio.gateway.posting import Receipt
from omixa_studio.models import Act, Pause, Person, Webhook, WebhookDelivery, WebhookEvent
from omixa_studio.services import outbox, webhook_sending
from omixa_studio.services.webhooks import secrets_of
from tests.factories import PASSWORD, make_person, make_webhook

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.org/omixa"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


@pytest.fixture
def ada() -> Person:
    return make_person("ada", role="admin")


@pytest.fixture
def client(client: Client, ada: Person) -> Client:
    client.force_login(ada)
    return client


def proved(client: Client, path: str, **form: object) -> str:
    """Post a form with the password, and give the page."""
    return client.post(path, {**form, "own_password": PASSWORD}).content.decode()


def test_it_shows_the_secret_once_and_keeps_it_sealed(client: Client, ada: Person) -> None:
    html = proved(client, reverse("webhook_new"), url=URL, events=["generation.done"])
    secret = SECRET.findall(html)[0]
    webhook = Webhook.objects.get()
    assert (webhook.person, webhook.told_of) == (ada, ["generation.done"])
    assert secrets_of(webhook) == [secret]
    assert secret not in webhook.secret
    page = client.get(reverse("webhook", args=[webhook.pk])).content.decode()
    assert (secret in page, URL in page) == (False, True)
    rotated = proved(client, reverse("webhook_rotate", args=[webhook.pk]))
    webhook.refresh_from_db()
    assert secrets_of(webhook) == [SECRET.findall(rotated)[0], secret]
    acts = list(Act.objects.filter(kind__startswith="webhook").values_list("kind", "thing"))
    assert acts == [
        (f"webhook_{what}", "https://hooks.example.org") for what in ("made", "rotated")
    ]


def test_a_reload_of_the_page_that_shows_it_makes_no_second(client: Client) -> None:
    form = {"url": "https://hooks.example.org/omixa", "events": ["generation.done"]}
    form |= {"own_password": PASSWORD, "click": client.get("/account/webhooks/").context["click"]}
    assert client.post("/account/webhooks/new/", form).status_code == 200
    again = client.post("/account/webhooks/new/", form)
    assert (again.status_code, again["location"]) == (302, "/account/webhooks/")
    assert Webhook.objects.count() == 1
    webhook = Webhook.objects.get()
    page = f"/webhooks/{webhook.pk}/"
    form = {"own_password": PASSWORD, "click": client.get(page).context["click"]}
    assert client.post(f"{page}secret/", form).status_code == 200
    again = client.post(f"{page}secret/", form)
    assert (again.status_code, again["location"]) == (302, page)
    assert Act.objects.filter(kind="webhook_rotated").count() == 1


def test_what_cannot_be_an_address_is_said_at_its_field(client: Client) -> None:
    for url in ("http://hooks.example.org/", "https://127.0.0.1/"):
        html = proved(client, reverse("webhook_new"), url=url, events=["generation.done"])
        assert 'class="errorlist"' in html
    assert not Webhook.objects.exists()


def test_the_studios_are_for_admins_alone(client: Client) -> None:
    html = proved(client, reverse("studio_webhook_new"), url=URL, events=["budget.asked"])
    assert SECRET.search(html)
    webhook = Webhook.objects.get()
    assert webhook.person is None
    assert client.get(reverse("webhook", args=[webhook.pk])).status_code == 200
    own = make_webhook(make_person("ben"))
    assert client.get(reverse("webhook", args=[own.pk])).status_code == 404
    client.force_login(make_person("eva", role="manager"))
    assert client.get(reverse("webhook", args=[webhook.pk])).status_code == 404
    assert client.post(reverse("webhook_delete", args=[webhook.pk])).status_code == 404
    assert client.get(reverse("studio_webhooks")).status_code == 403


def test_the_log_says_what_came_of_each_try_and_sends_again(client: Client, ada: Person) -> None:
    webhook = make_webhook(ada)
    outbox.tell_one(webhook, WebhookEvent.TEST, {})
    for receipt in (
        Receipt(seconds=0.4, status=500, answer="<b>no</b>"),
        Receipt(seconds=15.0, fault=(told("hook_too_slow"),)),
    ):
        WebhookDelivery.objects.update(due_at="2026-01-01T00:00Z")
        delivery = webhook_sending.claim_due(1, [])[0]
        assert webhook_sending.note(delivery, receipt)
    page = reverse("webhook", args=[webhook.pk])
    html = client.get(page).content.decode()
    for words in ("answered 500", "&lt;b&gt;no&lt;/b&gt;", "did not answer in time", "0.4"):
        assert words in html
    again = reverse("webhook_again", args=[delivery.pk])
    assert client.post(again)["Location"] == page
    assert WebhookDelivery.objects.get().tries == 0
    client.force_login(make_person("ben"))
    assert client.post(again).status_code == 404


def test_the_log_is_drawn_anew_while_something_waits(client: Client, ada: Person) -> None:
    webhook = make_webhook(ada)
    page = reverse("webhook", args=[webhook.pk])
    assert 'data-poll="told"' not in client.get(page).content.decode()
    outbox.tell_one(webhook, WebhookEvent.TEST, {})
    html = client.get(page).content.decode()
    poll = unescape(re.findall(r'data-poll="told"\s+hx-get="([^"]+)"', html)[0])
    script = {"HX-Request": "true"}
    assert client.get(poll, headers=script).status_code == 204
    WebhookDelivery.objects.update(due_at="2026-01-01T00:00Z")
    delivery = webhook_sending.claim_due(1, [])[0]
    assert webhook_sending.note(delivery, Receipt(seconds=0.4, status=204, answer=""))
    news = client.get(poll, headers=script).content.decode()
    assert news.count("answered 204") == 2
    assert ("<html" in news, "data-poll" in news) == (False, False)
    client.force_login(make_person("ben"))
    assert client.get(poll, headers=script).status_code == 404


def test_tests_and_repeats_are_limited(client: Client, ada: Person, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "webhook_test": "2/h/user"}
    webhook = make_webhook(ada)
    path = reverse("webhook_test", args=[webhook.pk])
    for _number in range(2):
        client.post(path)
    assert WebhookDelivery.objects.count() == 2
    sentence = "You sent many tests in the last hour"
    assert sentence in client.post(path, follow=True).content.decode()
    first = WebhookDelivery.objects.all()[0]
    WebhookDelivery.objects.update(tries=3)
    again = reverse("webhook_again", args=[first.pk])
    assert sentence in client.post(again, follow=True).content.decode()
    first.refresh_from_db()
    assert (WebhookDelivery.objects.count(), first.tries) == (2, 3)


def test_an_older_copy_says_that_nothing_is_sent(client: Client, ada: Person) -> None:
    webhook, said = make_webhook(ada), "nothing is sent until an admin has resumed"
    paths = [reverse("webhooks"), reverse("webhook", args=[webhook.pk])]
    assert all(said not in client.get(path).content.decode() for path in paths)
    Pause.objects.create(target="sandbox", reason="older")
    assert all(said in client.get(path).content.decode() for path in paths)
    test = client.post(reverse("webhook_test", args=[webhook.pk]), follow=True)
    assert "It is sent when an admin has resumed the queue" in test.content.decode()


def test_it_is_changed_switched_and_deleted(client: Client, ada: Person) -> None:
    webhook = make_webhook(ada)
    path = reverse("webhook_change", args=[webhook.pk])
    proved(client, path, url=f"{URL}/2", events=["generation.failed"], with_prompt="on")
    webhook.refresh_from_db()
    assert (webhook.url, webhook.told_of) == (f"{URL}/2", ["generation.failed"])
    assert webhook.with_prompt
    for is_off in (True, False):
        client.post(reverse("webhook_switch", args=[webhook.pk]))
        webhook.refresh_from_db()
        assert bool(webhook.off_at) == is_off
    client.post(reverse("webhook_delete", args=[webhook.pk]))
    assert not Webhook.objects.exists()
