"""Every address keeps the rule that rules.py states for it, asked by everybody, every way."""

import json
import uuid
from collections.abc import Sequence

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve, reverse
from django.utils.http import urlencode

from omixa_studio.models import Person, Token, TokenScope
from omixa_studio.places import PLACES, SUB_PAGES, Place
from omixa_studio.queries.guests import token_of
from omixa_studio.queries.tokens import digest_of_token
from omixa_studio.urls import urlpatterns
from tests.factories import make_link, make_person
from tests.pages import Answer
from tests.views.rules import METHODS, ROLES, RULES, THINGS, Name, path_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]

NUMBERED = [name for name, rule in RULES.items() if rule.thing and not rule.scope]
OF_PROGRAMS = [name for name, rule in RULES.items() if rule.scope]
OF_PEOPLE = [name for name, rule in RULES.items() if not rule.scope]
NAMING = [(name, named) for name, rule in RULES.items() for named in rule.names]
every_address = pytest.mark.parametrize("name", RULES)


def test_every_address_has_a_rule_and_every_rule_an_address() -> None:
    assert all(isinstance(pattern, URLPattern) for pattern in get_resolver().url_patterns)
    assert {pattern.name for pattern in urlpatterns} == set(RULES)


def test_a_number_in_an_address_says_whose_it_may_be() -> None:
    for pattern in urlpatterns:
        rule = RULES[str(pattern.name)]
        assert bool(pattern.pattern.converters) == bool(rule.thing), pattern.name
        assert bool(rule.thing) == bool(rule.whose), pattern.name


@every_address
def test_it_opens_for_the_right_people_and_methods(client: Client, name: str) -> None:
    rule = RULES[name]
    for number, role in enumerate(("", *ROLES)):
        person = make_person(role=role or "member")
        for method in METHODS:
            client.force_login(person) if role else client.logout()
            wanted = rule.answer(method, role)
            path = path_of(name, person) if method in rule.methods else path_to_nothing(name)
            # How often somebody may ask is counted by where they ask from.
            answer = client.generic(method, path, REMOTE_ADDR=f"10.0.0.{number}")
            if isinstance(wanted, str):
                assert seen(answer) == (302, led_to(wanted, path)), (role, method)
            else:
                assert answer.status_code == wanted, (role, method)
            if rule.scope and wanted == 401:
                assert (answer["x-should-retry"], dict(answer.cookies)) == ("false", {})
            if wanted == 403 and method != "HEAD":
                assert "Your role has no access to this page" in answer.content.decode()


@pytest.mark.parametrize("name", OF_PROGRAMS)
def test_it_opens_for_tokens_with_its_scope(client: Client, name: str) -> None:
    rule, asked = RULES[name], 0
    for role in ROLES:
        person = make_person(role=role)
        for scopes in ([], *([scope] for scope in TokenScope.values), TokenScope.values):
            for method in METHODS:
                asked += 1
                path = path_of(name, person) if method in rule.methods else path_to_nothing(name)
                answer = ask(client, method, path, token_for(person, scopes))
                wanted = rule.answer_by_token(method, role, scopes)
                assert answer.status_code == wanted, (role, scopes, method)
                assert dict(answer.cookies) == {}
                if wanted == 403 and method != "HEAD":
                    assert code_of(answer) == "insufficient_scope"
    assert asked


@pytest.mark.parametrize("name", [name for name in OF_PROGRAMS if RULES[name].thing])
def test_a_token_of_every_scope_opens_nothing_of_others(client: Client, name: str) -> None:
    rule, owner, scopes = RULES[name], make_person(), TokenScope.values
    for role in ROLES:
        token = token_for(make_person(role=role), scopes)
        for method in rule.methods:
            for shared in (False, True):
                answer = ask(client, method, path_of(name, owner, shared=shared), token)
                may = rule.may(method, role, shared=shared)
                wanted = rule.answer_by_token(method, role, scopes) if may else 404
                assert answer.status_code == wanted, (role, method, shared)


