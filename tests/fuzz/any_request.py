"""Requests of every kind to every address: half of them nearly right, so that they get far.

What an address may be asked is read from the code behind it (names and words of its view, of its
forms and filters) and from the forms of the pages, so a new address is fuzzed without a line here.
"""

import ast
import importlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from inspect import getsource, unwrap
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.test.client import BOUNDARY, MULTIPART_CONTENT
from django.urls import Resolver404, URLPattern, resolve, reverse

from omixa_studio.models import Person
from omixa_studio.urls import urlpatterns
from tests.factories import draw_png
from tests.views.rules import METHODS, RULES, THINGS

ADDRESSES: dict[str, URLPattern] = {str(one.name): one for one in urlpatterns}
# Where words of a view come from, beside its own file.
ROOMS_OF_WORDS = ("omixa_studio.forms", "omixa_studio.filters", "omixa_studio.views")
LONGEST_WORD = 40
# Answers that stream for ever are read so far, then the client hangs up.
MOST_PIECES = 200

ODD = (
    "", " ", "0", "-1", "1", "7", "00", "1.5", "1,5", "1e400", "-0.0", "NaN", "Infinity", "٣", "²",
    "9" * 19, "9" * 400, "-" + "9" * 30, "0x10", "true", "false", "on", "null", "None", "[]", "{}",
    "\x00", "a\x00b", "\ud800", "\ufeff", "\u202e", "e\u0301", "🐻‍❄️" * 3, "шторм", "海", "İ",
    "' OR 1=1 --", "\"", "%", "_%\\", "<b>&amp;", "{{ x }}", "%s %(x)s {0} {x}", "../../etc/passwd",
    "/", "//evil.example", "https://evil.example/", "http://[", "http://127.0.0.1:1/", "a@b", "@",
    "ada@example.org", "\r\nX: y", "a\nb\tc", "x" * 300, "ы" * 5000, "a," * 600, "1," * 600,
    "2026-11-27", "2026-02-30", "0001-01-01", "9999-12-31", "10000-01-01", "2026-11", "2026-W53",
    "2026-11-27T12:00", "2026-11-27T12:00:00+14:00", "12:60", "1 day ago", "#112233", "en", "zz",
    "00000000-0000-0000-0000-000000000000", "not-a-uuid", "1:2", "1-2", "1-", "-1--2", "16x9",
)  # fmt: skip
HEADERS: dict[str, tuple[str, ...]] = {
    "HX-Request": ("true", "x"),
    "HX-Current-URL": ("http://testserver/gallery/?q=a", "http://[", "\xff"),
    "HX-Target": ("cards", "\xff"),
    "Accept": ("text/html", "application/json", "text/event-stream", "*", ";q=x", ","),
    "Accept-Language": ("ru", "zh-Hans", "xx;q=9", "*;q=0", "de-" * 200, "\xff"),
    "Accept-Encoding": ("gzip", "br;q=0", "gzip;q=x"),
    "Range": ("bytes=0-", "bytes=5-2", "bytes=-1", "bytes=0-0,2-3", "bytes=99999999999-", "x"),
    "If-Range": ("x", "Wed, 21 Oct 2015 07:28:00 GMT"),
    "If-None-Match": ("*", '"x"', "W/", '"'),
    "If-Modified-Since": ("Wed, 21 Oct 2015 07:28:00 GMT", "x", "0"),
    "Host": ("localhost", "[::1]", "evil.example", "a:b:c", "\xff", "[", "testserver:99999"),
    "Origin": ("null", "http://testserver", "http://[", "\xff"),
    "Referer": ("http://testserver/", "http://[", "\xff"),
    "Cookie": ("sessionid=x", "csrftoken=\xff", "=;;", "messages=x", "django_language=zz"),
    "Authorization": ("Bearer", "Bearer x", "Basic eDp5", "Bearer \xff", "x y z"),
    "Idempotency-Key": ("a", "", "k" * 400, "\xff", '"quoted"'),
    "MCP-Protocol-Version": ("2026-07-28", "2024-11-05", "x"),
    "Mcp-Method": ("tools/call", "x"),
    "X-Forwarded-For": ("1.2.3.4", "x", "::1, y", "\xff"),
    "X-Forwarded-Proto": ("https", "x"),
    "X-Request-ID": ("a" * 500, "\xff"),
    "X-Person": ("1", "x", "9" * 30),
    "X-Stainless-Retry-Count": ("1", "x"),
    "Content-Encoding": ("gzip", "x"),
    "Content-Length": ("0", "1"),
}
KINDS = (
    "application/json", "text/plain", "application/octet-stream", "multipart/form-data", "x", "",
    "application/json; charset=utf-16", "application/x-www-form-urlencoded; charset=zz",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff", "image/png",
)  # fmt: skip
# Documents that come near what programs send.
DOCUMENTS: dict[str, dict[str, Any]] = {
    "mcp": {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "generate", "arguments": {"prompt": "a harbour", "wait": 0}},
    },
    "v1_generations": {"prompt": "a harbour", "model": "gpt-image-1", "n": 1, "size": "auto"},
    "api_generations": {"model": "imagen-4.0-generate-001", "prompt": "a harbour", "wait": 0},
    "api_estimate": {"model": "imagen-4.0-generate-001", "prompt": "a harbour"},
}


