"""Ask SQLite's index of prompts."""

from omixa_studio.prompt_index.rows import PROMPTS, SEPARATOR
from omixa_studio.prompt_index.sqlite import PIECES, person_letters

from .index_questions import IndexQuestion, held


def statement(question: IndexQuestion) -> tuple[str, list[object]]:
    """Return the SQL of the rows that a question means, in its order, and the parameters."""
    texts, params = held(question, "instr")
    pieces = [_as_trigram(piece) for piece in question.pieces]
    if question.person is not None:
        pieces.append(person_letters(question.person))
    match = " AND ".join('"' + piece.replace('"', '""') + '"' for piece in pieces)
    sql = f"""
    SELECT p.generation_id, CAST(p.latest AS text)
    FROM {PIECES} JOIN {PROMPTS} p ON p.id = {PIECES}.rowid
    WHERE {PIECES} MATCH %s AND {PIECES}.rowid BETWEEN %s AND %s AND {texts}
    ORDER BY {PIECES}.rowid {"ASC" if question.newer else "DESC"} LIMIT %s
    """
    return sql, [match, question.first, question.last, *params, question.most]


def _as_trigram(piece: str) -> str:
    """Return how a piece of one, two or three letters stands in the index."""
    if len(piece) == 3:
        return piece
    return SEPARATOR.join(piece) if len(piece) == 2 else SEPARATOR + piece + SEPARATOR
