"""The studio's page: the form, its price, the board beside it."""

from django.conf import settings

from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.clicks import new_click
from omixa_studio.models import Person
from omixa_studio.presenters.shell import shell_of
from omixa_studio.queries import blind_tests, generations
from omixa_studio.services.pricing import terms_now

from .beginnings import Beginning
from .bill import bill_for
from .board import blocks_for
from .cards import cards_for
from .composer import compose
from .welcome import welcome_for


def page_of(person: Person, beginning: Beginning) -> dict[str, object]:
    """Return the context of the page; on an empty board with the welcome."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    cards = cards_for(generations.board(person), catalogue, person)
    return {
        **form_of(person, beginning),
        "blocks": blocks_for(cards, catalogue),
        "open": sum(card.is_open for card in cards),
        "welcome": None if cards else welcome_for(person),
        "invitation": blind_tests.waiting_for(person),
    }


def form_of(person: Person, beginning: Beginning) -> dict[str, object]:
    """Return the context of the form: its fields, its price, a new one-time value."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    shell = shell_of(person)
    terms = terms_now(catalogue, catalogue.models.values())
    given = len(beginning.references)
    return {
        "composer": compose(terms, beginning),
        "bill": bill_for(terms, beginning.model, beginning.texts, shell.left, references=given),
        "shell": shell,
        "click": new_click(),
    }
