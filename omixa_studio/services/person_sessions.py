"""Sessions of people: noted at each login, ended one by one or all at once."""

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from omixa_studio.models import ActKind, Person, PersonSession
from omixa_studio.models.person_sessions import LONGEST_BROWSER

from . import audit
from .audit import Actor


def note_session(person: Person, key: str, *, address: str = "", browser: str = "") -> None:
    """Note a session that has just begun or got another key: from where, with which browser."""
    PersonSession.objects.update_or_create(
        session_key=key,
        defaults={"person": person, "address": address, "browser": browser[:LONGEST_BROWSER]},
    )


def end_session(row: PersonSession, *, by: Actor) -> None:
    """End one session at once."""
    with transaction.atomic():
        Session.objects.filter(pk=row.session_key).delete()
        PersonSession.objects.filter(pk=row.pk).delete()
        audit.write(ActKind.SESSIONS_ENDED, by=by)


def end_sessions(person: Person, *, but: str | None = None) -> None:
    """End a person's sessions but that of one key: also those that began before they were noted,
    and logins that wait for their second step."""
    live = Session.objects.filter(expire_date__gt=timezone.now())
    theirs = [
        session.pk for session in live.iterator() if session.pk != but and _is_of(session, person)
    ]
    Session.objects.filter(pk__in=theirs).delete()
    PersonSession.objects.filter(person=person).exclude(session_key=but or "").delete()


def end_other_sessions(person: Person, key: str, *, by: Actor) -> None:
    """End all sessions of a person but that of a key, at their word."""
    with transaction.atomic():
        end_sessions(person, but=key)
        audit.write(ActKind.SESSIONS_ENDED, by=by)


def forget_ended_sessions() -> None:
    """Delete the notes of sessions that are no more."""
    there = Session.objects.values("session_key")
    PersonSession.objects.exclude(session_key__in=there).delete()


def _is_of(session: Session, person: Person) -> bool:
    """Return whether a session is a person's, or becomes theirs by the second step."""
    told = session.get_decoded()
    waiting = (told.get(LOGIN_SESSION_KEY) or {}).get("user_pk")
    return told.get(SESSION_KEY) == str(person.pk) or waiting == user_pk_to_url_str(person)
