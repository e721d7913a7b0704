"""The prompt history: each new generation refers to the prompt it uses."""

import hashlib
from collections.abc import Sequence

from omixa_studio.models import Generation, UsedPrompt
from omixa_studio.models.search import unaccented

OF_A_PROMPT = ("person", "target", "sha256")


def note(rows: Sequence[Generation]) -> None:
    """Link generations that are about to be saved to their prompts, as used now.

    One statement for all, in the order of their keys, so that no two transactions deadlock.
    """
    named = {_key_of(row): row for row in rows if row.prompt and row.person_id}
    prompts = UsedPrompt.objects.bulk_create(
        [_prompt_of(named[key], key) for key in sorted(named)],
        update_conflicts=True,
        update_fields=["last_used_at"],
        unique_fields=OF_A_PROMPT,
    )
    by_key = {(one.person_id, one.target, one.sha256): one for one in prompts}
    for row in rows:
        row.used_prompt = by_key.get(_key_of(row))


def _key_of(row: Generation) -> tuple[int, str, str]:
    sha256 = hashlib.sha256(row.prompt.encode()).hexdigest()
    return row.person_id or 0, row.target, sha256


def _prompt_of(row: Generation, key: tuple[int, str, str]) -> UsedPrompt:
    person_id, target, sha256 = key
    return UsedPrompt(
        person_id=person_id,
        target=target,
        sha256=sha256,
        prompt=row.prompt,
        prompt_search=unaccented(row.prompt),
        # The database's own clock, unless the row has its own time.
        last_used_at=row.created_at,
    )
