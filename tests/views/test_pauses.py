"""Who sees a pause of the queue, and who may end it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from omixa_studio.gateway.errors import told
from omixa_studio.models import Pause
from omixa_studio.presenters.lines import lines_of
from omixa_studio.services import pauses
from tests.factories import in_old_words, make_person

pytestmark = pytest.mark.django_db


def test_it_resumes_a_paused_queue(client: Client) -> None:
    client.force_login(make_person(role="admin"))
    pauses.pause("sandbox", "key", error=in_old_words("The gateway rejects the key."))
    html = client.get("/account/").content.decode()
    assert "The gateway rejects the key." in html
    assert "OMIXA_API_KEY" in html
    assert 'action="/pause/resume"' in html
    assert client.post("/pause/resume").status_code == 303
    assert client.post("/pause/resume").status_code == 303
    assert "The gateway rejects the key." not in client.get("/account/").content.decode()


def test_it_tells_an_admin_what_to_do_about_an_older_copy(client: Client) -> None:
    client.force_login(make_person(role="admin"))
    pauses.replace("sandbox", "older", error=[told("older_copy"), told("older_calls", n=3)])
    html = client.get("/account/").content.decode()
    assert "The database is an older copy." in html
    assert "3 paid requests are missing from it; none of them is sent again." in html
    assert '<a href="/unknown/">Needs review</a>' in html
    assert client.post("/pause/resume").status_code == 303
    assert "older copy" not in client.get("/account/").content.decode()


def test_a_pause_that_ends_by_itself_has_no_button(client: Client) -> None:
    admin = make_person(role="admin")
    client.force_login(admin)
    pauses.pause("sandbox", "rate", error=[], seconds=60)
    html = client.get("/account/").content.decode()
    assert "Continues at" in html
    assert "/pause/resume" not in html
    before = lines_of(admin).stamp
    Pause.objects.update(until=timezone.now() + timedelta(hours=1))
    assert lines_of(admin).stamp != before


def test_it_leaves_the_pauses_of_another_target_alone(client: Client) -> None:
    client.force_login(make_person(role="admin"))
    pauses.pause("www.omixa.cloud", "key", error=in_old_words("Refused."))
    client.post("/pause/resume")
    assert pauses.resume("www.omixa.cloud") == 1


def test_it_shows_a_pause_to_members_without_the_button(client: Client) -> None:
    client.force_login(make_person())
    pauses.pause("sandbox", "balance", error=in_old_words("The Omixa wallet is empty."))
    html = client.get("/account/").content.decode()
    assert "The Omixa wallet is empty." in html
    assert "/pause/resume" not in html
