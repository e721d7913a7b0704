"""Gather the words of the studio into the catalogues of locale/, and compile these.

    python scripts/messages.py           gather, keep what is translated, compile
    python scripts/messages.py --check   change nothing; say what is missing or out of step

Gathering needs the programs of GNU gettext; running the studio needs none of them, so the
compiled catalogues are committed.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import polib
from django.core.management import call_command
from django.core.management.commands import makemessages

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from omixa_studio.catalogue import Field, load_catalogue  # noqa: E402 (found by the line above)

LANGUAGES = ("ru", "zh_Hans")
PLURALS = {
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
    "n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
    "zh_Hans": "nplurals=1; plural=0;",
}
# Sentences are marked by N_, those with forms for one and for many by Counted.
KEYWORDS = ("N_", "Counted:1,2")
SENTENCE = re.compile(r"inferred: .* ")
READ = ("omixa_studio", "templates")
NOT_READ = ["migrations", "sandbox", "demo"]


class Gather(makemessages.Command):
    """Django's own gathering, with our keywords."""

    xgettext_options = [
        *makemessages.Command.xgettext_options,
        *(f"--keyword={word}" for word in KEYWORDS),
    ]


def main() -> int:
    """Return how many catalogues are not as they should be."""
    if not shutil.which("xgettext"):
        print("The programs of GNU gettext are not installed here.")
        return 2
    found = gathered()
    if "--check" in sys.argv[1:]:
        return sum(faults_of(language, found) for language in LANGUAGES)
    return sum(update(language, found) for language in LANGUAGES)


def gathered() -> polib.POFile:
    """Every message of the code, the templates and the built-in image models."""
    with tempfile.TemporaryDirectory() as folder:
        for name in READ:
            shutil.copytree(PROJECT / name, Path(folder, name))
        data = (f"gettext({text!r})\n" for text in dict.fromkeys(_data()))
        Path(folder, "omixa_studio", "data.py").write_text("".join(data), encoding="utf-8")
        Path(folder, "locale").mkdir()
        with chdir(folder), open(os.devnull, "w") as silent:
            call_command(
                Gather(stdout=silent),
                locale=["xx"],
                ignore_patterns=NOT_READ,
                no_location=True,
                verbosity=0,
            )
        found = polib.pofile(str(Path(folder, "locale", "xx", "LC_MESSAGES", "django.po")))
    for entry in found:
        # Where a message stands would make every moved file a conflict here.
        entry.occurrences, entry.comment, entry.tcomment = [], "", ""
    return found


def catalogue_of(language: str) -> Path:
    return PROJECT / "locale" / language / "LC_MESSAGES" / "django.po"


def update(language: str, found: polib.POFile) -> int:
    """Write and compile a catalogue anew; what is no longer said anywhere is left out."""
    path = catalogue_of(language)
    old = polib.pofile(str(path)) if path.exists() else polib.POFile()
    known = {_key(entry): entry for entry in old}
    fresh = polib.POFile(wrapwidth=96)
    fresh.metadata = {
        "Project-Id-Version": "Omixa Studio",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    for entry in sorted(found, key=lambda entry: entry.msgid):
        before = known.get(_key(entry))
        entry.msgstr = before.msgstr if before else ""
        entry.msgstr_plural = _plurals(entry, before, language)
        fresh.append(entry)
    fresh.save(str(path), newline="\n")
    fresh.save_as_mofile(str(path.with_suffix(".mo")))
    empty = fresh.untranslated_entries()
    print(f"{language}: {len(fresh)} messages, {len(empty)} not translated")
    return min(len(empty), 1)


def faults_of(language: str, found: polib.POFile) -> int:
    """Print what a catalogue lacks or has too much, and whether it is not compiled."""
    path = catalogue_of(language)
    here = polib.pofile(str(path))
    said, known = {_key(entry) for entry in found}, {_key(entry) for entry in here}
    lines = [f"not in {path.name}: {key[1]!r}" for key in said - known]
    lines += [f"not said any more: {key[1]!r}" for key in known - said]
    lines += [f"not translated: {entry.msgid!r}" for entry in here.untranslated_entries()]
    if path.with_suffix(".mo").read_bytes() != here.to_binary():
        lines.append(f"{path.with_suffix('.mo').name} is not compiled from {path.name}")
    for line in sorted(lines):
        print(f"{language}: {line}")
    return min(len(lines), 1)


def _data() -> Iterator[str]:
    """English that stands in data: the built-in image models."""
    for model in load_catalogue(None).models.values():
        yield model.summary
        yield from (where[10:] for where in model.origins.values() if SENTENCE.match(where))
        for field in model.fields:
            yield from (text for text in _texts(field) if text)
            yield from field.names.values()


def _texts(field: Field) -> tuple[str, ...]:
    return field.label, field.help, field.hint, field.basis


def _key(entry: polib.POEntry) -> tuple[str | None, str, str]:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def _plurals(entry: polib.POEntry, before: polib.POEntry | None, language: str) -> dict[int, str]:
    if not entry.msgid_plural:
        return {}
    forms = int(PLURALS[language][len("nplurals=")])
    return before.msgstr_plural if before else dict.fromkeys(range(forms), "")


if __name__ == "__main__":
    sys.exit(main())
