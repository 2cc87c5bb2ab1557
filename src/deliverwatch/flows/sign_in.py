"""Signing in: by name and password, or by what an identity provider vouches for.

A try is counted before it is made, and taken back when it succeeds, so that many at once are not all the first. Whether
a name is known is told neither by the answer nor by how long it takes. What an unknown name was is written nowhere:
people type passwords into the wrong field.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from secrets import token_hex, token_urlsafe
from typing import Any

from deliverwatch.core import throttle
from deliverwatch.core.access import Account, is_name, name_of
from deliverwatch.core.errors import NotPossible
from deliverwatch.flows.access_ports import (
    AccessStore,
    Deed,
    Identity,
    KeptAccount,
    NotSignedIn,
    Passwords,
    Session,
    SessionPolicy,
    SignedIn,
)
from deliverwatch.flows.manage_accounts import account_id, told
from deliverwatch.flows.ports import Clock

_LONGEST_AGENT, _LONGEST_NAME = 300, 100


class SignIn:
    def __init__(self, store: AccessStore, clock: Clock, passwords: Passwords, policy: SessionPolicy) -> None:
        self._store, self._clock, self._passwords, self._policy = store, clock, passwords, policy
        self._counting = asyncio.Lock()

    async def by_password(self, name: str, password: str, address: str, agent: str) -> SignedIn | NotSignedIn:
        name = name_of(name)
        again_at = await self._counted(name, address)
        if again_at is not None:
            return NotSignedIn(again_at)
        kept = await self._store.account(name) if is_name(name) else None
        fits = await self._passwords.fits(password, kept.password if kept is not None else None)
        if kept is None:
            return NotSignedIn()
        if not fits or kept.disabled_at is not None:
            return await self._refused(kept.account, address, "disabled" if fits else "password")
        await self._store.sign_in_succeeded(digest(name), throttle.whence(address), self._clock.now())
        return await self._begin(kept.account, address, agent)

    async def _counted(self, name: str, address: str) -> datetime | None:
        """As a failure, until it succeeds. When to try again, if it must not be tried now."""
        async with self._counting:
            now, whence = self._clock.now(), throttle.whence(address)
            failures = await self._store.failed_sign_ins(digest(name), whence, now - throttle.COUNTED_FOR)
            is_known = await self._store.signed_in_from(digest(name), whence, now - throttle.KNOWN_FOR)
            again_at = throttle.again_at(now, *failures, is_known=is_known)
            if again_at is None:
                await self._store.sign_in_failed(digest(name), whence, now)
            return again_at

    async def by_provider(self, identity: Identity, address: str, agent: str) -> SignedIn | NotSignedIn:
        """Makes the account, or brings it up to date. One of that name that is not its own is never taken over."""
        kept = await self._store.account_of_subject(identity.issuer, identity.subject)
        vouched = self._vouched(identity, kept)
        if vouched is None:
            return await self._refused_identity(identity, address, "no role, or no name that can be one")
        if vouched.disabled_at is not None:
            return await self._refused(vouched.account, address, "disabled")
        if vouched != kept:
            facts = {**told(vouched.account), "issuer": identity.issuer}
            deed = self._deed(vouched.account.name, "account.by-provider", vouched.account.id, facts)
            try:
                await self._store.keep_account(vouched, deed, new=kept is None)
            except NotPossible:
                return await self._refused_identity(identity, address, "the name is another account's")
        return await self._begin(vouched.account, address, agent)

    def _vouched(self, identity: Identity, kept: KeptAccount | None) -> KeptAccount | None:
        name = kept.account.name if kept is not None else name_of(identity.name)
        if identity.role is None or not is_name(name):
            return None
        if kept is None:
            account = Account(account_id(), name, identity.role, identity.email, identity.sees_all)
            return KeptAccount(account, None, (identity.issuer, identity.subject), self._clock.now())
        account = replace(kept.account, role=identity.role, email=identity.email, sees_all=identity.sees_all)
        return replace(kept, account=account)

    async def _refused_identity(self, identity: Identity, address: str, why: str) -> NotSignedIn:
        facts = {"from": address, "why": why, "issuer": identity.issuer, "subject": identity.subject}
        await self._store.record(self._deed(identity.name[:_LONGEST_NAME], "sign-in.refused", "", facts))
        return NotSignedIn()

    async def _refused(self, account: Account, address: str, why: str) -> NotSignedIn:
        facts = {"from": address, "why": why}
        await self._store.record(self._deed(account.name, "sign-in.refused", account.id, facts))
        return NotSignedIn()

    async def _begin(self, account: Account, address: str, agent: str) -> SignedIn:
        now, secret = self._clock.now(), token_urlsafe(32)
        session = Session(
            *(token_hex(8), digest(secret), account.id, now, now, now + self._policy.whole_for),
            *(address, agent[:_LONGEST_AGENT]),
        )
        deed = self._deed(account.name, "sign-in", account.id, {"from": address, "session": session.id})
        await self._store.start_session(session, deed)
        return SignedIn(secret, session, account)

    def is_open(self, session: Session) -> bool:
        now = self._clock.now()
        return now < session.ends_at and now - session.seen_at < self._policy.idle_for

    def _deed(self, by: str, action: str, object_: str, facts: Mapping[str, Any]) -> Deed:
        return Deed(self._clock.now(), by, action, object_, facts)


def digest(secret: str) -> str:
    """What is kept of the secret of a session, and of a name that was tried."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
