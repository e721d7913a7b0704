"""What a wall is filtered by: text of the address in, clean values and sentences out."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from omixa_studio.models.search import searchable

MOST_WORDS = 12
LARGEST_ID = 2**63 - 1
CURSORS = ("before", "after", "at")
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class Sought:
    """A clean filter. `texts` are its parts as they stand in the address, `notes` say in a
    sentence each what was left out, `cursor` is where the page begins, if not at the top."""

    texts: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    model: str = ""
    since: date | None = None
    until: date | None = None
    maker: int | None = None
    cursor: tuple[str, int] | None = None

    @property
    def is_filtered(self) -> bool:
        return bool(self.texts)

    @property
    def query(self) -> str:
        """The filter as the query of an address, without the question mark."""
        return urlencode(self.texts)

    def query_with(self, **parts: str) -> str:
        """The query with some parts set instead; an empty text takes a part out."""
        return urlencode({name: text for name, text in (self.texts | parts).items() if text})

    def narrowing(self) -> dict[str, Any]:
        """The arguments of queries.pictures.wall, but for `team`."""
        return {
            "words": self.words,
            "model": self.model,
            "start": _midnight(self.since) if self.since else None,
            "end": _midnight(self.until + timedelta(days=1)) if self.until else None,
            "maker": self.maker,
        }


class SoughtForm(forms.Form):
    """The parts of the address, each clean or with its own fault."""

    q = forms.CharField(required=False, max_length=500)
    model = forms.CharField(required=False, max_length=120)
    since = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    until = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    person = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    after = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    at = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)

    def clean_since(self) -> date | None:
        return _in_range(self.cleaned_data["since"])

    def clean_until(self) -> date | None:
        return _in_range(self.cleaned_data["until"])


def read_sought(data: QueryDict, *, team: bool) -> Sought:
    """Read the filter of an address; whatever is odd is left out and said in `notes`."""
    form = SoughtForm(data)
    form.is_valid()
    clean = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    if not team:
        clean.pop("person", None)
    notes = [_sentence(name) for name in form.errors]
    if "since" in clean and "until" in clean and clean["since"] > clean["until"]:
        clean["since"], clean["until"] = clean["until"], clean["since"]
    cursor = next(((name, clean[name]) for name in CURSORS if name in clean), None)
    texts = {name: str(value) for name, value in clean.items() if name not in CURSORS}
    return Sought(
        texts=texts,
        notes=tuple(dict.fromkeys(notes)),
        words=tuple(searchable(clean.get("q", "")).split()[:MOST_WORDS]),
        model=clean.get("model", ""),
        since=clean.get("since"),
        until=clean.get("until"),
        maker=clean.get("person"),
        cursor=cursor,
    )


def _sentence(name: str) -> str:
    return {
        "q": _("The search was left out: it is too long or holds odd characters."),
        "model": _("The model was left out: there is none of that name."),
        "since": _("The first day was left out: it is not a date."),
        "until": _("The last day was left out: it is not a date."),
        "person": _("The person was left out: there is nobody like that."),
    }.get(name, _("The place in the gallery is not known, so this is its beginning."))


def _in_range(day: date | None) -> date | None:
    if day and not FIRST_DAY <= day <= LAST_DAY:
        raise forms.ValidationError("out of range")
    return day


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())
