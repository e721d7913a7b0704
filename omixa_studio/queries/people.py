"""Reads about people."""

from django.db.models import QuerySet

from omixa_studio.models import Person


def there_is_an_account() -> bool:
    return Person.objects.exists()


def everyone() -> QuerySet[Person]:
    """All people, active ones first, then by name."""
    return Person.objects.order_by("-is_active", "username")
