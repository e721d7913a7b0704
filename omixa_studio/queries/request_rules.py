"""Read the rules of requests: all for the page, and those that apply to a person."""

from collections.abc import Mapping
from functools import reduce

from django.conf import settings

from omixa_studio.catalogue import Catalogue, load_catalogue
from omixa_studio.catalogue.ruling import Ruling, within
from omixa_studio.models import Person, RequestRule, Role, dollars

from .studio_settings import studio_settings

# Written as SQL: every click asks for it, and building it would cost more than running it.
_APPLYING = f"""
SELECT * FROM "{RequestRule._meta.db_table}" WHERE scope = 'studio'
    OR (scope = 'role' AND subject = %s) OR (scope = 'person' AND subject = %s)
"""


def ruling_of(person: Person) -> Ruling:
    """Return everything that rules the requests of a person; one statement."""
    rows = list(RequestRule.objects.raw(_APPLYING, [person.role, str(person.pk)]))
    if not rows or (person.role == Role.ADMIN and studio_settings().admins_unruled):
        return Ruling()
    return reduce(Ruling.and_also, map(ruling_in, rows))


def ruling_in(rule: RequestRule) -> Ruling:
    """Return one rule as a ruling."""
    return Ruling(
        models=frozenset(rule.allowed_models) if rule.allowed_models else None,
        most_pictures=rule.most_pictures,
        dearest=dollars(rule.dearest_micros),
        forbidden={name: frozenset(values) for name, values in rule.forbidden.items()},
    )


def catalogue_for(person: Person) -> Catalogue:
    """Return the catalogue of what a person may choose."""
    return within(load_catalogue(settings.MODELS_TOML), ruling_of(person))


def rules_by_subject() -> Mapping[tuple[str, str], RequestRule]:
    """Return all rules by scope and subject."""
    return {(rule.scope, rule.subject): rule for rule in RequestRule.objects.order_by("pk")}
