"""File names of downloaded pictures: words of a prompt, or a template of fields in braces."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from itertools import groupby

from omixa_studio.models import Pack, Picture

FIELDS = ("date", "time", "model", "prompt", "id", "person", "project", "n", "operation", "size")
# What a client must not learn.
TELLING = ("prompt", "person", "project")
USUAL = {Pack.INTERNAL: "{date}-{prompt}-{id}", Pack.CLIENT: "picture-{n}"}
# File systems allow 255 bytes; a number, a dot and an extension follow.
MOST_BYTES = 180
# Of the words of a prompt.
MOST_WORD_LETTERS, MOST_WORD_BYTES = 60, 200
MOST_READ = 400
# Invisible, but part of words in Persian and in Indic scripts.
JOINERS = re.compile("[\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}]")
FIELD = re.compile(r"\{([^{}]*)\}")
# What Windows, macOS or a shell would not have in a name; control and invisible characters too.
FORBIDDEN = re.compile(r"[<>:\"/\\|?*\x00-\x1f\x7f]+")
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
NOT_SHOWN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
GAPS = re.compile(r"\s+")
NAMELESS = "picture"


def slug(prompt: str) -> str:
    """Return the first words of a prompt, in any script, with hyphens between; "" without one."""
    words = _words_of(prompt[:MOST_READ])
    kept = ""
    for word in words:
        longer = f"{kept}-{word}" if kept else word
        if not _fits(longer):
            break
        kept = longer
    return kept or "".join(_cut(word, _fits) for word in words[:1])


def unknown_fields(template: str) -> list[str]:
    """Return what stands in braces in a template and is no field."""
    return [name for name in FIELD.findall(template) if name not in FIELDS]


def telling_fields(template: str) -> list[str]:
    """Return the fields of a template that a client must not see."""
    return [name for name in FIELD.findall(template) if name in TELLING]


def values_of(picture: Picture, n: int, *, among: int, made_at: datetime) -> dict[str, str]:
    """Return the values of all fields for picture number `n` of so many, made at a local time."""
    generation = picture.generation
    sides = (picture.width, picture.height)
    return {
        "date": made_at.strftime("%Y-%m-%d"),
        "time": made_at.strftime("%H-%M-%S"),
        "model": picture.model,
        "prompt": slug(generation.prompt),
        "id": str(picture.pk),
        "person": picture.person.username if picture.person else "",
        "project": getattr(picture, "project_name", ""),
        "n": str(n).zfill(len(str(among))),
        "operation": generation.operation,
        "size": "x".join(map(str, sides)) if all(sides) else "",
    }


def stem_of(template: str, values: Mapping[str, str]) -> str:
    """Return a safe name without extension: at most 180 bytes in UTF-8, never empty."""
    written = FIELD.sub(lambda field: values.get(field[1], ""), template)
    plain = unicodedata.normalize("NFC", FORBIDDEN.sub("-", written))
    shown = "".join(sign for sign in plain if unicodedata.category(sign) not in NOT_SHOWN)
    name = _cut(GAPS.sub(" ", shown).strip(" .-"), _is_short).rstrip(" .-") or NAMELESS
    return f"{name}_" if RESERVED.fullmatch(name) else name


def distinct(stem: str, n: int, taken: Collection[int]) -> str:
    """Return a name whose key is not taken: itself, or with a number behind it, `n` or above."""
    name, number = stem, n
    while key_of(name) in taken:
        name, number = f"{stem}-{number}", number + 1
    return name


def key_of(stem: str) -> int:
    """Return a number that is the same for names which differ in case or composition alone.

    Many numbers take less memory than many names. It is another one in each process.
    """
    return hash(unicodedata.normalize("NFKC", stem).casefold())


def _words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, with the vowel signs that `\\w` excludes."""
    plain = unicodedata.normalize("NFC", JOINERS.sub("", text).lower())
    runs = ("".join(run) for inside, run in groupby(plain, _is_of_a_word) if inside)
    return [word for word in runs if not all(map(_is_a_mark, word))]


def _fits(words: str) -> bool:
    return len(words) <= MOST_WORD_LETTERS and len(words.encode()) <= MOST_WORD_BYTES


def _is_of_a_word(sign: str) -> bool:
    return sign == "_" or unicodedata.category(sign)[0] in "LNM"


def _is_a_mark(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "M"


def _is_short(name: str) -> bool:
    return len(name.encode()) <= MOST_BYTES


def _cut(text: str, fits: Callable[[str], bool]) -> str:
    """Cut a text until it fits, never between a letter and its combining marks."""
    end = min(len(text), MOST_READ)
    while not fits(text[:end]) or (end < len(text) and _is_a_mark(text[end])):
        end -= 1
    return text[:end]
