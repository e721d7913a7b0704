"""People who come by an identity provider: whose account it is, and what their claims give them.

Accounts are told apart by provider and subject; an e-mail leads to one only if the provider says
that it is verified, and then makes an account, or connects one where the setting allows that.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.fields import use_one_alphabet
from omixa_studio.models import ActKind, Person, Project, ProjectMember, Role
from omixa_studio.queries.people import known_as
from omixa_studio.queries.single_sign_on import connection_of, wrote_own_address
from omixa_studio.queries.studio_settings import studio_settings
from omixa_studio.single_sign_on import ANYBODY

from . import audit, notices, people, projects
from .audit import Actor
from .refusals import Refused

log = logging.getLogger(__name__)

# Who changes roles and projects by claims, as the log names it.
BY_CLAIMS = "single sign-on"
LONGEST_USERNAME = 60
LEAST_TO_MOST = (Role.MEMBER, Role.MANAGER, Role.ADMIN)

SENTENCES: Mapping[str, str] = {
    "unverified": N_(
        "Your identity provider does not say that your e-mail address is verified, so no account "
        "can be found by it."
    ),
    "not_connected": N_(
        "There is an account with your e-mail address. Log in with its password once, and connect "
        "it on the account page."
    ),
    "other": N_("The account with your e-mail address is connected to another identity."),
    "no_account": N_("You have no account here."),
    "taken": N_("This identity is connected to another account."),
    "connected": N_("Your account is connected already. Disconnect it first."),
    "no_password": N_("You have no password here, so single sign-on is your only way in."),
    "required": N_("This studio wants people to log in by single sign-on."),
}


class SignOnRefused(Refused):
    """Who was identified may not come in, connect or disconnect; `why` is a key of SENTENCES."""

    reason = "single_sign_on"

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(Fault("", SENTENCES[why], {}))


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What an identity provider vouches for; `email` is "" unless it looks like one."""

    subject: str
    email: str = ""
    is_verified: bool = False
    username: str = ""
    name: str = ""
    claims: Mapping[str, object] = field(default_factory=dict)


def identity_of(claims: Mapping[str, object]) -> Identity:
    """Read the claims of a provider, which may be of any kind and length."""
    email = _said(claims, "email")
    try:
        validate_email(email)
    except ValidationError:
        email = ""
    # Django takes some other letters for ASCII ones, and databases find accounts by them: a dotless
    # i, whose capital is I, would be the address of another.
    if not email.isascii():
        email = ""
    return Identity(
        subject=_said(claims, "sub"),
        email=email,
        # Some providers write the word.
        is_verified=claims.get("email_verified") in (True, "true"),
        username=_said(claims, "preferred_username"),
        name=_said(claims, "name"),
        claims=claims,
    )


def values_of(claims: Mapping[str, object], name: str) -> frozenset[str]:
    """Return the texts of a claim; of "realm_access.roles" those of a claim within a claim."""
    found: object = claims.get(name)
    if found is None:
        found = claims
        for step in name.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    listed: Sequence[object] = found if isinstance(found, list | tuple) else [found]
    return frozenset(one for one in listed if isinstance(one, str))


def admit(identity: Identity, *, by: Actor) -> tuple[Person, SocialAccount | None]:
    """Return the account of somebody identified, after giving it what the claims say.

    Makes an account for a verified address of a domain that the settings name. A deactivated one
    is returned as it is, for the login to refuse. Raises SignOnRefused.
    """
    with transaction.atomic():
        known = SocialAccount.objects.filter(provider=settings.SSO.key, uid=identity.subject)
        found = known.select_related("user").first()
        if found is None:
            # Another tab may be faster, or somebody with the same name.
            people.lock_accounts()
            found = known.select_related("user").first()
        person = found.user if found else _newcomer(identity, by)
        if not person.is_active:
            return person, found
        found = found or _connect(person, identity, by)
        _apply_role(person, identity.claims, by)
        _apply_projects(person, identity.claims, by)
        person.refresh_from_db()
        return person, found


def connect(person: Person, identity: Identity, *, by: Actor) -> None:
    """Connect one's account to an identity, by which one logs in from then on.

    Raises SignOnRefused if either has another one already.
    """
    with transaction.atomic():
        people_of = SocialAccount.objects.filter(provider=settings.SSO.key)
        if people_of.filter(uid=identity.subject).exclude(user=person).exists():
            raise SignOnRefused("taken")
        if people_of.filter(user=person).exists():
            raise SignOnRefused("connected")
        _connect(person, identity, by)


def may_disconnect(person: Person) -> bool:
    """Return whether somebody could log in without single sign-on."""
    return person.has_usable_password() and (person.is_admin or not settings.SSO.only)


