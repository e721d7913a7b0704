"""Single sign-on against a provider that really answers on loopback, well or badly."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from omixa_studio.models import Act, Limit, Person, ProjectMember, StudioSettings
from omixa_studio.services import factors
from omixa_studio.services.audit import Actor
from omixa_studio.services.invitations import InvitationTerms, accept, invite
from omixa_studio.services.single_sign_on import identity_of, values_of
from omixa_studio.single_sign_on import SingleSignOn
from tests.factories import PASSWORD, make_person, make_project
from tests.identity import CLIENT_ID, CLIENT_SECRET, TinyProvider, tiny_provider
from tests.views.test_two_step import code_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
ADDRESS = "ada@example.org"


@pytest.fixture(scope="module")
def running() -> Iterator[TinyProvider]:
    with tiny_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: TinyProvider, settings: Settings) -> TinyProvider:
    settings.SSO = SingleSignOn(
        url=running.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        name="Example ID",
        scopes=("openid", "email"),
        role_claim="groups",
        project_claim="groups",
        domains=("example.org",),
        contact="ask@example.org",
    )
    make_person("root", role="admin")
    running.is_somebody("s-1", ADDRESS, preferred_username="ada", name="Ada L")
    running.asked.clear()
    return running


def begin(client: Client, start: str = "/login/sso/", **form: str) -> str:
    """Begin a login; return where the provider leads back to."""
    page = client.post(start, form)
    assert page.status_code == 200, page.content
    [onward] = re.findall(r'url=([^"]+)"', page.content.decode())
    led = requests.get(html.unescape(onward), allow_redirects=False, timeout=10)
    parts = urlsplit(led.headers["Location"])
    return f"{parts.path}?{parts.query}"


def come(client: Client, start: str = "/login/sso/", **form: str) -> Any:
    return client.get(begin(client, start, **form))


def who(client: Client) -> str:
    page = client.get("/account/")
    return page.context["shell"].person.username if page.status_code == 200 else ""


def refused(answer: Any) -> str:
    assert answer.status_code == 403
    return html.unescape(" ".join(answer.content.decode().split()))


def test_the_first_login_by_a_domain_makes_a_member_with_the_usual_limit(
    client: Client, provider: TinyProvider
) -> None:
    StudioSettings.objects.update_or_create(pk=1, defaults={"default_limit_micros": 25_000_000})
    assert "Log in with Example ID" in client.get("/login/").content.decode()
    answer = come(client, next="/gallery/")
    assert answer["Location"] == "/gallery/"
    assert who(client) == "ada"
    ada = Person.objects.get(username="ada")
    assert (ada.role, ada.email, ada.name) == ("member", ADDRESS, "Ada L")
    assert not ada.has_usable_password()
    assert Limit.objects.get(scope="person", subject=str(ada.pk)).amount_micros == 25_000_000
    assert {"code_challenge", "nonce", "state"} <= set(provider.seen)
    assert provider.seen["code_challenge_method"] == "S256"
    assert SocialAccount.objects.get(user=ada).extra_data == {}
    client.post("/logout/")
    come(client)
    assert who(client) == "ada"
    assert Person.objects.count() == 2
    kinds = list(Act.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["person_added", "limit", "sso_connected", "login", "logout", "login"]


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"email": "ada@elsewhere.org"}, "ask@example.org"),
        ({"email": "ada@example.org.evil.net"}, "ask@example.org"),
        ({"email_verified": False}, "not say that your e-mail address is verified"),
        ({"email_verified": None}, "not say that your e-mail address is verified"),
        ({"email": "no address"}, "not say that your e-mail address is verified"),
    ],
)
def test_others_get_no_account(
    client: Client, provider: TinyProvider, claims: dict[str, object], said: str
) -> None:
    provider.claims |= claims
    assert said in refused(come(client))
    assert not who(client)
    assert Person.objects.count() == 1
    assert Act.objects.get().kind == "sso_refused"


@pytest.mark.parametrize(
    ("wanted", "got"),
    [("root", "root2"), ("a/b c!", "abc"), ("r\u043eot", "ada"), ("", "ada"), (7, "ada")],
)
def test_a_username_is_free_and_looks_like_no_other(
    client: Client, provider: TinyProvider, wanted: object, got: str
) -> None:
    provider.claims["preferred_username"] = wanted
    come(client)
    assert who(client) == got


TWISTS = (
    *("nonce", "no nonce", "issuer", "audience", "signature", "key", "expired", "no exp"),
    *("shared secret", "unsigned", "userinfo", "broken", "huge", "not JSON"),
)


@pytest.mark.parametrize("twist", TWISTS)
def test_an_answer_that_cannot_be_trusted_lets_nobody_in(
    client: Client, provider: TinyProvider, twist: str
) -> None:
    back = begin(client)
    provider.twists = {twist}
    assert "cannot be reached, or its answer cannot be used" in refused(client.get(back))
    assert not who(client)
    assert Person.objects.count() == 1


def test_a_state_counts_once_and_for_its_browser(client: Client, provider: TinyProvider) -> None:
    back = begin(client)
    ended = "begun in another browser"
    assert ended in refused(Client().get(back))
    assert ended in refused(client.get(re.sub("state=[^&]+", "state=wrong", back)))
    client.get(back)
    assert who(client) == "ada"
    client.post("/logout/")
    assert ended in refused(client.get(back))
    # A code that was used, in a login of its own.
    other = begin(client)
    used = re.sub("code=[^&]+", re.findall("code=[^&]+", back)[0], other)
    assert "cannot be used" in refused(client.get(used))
    assert not who(client)


def test_a_provider_that_is_down_is_said(
    client: Client, provider: TinyProvider, settings: Settings
) -> None:
    settings.SSO = replace(settings.SSO, url="http://127.0.0.1:1")
    answer = client.post("/login/sso/")
    assert answer.status_code == 502
    assert "cannot be reached" in answer.content.decode()
    settings.SSO = replace(settings.SSO, url=f"{provider.issuer}/other")
    assert client.post("/login/sso/").status_code == 502


def test_who_cancels_is_told_so(client: Client, provider: TinyProvider) -> None:
    back = re.sub("code=[^&]+", "error=access_denied", begin(client))
    assert "You cancelled it" in refused(client.get(back))


def test_an_account_is_found_by_a_verified_address_only_where_that_is_set(
    client: Client, provider: TinyProvider, settings: Settings
) -> None:
    mara = make_person("mara", email="Ada@Example.org")
    assert "connect it on the account page" in refused(come(client))
    settings.SSO = replace(settings.SSO, matches_mail=True)
    provider.claims["email_verified"] = False
    refused(come(client))
    provider.claims["email_verified"] = True
    come(client)
    assert who(client) == "mara"
    client.post("/logout/")
    provider.is_somebody("s-2", ADDRESS)
    assert "another identity" in refused(come(client))
    assert SocialAccount.objects.get().user == mara


def test_an_address_that_somebody_invited_wrote_is_not_matched(
    client: Client, provider: TinyProvider, settings: Settings
) -> None:
    """Or else whoever knows that password would wait in the account of another for its owner."""
    settings.SSO = replace(settings.SSO, matches_mail=True)
    root = Person.objects.get(username="root")
    terms = InvitationTerms(expires_at=timezone.now() + timedelta(days=1))
    invitation, _secret = invite("Anybody", terms, by=Actor(root.pk, root.username))
    accept(invitation, "eve", PASSWORD, email=ADDRESS)
    assert "Log in with its password once" in refused(come(client))
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("alike", ["m\u0131ke@example.org", "mike@\u0131.example.org"])
def test_an_address_of_look_alike_letters_is_none(alike: str) -> None:
    claims = {"sub": "s-9", "email": alike, "email_verified": True}
    assert identity_of(claims).email == ""


def test_one_connects_and_disconnects_on_the_account_page(
    client: Client, provider: TinyProvider
) -> None:
    mara, jon = make_person("mara"), make_person("jon")
    provider.is_somebody("s-1", "unrelated@elsewhere.org")
    client.post("/login/", {"login": "mara", "password": PASSWORD})
    come(client, "/account/sso/connect/")
    assert SocialAccount.objects.get().user == mara
    assert "Disconnect" in client.get("/account/").content.decode()
    client.post("/logout/")
    come(client)
    assert who(client) == "mara"
    other = Client()
    other.post("/login/", {"login": "jon", "password": PASSWORD})
    assert "connected to another account" in refused(come(other, "/account/sso/connect/"))
    assert not SocialAccount.objects.filter(user=jon).exists()
    client.post("/account/sso/disconnect/")
    assert not SocialAccount.objects.exists()
    kinds = set(Act.objects.values_list("kind", flat=True))
    assert {"sso_connected", "sso_disconnected"} <= kinds
    client.post("/logout/")
    refused(come(client))


def test_the_only_way_in_stays(client: Client, provider: TinyProvider) -> None:
    come(client)
    assert "only way in" in client.get("/account/").content.decode()
    client.post("/account/sso/disconnect/")
    assert SocialAccount.objects.exists()


def test_another_provider_vouches_for_nobody_of_this_one(
    client: Client, provider: TinyProvider, settings: Settings
) -> None:
    make_person("mara", email=ADDRESS)
    SocialAccount.objects.create(
        user=Person.objects.get(username="mara"),
        provider=replace(settings.SSO, url="https://before.example").key,
        uid="s-1",
    )
    refused(come(client))


def test_who_is_deactivated_stays_out(client: Client, provider: TinyProvider) -> None:
    come(client)
    client.post("/logout/")
    Person.objects.filter(username="ada").update(is_active=False)
    assert come(client)["Location"] == "/inactive/"
    assert not who(client)


def test_claims_give_roles_and_projects_at_each_login(
    client: Client, provider: TinyProvider, settings: Settings
) -> None:
    spring, kept = make_project(name="Spring"), make_project(name="Kept")
    settings.SSO = replace(
        settings.SSO,
        roles={"leads": "manager", "bosses": "admin", "staff": "member"},
        projects={"design": "Spring", "nowhere": "No such project"},
    )
    provider.claims["groups"] = ["leads", "staff", "design"]
    come(client)
    ada = Person.objects.get(username="ada")
    assert ada.role == "manager"
    ProjectMember.objects.create(project=kept, person=ada)
    assert ProjectMember.objects.filter(project=spring, person=ada).exists()
    role = Act.objects.get(kind="role")
    assert (role.who_name, role.before, role.after) == ("single sign-on", "member", "manager")

    def again(*groups: str) -> str:
        client.post("/logout/")
        provider.claims["groups"] = list(groups)
        come(client)
        return str(Person.objects.get(username="ada").role)

    # Nothing mapped leaves the role, and nobody is more than the mapping says.
    assert again("unknown") == "manager"
    assert [row.project for row in ProjectMember.objects.filter(person=ada)] == [kept]
    Person.objects.filter(username="ada").update(role="admin")
    assert again("staff") == "member"
    assert again("staff", "bosses") == "admin"
    Person.objects.filter(username="root").delete()
    assert again("staff") == "admin"
    assert Act.objects.filter(kind="sso_role_kept").count() == 1
    settings.SSO = replace(settings.SSO, roles={"*": "member"})
    make_person("boss", role="admin")
    assert again("whatever") == "member"


def test_claims_may_lie_within_claims() -> None:
    claims = {"realm": {"roles": ["a", 7]}, "a.b": "c", "odd": {"x": 1}}
    assert values_of(claims, "realm.roles") == {"a"}
    assert values_of(claims, "a.b") == {"c"}
    assert values_of(claims, "odd") == values_of(claims, "none.at.all") == frozenset()


def test_a_second_step_is_asked_unless_the_provider_is_trusted(
    client: Client, provider: TinyProvider, settings: Settings
) -> None:
    come(client)
    ada = Person.objects.get(username="ada")
    client.post("/logout/")
    StudioSettings.objects.update_or_create(pk=1, defaults={"factor_roles": ["member"]})
    Person.objects.filter(pk=ada.pk).update(must_add_factor=True)
    come(client)
    assert client.get("/gallery/")["Location"] == "/account/two-step/"
    client.post("/logout/")
    settings.SSO = replace(settings.SSO, trusts_second_step=True)
    come(client)
    assert client.get("/gallery/").status_code == 200
    client.post("/logout/")
    Authenticator.objects.create(user=ada, type="webauthn", data={"name": "Key", "credential": {}})
    come(client)
    assert who(client) == "ada"
    client.post("/logout/")
    settings.SSO = replace(settings.SSO, trusts_second_step=False)
    secret = "JBSWY3DPEHPK3PXP"
    factors.add_app(ada, secret, 0, by=Actor(ada.pk))
    assert come(client, next="/gallery/")["Location"] == "/login/code/"
    assert not who(client)
    assert client.post("/login/code/", {"code": code_of(secret)})["Location"] == "/gallery/"
    assert who(client) == "ada"


def test_passwords_can_be_kept_for_admins(
    client: Client, provider: TinyProvider, settings: Settings
) -> None:
    make_person("mara")
    settings.SSO = replace(settings.SSO, only=True)
    assert "Admins: log in with a password" in client.get("/login/").content.decode()
    answer = client.post("/login/", {"login": "mara", "password": PASSWORD})
    assert "by single sign-on" in refused(answer)
    assert not who(client)
    client.post("/login/", {"login": "root", "password": PASSWORD})
    assert who(client) == "root"
    come(Client())
