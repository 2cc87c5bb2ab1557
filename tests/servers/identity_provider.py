"""An identity provider: a real HTTP server on loopback that signs real tokens, and is strict with whoever asks.

It refuses what a good one refuses: an address to go back to that is not registered, a question without PKCE, a code
that comes twice or from somebody else. What it does wrong, a test tells it to.
"""

import base64
import hashlib
import hmac
import json
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

CLIENT, SECRET = "deliverwatch", "a secret: with + and %"


@cache
def key(kind, number=1):
    if kind == "ES256":
        return ECKey.generate_key("P-256", {"kid": f"ec-{number}", "use": "sig"}, private=True)
    return RSAKey.generate_key(2048, {"kid": f"rsa-{number}", "use": "sig"}, private=True)


@dataclass
class Provider:
    """`person`: claims of who signs in. `claims`, `header`: what its tokens say besides, or instead; None: not.
    `key`: by which it signs, `shared`: with HS256; `published`: its keys, as others see them. `answer`: instead of
    all answers."""

    back_to: str
    now: object
    issuer: str = ""
    person: dict = field(default_factory=lambda: {"sub": "7", "preferred_username": "Robin", "groups": ["tams"]})
    claims: dict = field(default_factory=dict)
    header: dict = field(default_factory=dict)
    algorithm: str = "ES256"
    key: object = None
    shared: bytes = b""
    published: list = field(default_factory=lambda: [key("ES256"), key("RS256")])
    discovery: dict = field(default_factory=dict)
    answer: tuple[int, bytes] | None = None
    without_id_token: bool = False
    asked: list = field(default_factory=list)
    codes: dict = field(default_factory=dict)

    def get(self, path, query):
        match path:
            case "/.well-known/openid-configuration":
                return 200, self._places()
            case "/keys":
                return 200, {"keys": [each.as_dict(private=False) for each in self.published]}
            case "/authorize":
                return self._authorize(query)
        return 404, {}

    def _places(self):
        places = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS256", "ES256"],
        }
        return places | self.discovery

    def _authorize(self, query):
        wanted = {"client_id": CLIENT, "redirect_uri": self.back_to, "response_type": "code"}
        if any(query.get(name) != value for name, value in wanted.items()):
            return 400, {"error": "invalid_request"}
        if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
            return 400, {"error": "invalid_request"}
        if "openid" not in query.get("scope", "").split() or not query.get("state") or not query.get("nonce"):
            return 400, {"error": "invalid_request"}
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return 302, f"{self.back_to}?{urlencode({'code': code, 'state': query['state']})}"

    def post(self, path, form, authorization):
        name, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if path != "/token" or (unquote(name), unquote(password)) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code"), None)
        if asked is None or form.get("grant_type") != "authorization_code" or form.get("redirect_uri") != self.back_to:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if _base64(digest) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        token = {"access_token": "at", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}
        return 200, {name: value for name, value in token.items() if name != "id_token" or not self.without_id_token}

    def id_token(self, nonce):
        now = int(self.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "nonce": nonce, "iat": now, "exp": now + 300}
        claims |= self.person | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        signer = self.key or key(self.algorithm)
        header = {"alg": self.algorithm, "kid": signer.kid} | self.header
        if header["alg"] == "none":
            return f"{_encoded(header)}.{_encoded(claims)}."
        if header["alg"] == "HS256":
            return _with_shared_secret(header, claims, self.shared)
        return jwt.encode(header, claims, signer, registry=JWSRegistry(algorithms=[header["alg"]]))

    def over_since(self, length):
        """Its tokens ran out so long ago."""
        ended = self.now() - length
        self.claims |= {"exp": int(ended.timestamp()), "iat": int((ended - timedelta(minutes=5)).timestamp())}


def _with_shared_secret(header, claims, secret):
    """By hand: no library signs with a public key as if it were a secret."""
    signed = f"{_encoded(header)}.{_encoded(claims)}"
    return f"{signed}.{_base64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _encoded(value):
    return _base64(json.dumps(value).encode())


def _base64(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = urlsplit(self.path)
        self._say(parts.path, lambda: self.server.provider.get(parts.path, dict(parse_qsl(parts.query))))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: value[0] for name, value in parse_qs(body).items()}
        authorization = self.headers.get("Authorization", "")
        self._say(self.path, lambda: self.server.provider.post(self.path, form, authorization))

    def _say(self, path, answer):
        provider = self.server.provider
        provider.asked.append(path)
        status, said = provider.answer or answer()
        body = said if isinstance(said, bytes) else b"" if status == 302 else json.dumps(said).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", said)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def identity_provider(back_to, now):
    """`back_to`: where it may send people. `now`: its clock."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        server.provider = Provider(back_to, now, f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.provider
        finally:
            server.shutdown()
            thread.join()
