"""Filters by what a picture is: its operation, shape, size, cost, marks, and what it is in."""

from collections.abc import Mapping

from django import forms
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omixa_studio.models import Access, CollectionItem, PictureTag, micros
from omixa_studio.models.aspects import SQUARE
from omixa_studio.models.pictures import size_class
from omixa_studio.models.search import searchable
from omixa_studio.models.tags import LONGEST_TAG

from .rows import Filter, Names, Offer, Part, Values

LARGEST_ID = 2**63 - 1
# A picture of 16:15 still looks square.
NEARLY_SQUARE = 4
TYPED_DOLLARS = {"inputmode": "decimal", "autocomplete": "off", "placeholder": "0.05"}
IN_A_GALLERY = ("picture_wall", "picture_team_wall")
NO_SUCH_VALUE = gettext_lazy("A filter was ignored: it has no such value.")
ODD_AMOUNT = gettext_lazy("The cost filter was ignored: it is not an amount in dollars.")

Labels = Mapping[str, Promise]
OPERATIONS: Labels = {
    "generate": gettext_lazy("Made from a prompt"),
    "edit": gettext_lazy("Edited"),
    "merge": gettext_lazy("Merged"),
    "upscale": gettext_lazy("Enlarged"),
    "remove_background": gettext_lazy("Background removed"),
}
SHAPES: Labels = {
    "landscape": gettext_lazy("Landscape"),
    "portrait": gettext_lazy("Portrait"),
    "square": gettext_lazy("Square"),
}
# In the order of size_class.
SIZES: Labels = {
    "small": gettext_lazy("Under 1 megapixel"),
    "medium": gettext_lazy("1 to 2 megapixels"),
    "large": gettext_lazy("2 to 6 megapixels"),
    "huge": gettext_lazy("Over 6 megapixels"),
}
VERDICTS: Labels = {
    "none": gettext_lazy("Not reviewed"),
    "rejected": gettext_lazy("Rejected"),
    "approved": gettext_lazy("Approved"),
    "needs_work": gettext_lazy("Needs work"),
}
SHARED: Labels = {"yes": gettext_lazy("Shared with the team"), "no": gettext_lazy("Only mine")}
REFERENCES: Labels = {
    "yes": gettext_lazy("Made with references"),
    "no": gettext_lazy("Made without references"),
}


def _literal(field: str, sql: str) -> Q:
    """Return a condition in the words of an index: SQLite matches none with a parameter."""
    return Q(Func(F(field), template=sql, output_field=BooleanField()))


_APPROVED = _literal("approval", "NOT (%(expressions)s = '')")
_WITH_REFERENCES = _literal("operation", "NOT (%(expressions)s = 'generate')")
_VERDICTS = {
    "none": Q(winner=False) & _literal("verdict", "%(expressions)s = ''"),
    "rejected": _literal("verdict", "%(expressions)s = 'rejected'"),
    "approved": _APPROVED & Q(approval="approved"),
    "needs_work": _APPROVED & Q(approval="needs_work"),
}
_SHAPES = {
    "landscape": Q(aspect__gt=SQUARE + NEARLY_SQUARE),
    "portrait": Q(aspect__lt=SQUARE - NEARLY_SQUARE),
    "square": Q(aspect__range=(SQUARE - NEARLY_SQUARE, SQUARE + NEARLY_SQUARE)),
}
_SIZES = {name: Q(Exact(size_class(), place)) for place, name in enumerate(SIZES)}


def _one_of(
    name: str,
    label: Promise,
    labels: Labels,
    narrowed: Mapping[str, Q],
    indexes: tuple[str, ...],
    *,
    own_only: bool = False,
) -> Filter:
    """Return a filter by one of a few values: what each is called, and what it narrows to."""

    def offered(names: Names) -> list[Offer]:
        return [(str(text), {name: value}) for value, text in labels.items()]

    read = forms.ChoiceField(required=False, choices=[(value, value) for value in labels])
    return Filter(
        parts={name: Part(read=read, odd=NO_SUCH_VALUE)},
        where=lambda values: narrowed[values[name]],
        indexes=indexes,
        said=lambda values, names: str(labels[values[name]]),
        label=label,
        offered=offered,
        own_only=own_only,
    )


def costing(values: Values, amount: F | Func) -> Q:
    """Return the condition that an amount in micro-dollars is within the costs that are sought."""
    found = Q()
    if "cost_min" in values:
        found &= Q(GreaterThanOrEqual(amount, micros(values["cost_min"])))
    if "cost_max" in values:
        found &= Q(LessThanOrEqual(amount, micros(values["cost_max"])))
    return found


def _costing(values: Values) -> Q:
    # As an expression: a gallery would else be read by an index of costs, and sorted.
    return costing(values, Coalesce(F("cost_micros"), F("cost_micros")))


def _cost_said(values: Values, names: Names) -> str:
    least, most = (
        f"${values[name]}" if name in values else "" for name in ("cost_min", "cost_max")
    )
    if least and most:
        return least if least == most else f"{least} – {most}"
    return _("from %(cost)s") % {"cost": least} if least else _("up to %(cost)s") % {"cost": most}


