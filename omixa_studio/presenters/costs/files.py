"""The files that costs are given as, at the days and filters of a page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from omixa_studio.forms.costs import CostsAsked
from omixa_studio.models import Person

from .addresses import query_asked, query_of


@dataclass(frozen=True)
class CostFile:
    """A file: its address, what it is, what it has."""

    address: str
    label: str
    about: str


@dataclass(frozen=True)
class CostFiles:
    """The files of a page; `sheet` starts a spreadsheet, `reports` is "" for who makes none."""

    files: Sequence[CostFile]
    sheet: str
    reports: str


def files_of(asked: CostsAsked, person: Person) -> CostFiles:
    """Return the files of what a page of costs shows."""
    table, span = query_asked(asked), query_of(asked.span)
    return CostFiles(
        files=(
            CostFile(reverse("costs_review") + table, _("This table"), "CSV"),
            CostFile(reverse("costs_export") + span, _("Every request"), "CSV"),
            CostFile(reverse("costs_focus") + span, _("For FinOps programs"), "FOCUS"),
            CostFile(reverse("costs_unpriced") + span, _("Costs not known yet"), "CSV"),
        ),
        sheet=reverse("costs_sheet") + table,
        reports=_reports(asked) if person.is_admin else "",
    )


def _reports(asked: CostsAsked) -> str:
    """Return the page of reports, with the address of this review in the form of a new one."""
    address = reverse("costs") + query_asked(asked)
    return f"{reverse('reports')}?{urlencode({'address': address})}#new"
