"""Decorators that restrict a page to roles; other roles get 403."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase

from omixa_studio.models import Person

from .requests import PersonRequest

View = Callable[..., HttpResponseBase]


def admin_only(view: View) -> View:
    """Restrict a view to admins."""
    return _only_if(lambda person: person.is_admin, view)


def sees_costs(view: View) -> View:
    """Restrict a view to managers and admins."""
    return _only_if(lambda person: person.sees_costs, view)


def _only_if(may: Callable[[Person], bool], view: View) -> View:
    @wraps(view)
    def guarded(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
