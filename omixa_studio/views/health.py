"""The health check, which needs no login."""

from django.contrib.auth.decorators import login_not_required
from django.db import Error as AnyDatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from omixa_studio import database_file


@require_safe
@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the database answers, else 503, with no further detail."""
    said, status = ("ok", 200) if _answers() else ("no database", 503)
    return HttpResponse(said, status=status, content_type="text/plain")


def _answers() -> bool:
    if database_file.is_replaced():
        return False
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except AnyDatabaseError:
        return False
    return True
