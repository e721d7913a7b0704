"""Accounts: the first admin, new people, roles, passwords, and who may still come in.

The studio is never without an admin who can log in: every step that could take the last
one away first locks the row of the accounts, so that two such steps come one after the other.
"""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.gateway.errors import told
from omixa_studio.models import ActKind, Generation, Lock, Person, Role
from omixa_studio.queries.people import known_as, there_is_an_account
from omixa_studio.sessions import SessionStore

from . import audit
from .audit import Actor
from .deciding import change_limit
from .endings import cancel_waiting
from .refusals import Refused

log = logging.getLogger(__name__)

ACCOUNTS = "accounts"
# Without letters and digits that are taken for one another when read aloud.
PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105


class LastAdminError(Refused):
    """The step would leave the studio without an admin who can log in."""

    reason = "last_admin"

    def __init__(self) -> None:
        template = N_("This is the last admin who can log in. Make somebody else an admin first.")
        super().__init__(Fault("", template, {}))


class TakenError(Refused):
    """Somebody logs in with this already, however it is spelled."""

    reason = "taken"

    def __init__(self, field: str) -> None:
        super().__init__(Fault(field, N_("Someone already uses this."), {}))


def ensure_first_admin() -> bool:
    """Say whether there is an account, after making the one that the environment names.

    STUDIO_ADMIN_* counts only while there is no account at all. Values that cannot be used
    are told in the log, and /setup/ goes on asking.
    """
    if there_is_an_account():
        return True
    if not (settings.ADMIN_USERNAME or settings.ADMIN_PASSWORD or settings.ADMIN_EMAIL):
        return False
    person = Person(username=settings.ADMIN_USERNAME, email=settings.ADMIN_EMAIL)
    if faults := [*_faults_of_names(person), *_faults_of_password(person)]:
        log.error(
            "No account was made from STUDIO_ADMIN_*, so /setup/ asks for one. %s", " ".join(faults)
        )
        return False
    made = make_first_admin(person.username, settings.ADMIN_PASSWORD, email=person.email)
    if made:
        log.info("Made the first admin, %s, from STUDIO_ADMIN_USERNAME.", made.username)
    return True


def tell_of_first_admin() -> None:
    """Make the first admin, or say why not, before anybody opens a page; later pages do it again
    where the database is not there yet."""
    try:
        ensure_first_admin()
    except DatabaseError as error:
        log.warning("Whether there is an account cannot be read yet: %s", error)
    finally:
        connection.close()


def _faults_of_names(person: Person) -> Iterator[str]:
    try:
        person.clean_fields(exclude=["password"])
    except ValidationError as error:
        for name, sentences in error.message_dict.items():
            yield f"STUDIO_ADMIN_{name.upper()}: {' '.join(sentences)}"


def _faults_of_password(person: Person) -> Iterator[str]:
    try:
        validate_password(settings.ADMIN_PASSWORD, person)
    except ValidationError as error:
        yield f"STUDIO_ADMIN_PASSWORD: {' '.join(error.messages)}"


def make_first_admin(
    username: str, password: str, *, email: str = "", address: str = ""
) -> Person | None:
    """Make an admin if there is no account yet; None: somebody was faster.

    `address` is where the visitor sits who makes their own account, "" for the environment.
    """
    hashed = make_password(password)
    with _one_at_a_time():
        if there_is_an_account():
            return None
        person = Person.objects.create(
            username=username, email=email, password=hashed, role=Role.ADMIN
        )
        audit.write(ActKind.FIRST_ADMIN, by=Actor(address=address), whom=person)
        return person


def add_person(
    username: str,
    password: str,
    *,
    by: Actor,
    name: str = "",
    email: str = "",
    role: str = Role.MEMBER,
    limit_micros: int | None = None,
) -> Person:
    """Make an account with its monthly limit; its password has to be changed at the first login.

    Raises TakenError, also for the second of two at once.
    """
    hashed = make_password(password)
    with _one_at_a_time():
        if known_as(username):
            raise TakenError("username")
        if known_as(email):
            raise TakenError("email")
        person = Person.objects.create(
            username=username,
            first_name=name,
            email=email,
            role=role,
            password=hashed,
            must_change_password=True,
        )
        audit.write(ActKind.PERSON_ADDED, by=by, whom=person, after=role)
        if limit_micros is not None:
            change_limit(limit_micros, by=by, whom=person)
        return person