@pytest.mark.parametrize("name", OF_PEOPLE)
def test_a_token_and_a_guest_are_nobody_to_it(client: Client, name: str) -> None:
    rule, admin = RULES[name], make_person(role="admin")
    assert client.get(reverse("guest", args=[token_of(make_link(admin))])).cookies
    token = token_for(admin, TokenScope.values)
    for method in rule.methods:
        path, wanted = path_of(name, admin), rule.answer(method, "")
        answer = ask(client, method, path, token)
        if isinstance(wanted, str):
            assert seen(answer) == (302, led_to(wanted, path)), method
        else:
            assert answer.status_code == wanted, method


@pytest.mark.parametrize("name", NUMBERED)
def test_it_hides_what_one_may_not_see(client: Client, name: str) -> None:
    rule, owner = RULES[name], make_person()
    least = ROLES.index(rule.who) if rule.who in ROLES else 0
    for role in ROLES[least:]:
        client.force_login(make_person(role=role))
        for method in rule.methods:
            for shared in (False, True):
                answer = client.generic(method, path_of(name, owner, shared=shared))
                wanted = rule.answer(method, role) if rule.may(method, role, shared=shared) else 404
                assert answer.status_code == wanted, (role, method, shared)
            assert client.generic(method, path_to_nothing(name)).status_code == 404


@pytest.mark.parametrize(("name", "named"), NAMING)
def test_it_hides_what_a_form_may_not_name(client: Client, name: str, named: Name) -> None:
    owner, path = make_person(), reverse(name)
    for role in ROLES:
        client.force_login(person := make_person(role=role))
        for whose, shared in ((person, False), (owner, True), (owner, False)):
            sent = {**named.also, named.parameter: str(THINGS[named.thing](whose, shared))}
            may = whose == person or (named.whose == "visible" and shared)
            answer = (
                client.post(path, sent)
                if named.method == "POST"
                else client.get(f"{path}?{urlencode(sent)}")
            )
            assert (answer.status_code != 404) == may, (role, shared)
            assert answer.status_code < 500


@pytest.mark.parametrize("name", [name for name in OF_PEOPLE if "POST" in RULES[name].methods])
def test_it_refuses_a_post_without_its_token(name: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    admin = make_person(role="admin")
    if RULES[name].who in ROLES:
        strict.force_login(admin)
    answer = strict.post(path_of(name, admin))
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()


def test_a_whole_page_is_a_place_or_a_page_below_one(client: Client) -> None:
    person, pages = make_person(role="admin"), set()
    for name, rule in RULES.items():
        client.logout() if rule.who == "strangers" else client.force_login(person)
        if "GET" in rule.methods and rule.who != "nobody":
            path = path_of(name, person)
            answer = client.get(path)
            if not answer.streaming and b"<html" in answer.content:
                # Several names lead to the account page.
                pages.add(resolve(path).url_name)
    assert pages | {"setup"} == {place.name for place in PLACES} | SUB_PAGES


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_the_bar_shows_a_place_to_whom_it_opens(place: Place) -> None:
    who = RULES[place.name].who
    assert place.roles == set(ROLES[ROLES.index(who) :])


def path_to_nothing(name: str) -> str:
    """The same address about a thing that is not there."""
    nothing: list[object] = [uuid.uuid4() if RULES[name].thing == "run" else 999_999_999]
    nothing *= 2 if RULES[name].thing == "guest_picture" else 1
    return reverse(name, args=nothing if RULES[name].thing else [])


def token_for(person: Person, scopes: Sequence[str]) -> str:
    """A token with scopes as they are, also those that nobody could give it."""
    text = f"omixa_{uuid.uuid4().hex}{'x' * 11}"
    Token.objects.create(person=person, digest=digest_of_token(text), scopes=scopes)
    return text


def ask(client: Client, method: str, path: str, token: str) -> Answer:
    return client.generic(method, path, headers={"Authorization": f"Bearer {token}"})


def code_of(answer: Answer) -> object:
    return json.loads(answer.content)["error"]["code"] if answer.content else None


def led_to(where: str, path: str) -> str:
    return f"/login/?next={path}" if where == "login" else reverse("studio")


def seen(answer: HttpResponseBase) -> tuple[int, str]:
    return answer.status_code, answer.get("location", "")
