"""The forms with which people ask for more money, and with which others answer. Saves nothing."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Period, micros
from omixa_studio.models.budget_requests import LONGEST_MESSAGE
from omixa_studio.models.ledger import today
from omixa_studio.models.periods import next_start

from .clicks import ASK
from .fields import DollarsField, StudioForm

# Its fields stand in other forms too, under names that begin so.
PREFIX = ASK.removesuffix("-")
ASKS = f"{ASK}for"
WAY = f"{ASK}way"
LONGEST_WAY = 300
DATE = "date"
MOST_DAYS = 366
NO_AMOUNT = _("Write an amount in dollars, such as 5 or 12.50.")


class MoneyForm(StudioForm):
    """An amount more until the end of a period or of a `date`, with a message."""

    dollars = DollarsField(
        label=_("Amount, $"), required=True, error_messages={"required": NO_AMOUNT}
    )
    until = forms.ChoiceField(
        label=_("Until"),
        choices=[
            (Period.DAY, _("end of the day")),
            (Period.WEEK, _("end of the week")),
            (Period.MONTH, _("end of the month")),
            (DATE, _("a date")),
        ],
        initial=Period.WEEK,
    )
    date = forms.DateField(
        label=_("Day"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Write days like 2026-11-30.")},
    )
    message = forms.CharField(label=_("Message"), required=False, max_length=LONGEST_MESSAGE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dollars"].widget.attrs["placeholder"] = "5.00"

    def clean_dollars(self) -> Decimal:
        amount: Decimal | None = self.cleaned_data["dollars"]
        if not amount:
            raise ValidationError(NO_AMOUNT, "none")
        return amount

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("until") == DATE and "date" not in self.errors:
            day = given.get("date")
            last = today() + timedelta(days=MOST_DAYS)
            if day is None or not today() <= day <= last:
                self.add_error("date", _("Choose a day within the next year."))
        return given

    @property
    def amount_micros(self) -> int:
        return micros(self.cleaned_data["dollars"])

    @property
    def ends_at(self) -> datetime:
        """Return the moment until which it is asked for."""
        given = self.cleaned_data
        if given["until"] != DATE:
            return next_start(given["until"], today())
        following = given["date"] + timedelta(days=1)
        return datetime.combine(following, time.min, timezone.get_default_timezone())

    @property
    def text(self) -> str:
        message: str = self.cleaned_data["message"]
        return message.strip()


class NoteForm(StudioForm):
    """A note to the person who asked."""

    note = forms.CharField(label=_("Note"), required=False, max_length=LONGEST_MESSAGE)


def asks_for_more(data: QueryDict) -> bool:
    """Return whether a form was sent with the button that asks for more money."""
    return ASKS in data


def with_way(data: QueryDict) -> QueryDict:
    """Return a form with the changes of the cheaper way that was pressed; itself without one."""
    if WAY not in data:
        return data
    changed = data.copy()
    for name, value in parse_qsl(data.get(WAY, "")[:LONGEST_WAY]):
        changed[name] = value
    changed["draft"] = "yes"
    return changed
