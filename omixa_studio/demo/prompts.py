"""The prompts that the people of the demonstration used, each with one row."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from omixa_studio.models import Person, UsedPrompt
from omixa_studio.models.search import unaccented

from .bulk import insert, new_ids, prepared
from .copies import Copy

Key = tuple[int, bytes]
MOVE = "UPDATE {} SET last_used_at = %s WHERE id = %s"


class Prompts:
    """The ids of used prompts by person and hash, and when each was last used."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._ids: dict[Key, int] = {}
        self._last: dict[int, datetime] = {}
        self._moved: set[int] = set()
        rows = UsedPrompt.objects.filter(target=settings.GATEWAY_TARGET, person__in=people)
        known = rows.values_list("id", "person_id", "sha256", "last_used_at")
        for pk, person_id, sha256, at in known.iterator():
            self._ids[person_id, bytes.fromhex(sha256)] = pk
            self._last[pk] = at

    def ids_of(self, copies: Sequence[Copy]) -> list[int | None]:
        """Return the id for each copy, None without a prompt; insert the rows that are new.

        The copies are in the order of their time.
        """
        keys = [_key_of(copy) if copy.prompt else None for copy in copies]
        latest = {key: copy for key, copy in zip(keys, copies, strict=True) if key}
        new = [key for key in latest if key not in self._ids]
        self._ids |= zip(new, new_ids(UsedPrompt, len(new)), strict=True)
        insert(UsedPrompt, [self._row(key, latest[key]) for key in new])
        for key, copy in latest.items():
            pk = self._ids[key]
            if copy.at > self._last.setdefault(pk, copy.at):
                self._last[pk] = copy.at
                self._moved.add(pk)
        return [key and self._ids[key] for key in keys]

    def finish(self) -> None:
        """Write when the prompts were last used, where that is not what their rows say."""
        moved: list[tuple[Any, int]] = [
            (prepared(UsedPrompt, "last_used_at", self._last[pk]), pk) for pk in self._moved
        ]
        with connection.cursor() as cursor:
            cursor.executemany(MOVE.format(UsedPrompt._meta.db_table), moved)

    def _row(self, key: Key, copy: Copy) -> dict[str, object]:
        person_id, sha256 = key
        return {
            "id": self._ids[key],
            "person_id": person_id,
            "target": settings.GATEWAY_TARGET,
            "sha256": sha256.hex(),
            "prompt": copy.prompt,
            "prompt_search": unaccented(copy.prompt),
            "last_used_at": prepared(UsedPrompt, "last_used_at", copy.at),
        }


def _key_of(copy: Copy) -> Key:
    return copy.person.pk, hashlib.sha256(copy.prompt.encode()).digest()
