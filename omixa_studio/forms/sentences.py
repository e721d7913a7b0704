"""Sentences that were stored in English, said in the language of whoever reads them now."""

import re
from functools import cache

from django.utils.translation import get_language, gettext

from omixa_studio.catalogue.records import N_

from .mistakes import MISTAKES

# Stored with something in their places. Whatever is not among these is looked up as it stands.
TEMPLATES = (
    N_("%(model)s has been switched off, so nothing was sent."),
    N_("The worker was lost, and %(target)s is no longer in use."),
    N_("It was queued for %(target)s, which is no longer in use."),
    N_("The gateway sent %(came)s pictures, more than the %(asked)s asked for."),
    N_("The gateway sent %(came)s of %(asked)s pictures."),
    N_("The gateway also reported an error."),
    N_("Picture %(n)s is missing."),
    N_("Picture %(n)s is empty."),
    N_("Picture %(n)s is larger than allowed."),
    N_("Picture %(n)s is not valid base64."),
    N_("Picture %(n)s is not a PNG, JPEG or WebP picture."),
    N_("Picture %(n)s has an address that is not https."),
    N_("Picture %(n)s: %(why)s"),
    N_("Nothing was sent: %(why)s"),
)
PLACE = re.compile(r"%\\\((\w+)\\\)s")  # as it looks in an escaped template
KEYED = re.compile(r"(\w+): (.+)")  # a mistake behind the key it is about
SENTENCE_END = re.compile(r"[.!?] ")


def retold(stored: str) -> str:
    """Say a stored text again: as a whole, else sentence by sentence; what is strange stays."""
    if not stored or (get_language() or "en").startswith("en"):
        return stored
    whole = _known(stored)
    if whole is not None:
        return whole
    ends = [found.end() for found in SENTENCE_END.finditer(stored)]
    for end in reversed(ends):
        beginning = _known(stored[: end - 1])
        if beginning is not None:
            return f"{beginning} {retold(stored[end:])}"
    return stored[: ends[0]] + retold(stored[ends[0] :]) if ends else stored


def _known(text: str) -> str | None:
    plain = gettext(text)
    if plain != text:
        return plain
    for template in (*TEMPLATES, *MISTAKES):
        found = _shape(template).fullmatch(text)
        if found:
            places = {name: retold(value) for name, value in found.groupdict().items()}
            return gettext(template) % places
    keyed = KEYED.fullmatch(text)
    return f"{keyed[1]}: {retold(keyed[2])}" if keyed else None


@cache
def _shape(template: str) -> re.Pattern[str]:
    return re.compile(PLACE.sub(r"(?P<\1>.+)", re.escape(template)))
