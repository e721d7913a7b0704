"""The forms of the page of tags. Saves nothing."""

from django.http import QueryDict

from .marks import read_tags

LONGEST_WORDS = 60


def read_tag_name(data: QueryDict) -> str:
    """Return the one `name` of a tag, "" if there is none or more than one."""
    sent = QueryDict(mutable=True)
    sent["tag"] = data.get("name", "")
    names = read_tags(sent)
    return names[0] if len(names) == 1 else ""


def read_words(data: QueryDict) -> str:
    """Return the words `q` that names of tags are searched for."""
    return data.get("q", "").replace("\x00", " ")[:LONGEST_WORDS].strip()
