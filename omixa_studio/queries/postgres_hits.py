"""Ask PostgreSQL's index of prompts, block by block, for it finds all before it tells any."""

from collections.abc import Iterator
from dataclasses import dataclass

from omixa_studio.prompt_index.postgres import COLUMN, PLACES, person_piece, place_piece
from omixa_studio.prompt_index.rows import PROMPTS

from .index_questions import IndexQuestion, held

# So many blocks are read before larger ones, and then all that is left at once: a search of few
# hits costs as much for each part as for the whole, and one of many has enough by then.
BLOCKS = {"a": 4, "b": 2}


@dataclass(frozen=True)
class RowRange:
    """Rows from `first` to `last`, all in the block of a `place`, "" if it is no block."""

    place: str
    first: int
    last: int


def statement(question: IndexQuestion) -> tuple[str, list[object]]:
    """Return the SQL of the rows that a question means, in its order, and the parameters.

    The parts of the union are run one by one until there are enough rows.
    """
    texts, params = held(question, "strpos")
    pieces = question.pieces
    if question.person is not None:
        pieces.append(person_piece(question.person))
    sql = f"""
    (SELECT p.generation_id, CAST(p.latest AS text) FROM {PROMPTS} p
    WHERE {COLUMN} @> %s::text[] AND p.id BETWEEN %s AND %s AND {texts}
    ORDER BY p.id {"ASC" if question.newer else "DESC"})
    """
    wanted = list(parts(question)) or [RowRange("", question.first, question.last)]
    asked: list[object] = []
    for part in wanted:
        asked += [[*pieces, *filter(None, [part.place])], part.first, part.last, *params]
    return " UNION ALL ".join([sql] * len(wanted)) + " LIMIT %s", [*asked, question.most]


def parts(question: IndexQuestion) -> Iterator[RowRange]:
    """Yield the rows of a question in the order of reading: small blocks, larger ones, the rest."""
    first, last, newer = question.first, question.last, question.newer
    for letter, count in BLOCKS.items():
        for _ in range(count):
            if first > last:
                return
            block = (first if newer else last) >> PLACES[letter]
            start, end = block << PLACES[letter], (block + 1 << PLACES[letter]) - 1
            yield RowRange(place_piece(letter, block), max(first, start), min(last, end))
            first, last = (end + 1, last) if newer else (first, start - 1)
    if first <= last:
        yield RowRange("", first, last)
