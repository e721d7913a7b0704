"""Which addresses answer programs, and at which of those they wait for pictures."""

# JSON alone, whatever goes wrong.
FOR_PROGRAMS = {"api", "v1", "mcp", "metrics", "oauth", ".well-known"}
# Below them, pages for people.
FOR_PEOPLE = {("api", "docs")}
# How addresses at which programs wait for pictures begin, after the slash; how many may wait.
WAITS_FOR_PICTURES = ("v1/images/", "api/v1/generations", "mcp")
MOST_WAITING = 64


def is_for_programs(path: str) -> bool:
    """Return whether the path of a request, with its first slash, answers programs, not people."""
    first, *more = path[1:].split("/")
    return first in FOR_PROGRAMS and (first, *more[:1]) not in FOR_PEOPLE
