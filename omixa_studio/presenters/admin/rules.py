"""The page of what one request may ask for: in the studio, by role, by person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.rules import pair
from omixa_studio.models import Person, RequestRule, Role, Scope, dollars
from omixa_studio.queries.request_rules import rules_by_subject
from omixa_studio.templatetags.studio import plain_dollars

# The options that change the price or the size of a picture.
RULED_OPTIONS = {"quality": _("Quality"), "size": _("Size")}


@dataclass(frozen=True)
class RuleTick:
    """A checkbox: its value, its words, and whether it is ticked."""

    value: str
    words: str
    ticked: bool


@dataclass(frozen=True, kw_only=True)
class RuleCard:
    """One rule on the page; `summary` is "" where nothing is ruled out."""

    scope: str
    subject: str
    title: str
    dearest: str
    most_pictures: int | None
    models: Sequence[RuleTick]
    options: Sequence[tuple[Promise, Sequence[RuleTick]]]
    is_set: bool

    @property
    def key(self) -> str:
        return f"{self.scope}-{self.subject or 'all'}"


def rule_cards() -> list[RuleCard]:
    """Return the rules of the studio and of each role, set or not, and those set of people."""
    rules = rules_by_subject()
    of_people = [int(subject) for scope, subject in rules if scope == Scope.PERSON]
    names = dict(Person.objects.filter(pk__in=of_people).values_list("pk", "search"))
    people = {person.pk: person.name for person in Person.objects.filter(pk__in=names)}
    fixed = [(Scope.STUDIO, "", gettext("Everybody"))]
    fixed += [(Scope.ROLE, value, str(label)) for value, label in Role.choices]
    titled = fixed + [
        (Scope.PERSON, str(pk), people[pk]) for pk in sorted(people, key=lambda pk: names[pk])
    ]
    return [
        _card(scope, subject, title, rules.get((scope, subject)))
        for scope, subject, title in titled
    ]


def model_slugs() -> list[str]:
    """Return the models that a rule can name."""
    return list(load_catalogue(settings.MODELS_TOML).models)


def option_values() -> Mapping[str, Sequence[str]]:
    """Return the values that a rule can forbid, by field, of all models."""
    found: dict[str, dict[str, None]] = {}
    for model in load_catalogue(settings.MODELS_TOML).models.values():
        for field in model.controls:
            if field.name in RULED_OPTIONS and field.accepted:
                found.setdefault(field.name, {}).update(dict.fromkeys(field.accepted))
    return {name: list(values) for name, values in found.items()}


def option_pairs() -> list[str]:
    """Return every field and value that a rule can forbid, as one text each."""
    return [pair(name, value) for name, values in option_values().items() for value in values]


def _card(scope: str, subject: str, title: str, rule: RequestRule | None) -> RuleCard:
    now = rule or RequestRule(scope=scope, subject=subject)
    models = load_catalogue(settings.MODELS_TOML).models.values()
    return RuleCard(
        scope=scope,
        subject=subject,
        title=title,
        dearest=plain_dollars(dollars(now.dearest_micros)),
        most_pictures=now.most_pictures,
        models=[RuleTick(one.slug, one.name, one.slug in now.allowed_models) for one in models],
        options=[
            (
                RULED_OPTIONS[name],
                [
                    RuleTick(pair(name, value), value, value in now.forbidden.get(name, []))
                    for value in values
                ],
            )
            for name, values in option_values().items()
        ],
        is_set=rule is not None,
    )
