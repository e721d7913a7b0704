"""Several stylesheets in one answer: a page asks for two instead of a dozen."""

from functools import lru_cache
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from whitenoise.base import WhiteNoise

# As WhiteNoise says it of a single sheet.
FOREVER = f"max-age={WhiteNoise.FOREVER}, public, immutable"
SHEETS = frozenset(path.stem for path in (settings.STATIC_DIR / "css").glob("*.css"))


@require_safe
def joined(request: HttpRequest, names: str) -> HttpResponse:
    """Give the sheets `one+other` in this order; 404 where one of them is missing or twice."""
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
