"""Several stylesheets in one response: a page requests two instead of a dozen."""

from functools import lru_cache
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from whitenoise.base import WhiteNoise

# The same as WhiteNoise sends for a single sheet.
FOREVER = f"max-age={WhiteNoise.FOREVER}, public, immutable"
SHEETS = frozenset(path.stem for path in (settings.STATIC_DIR / "css").glob("*.css"))


@require_safe
def joined(request: HttpRequest, names: str) -> HttpResponse:
    """Return the sheets `one+other` in this order; 404 if one of them is missing or repeated."""
    text = _joined(tuple(names.split("+")))
    if text is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    return HttpResponse(text, content_type="text/css", headers={"Cache-Control": FOREVER})


@lru_cache(maxsize=64)
def _joined(names: tuple[str, ...]) -> str | None:
    if len(set(names)) != len(names) or not SHEETS.issuperset(names):
        return None
    folder = settings.STATIC_DIR / "css"
    return "\n".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in names)
