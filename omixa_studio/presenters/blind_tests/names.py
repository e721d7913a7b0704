"""The names of the contestants of a blind test."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from omixa_studio.catalogue import Catalogue
from omixa_studio.models import Contestant


def contestant_name(contestant: Contestant, catalogue: Catalogue) -> str:
    """Return a contestant's name: its model and the options it entered with."""
    model = catalogue.find(contestant.model)
    if model is None:
        return " · ".join((contestant.model, *map(str, contestant.options.values())))
    options: Mapping[str, str] = contestant.options
    words = [model.name]
    for name, value in options.items():
        field = model.field(name)
        label = _(field.label) if field else name
        words.append(f"{label}: {_(field.names.get(value, value)) if field else value}")
    return " · ".join(words)
