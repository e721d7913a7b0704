"""Read the second steps of people's logins, and whose login needs one."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from omixa_studio.models import Person

from .prepared import Prepared
from .studio_settings import studio_settings

# Recovery codes are no step of their own: they stand in for one that is not at hand.
STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def factors_of(person: Person) -> list[Authenticator]:
    """Return the app, the passkeys and the recovery codes of a person, oldest first."""
    return list(Authenticator.objects.filter(user=person).order_by("pk"))


def has_step(person: Person) -> bool:
    """Return whether a person's login has a second step."""
    return bool(Authenticator.objects.filter(user=person, type__in=STEPS).exists())


def lacks_step() -> Q:
    """Return the condition of people whose login has no second step."""
    return Q(~Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=STEPS)))


def people_without_step() -> dict[str, int]:
    """Return how many active people of each role have no second step."""
    return dict(_WITHOUT_STEP.rows(None))


def _without_step(_nobody: None) -> QuerySet[Person, Any]:
    rows = Person.objects.filter(lacks_step(), is_active=True).values("role")
    return rows.order_by("role").annotate(n=Count("pk")).values_list("role", "n")


_WITHOUT_STEP = Prepared(_without_step)


def needs_step(role: str) -> bool:
    """Return whether an admin requires a second step of a role."""
    return role in studio_settings().factor_roles
