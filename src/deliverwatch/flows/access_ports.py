"""The store as signing in, tokens and the audit trail see it. All times are aware UTC; every method is one transaction.

Secrets are kept as digests alone: of a session's and a token's, SHA-256 (they are 256 random bits); of a password, the
string that argon2 makes. What changes who may come in is written with its line of the audit trail, together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from deliverwatch.core.access import Account, Role, Scope
from deliverwatch.core.audit import AuditLine, Deed
from deliverwatch.core.inventory import Customer

__all__ = [
    "WORKED_ON_FOR",
    "AccessStore",
    "ApiToken",
    "AuditLine",
    "Deed",
    "Identity",
    "KeptAccount",
    "KeptAnswer",
    "NotSignedIn",
    "Passwords",
    "Session",
    "SignedIn",
]

WORKED_ON_FOR = timedelta(minutes=5)
"""No request takes as long: one that was not answered since is not being worked on any more."""


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """`password`: as argon2 writes it; None: signs in elsewhere only. `subject`: issuer and subject at the identity
    provider. `last_looked_at`: when the start page was last marked as seen."""

    account: Account
    password: str | None
    subject: tuple[str, str] | None
    created_at: datetime
    disabled_at: datetime | None = None
    last_looked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """How long a session lasts: in all, and without use."""

    whole_for: timedelta = timedelta(hours=24)
    idle_for: timedelta = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Session:
    """`digest`: of its secret. `id`: by which it is listed and revoked. `agent`: what the browser calls itself
    (hostile)."""

    id: str
    digest: str
    account: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class ApiToken:
    """`customers`: None: those of the account. `hint`: its last four characters."""

    id: str
    digest: str
    account: str
    name: str
    scope: Scope
    customers: frozenset[str] | None
    hint: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a request under an idempotency key was answered; `status` None: it is being worked on."""

    request_digest: str
    status: int | None
    headers: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`secret`: of the session, for the cookie; nowhere else."""

    secret: str
    session: Session
    account: Account


@dataclass(frozen=True, slots=True)
class NotSignedIn:
    """`again_at`: too many tried; None: name or password is wrong (which of them is never said)."""

    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What an identity provider vouches for. `role`, `sees_all`: as its groups say; None: they say nothing, and it does
    not come in."""

    issuer: str
    subject: str
    name: str
    email: str
    role: Role | None
    sees_all: bool


class Passwords(Protocol):
    """What is kept of them, and whether they fit: it takes long, and stops nothing else meanwhile."""

    async def kept(self, password: str, name: str) -> str:
        """Raises NotPossible where it is not good enough for somebody of that name."""

    async def fits(self, password: str, kept_of_it: str | None) -> bool:
        """None: there is nothing to fit; then it takes as long to say so."""


class AccessStore(Protocol):
    async def inventory_customers(self) -> tuple[Customer, ...]:
        """By id: who is whose TAM, without all that customers hold."""

    async def accounts(self) -> list[KeptAccount]:
        """By name."""

    async def account(self, id_or_name: str) -> KeptAccount | None: ...

    async def account_of_subject(self, issuer: str, subject: str) -> KeptAccount | None: ...

    async def keep_account(self, kept: KeptAccount, deed: Deed, *, new: bool = False) -> None:
        """Adds it, or writes it over. Raises NotPossible where its name is another's, or `new` and it is there."""

    async def looked(self, account_id: str, at: datetime) -> None:
        """The start page was seen, up to then."""

    async def start_session(self, session: Session, deed: Deed) -> None: ...

    async def session(self, digest: str) -> tuple[Session, KeptAccount] | None:
        """One whose account is not disabled."""

    async def session_seen(self, digest: str, at: datetime) -> None: ...

    async def sessions(self, account_id: str) -> list[Session]:
        """Newest first."""

    async def end_sessions(self, account_id: str, session_ids: Sequence[str] | None, deed: Deed) -> int:
        """None: all of the account."""

    async def add_token(self, token: ApiToken, deed: Deed) -> None: ...

    async def token(self, digest: str) -> tuple[ApiToken, KeptAccount] | None:
        """One that is not revoked, of an account that is not disabled; whether it expired is for whoever asks."""

    async def token_used(self, token_id: str, at: datetime) -> None: ...

    async def tokens(self, account_id: str | None = None) -> list[ApiToken]:
        """Newest first; None: everybody's."""

    async def revoke_token(self, token_id: str, deed: Deed) -> bool:
        """False: there is none that is not revoked."""

    async def sign_in_failed(self, name: str, address: str, at: datetime) -> None:
        """Names are digests here and below: people type passwords into the wrong field."""

    async def failed_sign_ins(self, name: str, address: str, since: datetime) -> tuple[list[datetime], list[datetime]]:
        """Oldest first: under that name, and from that address."""

    async def signed_in_from(self, name: str, address: str, since: datetime) -> bool: ...

    async def sign_in_succeeded(self, name: str, address: str, at: datetime) -> None:
        """The address is known for that name; failures under the name, from there, are forgotten."""

    async def prune_access(
        self, sessions_before: datetime, failures_before: datetime, answers_before: datetime, known_before: datetime
    ) -> None:
        """Drops what has ended before; never the audit trail."""

    async def record(self, deed: Deed) -> AuditLine:
        """Appends to the audit trail."""

    async def audit(
        self, *, before: int | None = None, limit: int = 100, object_: str | None = None
    ) -> list[AuditLine]:
        """Newest first. `before`: only smaller numbers."""

    async def audit_from(self, number: int, limit: int) -> list[AuditLine]:
        """Oldest first, to verify the chain piece by piece."""

    async def begin_answer(self, who: str, key: str, request_digest: str, at: datetime) -> KeptAnswer | None:
        """Takes an idempotency key of somebody; what is kept under it, if it was taken before. One that was not
        answered for `WORKED_ON_FOR` is taken over by the same request: whoever worked on it is gone."""

    async def keep_answer(
        self, who: str, key: str, begun_at: datetime, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Of what was begun then; nothing, if the key was taken over since."""

    async def drop_answer(self, who: str, key: str, begun_at: datetime) -> None:
        """It came to nothing: the key may be used again."""
