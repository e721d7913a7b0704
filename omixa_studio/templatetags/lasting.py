"""Parts of a page that show little, rendered once for each of it.

The bar, the palette and the lists of keys took a third of the time of a page.
"""

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def lasting(name: str, **shown: Hashable) -> SafeString:
    """Render a template that knows `shown` alone, once for each language."""
    return _rendered(name, get_language(), tuple(shown.items()))


@lru_cache(maxsize=500)
def _rendered(
    name: str, _language: str | None, shown: tuple[tuple[str, Hashable], ...]
) -> SafeString:
    return render_to_string(name, dict(shown))
