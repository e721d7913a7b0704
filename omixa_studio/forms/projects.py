"""The forms of projects: their texts, and the people to add or remove. Saves nothing."""

from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Project
from omixa_studio.models.projects import LONGEST_NAME

from .fields import StudioForm
from .generation import read_ids

LONGEST_NOTE, LONGEST_SEARCH = 2000, 200
MOST_PAGES = 1_000_000
FOUND = "found"


class ProjectForm(StudioForm):
    """The name of a project, on one line, and a note that says what it is for."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto", "class": "input low"}),
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class ProjectsForm(forms.Form):
    """What a list is narrowed to: words `q` and `find`, the `page`; invalid parts are left out."""

    q = forms.CharField(required=False, max_length=LONGEST_SEARCH)
    find = forms.CharField(required=False, max_length=LONGEST_SEARCH)
    page = forms.IntegerField(required=False, min_value=1, max_value=MOST_PAGES)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.is_valid()

    def text(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")

    @property
    def number(self) -> int:
        """Return the number of the page, from 1."""
        return self.cleaned_data.get("page") or 1


@dataclass(frozen=True)
class PeopleAsked:
    """The people that a form means: those with the ids, or if it says so all found by words."""

    ids: tuple[int, ...]
    all_found: bool
    words: str


def read_people(data: QueryDict, words: str) -> PeopleAsked:
    """Read the people of a form; `words` names the field with the words that find them."""
    return PeopleAsked(
        ids=read_ids(data, "people"),
        all_found=data.get("whom") == FOUND,
        words=data.get(words, "").replace("\x00", " ")[:LONGEST_SEARCH],
    )


def written(project: Project) -> str:
    """Return the form of a project as it is, as the query of an undo."""
    return urlencode({"name": project.name, "note": project.note})
