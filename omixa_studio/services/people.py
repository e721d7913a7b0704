"""Accounts: the first admin, new people, roles, passwords, and access.

The studio always has an admin who can log in: every step that could remove the last one first locks
the row ACCOUNTS, so that two such steps run one after the other.
"""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.gateway.errors import told
from omixa_studio.models import (
    ActKind,
    Generation,
    Leaving,
    Lock,
    PasswordReset,
    Period,
    Person,
    Role,
    Scope,
)
from omixa_studio.queries.people import known_as, there_is_an_account
from omixa_studio.sessions import SessionStore

from . import audit
from .audit import Actor
from .endings import cancel_waiting
from .factors import refresh_duty
from .guest_links import revoke_all
from .limits import LimitKind, add_limit, set_default
from .person_sessions import end_sessions, forget_ended_sessions
from .refusals import Refused
from .tokens import revoke_all_tokens

log = logging.getLogger(__name__)

ACCOUNTS = "accounts"
# Without letters and digits that are easily confused when read aloud.
PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105


class LastAdminError(Refused):
    """The step would leave the studio without an admin who can log in."""

    reason = "last_admin"

    def __init__(self) -> None:
        template = N_("This is the last admin who can log in. Make somebody else an admin first.")
        super().__init__(Fault("", template, {}))


class TakenError(Refused):
    """An account with this username or e-mail exists already, however it is spelled."""

    reason = "taken"

    def __init__(self, field: str) -> None:
        super().__init__(Fault(field, N_("Someone already uses this."), {}))


def ensure_first_admin() -> bool:
    """Return whether there is an account, after making the one named by the environment.

    STUDIO_ADMIN_* is used only while there is no account at all. Invalid values are logged, and
    /setup/ still asks for an account.
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
    """Make the first admin, or log why not, before anybody opens a page.

    If the database is not available yet, later pages try again.
    """
    try:
        ensure_first_admin()
    except DatabaseError as error:
        log.warning("Whether there is an account cannot be read yet: %s", error)
    finally:
        connection.close()


def _faults_of_names(person: Person) -> Iterator[str]:
    try:
        person.clean_fields(exclude=["password", "last_project"])
    except ValidationError as error:
        for name, sentences in error.message_dict.items():
            yield f"STUDIO_ADMIN_{name.upper()}: {' '.join(sentences)}"


def _faults_of_password(person: Person) -> Iterator[str]:
    try:
        validate_password(settings.ADMIN_PASSWORD, person)
    except ValidationError as error:
        yield f"STUDIO_ADMIN_PASSWORD: {' '.join(error.messages)}"


def make_first_admin(
    username: str,
    password: str,
    *,
    email: str = "",
    address: str = "",
    limit_micros: int | None = None,
) -> Person | None:
    """Make an admin if there is no account yet; return None if another request was faster.

    `address` is the address of a visitor who makes their own account, "" for the environment.
    `limit_micros` becomes the monthly limit of this account and of those made later.
    """
    hashed = make_password(password)
    with _one_at_a_time():
        if there_is_an_account():
            return None
        person = Person.objects.create(
            username=username, email=email, password=hashed, role=Role.ADMIN
        )
        audit.write(ActKind.FIRST_ADMIN, by=Actor(address=address), whom=person)
        if limit_micros is not None:
            by = Actor(person.pk, person.username, address, person.name)
            set_default(limit_micros, Period.MONTH, by=by)
            add_limit(LimitKind(Scope.PERSON, str(person.pk)), limit_micros, by=by)
        return person


def add_person(
    username: str,
    password: str | None,
    *,
    by: Actor,
    name: str = "",
    email: str = "",
    role: str = Role.MEMBER,
    limit_micros: int | None = None,
    period: str = Period.MONTH,
    is_own_password: bool = False,
) -> Person:
    """Make an account with its limit of a period.

    Its password must be changed at first login, unless the person has chosen it; with None there is
    no login by password. Raises TakenError, also for the second of two concurrent calls.
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
            must_change_password=not is_own_password,
        )
        refresh_duty(Person.objects.filter(pk=person.pk))
        audit.write(ActKind.PERSON_ADDED, by=by, whom=person, after=role)
        if limit_micros is not None:
            add_limit(LimitKind(Scope.PERSON, str(person.pk), period), limit_micros, by=by)
        return person


