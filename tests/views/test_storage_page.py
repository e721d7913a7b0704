"""Storage: figures for people and admins, quotas, and what a program is told at a full one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from omixa_studio.models import Act, ActKind, Person, RetentionRule, StorageQuota, TokenScope
from omixa_studio.services.audit import STUDIO
from omixa_studio.services.storage_quotas import set_quota
from tests.factories import make_generation, make_person, make_picture
from tests.views.test_every_address import token_for

pytestmark = pytest.mark.django_db


def test_it_shows_what_pictures_take(client: Client, admin: Person) -> None:
    jon = make_person("jon", first_name="Jon")
    make_picture(make_generation(jon), bytes=1_500_000)
    make_picture(make_generation(admin), bytes=2_300_000)
    assert "1.5\N{NO-BREAK SPACE}MB" in client.get("/people/?q=jon").content.decode()
    page = client.get("/people/storage/").content.decode()
    assert "Pictures: 1, 1.5\N{NO-BREAK SPACE}MB" in page
    assert "3.8\N{NO-BREAK SPACE}MB" in page
    assert "2.3\N{NO-BREAK SPACE}MB" in client.get("/account/").content.decode()


def test_it_sets_and_removes_quotas(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    form = {"scope": "person", "person": "jon", "gigabytes": "1.5"}
    assert client.post("/people/storage/quota/", form).status_code == 303
    assert StorageQuota.objects.get().bytes == 1_500_000_000
    assert 'value="1.5"' in client.get("/people/storage/").content.decode()
    logged = Act.objects.get(kind=ActKind.QUOTA)
    assert (logged.whom_id, logged.after) == (jon.pk, "1500000000")
    assert "no quota → 1.5\N{NO-BREAK SPACE}GB" in client.get("/log/").content.decode()
    client.post("/people/storage/quota/", form | {"gigabytes": ""})
    assert not StorageQuota.objects.exists()
    for odd in (
        {"gigabytes": "-1"},
        {"gigabytes": "much"},
        {"person": "nobody"},
        {"subject": "999999"},
        {"subject": "9" * 100},
    ):
        assert client.post("/people/storage/quota/", form | odd).status_code == 422


def test_what_is_refused_stays_in_its_field(client: Client, admin: Person) -> None:
    sent = {"scope": "role", "subject": "manager", "gigabytes": "much"}
    answer = client.post("/people/storage/quota/", sent)
    roles = {one.role: (one.gigabytes, one.is_odd) for one in answer.context["sheet"].roles}
    assert roles == {"member": ("", False), "manager": ("much", True), "admin": ("", False)}
    person = {"scope": "person", "person": "nobody", "gigabytes": "2"}
    shown = client.post("/people/storage/quota/", person).content.decode()
    assert 'value="nobody"' in shown
    assert 'value="2" aria-invalid="true"' in shown
    rule = {"role": "member", "trash": "5", "rejected": "99999", "unkept": ""}
    shown = client.post("/people/storage/retention/", rule).content.decode()
    assert 'value="99999" aria-invalid="true"' in shown
    assert 'name="trash" type="number" min="1"\n          value="5"' in shown


def test_it_refuses_people_and_programs_with_a_reason(client: Client) -> None:
    person = make_person()
    make_picture(make_generation(person), bytes=2_000_000_000)
    set_quota("role", "member", 1_000_000_000, by=STUDIO)
    client.force_login(person)
    form = {"model": "imagen-4.0-generate-001", "prompt": "A harbour", "click": "c1"}
    answer = client.post("/generations/", form)
    assert answer.status_code == 422
    assert "Your pictures take 2.0 of 1.0 GB" in answer.content.decode()

    headers = {"Authorization": f"Bearer {token_for(person, TokenScope.values)}"}
    body = {"model": "imagen-4.0-generate-001", "prompt": "A harbour"}
    refused = Client().post(
        "/v1/images/generations", body, content_type="application/json", headers=headers
    )
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (403, "storage_full")
    assert (error["used_bytes"], error["quota_bytes"]) == (2_000_000_000, 1_000_000_000)
    assert refused["x-should-retry"] == "false"


def test_it_shows_what_a_rule_erases_before_it_is_saved(client: Client, admin: Person) -> None:
    long_ago = timezone.now() - timedelta(days=50)
    jon = make_person("jon")
    make_picture(make_generation(jon), bytes=1_500_000, verdict="rejected", created_at=long_ago)
    form = {"role": "member", "trash": "", "rejected": "30", "unkept": ""}
    shown = client.post("/people/storage/retention/", form).content.decode()
    assert "Rejected, after 30 days: 1 (1.5\N{NO-BREAK SPACE}MB)" in shown
    assert "In the trash, after 30 days: 0" in shown
    assert "Not kept, after" not in shown
    assert not RetentionRule.objects.exists()
    changed = form | {"confirmed": "member - 60 -"}
    client.post("/people/storage/retention/", changed)
    assert not RetentionRule.objects.exists()
    confirmed = form | {"confirmed": "member - 30 -"}
    assert 'value="member - 30 -"' in shown
    assert client.post("/people/storage/retention/", confirmed).status_code == 303
    assert RetentionRule.objects.get().rejected_days == 30
    client.force_login(jon)
    assert "Rejected pictures are erased 30 days after" in client.get("/account/").content.decode()


def test_a_full_quota_restores_nothing_and_says_so(client: Client) -> None:
    person = make_person()
    picture = make_picture(make_generation(person), bytes=2_000_000_000, trashed_at=timezone.now())
    set_quota("role", "member", 1_000_000_000, by=STUDIO)
    client.force_login(person)
    page = client.post(f"/pictures/{picture.pk}/restore", {"next": "/trash/"}, follow=True)
    assert "Not restored: your pictures take 0.0 of 1.0 GB" in page.content.decode()
    headers = {"Authorization": f"Bearer {token_for(person, TokenScope.values)}"}
    path, asked = f"/api/v1/pictures/{picture.pk}", {"trashed": False}
    refused = Client().patch(path, asked, content_type="application/json", headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "storage_full")
    picture.refresh_from_db()
    assert picture.trashed_at
