"""The way to the identity provider and back, as the browser carries it: ten minutes, in a signed cookie.

It binds the answer to the browser that asked (`state`), the token to the question (`nonce`), and the code to whoever
asked for it (`verifier`, RFC 7636). Nothing of it is kept here, so that strangers who begin and never come back cost
nothing.
"""

import hashlib
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

LASTS_FOR = timedelta(minutes=10)
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Journey:
    """`began_at`: in seconds since 1970. `next`: where it leads in the end."""

    state: str
    nonce: str
    verifier: str
    next: str
    began_at: int

    @classmethod
    def begin(cls, next_: str, now: datetime) -> "Journey":
        state, nonce, verifier = (secrets.token_urlsafe(_BYTES) for _ in range(3))
        return cls(state, nonce, verifier, next_, int(now.timestamp()))

    def answers(self, state: str | None, now: datetime) -> bool:
        """Whether an answer belongs to it, and came in time."""
        passed = now - datetime.fromtimestamp(self.began_at, UTC)
        same = state is not None and secrets.compare_digest(state.encode(), self.state.encode())
        return same and timedelta(0) <= passed <= LASTS_FOR


class Seal:
    """`secret`: the one shared with the provider. All workers have it, and it outlasts a restart."""

    def __init__(self, secret: str) -> None:
        signer = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._serializer = URLSafeSerializer(secret, salt="deliverwatch.sign-in.journey", signer_kwargs=signer)

    def close(self, journey: Journey) -> str:
        sealed = self._serializer.dumps(asdict(journey))
        return sealed if isinstance(sealed, str) else sealed.decode("ascii")

    def open(self, sealed: str | None) -> Journey | None:
        """None: not sealed by us."""
        if sealed is None:
            return None
        try:
            fields: dict[str, Any] = self._serializer.loads(sealed)
        except BadData:
            return None
        return Journey(**fields)
