"""The table of filters. A new filter is one more row, with an index if no present one serves it."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .days import TYPED, day_field, days_said, made_between, spans_offered
from .facets import FACETS
from .rows import Filter, Names, Offer, Part, Values
from .words import LONGEST_SEARCH, read_words

LARGEST_ID = 2**63 - 1
IN_A_GALLERY = ("picture_wall", "picture_team_wall")


def conditions(values: Values) -> Q:
    """Return everything that the clean values of an address narrow a gallery to."""
    asked = [(row, row.own(values)) for row in FILTERS.values()]
    return Q(*(row.where(own) for row, own in asked if own))


def _words(values: Values) -> Q:
    return read_words(values["q"]).where


def _model_said(values: Values, names: Names) -> str:
    return names.get(values["model"], values["model"])


def _models_offered(names: Names) -> list[Offer]:
    return [(name, {"model": slug}) for slug, name in names.items()]


def _star_said(values: Values, names: Names) -> str:
    return _("With a star")


def _star_offered(names: Names) -> list[Offer]:
    return [(_("With a star"), {"star": "1"})]


def _person_said(values: Values, names: Names) -> str:
    return names.get(values["person"]) or _("Person %(number)s") % {"number": values["person"]}


def _people_offered(names: Names) -> list[Offer]:
    by_name = sorted(names.items(), key=lambda pair: pair[1].lower())
    return [(name, {"person": str(pk)}) for pk, name in by_name]


# In the order of the address, the chips and the menus.
FILTERS: dict[str, Filter] = {
    "words": Filter(
        parts={
            "q": Part(
                read=forms.CharField(required=False, max_length=LONGEST_SEARCH),
                odd=gettext_lazy(
                    "The search was ignored: it is too long or contains characters that "
                    "cannot be searched."
                ),
            )
        },
        where=_words,
        indexes=(),
    ),
    "model": Filter(
        parts={
            "model": Part(
                read=forms.CharField(required=False, max_length=120),
                odd=gettext_lazy("The model filter was ignored: there is no such model."),
            )
        },
        where=lambda values: Q(model=values["model"]),
        indexes=("picture_wall_of_model", "picture_team_wall"),
        said=_model_said,
        label=gettext_lazy("Model"),
        offered=_models_offered,
        apart=True,
    ),
    "days": Filter(
        parts={
            "since": Part(
                read=day_field(),
                odd=gettext_lazy("The first day was ignored: it is not a date."),
                label=gettext_lazy("From"),
                attributes=TYPED,
            ),
            "until": Part(
                read=day_field(),
                odd=gettext_lazy("The last day was ignored: it is not a date."),
                label=gettext_lazy("To"),
                attributes=TYPED,
            ),
        },
        where=made_between,
        indexes=IN_A_GALLERY,
        said=days_said,
        label=gettext_lazy("Date"),
        offered=spans_offered,
        typed=gettext_lazy("Show these days"),
        span=True,
        apart=True,
    ),
    "prompt": Filter(
        parts={
            "prompt": Part(
                read=forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID),
                odd=gettext_lazy("The prompt filter was ignored: there is no such prompt."),
            )
        },
        where=lambda values: Q(used_prompt_id=values["prompt"]),
        indexes=("picture_wall_of_prompt", "picture_team_wall"),
        said=lambda values, names: _("One prompt"),
    ),
    "star": Filter(
        parts={
            "star": Part(
                read=forms.ChoiceField(required=False, choices=[("1", "1")]),
                odd=gettext_lazy("The star filter was ignored: it can only be 1."),
            )
        },
        where=lambda values: Q(winner=True),
        indexes=("picture_wall_of_stars", "picture_team_wall_of_stars"),
        said=_star_said,
        label=gettext_lazy("Star"),
        offered=_star_offered,
    ),
    **FACETS,
    "person": Filter(
        parts={
            "person": Part(
                read=forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID),
                odd=gettext_lazy("The person filter was ignored: there is no such person."),
            )
        },
        where=lambda values: Q(person_id=values["person"]),
        indexes=("picture_wall", "picture_team_wall"),
        said=_person_said,
        label=gettext_lazy("Person"),
        offered=_people_offered,
        found_by="person_choices",
        team_only=True,
        apart=True,
    ),
}
