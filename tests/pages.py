"""Pages as a browser reads them, for tests that look at marks as well as words."""

import re


def folded(html: str) -> str:
    """One space for each run of white space, and none inside the edges of an element."""
    return re.sub(r"(<[^/!][^>]*>) | (?=</)", r"\1", re.sub(r"\s+", " ", html))
