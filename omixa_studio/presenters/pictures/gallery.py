"""Where a gallery leads: the same one from another picture on, with or without ticks."""

from dataclasses import dataclass

from omixa_studio.queries.pictures import Page

SELECT = "select=1"


@dataclass(frozen=True, kw_only=True)
class GalleryPaths:
    """Addresses that keep what is sought; `older` and `newer` are empty where nothing follows."""

    newest: str
    select: str
    older: str
    newer: str


def gallery_paths(path: str, query: str, page: Page, *, selecting: bool) -> GalleryPaths:
    """Name the addresses around a page of the gallery that a path and a query show."""
    kept = [SELECT] * selecting + [query] * bool(query)
    return GalleryPaths(
        newest=_joined(path, [query] * bool(query)),
        select=_joined(path, [query] * bool(query) + [SELECT]),
        older=_joined(path, [*kept, f"before={page.older_than}"]) if page.older_than else "",
        newer=_joined(path, [*kept, f"after={page.newer_than}"]) if page.newer_than else "",
    )


def _joined(path: str, parts: list[str]) -> str:
    return f"{path}?{'&'.join(parts)}" if parts else path
