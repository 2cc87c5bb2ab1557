"""The store as signing in, tokens and the audit trail see it (`flows.access_ports.AccessStore`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from deliverwatch.core.audit import AuditLine, Deed
from deliverwatch.core.inventory import Customer
from deliverwatch.flows.access_ports import ApiToken, KeptAccount, KeptAnswer, Session
from deliverwatch.store import accounts, answers, audit, inventory, sessions, tokens
from deliverwatch.store.database import Database


class AccessMethods(Database):
    async def inventory_customers(self) -> tuple[Customer, ...]:
        return await self._run(inventory.customers)

    async def accounts(self) -> list[KeptAccount]:
        return await self._run(accounts.accounts)

    async def account(self, id_or_name: str) -> KeptAccount | None:
        return await self._run(accounts.account, id_or_name)

    async def account_of_subject(self, issuer: str, subject: str) -> KeptAccount | None:
        return await self._run(accounts.of_subject, issuer, subject)

    async def keep_account(self, kept: KeptAccount, deed: Deed, *, new: bool = False) -> None:
        await self._run(accounts.keep, kept, deed, new)

    async def looked(self, account_id: str, at: datetime) -> None:
        await self._run(accounts.looked, account_id, at)

    async def start_session(self, session: Session, deed: Deed) -> None:
        await self._run(sessions.start, session, deed)

    async def session(self, digest: str) -> tuple[Session, KeptAccount] | None:
        return await self._run(sessions.session, digest)

    async def session_seen(self, digest: str, at: datetime) -> None:
        await self._run(sessions.seen, digest, at)

    async def sessions(self, account_id: str) -> list[Session]:
        return await self._run(sessions.sessions, account_id)

    async def end_sessions(self, account_id: str, session_ids: Sequence[str] | None, deed: Deed) -> int:
        return await self._run(sessions.end, account_id, session_ids, deed)

    async def add_token(self, token: ApiToken, deed: Deed) -> None:
        await self._run(tokens.add, token, deed)

    async def token(self, digest: str) -> tuple[ApiToken, KeptAccount] | None:
        return await self._run(tokens.token, digest)

    async def token_used(self, token_id: str, at: datetime) -> None:
        await self._run(tokens.used, token_id, at)

    async def tokens(self, account_id: str | None = None) -> list[ApiToken]:
        return await self._run(tokens.tokens, account_id)

    async def revoke_token(self, token_id: str, deed: Deed) -> bool:
        return await self._run(tokens.revoke, token_id, deed)

    async def sign_in_failed(self, name: str, address: str, at: datetime) -> None:
        await self._run(sessions.failed, name, address, at)

    async def failed_sign_ins(self, name: str, address: str, since: datetime) -> tuple[list[datetime], list[datetime]]:
        return await self._run(sessions.failures, name, address, since)

    async def signed_in_from(self, name: str, address: str, since: datetime) -> bool:
        return await self._run(sessions.is_known, name, address, since)

    async def sign_in_succeeded(self, name: str, address: str, at: datetime) -> None:
        await self._run(sessions.succeeded, name, address, at)

    async def prune_access(
        self, sessions_before: datetime, failures_before: datetime, answers_before: datetime, known_before: datetime
    ) -> None:
        await self._run(_prune, sessions_before, failures_before, answers_before, known_before)

    async def record(self, deed: Deed) -> AuditLine:
        return await self._run(audit.record, deed)

    async def audit(
        self, *, before: int | None = None, limit: int = 100, object_: str | None = None
    ) -> list[AuditLine]:
        return await self._run(audit.lines, before, limit, object_)

    async def audit_from(self, number: int, limit: int) -> list[AuditLine]:
        return await self._run(audit.lines_from, number, limit)

    async def begin_answer(self, who: str, key: str, request_digest: str, at: datetime) -> KeptAnswer | None:
        return await self._run(answers.begin, who, key, request_digest, at)

    async def keep_answer(
        self, who: str, key: str, begun_at: datetime, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        await self._run(answers.keep, who, key, begun_at, status, headers, body)

    async def drop_answer(self, who: str, key: str, begun_at: datetime) -> None:
        await self._run(answers.drop, who, key, begun_at)


def _prune(
    connection: Connection,
    sessions_before: datetime,
    failures_before: datetime,
    answers_before: datetime,
    known_before: datetime,
) -> None:
    sessions.prune(connection, sessions_before, failures_before, known_before)
    answers.prune(connection, answers_before)