def change_role(person: Person, role: str, *, by: Actor) -> None:
    """Give a person another role. Raises LastAdminError."""
    with _one_at_a_time():
        if role != Role.ADMIN:
            _refuse_the_last_admin(person)
        same = Person.objects.filter(pk=person.pk)
        before = same.values_list("role", flat=True).first()
        if before == role:
            return
        same.update(role=role)
        audit.write(ActKind.ROLE, by=by, whom=person, before=before or "", after=role)


def deactivate(person: Person, *, by: Actor) -> list[Generation]:
    """Deactivate an account, cancel its queued requests and return them.

    From this moment on nothing more is queued or sent for them: whoever queues locks the
    person's row too. What is under way ends and is booked. Raises LastAdminError.
    """
    with _one_at_a_time():
        _refuse_the_last_admin(person)
        was_on = Person.objects.filter(pk=person.pk, is_active=True).update(is_active=False)
        cancelled = _cancel_waiting(person, by)
        if was_on or cancelled:
            audit.write(ActKind.DEACTIVATED, by=by, whom=person, after=len(cancelled) or "")
    end_sessions(person)
    return cancelled


def reactivate(person: Person, *, by: Actor) -> None:
    """Reactivate an account, with its password and its role as they were.

    What came back to the queue meanwhile is not sent, and a login that was under way when the
    account was switched off does not become valid.
    """
    with _one_at_a_time():
        if Person.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
            _cancel_waiting(person, by)
            end_sessions(person)
            audit.write(ActKind.REACTIVATED, by=by, whom=person)


def set_password(person: Person, password: str, *, by: Actor) -> None:
    """Replace a password; sessions of the old one end, because they are bound to it.

    One that somebody else gives has to be changed at the next login.
    """
    own = by.person_id == person.pk
    person.set_password(password)
    person.must_change_password = not own
    with transaction.atomic():
        person.save(update_fields=["password", "must_change_password"])
        audit.write(
            ActKind.PASSWORD if own else ActKind.PASSWORD_GIVEN,
            by=by,
            whom=None if own else person,
        )


def choose(person: Person, **choices: str) -> None:
    """Keep what a person chose about their screens: `language`, `theme`."""
    Person.objects.filter(pk=person.pk).update(**choices)


def new_password() -> str:
    """Return a password of 79 random bits that can be read aloud."""
    groups = ("".join(secrets.choice(PASSWORD_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def end_sessions(person: Person) -> None:
    """Delete a person's sessions, so that they do not come back when the account does."""
    live = Session.objects.filter(expire_date__gt=timezone.now())
    theirs = [
        session.pk
        for session in live.iterator()
        if session.get_decoded().get("_auth_user_id") == str(person.pk)
    ]
    Session.objects.filter(pk__in=theirs).delete()


def forget_expired_sessions() -> None:
    """Delete the sessions that have run out; nobody else does."""
    SessionStore.clear_expired()


def _cancel_waiting(person: Person, by: Actor) -> list[Generation]:
    who = [told("cancelled_by", name=by.shown)] if by.shown else []
    waiting = Generation.objects.filter(person=person)
    return cancel_waiting(waiting, *who, told("account_off"))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """A transaction of which only one can be past this point, on every database."""
    with transaction.atomic():
        Lock.objects.select_for_update().get_or_create(name=ACCOUNTS)
        yield


def _refuse_the_last_admin(person: Person) -> None:
    admins = Person.objects.filter(role=Role.ADMIN, is_active=True)
    if list(admins.values_list("pk", flat=True)[:2]) == [person.pk]:
        raise LastAdminError
