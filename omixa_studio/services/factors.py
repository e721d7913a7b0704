"""Second steps of the login: an authenticator app, passkeys and recovery codes.

A code of the app counts once: the time step of the last one is kept, and only later ones are
accepted. allauth forgets used codes after 30 seconds, while with its tolerance they hold for 90.
"""

import logging
from collections.abc import Collection, Iterable

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt, encrypt
from django.db import transaction
from django.db.models import Case, QuerySet, Value, When
from django.urls import reverse

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.gateway.errors import told
from omixa_studio.models import ActKind, Person, Role, StudioSettings
from omixa_studio.queries.factors import STEPS, has_step, lacks_step, needs_step
from omixa_studio.queries.studio_settings import studio_settings

from . import audit, notices
from .audit import Actor
from .person_sessions import end_sessions
from .refusals import Refused
from .sealing import NotReadable

log = logging.getLogger(__name__)

MOST_PASSKEYS = 20
APP = "app"
LAST_STEP = "last_step"
Type = Authenticator.Type


class FactorRefused(Refused):
    """The change of the second steps is not possible; a fault says why."""

    reason = "factor"


def step_of(secret: str, code: str, *, after: int = 0) -> int | None:
    """Return the time step later than `after` of which a text is the code; None if there is none.

    Source: RFC 6238, section 5.2; one step of tolerance on both sides.
    """
    for step in yield_hotp_counters_from_time():
        expected = format_hotp_value(hotp_value(secret, step))
        if step > after and compare_user_code(actual=code, expected=expected):
            return int(step)
    return None


def add_app(person: Person, secret: str, step: int, *, by: Actor) -> list[str]:
    """Add an authenticator app in place of the one there was, by the step of its first code.

    Returns the recovery codes if these are the person's first, else nothing.
    """
    with transaction.atomic():
        _lock(person)
        Authenticator.objects.filter(user=person, type=Type.TOTP).delete()
        data = {"secret": encrypt(secret), LAST_STEP: step}
        Authenticator.objects.create(user=person, type=Type.TOTP, data=data)
        return _added(person, APP, by)


def add_passkey(
    person: Person, name: str, credential: dict[str, object], *, by: Actor
) -> list[str]:
    """Add a passkey that a browser has just made; returns what `add_app` does.

    Raises FactorRefused for the MOST_PASSKEYS-th and one that is here already.
    """
    with transaction.atomic():
        _lock(person)
        theirs = Authenticator.objects.filter(user=person, type=Type.WEBAUTHN)
        if theirs.count() >= MOST_PASSKEYS:
            many = N_("You have %(most)s passkeys. Remove one to add another.")
            raise FactorRefused(Fault("", many, {"most": MOST_PASSKEYS}))
        if any(one.data["credential"].get("rawId") == credential.get("rawId") for one in theirs):
            raise FactorRefused(Fault("", N_("This passkey was added before."), {}))
        data = {"name": name, "credential": credential}
        Authenticator.objects.create(user=person, type=Type.WEBAUTHN, data=data)
        return _added(person, name, by)


def rename_passkey(passkey: Authenticator, name: str, *, by: Actor) -> None:
    """Give a passkey another name."""
    with transaction.atomic():
        passkey.data["name"], before = name, passkey.data["name"]
        passkey.save(update_fields=["data"])
        audit.write(ActKind.PASSKEY_RENAMED, by=by, before=before, after=name)


def remove_factor(factor: Authenticator, *, by: Actor) -> None:
    """Remove an app or a passkey of the actor's; with the last one the recovery codes go, too.

    Sessions stay. Raises FactorRefused for the last one of a role that needs one.
    """
    person = factor.user
    with transaction.atomic():
        _lock(person)
        theirs = Authenticator.objects.filter(user=person)
        is_last = not theirs.filter(type__in=STEPS).exclude(pk=factor.pk).exists()
        if is_last and needs_step(person.role):
            last = N_("Your role needs a two-step login. Add another second step first.")
            raise FactorRefused(Fault("", last, {}))
        (theirs if is_last else theirs.filter(pk=factor.pk)).delete()
        audit.write(ActKind.FACTOR_REMOVED, by=by, thing=name_of(factor))
        _tell(person, "factor_removed", {"factor": _said(name_of(factor))})


def make_codes(person: Person, *, by: Actor) -> list[str]:
    """Make new recovery codes, which replace all earlier ones.

    Raises FactorRefused where there is no second step that they could stand in for.
    """
    with transaction.atomic():
        _lock(person)
        if not has_step(person):
            first = N_("Add an authenticator app or a passkey first.")
            raise FactorRefused(Fault("", first, {}))
        Authenticator.objects.filter(user=person, type=Type.RECOVERY_CODES).delete()
        audit.write(ActKind.RECOVERY_CODES, by=by)
        _tell(person, "recovery_codes_made", {})
        return _codes_of(person)


