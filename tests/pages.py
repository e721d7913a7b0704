"""Pages as a browser reads them, for tests that look at marks as well as words."""

import re
from typing import TYPE_CHECKING, TypeAlias

from django.http import HttpResponse

# What the test client gives, which only the stubs have a name for.
if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    Answer: TypeAlias = _MonkeyPatchedWSGIResponse
else:
    Answer = HttpResponse


def folded(html: str) -> str:
    """One space for each run of white space, and none inside the edges of an element."""
    return re.sub(r"(<[^/!][^>]*>) | (?=</)", r"\1", re.sub(r"\s+", " ", html))


def forms_to(html: str, path: str) -> list[dict[str, str]]:
    """The hidden fields of each form of a page that posts to an address."""
    forms = re.findall(rf'<form[^>]* action="{path}".*?</form>', html, re.DOTALL)
    field = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
    return [dict(field.findall(form)) for form in forms]
