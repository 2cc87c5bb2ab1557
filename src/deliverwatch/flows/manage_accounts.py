"""Accounts and API tokens, made and changed by who runs the installation: each time with a line of the audit trail."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from secrets import token_bytes, token_hex
from typing import Any

from deliverwatch.core.access import Account, Role, Scope, is_name, name_of
from deliverwatch.core.errors import NotPossible, unknown_name
from deliverwatch.core.tokens import token_digest, token_hint, token_text
from deliverwatch.flows.access_ports import AccessStore, ApiToken, Deed, KeptAccount, Passwords
from deliverwatch.flows.ports import Clock

TOKEN_DAYS_AT_MOST = 365
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """`by`: who does it."""

    store: AccessStore
    clock: Clock
    passwords: Passwords
    by: str

    async def add(self, account: Account, password: str | None) -> KeptAccount:
        account = _checked(replace(account, id=account_id()))
        hashed = await self.passwords.kept(password, account.name) if password is not None else None
        kept = KeptAccount(account, hashed, None, self.clock.now())
        await self.store.keep_account(kept, self._deed("account.add", account.id, told(account)), new=True)
        return kept

    async def change(
        self, id_or_name: str, password: str | None, disabled: bool | None, changes: Mapping[str, Any]
    ) -> KeptAccount:
        """Sessions end where the password changed or it was disabled. Raises NotPossible: one that cannot be so, or the
        last operator."""
        kept = await self._known(id_or_name)
        changed = replace(kept, account=_checked(replace(kept.account, **changes)))
        if password is not None:
            changed = replace(changed, password=await self.passwords.kept(password, changed.account.name))
        if disabled is not None:
            since = kept.disabled_at or self.clock.now()
            changed = replace(changed, disabled_at=since if disabled else None)
        if _operates(kept) and not _operates(changed):
            await self._refuse_to_lose_the_last(kept)
        ends = password is not None or bool(disabled)
        if ends:  # before as well: what is cut off in between leaves nobody in by the old password
            await self.end_sessions(kept.account.id, None)
        facts = {**told(changed.account), "disabled": changed.disabled_at is not None, "password": password is not None}
        await self.store.keep_account(changed, self._deed("account.change", kept.account.id, facts))
        if ends:
            await self.end_sessions(kept.account.id, None)
        return changed

    async def end_sessions(self, account_id: str, session_ids: list[str] | None) -> int:
        facts = {"sessions": session_ids if session_ids is not None else "all"}
        return await self.store.end_sessions(account_id, session_ids, self._deed("sign-out", account_id, facts))

    async def add_token(
        self, account: str, name: str, scope: Scope, customers: frozenset[str] | None, days: int, known: Collection[str]
    ) -> tuple[ApiToken, str]:
        """`known`: ids of all customers."""
        _check_token(name, customers, days, known)
        kept, now, text = await self._known(account), self.clock.now(), token_text(token_bytes(32))
        token = ApiToken(
            *(token_hex(8), token_digest(text), kept.account.id, name, scope, customers, token_hint(text)),
            *(now, now + timedelta(days=days)),
        )
        facts = {"account": kept.account.name, "name": name, "scope": str(scope), "days": days}
        bounds = {"customers": sorted(customers) if customers is not None else None}
        await self.store.add_token(token, self._deed("token.add", token.id, facts | bounds))
        return token, text

    async def revoke_token(self, token_id: str) -> None:
        if not await self.store.revoke_token(token_id, self._deed("token.revoke", token_id, {})):
            raise NotPossible(f"there is no token {token_id!r} that is not revoked")

    async def _refuse_to_lose_the_last(self, operator: KeptAccount) -> None:
        """Raises NotPossible: without one, nobody could let anybody in at the pages any more."""
        others = [each for each in await self.store.accounts() if each.account.id != operator.account.id]
        if not any(map(_operates, others)):
            raise NotPossible(
                f"{operator.account.name!r} is the last operator who may sign in: make another one first, at /accounts "
                "or by deliverwatch users add NAME --role operator"
            )

    async def _known(self, id_or_name: str) -> KeptAccount:
        kept = await self.store.account(id_or_name)
        if kept is None:
            names = [each.account.name for each in await self.store.accounts()]
            raise NotPossible(unknown_name("account", id_or_name, names))
        return kept

    def _deed(self, action: str, object_: str, facts: Mapping[str, Any]) -> Deed:
        return Deed(self.clock.now(), self.by, action, object_, facts)


def _operates(kept: KeptAccount) -> bool:
    return kept.account.role is Role.OPERATOR and kept.disabled_at is None


def _checked(account: Account) -> Account:
    """Raises NotPossible."""
    account = replace(account, name=name_of(account.name), email=account.email.strip())
    if not is_name(account.name):
        shown = account.name[:_LONGEST_NAME]
        raise NotPossible(f"{shown!r} cannot be a name: expected letters a to z, digits and . _ @ + -, at most 64")
    return account


def _check_token(name: str, customers: Collection[str] | None, days: int, known: Collection[str]) -> None:
    """Raises NotPossible."""
    if not 0 < len(name.strip()) <= _LONGEST_NAME:
        raise NotPossible(f"a token has a name of at most {_LONGEST_NAME} characters: say what it is for")
    if not 0 < days <= TOKEN_DAYS_AT_MOST:
        raise NotPossible(f"a token is good for 1 to {TOKEN_DAYS_AT_MOST} days, and not for {days}")
    for each in sorted(set(customers or ()) - set(known)):
        raise NotPossible(unknown_name("customer", each, known))


def told(account: Account) -> dict[str, Any]:
    """For the audit trail."""
    return {
        "name": account.name,
        "role": str(account.role),
        "email": account.email,
        "sees_all": account.sees_all,
        "language": str(account.language),
    }


def account_id() -> str:
    """In capitals, so that it is nobody's name."""
    return "A" + token_hex(8).upper()
