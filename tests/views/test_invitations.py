"""Invitations: made by admins, shown once, accepted as often as they say, dead when revoked."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from omixa_studio.models import Act, Invitation, Limit, Person
from omixa_studio.services import people
from omixa_studio.services.audit import Actor
from omixa_studio.services.invitations import InvitationClosed, InvitationTerms, accept, invite
from tests.factories import PASSWORD, make_person, make_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
FORM = {"name": "Designers", "role": "manager", "limit": "25", "period": "week", "most": "1"}
ACCOUNT = {"username": "noor", "name": "Noor A", "email": "noor@example.org"}
ACCOUNT |= {"password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def admin() -> Person:
    return make_person("mara", role="admin")


def invited_by(admin: Person, **terms: object) -> tuple[Invitation, str]:
    day = timezone.now() + timedelta(days=1)
    by = Actor(admin.pk, admin.username)
    return invite("Designers", InvitationTerms(**({"expires_at": day} | terms)), by=by)  # type: ignore[arg-type]


def test_a_reload_of_the_page_that_shows_it_makes_no_second(client: Client, admin: Person) -> None:
    client.force_login(admin)
    once = FORM | {"days": "7", "click": client.get("/people/invitations/").context["click"]}
    assert client.post("/people/invitations/new/", once).status_code == 200
    again = client.post("/people/invitations/new/", once)
    assert (again.status_code, again["location"]) == (302, "/people/invitations/")
    assert Invitation.objects.count() == 1


def test_who_is_invited_chooses_a_language(client: Client, admin: Person) -> None:
    path = f"/invited/{invited_by(admin)[1]}/"
    assert f'name="next" value="{path}"' in client.get(path).content.decode()
    answer = client.post("/language/", {"language": "zh-hans", "next": path})
    assert (answer.status_code, answer["location"]) == (302, path)
    assert 'lang="zh-hans"' in client.get(path).content.decode()[:200]


def test_a_short_password_is_not_called_a_name(client: Client, admin: Person) -> None:
    path = f"/invited/{invited_by(admin)[1]}/"
    short = client.post(path, ACCOUNT | {"password": "qzx", "again": "qzx"}).content.decode()
    assert "at least 10 characters" in short
    assert "little more than the name" not in short
    named = client.post(path, ACCOUNT | {"password": "nooromixa", "again": "x"}).content.decode()
    assert "little more than the name" in named


def test_who_is_invited_joins_with_the_terms_of_the_link(client: Client, admin: Person) -> None:
    project, other = make_project(), make_project()
    client.force_login(admin)
    shown = client.post("/people/invitations/new/", FORM | {"days": "7", "projects": project.pk})
    assert shown.status_code == 200
    assert "no-store" in shown["Cache-Control"]
    [path] = set(re.findall(r"/invited/[\w-]{43}/", shown.content.decode()))
    secret = path.split("/")[2]
    assert secret not in str(list(Invitation.objects.values()) + list(Act.objects.values()))
    listed = client.get("/people/invitations/").content.decode()
    assert secret not in listed
    assert f"Manager · $25.00 a week · {project.name}" in listed
    assert "1 invitation is open" in client.get("/people/").content.decode()
    stranger = Client()
    assert "You are invited" in stranger.get(path).content.decode()
    answer = stranger.post(path, ACCOUNT)
    assert (answer.status_code, answer["location"]) == (302, "/")
    noor = Person.objects.get(username="noor")
    assert (noor.name, noor.email, noor.role) == ("Noor A", "noor@example.org", "manager")
    assert not noor.must_change_password
    assert noor.check_password(PASSWORD)
    assert stranger.get("/account/").context["request"].user == noor
    limit = Limit.objects.get(subject=str(noor.pk))
    assert (limit.amount_micros, limit.period) == (25_000_000, "week")
    assert (project.memberships.count(), other.memberships.count()) == (1, 0)
    assert list(Act.objects.order_by("pk").values_list("kind", "who_name", "whom_name")) == [
        ("invited", "mara", ""),
        ("person_added", "mara", "noor"),
        ("limit", "mara", "noor"),
        ("project_member_added", "mara", "noor"),
        ("invitation_accepted", "noor", ""),
        ("login", "noor", ""),
    ]
    used_up = Client().get(path)
    assert used_up.status_code == 404
    assert "This invitation does not work" in used_up.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("why", ["revoked", "ended", "used", "no admin", "deactivated"])
def test_it_is_closed(client: Client, admin: Person, why: str, method: str) -> None:
    invitation, secret = invited_by(admin)
    rows = Invitation.objects.filter(pk=invitation.pk)
    path = f"/invited/{secret}/"
    assert client.get(path).status_code == 200
    make_person(role="admin")
    if why == "revoked":
        client.force_login(admin)
        client.post(f"/people/invitations/{invitation.pk}/revoke/")
        assert "Designers" not in client.get("/people/invitations/").content.decode().split("<form")
        client.logout()
    elif why == "ended":
        rows.update(expires_at=timezone.now())
    elif why == "used":
        rows.update(used=1)
    elif why == "no admin":
        people.change_role(admin, "manager", by=Actor())
    else:
        people.deactivate(admin, by=Actor())
    answer = getattr(client, method)(path, ACCOUNT)
    assert answer.status_code == 404
    assert not Person.objects.filter(username="noor").exists()
    # Who saw the form before comes too late as well.
    with pytest.raises(InvitationClosed):
        accept(invitation, "noor", PASSWORD)
    assert Invitation.objects.get().used == (why == "used")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"username": "MARA"}, "Someone already uses this."),
        ({"username": "m\N{CYRILLIC SMALL LETTER A}ra"}, "Use letters of one alphabet."),
        ({"email": ""}, ""),
        ({"password": "short", "again": "short"}, "too short"),
        ({"again": "another one"}, "The two passwords are not the same."),
    ],
)
def test_a_refused_account_uses_nothing_up(
    client: Client, admin: Person, wrong: dict[str, str], sentence: str
) -> None:
    _invitation, secret = invited_by(admin, most=2)
    answer = client.post(f"/invited/{secret}/", ACCOUNT | wrong)
    assert answer.status_code == (422 if sentence else 302)
    if sentence:
        assert sentence in answer.content.decode()
    assert Invitation.objects.get().used == (0 if sentence else 1)


def test_who_is_logged_in_uses_nothing_up(client: Client, admin: Person) -> None:
    _invitation, secret = invited_by(admin)
    client.force_login(make_person("ada"))
    answer = client.post(f"/invited/{secret}/", ACCOUNT)
    assert answer.status_code == 422
    assert "You are logged in as" in answer.content.decode()
    assert Invitation.objects.get().used == 0


@pytest.mark.parametrize(
    "wrong", [{"most": "0"}, {"days": "400"}, {"role": "owner"}, {"projects": "999"}, {"name": ""}]
)
def test_it_says_what_is_wrong(client: Client, admin: Person, wrong: dict[str, str]) -> None:
    client.force_login(admin)
    answer = client.post("/people/invitations/new/", FORM | {"days": "7"} | wrong)
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_a_name_has_one_line(client: Client, admin: Person) -> None:
    invitation, secret = invited_by(admin)
    names = {"name": "Noor\n\nYour password has expired: https://example.org"}
    answer = client.post(f"/invited/{secret}/", ACCOUNT | names)
    assert answer.status_code == 422
    assert "Write this on one line" in answer.content.decode()
    invitation.refresh_from_db()
    assert invitation.used == 0
