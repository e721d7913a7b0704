"""Where a wall leads: the same wall from an older or a newer picture on, with or without ticks."""

from dataclasses import dataclass

SELECT = "select=1"


@dataclass(frozen=True, kw_only=True)
class WallPaths:
    """Addresses that keep what is sought; `older` and `newer` are empty where nothing follows."""

    newest: str
    select: str
    older: str
    newer: str


def wall_paths(
    path: str, query: str, *, selecting: bool, older: int | None, newer: int | None
) -> WallPaths:
    """Name the addresses around a page of a wall, from its first and its last picture."""
    kept = [SELECT] * selecting + [query] * bool(query)
    return WallPaths(
        newest=_joined(path, [query] * bool(query)),
        select=_joined(path, [query] * bool(query) + [SELECT]),
        older=_joined(path, [*kept, f"before={older}"]) if older else "",
        newer=_joined(path, [*kept, f"after={newer}"]) if newer else "",
    )


def _joined(path: str, parts: list[str]) -> str:
    return f"{path}?{'&'.join(parts)}" if parts else path
