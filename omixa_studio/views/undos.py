"""What an undo sends: in its address, or in the session if it is too long for one."""

import secrets

from django.http import QueryDict

from .requests import PersonRequest

# The session keeps so many; longer ones than so many characters do not go into an address.
MOST_KEPT, LONGEST_QUERY = 5, 600
KEPT = "undos_of_collections"


def keep(request: PersonRequest, query: str) -> str:
    """Return the query of an undo, or one that names it in the session if it is long."""
    if len(query) <= LONGEST_QUERY:
        return query
    key = secrets.token_urlsafe(6)
    others = list(request.session.get(KEPT, {}).items())[1 - MOST_KEPT :]
    request.session[KEPT] = {**dict(others), key: query}
    return f"kept={key}"


def sent_or_kept(request: PersonRequest, field: str) -> QueryDict:
    """Return what a form says if it has a field, else what an undo says, here or in the session."""
    if field in request.POST:
        return request.POST
    kept = request.session.get(KEPT, {}).get(request.GET.get("kept", ""))
    return request.GET if kept is None else QueryDict(kept)
