"""A small identity provider of OpenID Connect on loopback, which can be told to misbehave."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "studio", "a secret of the client"
KID = "first"


class TinyProvider:
    """Says of whoever comes what `claims` say; `twists` are what it does wrong."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.twists: set[str] = set()
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.seen: dict[str, str] = {}
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"it": self})
        )
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def is_somebody(self, sub: str, email: str = "", **claims: Any) -> None:
        verified = {"email": email, "email_verified": True} if email else {}
        self.claims = {"sub": sub, **verified, **claims}
        self.twists = set()

    def authorize(self, query: dict[str, str]) -> str:
        """Note what a login asks for; return where it is led, without asking anything."""
        self.seen = query
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("client_secret") != CLIENT_SECRET:
            return None
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        return {
            "access_token": "opens the userinfo",
            "token_type": "Bearer",
            "id_token": self.id_token(asked["nonce"]),
        }

    def id_token(self, nonce: str) -> str:
        now, twists = int(time.time()), self.twists
        claims = {
            "iss": "https://elsewhere.example" if "issuer" in twists else self.issuer,
            "aud": "another client" if "audience" in twists else CLIENT_ID,
            "sub": self.claims["sub"],
            "iat": now - 7200 * ("expired" in twists),
            "exp": now + 60 - 7200 * ("expired" in twists),
            "nonce": "of another login" if "nonce" in twists else nonce,
        }
        for name in ("exp", "nonce"):
            if f"no {name}" in twists:
                del claims[name]
        if "shared secret" in twists:
            return jwt.encode(claims, CLIENT_SECRET * 2, algorithm="HS256", headers={"kid": KID})
        if "unsigned" in twists:
            return jwt.encode(claims, None, algorithm="none", headers={"kid": KID})  # type: ignore[arg-type]
        key = self.other_key if "signature" in twists else self.key
        kid = "unknown" if "key" in twists else KID
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})

    def answer(self, path: str, body: dict[str, str]) -> tuple[int, object]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        if path == "/keys":
            public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
            return 200, {"keys": [{**public, "kid": KID, "alg": "RS256", "use": "sig"}]}
        if path == "/userinfo":
            return 200, self.claims | (
                {"sub": "somebody else"} if "userinfo" in self.twists else {}
            )
        token = self.token(body) if path == "/token" else None
        return (200, token) if token else (400, {"error": "invalid_grant"})


class _Handler(BaseHTTPRequestHandler):
    it: TinyProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.it.asked.append(parts.path)
        if parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.it.authorize(_flat(parts.query)))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._say(*self.it.answer(parts.path, {}))

    def do_POST(self) -> None:
        self.it.asked.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._say(*self.it.answer(self.path, _flat(body)))

    def _say(self, status: int, said: object) -> None:
        body = json.dumps(said).encode()
        if "broken" in self.it.twists:
            status, body = 500, b"<html>"
        if "huge" in self.it.twists:
            body = b'{"a": "' + b"x" * 2**20 + b'"}'
        if "not JSON" in self.it.twists:
            body = b"<html>"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


def _flat(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


@contextmanager
def tiny_provider() -> Iterator[TinyProvider]:
    """Run a provider on a free port of this machine."""
    provider = TinyProvider()
    thread = threading.Thread(target=provider.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        provider.server.server_close()