@dataclass(frozen=True)
class Asked:
    """One request as the test's client sends it."""

    address: str
    method: str
    path: str
    body: bytes = b""
    kind: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        head = f"{self.method} {self.path[:300]} {self.headers} {self.kind}"
        return f"{self.address}: {head} {self.body[:600]!r}"


@dataclass
class Asker:
    """Draws requests; `forms` are fields that pages showed, by the address they go to."""

    luck: random.Random
    forms: dict[str, list[list[tuple[str, str]]]] = field(default_factory=dict)

    def request(self, name: str, person: Person) -> Asked:
        """Draw a request to an address, which may be about a thing of the person's."""
        method = self._method(name)
        path = self._path(name, person)
        if query := self._fields(name) if self.luck.random() < 0.6 else []:
            path += f"?{_encoded(query)}"
        body, kind = b"", ""
        if method not in ("GET", "HEAD", "OPTIONS") or self.luck.random() < 0.05:
            body, kind = self._body(name)
        return Asked(name, method, path, body, kind, self._headers())

    def learn_forms(self, html: str, path: str) -> None:
        """Remember the fields of a page's forms."""
        reader = _Forms()
        reader.feed(html)
        for action, fields in reader.found:
            try:
                name = str(resolve(urlsplit(action or path).path).url_name)
            except (Resolver404, ValueError):
                continue
            known = self.forms.setdefault(name, [])
            if fields and len(known) < 8:
                known.append(fields)

    def _method(self, name: str) -> str:
        usual = [one for one in RULES[name].methods if one not in ("HEAD", "OPTIONS")]
        return self.luck.choice(usual if usual and self.luck.random() < 0.9 else METHODS)

    def _path(self, name: str, person: Person) -> str:
        pattern, thing = ADDRESSES[name].pattern, RULES[name].thing
        if not thing:
            return reverse(name)
        given: Any = THINGS[thing](person, self.luck.random() < 0.3)
        values = list(given) if isinstance(given, tuple) else [given]
        for place, converter in enumerate(pattern.converters.values()):
            if self.luck.random() < 0.15:
                values[place] = self._other(type(converter).__name__)
        return reverse(name, args=values)

    def _other(self, converter: str) -> Any:
        if converter == "NumberConverter":
            return self.luck.choice((0, 1, 2**31, 2**63 - 1, 2**63, 10**40))
        if converter == "UUIDConverter":
            return "00000000-0000-0000-0000-000000000000"
        plain = [one for one in ODD if one.strip() and "/" not in one and "\ud800" not in one]
        return self.luck.choice(
            plain if converter == "PathConverter" else ["a", "a" * 300, "-", "0"]
        )

    def _fields(self, name: str) -> list[tuple[str, str]]:
        """Draw fields: those of a real form, with some changed, or names of the code's."""
        known = self.forms.get(name)
        if known and self.luck.random() < 0.6:
            fields = list(self.luck.choice(known))
            for _ in range(self.luck.randrange(4)):
                place = self.luck.randrange(len(fields))
                fields[place] = (fields[place][0], self._value(name))
            return fields + self._drawn(name, self.luck.randrange(2))
        return self._drawn(name, self.luck.randrange(6))

    def _drawn(self, name: str, number: int) -> list[tuple[str, str]]:
        words = words_of(name) or ("q",)
        return [(self.luck.choice(words), self._value(name)) for _ in range(number)]

    def _value(self, name: str) -> str:
        draw = self.luck.random()
        if draw < 0.35:
            return self.luck.choice(words_of(name) or ODD)
        if draw < 0.5:
            return str(self.luck.randrange(1, 400))
        return self.luck.choice(ODD)

    def _body(self, name: str) -> tuple[bytes, str]:
        likes_json = bool(RULES[name].scope)
        draw = self.luck.random() * (0.6 if likes_json else 1)
        if draw < (0.45 if likes_json else 0.15):
            return self._json(name), "application/json"
        if draw < 0.55:
            return self._multipart(name)
        if draw < 0.65:
            return self.luck.choice(self._rubbish()), self.luck.choice(KINDS)
        return _encoded(self._fields(name)).encode(), "application/x-www-form-urlencoded"

    def _json(self, name: str) -> bytes:
        if self.luck.random() < 0.1:
            return self.luck.choice(self._rubbish())
        value: Any = self._document(name)
        return json.dumps(value).encode("utf-8", "surrogatepass")

    def _document(self, name: str) -> Any:
        if name in DOCUMENTS and self.luck.random() < 0.7:
            value = json.loads(json.dumps(DOCUMENTS[name]))
            self._spoil(name, value)
            return value
        return self._anything(name, 3)

    def _spoil(self, name: str, value: dict[str, Any]) -> None:
        """Change some of a document, inner ones included."""
        for key in list(value):
            if isinstance(value[key], dict) and self.luck.random() < 0.8:
                self._spoil(name, value[key])
            elif self.luck.random() < 0.3:
                value[key] = self._anything(name, 2)
        while self.luck.random() < 0.4:
            value[self.luck.choice(words_of(name) or ("x",))] = self._anything(name, 2)

    def _anything(self, name: str, deep: int) -> Any:
        draw = self.luck.random()
        if deep and (draw < 0.3 or deep == 3):
            keys = [self.luck.choice(words_of(name) or ("x",)) for _ in range(4)]
            return {key: self._anything(name, deep - 1) for key in keys}
        if deep and draw < 0.45:
            return [self._anything(name, deep - 1) for _ in range(self.luck.randrange(4))]
        if draw < 0.6:
            return self.luck.choice(
                (None, True, False, 0, -1, 1, 3, 1.5, 1e300, 10**30, float("nan"))
            )
        return self._value(name)

    def _multipart(self, name: str) -> tuple[bytes, str]:
        parts = [
            f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'
            for key, value in self._fields(name)
        ]
        bodies = [part.encode("utf-8", "surrogatepass") for part in parts]
        for _ in range(self.luck.randrange(3)):
            key = self.luck.choice((*(words_of(name) or ("x",)), "input_images", "image", "mask"))
            file = self.luck.choice(("a.png", "", "../a.png", "ы" * 300, "a.csv", 'a"b', "\x00"))
            head = f'Content-Disposition: form-data; name="{key}"; filename="{file}"\r\n'
            head += f"Content-Type: {self.luck.choice(('image/png', 'text/csv', 'x'))}\r\n\r\n"
            bodies.append(head.encode() + self.luck.choice(self._rubbish()))
        edge = f"--{BOUNDARY}\r\n".encode()
        whole = b"".join(edge + body + b"\r\n" for body in bodies)
        end = f"--{BOUNDARY}--\r\n".encode() if self.luck.random() < 0.95 else b""
        return whole + end, MULTIPART_CONTENT

    def _rubbish(self) -> list[bytes]:
        return [
            b"", b"\x00", b"\xff\xfe", b"{", b"[1", b"nul", b'"', b"{}", b"[]", b"3", b"[" * 5000,
            b'{"a":' * 3000, b'{"a":1e999}', b'{"a":NaN}', b'{"\\ud800":"\\ud800"}', b"9" * 5000,
            b"a=%ff&b=%ed%a0%80&%=", b"a&&==&a[]=1", b"created,cost,model\n2026-11-20,0.04,m\n",
            draw_png(), draw_png()[:60], self.luck.randbytes(300),
        ]  # fmt: skip

    def _headers(self) -> dict[str, str]:
        names = self.luck.sample(sorted(HEADERS), self.luck.choice((0, 0, 0, 1, 1, 2, 4)))
        return {name: self.luck.choice(HEADERS[name]) for name in names}


