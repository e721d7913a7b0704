"""The index on PostgreSQL: a GIN index on the array of a prompt's pieces.

Not pg_trgm: it has no piece under three letters, none of a letter that is not ASCII under the
locale C, and needs an extension. The pieces also name the person, and the place of the row: a GIN
index returns all that it finds before anything else happens, in no order, and places bound that.
"""

from . import rows
from .rows import GENERATIONS, PICTURES, PROMPTS, SEPARATOR

PIECES = "prompt_pieces"
# The column to compare arrays with.
COLUMN = f'({PIECES}_of(text, person_id, id) COLLATE "C")'
# The function costs so much that the index is used, but not so much that a query is compiled
# first, and it runs in one process, so that parts of a union come in their order.
# Places are blocks of 2 ** bits rows, by the letter that names them.
PLACES = {"a": 13, "b": 16, "c": 19}


def person_piece(person: int) -> str:
    """Return the piece that names a person."""
    return f"{SEPARATOR}p{person}"


def place_piece(letter: str, number: int) -> str:
    """Return the piece that names a block."""
    return f"{SEPARATOR}{letter}{number}"


def _split(length: int) -> str:
    """Return the SQL of all pieces of so many letters, and of the shorter ones at the end."""
    return " || ".join(
        f"string_to_array(regexp_replace(substr(text, {first}), "
        rf"'({'.' * length})', E'\\1\x1f', 'g'), E'\x1f')"
        for first in range(1, length + 1)
    )


def _function(name: str, steps: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {steps}; RETURN NULL; END $$"
    )


_PLACED = ", ".join(rf"E'\x1f{letter}' || (id >> {bits})" for letter, bits in PLACES.items())
_PIECES_OF = f"""
CREATE OR REPLACE FUNCTION {PIECES}_of(text text, person bigint, id bigint) RETURNS text[]
LANGUAGE sql IMMUTABLE COST 100 RETURN
array_remove(string_to_array(text, NULL) || {_split(2)} || {_split(3)}, '')
    || ARRAY[E'\\x1fp' || person, {_PLACED}]
"""
_TIMES = rows.earlier("{time} - interval '{seconds} seconds'")
_OF_NEW_PICTURE = rows.OF_NEW_PICTURE.format(greater="greatest", earlier=_TIMES)
_OF_LATE_PICTURE = rows.OF_LATE_PICTURE.format(earlier=_TIMES)
FILL = [rows.FILL.format(earlier=_TIMES)]
_TRIGGERS = {
    "prompts_of_new_picture": (
        PICTURES,
        "INSERT",
        "",
        f"{_OF_NEW_PICTURE} ON CONFLICT DO NOTHING; {_OF_LATE_PICTURE}",
    ),
    "prompts_of_lost_picture": (PICTURES, "DELETE", "", rows.OF_LOST_PICTURE),
    "prompts_rewritten": (GENERATIONS, rows.CHANGED, f"WHEN ({rows.IS_CHANGED})", rows.REWRITTEN),
}
CREATE_TRIGGERS = [
    *(_function(name, steps) for name, (_table, _event, _when, steps) in _TRIGGERS.items()),
    *(
        f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} "
        f"FOR EACH ROW {when} EXECUTE FUNCTION {name}()"
        for name, (table, event, when, _steps) in _TRIGGERS.items()
    ),
]
DROP_TRIGGERS = [
    f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, (table, *_rest) in _TRIGGERS.items()
]
# Without fastupdate, which would make one writer in hundreds wait for the others' share.
CREATE_INDEX = [
    _PIECES_OF,
    f"CREATE INDEX {PIECES} ON {PROMPTS} USING gin ({COLUMN}) WITH (fastupdate = off)",
    f"ANALYZE {PROMPTS}",
]
DROP_INDEX = [
    *DROP_TRIGGERS,
    f"DROP INDEX IF EXISTS {PIECES}",
    f"DROP FUNCTION IF EXISTS {PIECES}_of",
]
REBUILD = [f"REINDEX INDEX {PIECES}"]
CHECK: list[str] = []
