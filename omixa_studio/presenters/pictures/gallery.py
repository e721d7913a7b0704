"""Where a gallery leads: the same one from another picture on, with or without ticks."""

from dataclasses import dataclass

SELECT = "select=1"


@dataclass(frozen=True, kw_only=True)
class GalleryPaths:
    """Addresses that keep what is sought; `older` and `newer` are empty where nothing follows."""

    newest: str
    select: str
    older: str
    newer: str


def gallery_paths(
    path: str, query: str, *, selecting: bool, older: int | None, newer: int | None
) -> GalleryPaths:
    """Name the addresses around a page of a gallery, from its first and its last picture."""
    kept = [SELECT] * selecting + [query] * bool(query)
    return GalleryPaths(
        newest=_joined(path, [query] * bool(query)),
        select=_joined(path, [query] * bool(query) + [SELECT]),
        older=_joined(path, [*kept, f"before={older}"]) if older else "",
        newer=_joined(path, [*kept, f"after={newer}"]) if newer else "",
    )


def _joined(path: str, parts: list[str]) -> str:
    return f"{path}?{'&'.join(parts)}" if parts else path