def use_code(person: Person, text: str, *, by: Actor) -> Authenticator | None:
    """Use up a code of a person's app or a recovery code; return whose it was, None if it is none.

    Both are in the log: failures, and each recovery code, of which the person is told, too.
    """
    with transaction.atomic():
        theirs = Authenticator.objects.filter(user=person).exclude(type=Type.WEBAUTHN)
        for factor in theirs.select_for_update().order_by("pk"):
            if _use(factor, text):
                if factor.type == Type.RECOVERY_CODES:
                    factor.refresh_from_db()
                    left = codes_left(factor)
                    audit.write(ActKind.RECOVERY_CODE_USED, by=by, whom=person, after=left)
                    _tell(person, "recovery_code_used", {"left": left})
                return factor
        note_failure(person, by=by)
    return None


def note_failure(person: Person, *, by: Actor) -> None:
    """Log that somebody with the password failed the second step."""
    audit.write(ActKind.CODE_FAILED, by=by, whom=person)


def codes_left(codes: Authenticator) -> int:
    """Return how many recovery codes are unused; 0 for those that cannot be read any more."""
    try:
        return len(codes.wrap().get_unused_codes())
    except NotReadable:
        return 0


def reset_factors(person: Person, *, by: Actor) -> int:
    """Remove all second steps of somebody who has lost them, and end their sessions.

    Returns how many steps there were; where there were none nothing happens.
    """
    with transaction.atomic():
        _lock(person)
        count: int = Authenticator.objects.filter(user=person, type__in=STEPS).count()
        if not Authenticator.objects.filter(user=person).delete()[0]:
            return 0
        audit.write(ActKind.FACTORS_RESET, by=by, whom=person, after=count)
        refresh_duty(Person.objects.filter(pk=person.pk))
        who = by.shown or [told(N_("whoever runs the studio"))]
        _tell(person, "factors_reset", {"who": who})
    end_sessions(person)
    return count


def require_factors(roles: Collection[str], *, by: Actor) -> None:
    """Choose the roles whose login has to have two steps; whoever lacks one is led to set it up."""
    chosen = [role for role in Role.values if role in roles]
    with transaction.atomic():
        before = studio_settings().factor_roles
        StudioSettings.objects.update_or_create(pk=1, defaults={"factor_roles": chosen})
        audit.write(
            ActKind.FACTORS_REQUIRED, by=by, before=" ".join(before), after=" ".join(chosen)
        )
        refresh_duty(Person.objects.all())


def refresh_duty(people: QuerySet[Person]) -> None:
    """Write down who of these has to set up a second step before anything else."""
    roles = studio_settings().factor_roles
    must = Case(When(lacks_step(), role__in=roles, then=Value(True)), default=Value(False))
    people.update(must_add_factor=must)


def name_of(factor: Authenticator) -> str:
    """Return what a step is called in the log: the name of a passkey, or APP."""
    return str(factor.data["name"]) if factor.type == Type.WEBAUTHN else APP


def _use(factor: Authenticator, text: str) -> bool:
    """Use up a code of one factor; nothing is a code of one that cannot be read any more."""
    try:
        if factor.type == Type.RECOVERY_CODES:
            return bool(factor.wrap().validate_code(text))
        after = factor.data.get(LAST_STEP, 0)
        step = step_of(decrypt(factor.data["secret"]), text, after=after)
    except NotReadable:
        log.error("A second step was sealed by another secret; see manage.py resetfactors.")
        return False
    if step is None:
        return False
    factor.data[LAST_STEP] = step
    factor.save(update_fields=["data"])
    return True


def _added(person: Person, name: str, by: Actor) -> list[str]:
    audit.write(ActKind.FACTOR_ADDED, by=by, thing=name)
    refresh_duty(Person.objects.filter(pk=person.pk))
    _tell(person, "factor_added", {"factor": _said(name)})
    has_codes = Authenticator.objects.filter(user=person, type=Type.RECOVERY_CODES).exists()
    return [] if has_codes else _codes_of(person)


def _codes_of(person: Person) -> list[str]:
    codes: Iterable[str] = RecoveryCodes.activate(person).generate_codes()
    return list(codes)


def _said(name: str) -> object:
    """Return a step's name as a notice holds it: the app is said in the reader's language."""
    return [told(N_("Authenticator app"))] if name == APP else name


def _tell(person: Person, kind: str, facts: dict[str, object]) -> None:
    notices.tell([person], kind, facts, path=reverse("two_step"))


def _lock(person: Person) -> None:
    """Let changes of a person's steps happen one after the other."""
    Person.objects.select_for_update().get(pk=person.pk)
