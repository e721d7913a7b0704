"""The studio's page: the form, its price, the board beside it."""

from dataclasses import replace

from django.conf import settings

from omixa_studio.catalogue import load_catalogue
from omixa_studio.catalogue.ruling import Ruling, within
from omixa_studio.forms.clicks import new_click
from omixa_studio.models import Person
from omixa_studio.presenters.costs.requests import board_of
from omixa_studio.presenters.projects import project_field
from omixa_studio.presenters.shell import shells_of
from omixa_studio.queries import blind_tests, generations

from .beginnings import Beginning
from .bill import bill_for
from .board import blocks_for
from .cards import cards_for
from .composer import compose
from .lately import Lately
from .welcome import welcome_for


def page_of(person: Person, beginning: Beginning, ruling: Ruling) -> dict[str, object]:
    """Return the context of the page; on an empty board with the welcome."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    lately = Lately(catalogue)
    cards = cards_for(generations.board(person), catalogue, person, lately)
    return {
        **form_of(person, beginning, ruling, lately),
        "blocks": blocks_for(cards, catalogue),
        "open": sum(card.is_open for card in cards),
        "asked": (asked := board_of(person)),
        "welcome": None if cards or asked.cards else welcome_for(person),
        "invitation": blind_tests.waiting_for(person),
    }


def form_of(
    person: Person, beginning: Beginning, ruling: Ruling, lately: Lately | None = None
) -> dict[str, object]:
    """Return the context of the form: its fields, its price, a new one-time value.

    It offers what the ruling allows the person, and says that there is one.
    """
    lately = lately or Lately(load_catalogue(settings.MODELS_TOML))
    catalogue = within(lately.catalogue, ruling)
    model = catalogue.find(beginning.model.slug) or beginning.model
    beginning = replace(beginning, model=model)
    project = person.last_project_id if beginning.project is None else beginning.project
    shell, chosen = shells_of(person, beginning.model.slug, project)
    terms = lately.terms_within(catalogue)
    given = len(beginning.references)
    return {
        "composer": compose(terms, beginning, ruling, refused=lately.refused),
        "project": project_field(person, beginning.project, beginning.faults),
        "bill": bill_for(terms, beginning.model, beginning.texts, chosen.left, references=given),
        "shell": shell,
        "chosen": chosen,
        "click": new_click(),
    }
