"""The one-time value of a form, which makes repeated submissions of one click one."""

import hashlib
import json
import re
import uuid
from collections.abc import Iterator

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

CLICK = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Fields of a form that are not part of what it asks for.
NOT_ASKED = ("csrfmiddlewaretoken", "click", "confirmed", "next", "step")
# Begins the names of the fields that ask for money if a budget refuses; see budget_requests.
ASK = "ask-"


class ClickUnusable(ValueError):
    """The one-time value of a form is malformed."""


def new_click() -> str:
    """Return a new one-time value for a form."""
    return uuid.uuid4().hex


def read_click(
    data: QueryDict, files: "MultiValueDict[str, UploadedFile[bytes]]", *about: str
) -> str | None:
    """Return one value for a form's click and all that it asks; None for a form without a click.

    The same form twice gives the same value. A page that Back or a copied tab shows again still has
    its old click: with another prompt it asks for something else, and gets another value. `about`
    is what the form itself does not contain, such as whose picture is meant. Raises ClickUnusable.
    """
    click = data.get("click", "")
    if not click:
        return None
    if not CLICK.fullmatch(click):
        raise ClickUnusable
    told = [click, *about, *_fields(data), *_digests(files)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def digest_of(file: "UploadedFile[bytes]") -> str:
    """Return the SHA-256 of an uploaded file, which is left at its begin."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _fields(data: QueryDict) -> Iterator[list[str]]:
    asked = (name for name in data if name not in NOT_ASKED and not name.startswith(ASK))
    for name in sorted(asked):
        yield [name, *data.getlist(name)]


def _digests(files: "MultiValueDict[str, UploadedFile[bytes]]") -> Iterator[list[str]]:
    for name in sorted(files):
        yield [name, *map(digest_of, files.getlist(name))]
