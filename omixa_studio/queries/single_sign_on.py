"""Read whether accounts are connected to the identity provider."""

from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from omixa_studio.models import Act, ActKind, Person


def connection_of(person: Person) -> SocialAccount | None:
    """Return what connects an account to the provider of the settings, None if nothing does."""
    found: SocialAccount | None = SocialAccount.objects.filter(
        provider=settings.SSO.key, user=person
    ).first()
    return found


def wrote_own_address(person: Person) -> bool:
    """Return whether nobody but a person vouches for their e-mail: they joined by an invitation."""
    return Act.objects.filter(kind=ActKind.INVITATION_ACCEPTED, who_id=person.pk).exists()
