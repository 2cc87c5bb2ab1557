"""Signing in to Google as a service account: a signed claim in exchange for a token (RFC 7523).

The account's key file says who it is, where tokens are had and holds the private key, which stays here. A token is good
for an hour; it is asked for anew five minutes before that. (Google's page "Using OAuth 2.0 for Server to Server
Applications", checked 2026-11-26.)
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from deliverwatch.core.errors import ConfigError, Fault, SourceFailed
from deliverwatch.sources.http import AnswerFailed, HttpApi, origin_of

_GRANT = b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
_FORM = "application/x-www-form-urlencoded"
_ASKED_FOR, _RENEWED_BEFORE = timedelta(hours=1), timedelta(minutes=5)
_MOST_FILE = 1 << 16


class ServiceAccount:
    """Raises ConfigError, naming the file, when it is no key file of a service account."""

    def __init__(self, path: str, source: str, scopes: Sequence[str]) -> None:
        self._path, self._source = path, source
        content = self._content()
        self._email = self._needed(content, "client_email")
        self._token_uri = self._needed(content, "token_uri")
        self._key_id = content.get("private_key_id")
        self._key = self._private_key(self._needed(content, "private_key"))
        self._scope = " ".join(scopes)
        parts = urlsplit(self._token_uri)
        origin = origin_of({"url": f"{parts.scheme}://{parts.netloc}"}, source, "https://oauth2.googleapis.com")
        self._api = HttpApi(origin, {}, "Google's sign-in", f"[sources.{source}] credentials")
        self._token_path = parts.path
        self._token = ""
        self._good_until: datetime | None = None

    async def authorization(self, now: datetime) -> str:
        """The value of the header. Raises SourceFailed."""
        if self._good_until is None or now >= self._good_until:
            answer = await self._ask(now)
            self._token = answer["access_token"]
            self._good_until = now + _lifetime(answer) - _RENEWED_BEFORE
        return f"Bearer {self._token}"

    async def close(self) -> None:
        await self._api.close()

    async def _ask(self, now: datetime) -> dict[str, Any]:
        try:
            body = await self._api.post(self._token_path, _GRANT + self._claim(now).encode(), _FORM)
        except AnswerFailed as failed:
            if failed.status != 400:
                raise
            raise SourceFailed(
                f"Google's sign-in does not take the key of {self._email}: check that it still exists, and the clock",
                permanent=False,
            ) from None
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError:
            answer = None
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise SourceFailed("Google's sign-in answered without a token", permanent=False)
        return dict(answer)

    def _claim(self, now: datetime) -> str:
        claims = {
            "iss": self._email,
            "scope": self._scope,
            "aud": self._token_uri,
            "iat": int(now.timestamp()),
            "exp": int((now + _ASKED_FOR).timestamp()),
        }
        headers = {"kid": self._key_id} if isinstance(self._key_id, str) else None
        return jwt.encode(claims, self._key, "RS256", headers)

    def _content(self) -> dict[str, Any]:
        try:
            with Path(self._path).open("rb") as file:
                content = orjson.loads(file.read(_MOST_FILE))
        except OSError as problem:
            raise self._fault(f"cannot be read: {problem.strerror}") from None
        except orjson.JSONDecodeError:
            content = None
        if not isinstance(content, dict) or content.get("type") != "service_account":
            raise self._fault("expected the JSON key file of a Google service account")
        return content

    def _needed(self, content: dict[str, Any], name: str) -> str:
        value = content.get(name)
        if not isinstance(value, str) or not value:
            raise self._fault(f"{name} is missing: expected the JSON key file as Google made it")
        return value

    def _private_key(self, pem: str) -> RSAPrivateKey:
        try:
            key = load_pem_private_key(pem.encode(errors="replace"), None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, RSAPrivateKey):
            raise self._fault("private_key is no RSA key: expected the JSON key file as Google made it")
        return key

    def _fault(self, problem: str) -> ConfigError:
        return ConfigError(Fault(self._path, f"[sources.{self._source}] credentials", problem))


def _lifetime(answer: dict[str, Any]) -> timedelta:
    told = answer.get("expires_in")
    return min(timedelta(seconds=told), _ASKED_FOR) if isinstance(told, int) and 0 < told < 1 << 20 else _ASKED_FOR
