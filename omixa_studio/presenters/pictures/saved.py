"""The file name of a downloaded picture: words of its prompt, in any script."""

import re
import unicodedata
from itertools import groupby

from omixa_studio.models import Picture

from .kinds import ending_of

MOST_LETTERS = 60
# File systems allow 255 bytes; an id and an extension follow.
MOST_BYTES = 200
MOST_READ = 400
# Invisible, but part of words in Persian and in Indic scripts.
JOINERS = re.compile("[\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}]")


def file_name(picture: Picture) -> str:
    """Return a name without characters that are special to file systems or headers."""
    words = words_of(picture.generation.prompt[:MOST_READ])
    name = ""
    for word in words:
        if not _fits(f"{name}{word}"):
            break
        name += f"{word}-"
    name = name or "".join(f"{cut(word)}-" for word in words[:1])
    return f"{name or 'picture-'}{picture.pk}.{ending_of(picture.format)}"


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, with the vowel signs that `\\w` excludes."""
    plain = unicodedata.normalize("NFC", JOINERS.sub("", text).lower())
    runs = ("".join(run) for inside, run in groupby(plain, _is_of_a_word) if inside)
    return [word for word in runs if not _floats(word)]


def cut(word: str) -> str:
    """Cut a word to the length that fits, never between a letter and its combining marks."""
    end = len(word)
    while not _fits(word[:end]) or (end < len(word) and _is_a_sign(word[end])):
        end -= 1
    return word[:end]


def _fits(name: str) -> bool:
    return len(name) <= MOST_LETTERS and len(name.encode()) <= MOST_BYTES


def _is_of_a_word(sign: str) -> bool:
    return sign == "_" or unicodedata.category(sign)[0] in "LNM"


def _is_a_sign(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "M"


def _floats(word: str) -> bool:
    """Return whether a word consists of combining marks only."""
    return all(_is_a_sign(sign) for sign in word)
