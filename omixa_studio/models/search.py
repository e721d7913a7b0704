"""Case-folded search text, stored with each row because SQLite folds only ASCII."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler

# Combining marks of Latin, Greek and Cyrillic letters; vowel signs of other scripts are not
# accents.
ACCENTS = re.compile("[\u0300-\u036f]")


def searchable(text: str) -> str:
    """Return a text folded for comparison: NFKC, case-folded, е for ё, single spaces."""
    folded = unicodedata.normalize("NFKC", text.replace("\x00", " ")).casefold()
    return " ".join(folded.replace("ё", "е").split())


def unaccented(text: str) -> str:
    """Return a text folded further: letters with and without accents compare equal."""
    bare = ACCENTS.sub("", unicodedata.normalize("NFD", searchable(text)))
    return unicodedata.normalize("NFC", bare)


class FoldedCopy(models.TextField):  # type: ignore[type-arg]  # Django's takes no type
    """The searchable form of other fields of the row, updated by every save and bulk insert.

    `of` names one field, or several separated by spaces.
    """

    fold = staticmethod(searchable)

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(**{"default": "", "editable": False, "blank": True, **options})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        text = self.fold(" ".join(getattr(model_instance, name) for name in self.of.split()))
        setattr(model_instance, self.attname, text)
        return text


class UnaccentedCopy(FoldedCopy):
    """The same without accents, for names: "zoe" finds "Zoë"."""

    fold = staticmethod(unaccented)


@FoldedCopy.register_lookup
class Holds(Lookup):
    """Whether a folded text holds another one: plain text, letter by letter."""

    lookup_name = "holds"

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        text, text_params = self.process_lhs(compiler, connection)
        part, part_params = self.process_rhs(compiler, connection)
        function = "instr" if connection.vendor == "sqlite" else "strpos"
        return f"{function}({text}, {part}) > 0", (*text_params, *part_params)
