"""The index on SQLite: an FTS5 table with the trigram tokenizer, over the rows.

It has no contents of its own. A piece of fewer than three letters becomes a trigram by standing
between separators: the `spread` of "fox" is "/f/o/x/", with the trigrams "/f/", "f/o", "/o/",
"o/x" and "/x/". `who` is one trigram that names the person, so that a person's own prompts are
found among everybody's.
"""

from . import rows
from .rows import GENERATIONS, PICTURES, PROMPTS

PIECES, TEXTS = "prompt_pieces", "prompt_texts"
# The letters that name a person: a mark, and the id in two digits of private letters.
MARK, ZERO, DIGITS = 0xE000, 0xF0000, 60_000

# By 64 letters at a time, since substr() counts from the start of a text.
SPREAD = """(
    WITH RECURSIVE part(said, rest) AS (
        SELECT substr({text}, 1, 64), substr({text}, 65)
        UNION ALL SELECT substr(rest, 1, 64), substr(rest, 65) FROM part WHERE rest <> ''
    ), place(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < 64)
    SELECT char(31) || group_concat(substr(said, n, 1), char(31)) || char(31)
    FROM part CROSS JOIN place WHERE n <= length(said)
)"""


def person_letters(person: int) -> str:
    """Return the three letters that name a person in the index."""
    high, low = divmod(person, DIGITS)
    return chr(MARK) + chr(ZERO + high % DIGITS) + chr(ZERO + low)


def _indexed(row: str) -> str:
    """Return the SQL of the indexed columns of a row: id, text, spread, who."""
    person = f"{row}.person_id"
    digits = f"{ZERO} + {person} / {DIGITS} % {DIGITS}, {ZERO} + {person} % {DIGITS}"
    spread = SPREAD.format(text=f"{row}.text")
    return f"{row}.id, {row}.text, {spread}, char({MARK}, {digits})"


_ADD = f"INSERT INTO {PIECES}(rowid, text, spread, who) SELECT {_indexed('NEW')}"
_REMOVE = (
    f"INSERT INTO {PIECES}({PIECES}, rowid, text, spread, who) SELECT 'delete', {_indexed('OLD')}"
)
_TIMES = rows.earlier("datetime({time}, '-{seconds} seconds')")
_OF_NEW_PICTURE = rows.OF_NEW_PICTURE.format(greater="max", earlier=_TIMES)
_OF_LATE_PICTURE = rows.OF_LATE_PICTURE.format(earlier=_TIMES)
FILL = [rows.FILL.format(earlier=_TIMES)]
_TRIGGERS = {
    "prompts_of_new_picture": (f"INSERT ON {PICTURES}", f"{_OF_NEW_PICTURE}; {_OF_LATE_PICTURE}"),
    "prompts_of_lost_picture": (f"DELETE ON {PICTURES}", rows.OF_LOST_PICTURE),
    "prompts_rewritten": (
        f"{rows.CHANGED} ON {GENERATIONS} WHEN {rows.IS_CHANGED}",
        rows.REWRITTEN,
    ),
    "pieces_added": (f"INSERT ON {PROMPTS}", _ADD),
    "pieces_removed": (f"DELETE ON {PROMPTS}", _REMOVE),
    "pieces_replaced": (f"UPDATE OF text ON {PROMPTS}", f"{_REMOVE}; {_ADD}"),
}
_VIEW = (
    f"CREATE VIEW IF NOT EXISTS {TEXTS}(id, text, spread, who) AS "
    f"SELECT {_indexed('row')} FROM {PROMPTS} row"
)
CREATE_TRIGGERS = [
    _VIEW,
    *(
        f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} BEGIN {steps}; END"
        for name, (event, steps) in _TRIGGERS.items()
    ),
]
DROP_TRIGGERS = [
    *(f"DROP TRIGGER IF EXISTS {name}" for name in _TRIGGERS),
    f"DROP VIEW IF EXISTS {TEXTS}",
]
CREATE_INDEX = [
    _VIEW,
    f"CREATE VIRTUAL TABLE {PIECES} USING fts5(text, spread, who, content='{TEXTS}', "
    "content_rowid='id', detail=none, columnsize=0, tokenize='trigram case_sensitive 1')",
    f"INSERT INTO {PIECES}({PIECES}) VALUES ('rebuild')",
    f"DROP VIEW {TEXTS}",
]
DROP_INDEX = [*DROP_TRIGGERS, f"DROP TABLE IF EXISTS {PIECES}"]
REBUILD = [f"INSERT INTO {PIECES}({PIECES}) VALUES ('rebuild')"]
# FTS5's own check, which with a 1 also compares with the rows.
CHECK = [f"INSERT INTO {PIECES}({PIECES}, rank) VALUES ('integrity-check', 1)"]
