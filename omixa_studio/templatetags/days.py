"""The filter for days, in the place of Django's own."""

from datetime import date
from typing import Any

from django import template
from django.template import defaultfilters

from omixa_studio.dates import in_order

register = template.Library()


@register.filter(name="date", expects_localtime=True, is_safe=False)
def day(moment: date | None, form: str | None = None) -> Any:
    """Format a day or a moment; `form` is written in the English order."""
    return defaultfilters.date(moment, form and in_order(form))
