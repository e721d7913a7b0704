"""The names of what costs are grouped by: people, models, projects, days and so on."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from omixa_studio.catalogue import load_catalogue
from omixa_studio.dates import date_format
from omixa_studio.filters.facets import OPERATIONS
from omixa_studio.models import Access, Person, Tag
from omixa_studio.models import Collection as Collected
from omixa_studio.models.ledger import today
from omixa_studio.queries import costs
from omixa_studio.queries.pictures import known_to
from omixa_studio.queries.projects import known_names

TITLES: Mapping[str, Promise] = {
    "person": gettext_lazy("Person"),
    "model": gettext_lazy("Model"),
    "operation": gettext_lazy("Operation"),
    "project": gettext_lazy("Project"),
    "collection": gettext_lazy("Collection"),
    "tag": gettext_lazy("Tag"),
    "day": gettext_lazy("Day"),
    "week": gettext_lazy("Week"),
    "month": gettext_lazy("Month"),
}

Labels = Mapping[Any, str]


def labels_of(name: str, keys: Collection[Any], target: str, person: Person) -> Labels:
    """Return what to call each key of a grouping, as a person may know it."""
    if name in PRIVATE:
        return PRIVATE[name](keys, person)
    return LABELS[name](keys, target)


def _model_labels(slugs: Collection[str], target: str = "") -> Labels:
    catalogue = load_catalogue(settings.MODELS_TOML)
    known = {slug: catalogue.find(slug) for slug in slugs}
    return {slug: model.name if model else slug for slug, model in known.items()}


def _person_labels(ids: Collection[int], target: str) -> Labels:
    names = costs.person_names(target, ids)
    return {pk: names.get(pk) or _("Nobody") for pk in ids}


def _project_labels(ids: Collection[int], person: Person) -> Labels:
    names = known_names(person, ids) | {0: _("No project")}
    return {pk: names.get(pk) or _("Project %(number)s") % {"number": pk} for pk in ids}


def _operation_labels(names: Collection[str], target: str = "") -> Labels:
    return {name: str(OPERATIONS.get(name, name)) for name in names}


def _collection_labels(ids: Collection[int], person: Person) -> Labels:
    seen = Q(owner=person) | ~Q(access=Access.PRIVATE)
    rows = Collected.objects.filter(seen, pk__in=ids)
    names = dict(rows.values_list("pk", "name"))
    return {pk: names.get(pk) or _("Private collection") for pk in ids}


def _tag_labels(ids: Collection[int], person: Person) -> Labels:
    """Name the tags on pictures that a person may see, and their own."""
    seen = known_to(person).filter(tagged__tag=OuterRef("pk"))
    rows = Tag.objects.filter(pk__in=ids).filter(Q(person=person) | Exists(seen))
    names = dict(rows.values_list("pk", "name"))
    return {pk: names.get(pk) or _("Private tag") for pk in ids}


def _day_labels(days: Collection[date], target: str = "") -> Labels:
    return {day: named_day(day) for day in days}


def _week_labels(days: Collection[date], target: str = "") -> Labels:
    return {day: _between(day, day + timedelta(days=6)) for day in days}


def _month_labels(days: Collection[date], target: str = "") -> Labels:
    return {day: date_format(day, "F Y") for day in days}


def named_day(day: date) -> str:
    """Return a day with its weekday, and with its year unless that is the current one."""
    return _named_day(day, "D j E" if day.year == today().year else "D j E Y", get_language())


@lru_cache(maxsize=2000)
def _named_day(day: date, form: str, _language: str | None) -> str:
    return date_format(day, form)


def _between(first: date, last: date) -> str:
    """Return a range of days: "3 – 9 November", with the year unless it is the current one."""
    begins = "j" if first.month == last.month else "j E"
    if first.year != last.year:
        begins = "j E Y"
    ends = "j E" if first.year == last.year == today().year else "j E Y"
    return f"{date_format(first, begins)} – {date_format(last, ends)}"


LABELS: Mapping[str, Callable[[Collection[Any], str], Labels]] = {
    "person": _person_labels,
    "model": _model_labels,
    "operation": _operation_labels,
    "day": _day_labels,
    "week": _week_labels,
    "month": _month_labels,
}

# Names that not everyone may know.
PRIVATE: Mapping[str, Callable[[Collection[Any], Person], Labels]] = {
    "collection": _collection_labels,
    "project": _project_labels,
    "tag": _tag_labels,
}
