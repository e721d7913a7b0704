"""Read whether accounts are connected to the identity provider."""

from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from omixa_studio.models import Person


def connection_of(person: Person) -> SocialAccount | None:
    """Return what connects an account to the provider of the settings, None if nothing does."""
    found: SocialAccount | None = SocialAccount.objects.filter(
        provider=settings.SSO.key, user=person
    ).first()
    return found
