"""How a file with a bill is read: its columns and its spelling."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .fields import StudioForm

ENCODINGS = (
    ("utf-8-sig", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("windows-1251", "Windows-1251"),
    ("windows-1252", "Windows-1252"),
)
SEPARATORS = (
    (",", _("Comma")),
    (";", _("Semicolon")),
    ("tab", _("Tab")),
    ("|", _("Vertical bar")),
)
DECIMALS = ((".", _("Point: 0.04")), (",", _("Comma: 0,04")))
DATES = (
    ("iso", _("2026-11-30 14:05, or seconds since 1970")),
    ("dmy", _("30.11.2026 14:05, the day first")),
    ("mdy", _("11/30/2026 2:05 PM, the month first")),
)
ZONES = (("utc", _("UTC")), ("studio", _("The studio's time zone")))
SIGNS = (("plus", _("Without a sign")), ("minus", _("With a minus")))
# The columns of a bill; the first two have to be there.
COLUMNS = (
    ("time", _("Time")),
    ("amount", _("Amount")),
    ("model", _("Model")),
    ("id", _("Request ID")),
    ("status", _("State")),
    ("operation", _("Operation")),
)
NEEDED = ("time", "amount")
TAB = "tab"


class BillColumnsForm(StudioForm):
    """The spelling of a file, and the number of the column of each thing ("" for none)."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS)
    separator = forms.ChoiceField(label=_("Columns are separated by"), choices=SEPARATORS)
    decimal = forms.ChoiceField(label=_("Sign before the cents"), choices=DECIMALS)
    minus = forms.ChoiceField(label=_("Charges are written"), choices=SIGNS)
    dates = forms.ChoiceField(label=_("Times are written"), choices=DATES)
    zone = forms.ChoiceField(label=_("Times without a zone are in"), choices=ZONES)

    def __init__(self, header: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for what, field in _column_fields(header).items():
            field.widget.attrs["class"] = "input"
            self.fields[what] = field

    @property
    def columns(self) -> dict[str, int]:
        """Return the number of the chosen column of each thing. Needs a valid form."""
        given = self.cleaned_data
        return {what: int(given[what]) for what, _label in COLUMNS if given[what]}


def initial_of(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows for a stored or guessed mapping."""
    return {
        "encoding": mapping["encoding"],
        "separator": TAB if mapping["separator"] == "\t" else mapping["separator"],
        "decimal": mapping["decimal"],
        "minus": "minus" if mapping["minus"] else "plus",
        "dates": mapping["dates"],
        "zone": "studio" if mapping["in_studio_zone"] else "utc",
        **{what: str(at) for what, at in mapping["columns"].items()},
    }


def mapping_of(form: BillColumnsForm) -> dict[str, Any]:
    """Return the mapping that a valid form says."""
    given = form.cleaned_data
    return {
        "encoding": given["encoding"],
        "separator": "\t" if given["separator"] == TAB else given["separator"],
        "decimal": given["decimal"],
        "dates": given["dates"],
        "in_studio_zone": given["zone"] == "studio",
        "minus": given["minus"] == "minus",
        "columns": form.columns,
    }


def _column_fields(header: Sequence[str]) -> dict[str, forms.Field]:
    named = [(str(at), name.strip()[:60] or f"{at + 1}") for at, name in enumerate(header)]
    return {
        what: forms.ChoiceField(
            label=label,
            required=what in NEEDED,
            choices=[("", "–"), *named],
            error_messages={"required": _("Choose the column.")},
        )
        for what, label in COLUMNS
    }