def change_role(person: Person, role: str, *, by: Actor) -> None:
    """Change a person's role. Raises LastAdminError."""
    with _one_at_a_time():
        if role != Role.ADMIN:
            _refuse_the_last_admin(person)
        same = Person.objects.filter(pk=person.pk)
        before = same.values_list("role", flat=True).first()
        if before == role:
            return
        same.update(role=role)
        refresh_duty(same)
        audit.write(ActKind.ROLE, by=by, whom=person, before=before or "", after=role)


def deactivate(person: Person, *, by: Actor) -> list[Generation]:
    """Deactivate an account, revoke its guest links and tokens, and cancel its queued requests.

    Returns those. From then on nothing more is queued or sent for the person: queueing also locks
    the person's row. Running requests finish and are recorded. Raises LastAdminError.
    """
    with _one_at_a_time():
        _refuse_the_last_admin(person)
        was_on = Person.objects.filter(pk=person.pk, is_active=True).update(is_active=False)
        revoke_all(person)
        cancelled = _cancel_waiting(person, by)
        revoke_all_tokens(person, by)
        if was_on or cancelled:
            audit.write(ActKind.DEACTIVATED, by=by, whom=person, after=len(cancelled) or "")
    end_sessions(person)
    return cancelled


def reactivate(person: Person, *, by: Actor) -> None:
    """Reactivate an account with its previous password and role.

    Requests that returned to the queue meanwhile are not sent, and a login in progress when the
    account was deactivated does not become valid. A removal ends: what is left stays.
    """
    with _one_at_a_time():
        Leaving.objects.filter(person=person).delete()
        if Person.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
            _cancel_waiting(person, by)
            end_sessions(person)
            audit.write(ActKind.REACTIVATED, by=by, whom=person)


def set_password(person: Person, password: str, *, by: Actor, ends_tokens: bool = False) -> None:
    """Replace a password; existing sessions end, since they are bound to the old one.

    Access tokens end only if `ends_tokens` says so. A password set by somebody else must be changed
    at the next login.
    """
    own = by.person_id == person.pk
    person.set_password(password)
    person.must_change_password = not own
    with transaction.atomic():
        person.save(update_fields=["password", "must_change_password"])
        PasswordReset.objects.filter(person=person).delete()
        if ends_tokens:
            revoke_all_tokens(person, by)
        audit.write(
            ActKind.PASSWORD if own else ActKind.PASSWORD_GIVEN,
            by=by,
            whom=None if own else person,
        )
    if not own:
        end_sessions(person)


def choose(person: Person, **choices: object) -> None:
    """Store a person's settings: `language`, `theme`, `mail_notices`."""
    Person.objects.filter(pk=person.pk).update(**choices)


def lock_accounts() -> None:
    """Let nobody else make or change accounts before this transaction ends."""
    Lock.objects.select_for_update().get_or_create(name=ACCOUNTS)


def new_password() -> str:
    """Return a random password of 79 bits that can be read aloud."""
    groups = ("".join(secrets.choice(PASSWORD_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def forget_expired_sessions() -> None:
    """Delete expired sessions; Django does not do so by itself."""
    SessionStore.clear_expired()
    forget_ended_sessions()


def _cancel_waiting(person: Person, by: Actor) -> list[Generation]:
    who = [told("cancelled_by", name=by.shown)] if by.shown else []
    waiting = Generation.objects.filter(person=person)
    return cancel_waiting(waiting, *who, told("account_off"))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Open a transaction that is mutually exclusive with all others opened here."""
    with transaction.atomic():
        lock_accounts()
        yield


def _refuse_the_last_admin(person: Person) -> None:
    admins = Person.objects.filter(role=Role.ADMIN, is_active=True)
    if list(admins.values_list("pk", flat=True)[:2]) == [person.pk]:
        raise LastAdminError