def _tagged(values: Values) -> Q:
    on = PictureTag.objects.filter(picture=OuterRef("pk"))
    return Q(Exists(on.filter(tag__folded=searchable(values["tag"]))))


def _tags_offered(names: Names) -> list[Offer]:
    return [(name, {"tag": name}) for name in names.values()]


def _collected(values: Values) -> Q:
    """Narrow to a collection that is not private, since no viewer is known: see queries/marked."""
    items = CollectionItem.objects.filter(picture=OuterRef("pk"), collection=values["collection"])
    return Q(Exists(items.exclude(collection__access=Access.PRIVATE)))


def _collection_said(values: Values, names: Names) -> str:
    number = values["collection"]
    return names.get(number) or _("Collection %(number)s") % {"number": number}


def _collections_offered(names: Names) -> list[Offer]:
    return [(name, {"collection": str(pk)}) for pk, name in names.items()]


def _project_said(values: Values, names: Names) -> str:
    return names.get(values["project"]) or _("Project %(number)s") % {"number": values["project"]}


def _projects_offered(names: Names) -> list[Offer]:
    return [(name, {"project": str(pk)}) for pk, name in names.items()]


def _amount() -> forms.Field:
    return forms.DecimalField(required=False, min_value=0, max_digits=12, decimal_places=6)


FACETS = {
    "operation": _one_of(
        "operation",
        gettext_lazy("Made by"),
        OPERATIONS,
        {value: Q(operation=value) for value in OPERATIONS},
        ("picture_wall_of_operation", "picture_team_wall_of_operation"),
    ),
    "references": _one_of(
        "references",
        gettext_lazy("References"),
        REFERENCES,
        {"yes": _WITH_REFERENCES, "no": Q(operation="generate")},
        ("picture_wall_of_edits", "picture_team_wall_of_edits"),
    ),
    "shape": _one_of("shape", gettext_lazy("Shape"), SHAPES, _SHAPES, IN_A_GALLERY),
    "size": _one_of(
        "size",
        gettext_lazy("Size"),
        SIZES,
        _SIZES,
        ("picture_wall_of_size", "picture_team_wall_of_size"),
    ),
    "verdict": _one_of(
        "verdict",
        gettext_lazy("Verdict"),
        VERDICTS,
        _VERDICTS,
        (
            "picture_wall_of_rejected",
            "picture_team_wall_of_rejected",
            "picture_wall_not_reviewed",
            "picture_wall_of_approval",
            "picture_team_wall_of_approval",
            "picture_team_wall",
        ),
    ),
    "shared": _one_of(
        "shared",
        gettext_lazy("Sharing"),
        SHARED,
        {"yes": Q(shared=True), "no": Q(shared=False)},
        ("picture_wall_of_shared", "picture_wall"),
        own_only=True,
    ),
    "cost": Filter(
        parts={
            "cost_min": Part(
                read=_amount(),
                odd=ODD_AMOUNT,
                label=gettext_lazy("From, in dollars"),
                attributes=TYPED_DOLLARS,
            ),
            "cost_max": Part(
                read=_amount(),
                odd=ODD_AMOUNT,
                label=gettext_lazy("To, in dollars"),
                attributes=TYPED_DOLLARS,
            ),
        },
        where=_costing,
        indexes=IN_A_GALLERY,
        said=_cost_said,
        label=gettext_lazy("Cost"),
        typed=gettext_lazy("Show these costs"),
        span=True,
    ),
    "tag": Filter(
        parts={
            "tag": Part(
                read=forms.CharField(required=False, max_length=LONGEST_TAG),
                odd=gettext_lazy("The tag filter was ignored: there is no such tag."),
                label=gettext_lazy("Tag"),
                attributes={"autocomplete": "off", "dir": "auto"},
                suggested_by="tags_suggest",
            )
        },
        where=_tagged,
        indexes=(),
        said=lambda values, names: str(values["tag"]),
        label=gettext_lazy("Tag"),
        offered=_tags_offered,
        typed=gettext_lazy("Show this tag"),
    ),
    "collection": Filter(
        parts={
            "collection": Part(
                read=forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID),
                odd=gettext_lazy("The collection filter was ignored: there is no such one."),
            )
        },
        where=_collected,
        indexes=(),
        said=_collection_said,
        label=gettext_lazy("Collection"),
        offered=_collections_offered,
        found_by="collection_choices",
    ),
    "project": Filter(
        parts={
            "project": Part(
                read=forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID),
                odd=gettext_lazy("The project filter was ignored: there is no such project."),
            )
        },
        # Whose viewer is known is narrowed to projects they may see: see queries/marked.
        where=lambda values: Q(project_id=values["project"]),
        indexes=("picture_wall_of_project", "picture_team_wall_of_project"),
        said=_project_said,
        label=gettext_lazy("Project"),
        offered=_projects_offered,
        found_by="project_choices",
    ),
}