class _Forms(HTMLParser):
    """The fields of each form of a page, with the method's address."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.found.append((told.get("action") or "", []))
        elif self.found and (name := told.get("name")):
            self.found[-1][1].append((name, told.get("value") or ""))


@cache
def words_of(name: str) -> tuple[str, ...]:
    """The short words in the code of an address: names of fields, choices, keys."""
    view: Callable[..., Any] = unwrap(ADDRESSES[name].callback)
    words: dict[str, None] = {}
    for module in _read_by(view.__module__):
        for node in ast.walk(ast.parse(getsource(importlib.import_module(module)))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                word = node.value
                if 0 < len(word) <= LONGEST_WORD and word.isascii() and not word.count(" "):
                    words[word] = None
    return tuple(words)


@cache
def _read_by(module: str) -> tuple[str, ...]:
    """A view's module, and those of forms, filters and views that it imports."""
    if not module.startswith("omixa_studio"):
        return ()
    given = importlib.import_module(module)
    near = {
        str(getattr(value, "__module__", None) or getattr(value, "__name__", ""))
        for value in vars(given).values()
    }
    return (
        module,
        *sorted(one for one in near if one.startswith(ROOMS_OF_WORDS) and one != module),
    )


def _encoded(fields: list[tuple[str, str]]) -> str:
    return urlencode(fields, errors="surrogatepass")
