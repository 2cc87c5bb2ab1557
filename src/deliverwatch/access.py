"""Wiring: who comes in, by which way, and what is written down of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deliverwatch.core import throttle
from deliverwatch.core.access import Account, Scope, Viewer, viewer_by_token, viewer_of
from deliverwatch.core.audit import first_unfit
from deliverwatch.core.inventory import Customer
from deliverwatch.core.tokens import is_token, token_digest
from deliverwatch.flows.access_ports import (
    ApiToken,
    AuditLine,
    Deed,
    Identity,
    KeptAccount,
    NotSignedIn,
    Session,
    SessionPolicy,
    SignedIn,
)
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.manage_accounts import AccountDesk
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.sign_in import SignIn, digest
from deliverwatch.passwords import PasswordThreads

__all__ = ["Access", "Entered", "Identity", "NotSignedIn", "Session", "SignedIn"]

_ANSWERS_FOR = timedelta(hours=24)
_TOUCHED_EVERY = timedelta(minutes=1)
_VERIFIED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Entered:
    """`session` None: by a token. `last_looked_at`: see `KeptAccount`."""

    viewer: Viewer
    account: Account
    session: Session | None
    last_looked_at: datetime | None


class Access:
    def __init__(self, store: WholeStore, clock: Clock, policy: SessionPolicy) -> None:
        self._store, self._clock = store, clock
        self._passwords = PasswordThreads()
        self._sign_in = SignIn(store, clock, self._passwords, policy)
        self._customers: tuple[int, tuple[Customer, ...]] = (-1, ())

    async def sign_in(self, name: str, password: str, address: str, agent: str) -> SignedIn | NotSignedIn:
        """By a local account. Always works as long, whether the name is known or not."""
        return await self._sign_in.by_password(name, password, address, agent)

    async def sign_in_by(self, identity: Identity, address: str, agent: str) -> SignedIn | NotSignedIn:
        """By an identity provider; makes the account, or brings role and mail address up to date, as its groups say."""
        return await self._sign_in.by_provider(identity, address, agent)

    async def by_session(self, secret: str) -> Entered | None:
        """None: no such session, or it is over (`SessionPolicy`)."""
        now = self._clock.now()
        found = await self._store.session(digest(secret))
        if found is None or not self._sign_in.is_open(found[0]):
            return None
        session, kept = found
        if now - session.seen_at >= _TOUCHED_EVERY:
            await self._store.session_seen(session.digest, now)
        viewer = viewer_of(kept.account, await self._bounds(kept.account))
        return Entered(viewer, kept.account, session, kept.last_looked_at)

    async def by_token(self, text: str) -> Entered | None:
        """None: no token of ours, expired, revoked, or its account is disabled."""
        found = await self._store.token(token_digest(text)) if is_token(text) else None
        now = self._clock.now()
        if found is None or found[0].expires_at <= now:
            return None
        token, kept = found
        if token.last_used_at is None or now - token.last_used_at >= _TOUCHED_EVERY:
            await self._store.token_used(token.id, now)
        customers = await self._bounds(kept.account)
        viewer = viewer_by_token(kept.account, token.id, token.name, token.scope, token.customers, customers)
        return Entered(viewer, kept.account, None, kept.last_looked_at)

    async def _bounds(self, account: Account) -> tuple[Customer, ...]:
        """The customers among whom its own are looked for; none are needed for who sees all."""
        return () if account.customers(()) is None else await self._all_customers()

    async def _all_customers(self) -> tuple[Customer, ...]:
        revision = await self._store.inventory_revision()
        if self._customers[0] != revision:
            self._customers = (revision, await self._store.inventory_customers())
        return self._customers[1]

    async def sessions(self, account_id: str) -> list[Session]:
        """Those that are not over, newest first."""
        return [each for each in await self._store.sessions(account_id) if self._sign_in.is_open(each)]

    async def sign_out(self, entered: Entered) -> None:
        if entered.session is not None:
            await self.end_sessions(entered.account.id, [entered.session.id], entered.viewer.by)

    async def end_sessions(self, account_id: str, session_ids: list[str] | None, by: str) -> int:
        """None: all of the account."""
        return await self._desk(by).end_sessions(account_id, session_ids)

    async def record(
        self, viewer: Viewer, action: str, object_: str, facts: Mapping[str, Any] | None = None, request: str = ""
    ) -> None:
        """Into the audit trail, before it is done: what is not there was not done."""
        await self._store.record(
            Deed(self._clock.now(), viewer.by, action, object_, facts or {}, viewer.token, request)
        )

    async def looked(self, viewer: Viewer, until: datetime) -> None:
        """Everything on the start page was seen, as it was then; what is to come was not."""
        await self._store.looked(viewer.account, min(until, self._clock.now()))

    async def accounts(self) -> list[KeptAccount]:
        return await self._store.accounts()

    async def add_account(self, account: Account, password: str | None, by: str) -> KeptAccount:
        """`account.id` is given here. Raises NotPossible: name taken or unfit, password too short or well known."""
        return await self._desk(by).add(account, password)

    async def change_account(
        self, name: str, by: str, *, password: str | None = None, disabled: bool | None = None, **changes: Any
    ) -> KeptAccount:
        """`changes`: fields of Account. Sessions end where the password changed or it was disabled."""
        return await self._desk(by).change(name, password, disabled, changes)

    async def add_token(
        self, account: str, name: str, scope: Scope, customers: frozenset[str] | None, days: int, by: str
    ) -> tuple[ApiToken, str]:
        """With its text, which is shown once. Raises NotPossible."""
        known = [each.id for each in await self._all_customers()]
        return await self._desk(by).add_token(account, name, scope, customers, days, known)

    async def revoke_token(self, token_id: str, by: str) -> None:
        """Raises NotPossible."""
        await self._desk(by).revoke_token(token_id)

    def _desk(self, by: str) -> AccountDesk:
        return AccountDesk(self._store, self._clock, self._passwords, by)

    async def verify_audit(self) -> tuple[int, AuditLine | None]:
        """How many lines were looked at, and the first that does not fit."""
        looked_at, last = 0, None
        while lines := await self._store.audit_from(last.number + 1 if last is not None else 0, _VERIFIED_AT_ONCE):
            unfit = first_unfit(last, lines)
            if unfit is not None:
                return looked_at + lines.index(unfit) + 1, unfit
            looked_at, last = looked_at + len(lines), lines[-1]
        return looked_at, None

    async def prune(self) -> None:
        """What has ended, and is not of the audit trail."""
        now = self._clock.now()
        failures, known = now - throttle.COUNTED_FOR, now - throttle.KNOWN_FOR
        await self._store.prune_access(now, failures, now - _ANSWERS_FOR, known)
