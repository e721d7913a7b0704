"""Many at once, with real threads, on both databases: one first admin, never none; tokens."""

import subprocess
import sys

TWELVE_SET_UP = """
from omixa_studio.services.people import make_first_admin
made = together(lambda n: make_first_admin(f"admin{n}", "tall-blue-harbour"))
assert sum(person is not None for person in made) == 1, made
assert Person.objects.count() == 1
"""
ALL_ADMINS_LEAVE = """
from omixa_studio.services import people
from omixa_studio.services.audit import STUDIO
Person.objects.all().delete()
admins = [Person.objects.create(username=f"a{n}", role="admin") for n in range(12)]
steps = (
    lambda one: people.change_role(one, "member", by=STUDIO),
    lambda one: people.deactivate(one, by=STUDIO),
)
def leave(n):
    try:
        steps[n % 2](admins[n])
    except people.LastAdminError:
        return admins[n]
kept = [one for one in together(leave) if one]
assert len(kept) == 1, kept
assert Person.objects.filter(role="admin", is_active=True).count() == 1
"""
SIX_TOKENS_ARE_LEFT = """
from omixa_studio.models import Generation, Token
from omixa_studio.services.tokens import MOST_TOKENS, TokenRefused, make_token, revoke_token
ada = Person.objects.create(username="ada")
for n in range(MOST_TOKENS - 6):
    make_token(ada, f"Token {n}", ["make"], None)
def make(n):
    try:
        return make_token(ada, f"New {n}", ["make"], None)[0]
    except TokenRefused:
        return None
made = [token for token in together(make) if token]
assert len(made) == 6, made
assert Token.objects.filter(person=ada, revoked_at=None).count() == MOST_TOKENS
"""
ORDERS_WHILE_IT_IS_REVOKED = """
from omixa_studio.catalogue import load_catalogue
from omixa_studio.queries.balance_check import differences
from omixa_studio.services.audit import Actor
from omixa_studio.services.submission import Choice, TokenOff, submit
catalogue = load_catalogue(None)
model = catalogue.models["imagen-4.0-generate-001"]
token = made[0]
def order_or_revoke(n):
    if n % 4 == 3:
        return "revoked" if revoke_token(token, Actor(ada.pk)) is not None else "again"
    choice = Choice(model=model, values={"prompt": f"Pier {n}"}, token_id=token.pk)
    try:
        submit(ada, choice, catalogue=catalogue, wake=lambda: None)
    except TokenOff:
        return "off"
    return "ordered"
came = together(order_or_revoke)
assert came.count("revoked") == 1, came
rows = Generation.objects.filter(token=token)
assert rows.count() == came.count("ordered"), came
assert not rows.exclude(state="cancelled").exists(), came
assert differences() == {}
"""
ONE_INVITATION = """
from datetime import timedelta
from django.utils import timezone
from omixa_studio.services.audit import STUDIO, Actor
from omixa_studio.services.invitations import InvitationClosed, InvitationTerms, accept, invite
maker = Person.objects.create(username="mara", role="admin")
terms = InvitationTerms(expires_at=timezone.now() + timedelta(days=1))
invitation, _ = invite("Designers", terms, by=Actor(maker.pk, "mara"))
def join(n):
    try:
        return accept(invitation, f"guest{n}", "tall-blue-harbour").username[:5]
    except InvitationClosed:
        return "closed"
assert sorted(map(str, together(join))) == ["closed"] * 11 + ["guest"]
"""
TWELVE_TABS_AND_TWELVE_NAMESAKES = """
from dataclasses import replace
from django.conf import settings
from allauth.socialaccount.models import SocialAccount
from omixa_studio.services.audit import STUDIO
from omixa_studio.services.single_sign_on import admit, identity_of
settings.SSO = replace(settings.SSO, url="https://id.example.org", domains=("example.org",))
def come(sub, email):
    said = {"sub": sub, "email": email, "email_verified": True, "preferred_username": "kim"}
    return admit(identity_of(said), by=STUDIO)[0].username
assert together(lambda n: come("s", "kim@example.org")) == ["kim"] * 12
names = together(lambda n: come(f"s{n}", f"kim{n}@example.org"))
assert sorted(names) == sorted(f"kim{n + 2}" for n in range(12)), names
assert SocialAccount.objects.count() == 13
"""
RACE = """
import threading
import django
django.setup()
from django.db import connection
from omixa_studio.models import Person
def together(step, count=12):
    results, start = [None] * count, threading.Barrier(count)
    def run(n):
        start.wait()
        results[n] = step(n)
        connection.close()
    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return results
"""


def test_it_makes_one_first_admin_keeps_one_last_and_lets_one_in(
    surroundings: dict[str, str],
) -> None:
    race = RACE + TWELVE_SET_UP + ALL_ADMINS_LEAVE + ONE_INVITATION
    race += TWELVE_TABS_AND_TWELVE_NAMESAKES
    done = subprocess.run(
        [sys.executable, "-c", race], env=surroundings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_it_keeps_to_fifty_tokens_and_lets_nothing_in_by_a_revoked_one(
    surroundings: dict[str, str],
) -> None:
    race = RACE + SIX_TOKENS_ARE_LEFT + ORDERS_WHILE_IT_IS_REVOKED
    done = subprocess.run(
        [sys.executable, "-c", race], env=surroundings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
