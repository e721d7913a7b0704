"""Access tokens under their person: limits of their own, and what ends with them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Act, Generation, Limit, Period, Person, Scope, Token
from omixa_studio.queries.balance_check import differences
from omixa_studio.queries.tokens import find_app_token
from omixa_studio.sentences import tell
from omixa_studio.services import claims, oauth_tokens
from omixa_studio.services.audit import Actor
from omixa_studio.services.budget import BudgetRefused, set_limit
from omixa_studio.services.oauth_clients import register
from omixa_studio.services.submission import Choice, TokenOff, submit
from omixa_studio.services.tokens import TokenRefused, connect_app, make_token, revoke_token
from tests.factories import make_person

pytestmark = pytest.mark.django_db
CATALOGUE = load_catalogue(None)
IMAGEN = "imagen-4.0-generate-001"
LISTED = 40_000


@pytest.fixture
def person() -> Person:
    return make_person()


@pytest.fixture
def token(person: Person) -> Token:
    return make_token(person, "Script", ["make"], None)[0]


def ask(person: Person, token: Token | None) -> Generation:
    choice = Choice(
        model=CATALOGUE.models[IMAGEN],
        values={"prompt": "A pier"},
        token_id=token.pk if token else None,
    )
    return submit(person, choice, catalogue=CATALOGUE, wake=lambda: None)


def test_its_limit_holds_while_its_person_has_more(person: Person, token: Token) -> None:
    set_limit(Scope.TOKEN, token.pk, 2 * LISTED)
    set_limit(Scope.PERSON, person.pk, 4 * LISTED)
    ask(person, token)
    ask(person, token)
    with pytest.raises(BudgetRefused) as refused:
        ask(person, token)
    assert (refused.value.room.scope, refused.value.room.subject) == ("token", str(token.pk))
    ask(person, None)
    other = make_token(person, "Other", ["make"], None)[0]
    ask(person, other)
    with pytest.raises(BudgetRefused) as refused:
        ask(person, other)
    assert refused.value.room.scope == "person"
    assert differences() == {}


def test_revoking_it_cancels_what_waits_and_lets_nothing_more_in(
    person: Person, token: Token
) -> None:
    set_limit(Scope.TOKEN, token.pk, 9 * LISTED, period=Period.DAY)
    running, waiting, own = ask(person, token), ask(person, token), ask(person, None)
    assert claims.claim_next("sandbox", "w1") == running
    revoked = revoke_token(token, Actor(person.pk, person.username, name="Mara"))
    assert [row.pk for row in revoked or ()] == [waiting.pk]
    assert revoke_token(token, Actor(person.pk)) is None
    with pytest.raises(TokenOff):
        ask(person, token)
    states = [Generation.objects.get(pk=row.pk).state for row in (running, waiting, own)]
    assert states == ["running", "cancelled", "queued"]
    assert not Limit.objects.filter(scope=Scope.TOKEN).exists()
    assert list(Act.objects.filter(kind__startswith="token").values_list("kind", "thing")) == [
        ("token_made", "Script"),
        ("token_revoked", "Script"),
    ]
    assert differences() == {}


def test_nothing_of_it_that_comes_back_to_the_queue_is_sent(person: Person, token: Token) -> None:
    """A 429 hands a call back after its token was revoked."""
    ask(person, token)
    row = claims.claim_next("sandbox", "w1")
    assert row is not None
    revoke_token(token, Actor(person.pk))
    assert claims.hand_back(row)
    assert claims.claim_next("sandbox", "w1") is None
    assert (claims.cancel_of_nobody("sandbox"), claims.cancel_of_nobody("sandbox")) == (1, 0)
    row.refresh_from_db()
    assert tell(row.error) == "The access token “Script” was revoked."
    assert differences() == {}


@pytest.mark.parametrize(
    ("role", "scopes"), [("member", ["admin"]), ("manager", ["read", "admin"]), ("admin", [])]
)
def test_it_may_not_do_more_than_its_person(role: str, scopes: list[str]) -> None:
    with pytest.raises(TokenRefused):
        make_token(make_person(role=role), "Script", scopes, None)


def test_a_deactivated_account_makes_none(person: Person) -> None:
    Person.objects.update(is_active=False)
    with pytest.raises(TokenRefused):
        make_token(person, "Script", ["make"], timezone.now() + timedelta(days=1))


def connected(person: Person, app: str, *scopes: str) -> Token:
    by = Actor(person.pk, person.username)
    return connect_app(person, app, "Editor", "127.0.0.1", scopes, None, by=by)


def test_one_app_is_connected_by_each_person_apart(person: Person) -> None:
    app = register("Editor", ["http://127.0.0.1/back"]).pk
    mine = connected(person, app, "make", "read")
    text = "omixa_app_" + 43 * "a"
    oauth_tokens.keep_pair(mine, text, "renewed", scopes=["read"], all_scopes=["make", "read"])
    theirs = connected(make_person("ben"), app, "make")
    found = find_app_token(text)
    assert (found, theirs.pk != mine.pk) == (mine, True)
    assert found is not None
    assert (found.person, found.scopes) == (person, ["read"])


def test_nobody_lets_an_app_administer() -> None:
    admin = make_person(role="admin")
    app = register("Editor", ["http://127.0.0.1/back"]).pk
    assert connected(admin, app, "read", "admin").scopes == ["read"]
    with pytest.raises(TokenRefused):
        connected(admin, app, "admin")