def disconnect(person: Person, *, by: Actor) -> bool:
    """Disconnect one's account; return whether it was connected.

    Raises SignOnRefused where it would leave no way in.
    """
    if not may_disconnect(person):
        raise SignOnRefused("required" if person.has_usable_password() else "no_password")
    with transaction.atomic():
        if not SocialAccount.objects.filter(provider=settings.SSO.key, user=person).delete()[0]:
            return False
        audit.write(ActKind.SSO_DISCONNECTED, by=by)
        notices.tell([person], "sso_disconnected", {}, path=reverse("account"))
        return True


def note_refusal(why: str, *, by: Actor, email: str = "", whom: Person | None = None) -> None:
    """Log that somebody was not let in by single sign-on, or not without it."""
    audit.write(ActKind.SSO_REFUSED, by=by, whom=whom, thing=email, after=why)


def _newcomer(identity: Identity, by: Actor) -> Person:
    """Find the account of an address, or make one."""
    if not identity.email or not identity.is_verified:
        raise SignOnRefused("unverified")
    person = Person.objects.filter(email__iexact=identity.email).first()
    if person:
        if not settings.SSO.matches_mail or wrote_own_address(person):
            raise SignOnRefused("not_connected")
        if connection_of(person):
            raise SignOnRefused("other")
        return person
    if identity.email.rpartition("@")[2].lower() not in settings.SSO.domains:
        raise SignOnRefused("no_account")
    usual = studio_settings()
    return people.add_person(
        _free_username(identity),
        None,
        by=_by_claims(by),
        name=identity.name[:150],
        email=identity.email,
        limit_micros=usual.default_limit_micros,
        period=usual.default_limit_period,
        is_own_password=True,
    )


def _connect(person: Person, identity: Identity, by: Actor) -> SocialAccount:
    try:
        with transaction.atomic():
            made = SocialAccount.objects.create(
                user=person, provider=settings.SSO.key, uid=identity.subject
            )
    except IntegrityError:  # somebody else was faster
        raise SignOnRefused("taken") from None
    audit.write(ActKind.SSO_CONNECTED, by=by, whom=person, thing=identity.email)
    notices.tell([person], "sso_connected", {"email": identity.email}, path=reverse("account"))
    return made


def _apply_role(person: Person, claims: Mapping[str, object], by: Actor) -> None:
    role = role_by(claims)
    if role is None or role == person.role:
        return
    try:
        people.change_role(person, role, by=_by_claims(by))
    except people.LastAdminError:
        log.warning("%s stays an admin against the claims, being the last one.", person.username)
        audit.write(ActKind.SSO_ROLE_KEPT, by=_by_claims(by), whom=person, after=role)


def role_by(claims: Mapping[str, object]) -> str | None:
    """Return the highest role that the claims give, None where the mapping says nothing."""
    mapping, values = settings.SSO.roles, values_of(claims, settings.SSO.role_claim)
    given = {mapping[value] for value in values - {ANYBODY} if value in mapping}
    if not given and ANYBODY in mapping:
        return str(mapping[ANYBODY])
    return max(given, key=LEAST_TO_MOST.index, default=None)


def _apply_projects(person: Person, claims: Mapping[str, object], by: Actor) -> None:
    """Make somebody a member of exactly those mapped projects that the claims give."""
    mapping, values = settings.SSO.projects, values_of(claims, settings.SSO.project_claim)
    wanted = {name for value, name in mapping.items() if value in values or value == ANYBODY}
    for name in sorted(set(mapping.values())):
        project = Project.objects.filter(name__iexact=name, closed_at=None).first()
        if project is None:
            log.warning("STUDIO_OIDC_PROJECTS names %r, and no open project is called so.", name)
            continue
        is_in = ProjectMember.objects.filter(project=project, person=person).exists()
        if name in wanted and not is_in:
            projects.add_members(project, [person.pk], by=_by_claims(by))
        elif name not in wanted and is_in:
            projects.remove_members(project, [person.pk], by=_by_claims(by))


def _free_username(identity: Identity) -> str:
    names = (identity.username.partition("@")[0], identity.email.partition("@")[0], "person")
    cleaned = (re.sub(r"[^\w.+-]", "", name)[:LONGEST_USERNAME] for name in names)
    name = next(filter(_is_usual, cleaned))
    return next(one for one in _numbered(name) if not known_as(one))


def _is_usual(name: str) -> bool:
    """Return whether a form would take a username."""
    try:
        use_one_alphabet(name)
    except ValidationError:
        return False
    return bool(name)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}{number}"
        number += 1


def _by_claims(by: Actor) -> Actor:
    return Actor(username=BY_CLAIMS, address=by.address)


def _said(claims: Mapping[str, object], name: str) -> str:
    """Return a claim that is a text, without what no database keeps."""
    found = claims.get(name)
    text = found if isinstance(found, str) else ""
    return "".join(letter for letter in text if letter.isprintable()).strip()
