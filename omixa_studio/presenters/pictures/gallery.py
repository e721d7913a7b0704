"""Links of a gallery: to its other pages, with or without selection."""

from dataclasses import dataclass

from django.urls import reverse

from omixa_studio.queries.gallery_pages import Page

SELECT = "select=1"
SCRIPT = ("geometry", "window", "place")


@dataclass(frozen=True, kw_only=True)
class GalleryPaths:
    """Addresses that keep the filters; `older` and `newer` are "" if no page follows."""

    newest: str
    select: str
    older: str
    newer: str


def gallery_paths(path: str, query: str, page: Page, *, selecting: bool) -> GalleryPaths:
    """Return the addresses around one page of the gallery at a path and a query."""
    kept = [SELECT] * selecting + [query] * bool(query)
    return GalleryPaths(
        newest=_joined(path, [query] * bool(query)),
        select=_joined(path, [query] * bool(query) + [SELECT]),
        older=_joined(path, [*kept, f"before={page.older_than}"]) if page.older_than else "",
        newer=_joined(path, [*kept, f"after={page.newer_than}"]) if page.newer_than else "",
    )


def script_paths(route: str, query: str, *key: int) -> dict[str, str]:
    """Return what the script of a gallery asks, with the filters.

    `route` is "gallery", "team" or "trash", or "collection" with its id.
    """
    asked = [query] * bool(query)
    return {name: _joined(reverse(f"{route}_{name}", args=key), asked) for name in SCRIPT}


def _joined(path: str, parts: list[str]) -> str:
    return f"{path}?{'&'.join(parts)}" if parts else path
