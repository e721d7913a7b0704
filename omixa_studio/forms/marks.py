"""What is put on a picture: names of tags, a note. Saves nothing."""

import unicodedata

from django.http import QueryDict

from omixa_studio.models.pictures import LONGEST_NOTE
from omixa_studio.models.search import searchable
from omixa_studio.models.tags import LONGEST_TAG

from .collections import read_note

# So many tags are added by one form.
MOST_NAMES = 30


def read_tags(data: QueryDict) -> list[str]:
    """Return the names in `tag`, separated by commas, each spelling once, without number signs."""
    text = ",".join(data.getlist("tag"))[: MOST_NAMES * (LONGEST_TAG + 1)]
    names: dict[str, str] = {}
    for name in map(_clean, text.split(",")):
        names.setdefault(searchable(name), name)
    return [name for folded, name in names.items() if folded][:MOST_NAMES]


def read_note_of(data: QueryDict) -> tuple[str, bool]:
    """Return the `note` of a form, and whether it is short enough."""
    note = read_note(data.get("note", ""))
    return note, len(note) <= LONGEST_NOTE


def _clean(text: str) -> str:
    """Return a name in one line without control characters, cut to its length."""
    letters = (" " if unicodedata.category(one) == "Cc" else one for one in text)
    return " ".join("".join(letters).replace("#", " ").split())[:LONGEST_TAG].strip()
