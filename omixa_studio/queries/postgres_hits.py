"""Ask PostgreSQL's index of prompts, block by block, for it finds all before it tells any."""

from collections.abc import Iterator

from omixa_studio.prompt_index.postgres import COLUMN, PLACES, person_piece, place_piece
from omixa_studio.prompt_index.rows import PROMPTS

from .index_questions import IndexQuestion, held

# So many blocks of a size are read before larger ones.
LEAST_BLOCKS = 3


def statement(question: IndexQuestion) -> tuple[str, list[object]]:
    """Return the SQL of the rows that a question means, in its order, and the parameters.

    The parts of the union are run one by one until there are enough rows.
    """
    texts, params = held(question, "strpos")
    pieces = question.pieces
    if question.person is not None:
        pieces.append(person_piece(question.person))
    part = f"""
    (SELECT p.generation_id, CAST(p.latest AS text) FROM {PROMPTS} p
    WHERE {COLUMN} @> %s::text[] AND p.id BETWEEN %s AND %s AND {texts}
    ORDER BY p.id {"ASC" if question.newer else "DESC"})
    """
    blocks = list(places(question)) or [""]
    asked: list[object] = []
    for place in blocks:
        asked += [[*pieces, place], question.first, question.last, *params]
    return " UNION ALL ".join([part] * len(blocks)) + " LIMIT %s", [*asked, question.most]


def places(question: IndexQuestion) -> Iterator[str]:
    """Yield the blocks between two rows in the order of reading: small ones, then larger ones."""
    here, step = (question.first, 1) if question.newer else (question.last, -1)
    for (letter, bits), larger in zip(PLACES.items(), [*[*PLACES.values()][1:], 64], strict=True):
        read = 0
        while question.first <= here <= question.last:
            edge = here if question.newer else here + 1
            if read >= LEAST_BLOCKS and edge % 2**larger == 0:
                break
            yield place_piece(letter, here >> bits)
            read += 1
            here = ((here >> bits) + 1 << bits) if step > 0 else (here >> bits << bits) - 1
