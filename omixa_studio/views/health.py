"""The health check, which needs no login."""

from django.contrib.auth.decorators import login_not_required
from django.db import Error as AnyDatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the database answers, else 503; say nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except AnyDatabaseError:
        return HttpResponse("no database", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
