"""Accounts, sessions, tokens and the audit trail as commands print them; no digest and no secret is among it."""

from typing import Any

from deliverwatch.core.access import Role
from deliverwatch.core.audit import AuditLine
from deliverwatch.flows.access_ports import ApiToken, KeptAccount, Session
from deliverwatch.render.json_times import instant


def account_document(kept: KeptAccount) -> dict[str, Any]:
    account = kept.account
    return {
        "id": account.id,
        "name": account.name,
        "role": str(account.role),
        "email": account.email or None,
        "sees_all": account.sees_all or account.role is Role.OPERATOR,
        "language": str(account.language),
        "has_password": kept.password is not None,
        "issuer": kept.subject[0] if kept.subject is not None else None,
        "created_at": instant(kept.created_at),
        "disabled_at": instant(kept.disabled_at),
    }


def account_row(kept: KeptAccount) -> tuple[Any, ...]:
    account = kept.account
    sees = "all" if account.sees_all or account.role is Role.OPERATOR else "own"
    ways = [*(["password"] if kept.password is not None else []), *(["provider"] if kept.subject is not None else [])]
    state = "enabled" if kept.disabled_at is None else "disabled"
    since = kept.disabled_at or kept.created_at
    return account.name, str(account.role), account.email or None, sees, str(account.language), ways, state, since


def session_document(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "began_at": instant(session.began_at),
        "seen_at": instant(session.seen_at),
        "ends_at": instant(session.ends_at),
        "address": session.address or None,
        "agent": session.agent or None,
    }


def token_document(token: ApiToken, account: str) -> dict[str, Any]:
    return {
        "id": token.id,
        "account": account,
        "name": token.name,
        "scope": str(token.scope),
        "customers": None if token.customers is None else sorted(token.customers),
        "ends_with": token.hint,
        "created_at": instant(token.created_at),
        "expires_at": instant(token.expires_at),
        "last_used_at": instant(token.last_used_at),
        "revoked_at": instant(token.revoked_at),
    }


def audit_document(line: AuditLine) -> dict[str, Any]:
    deed = line.deed
    return {
        "number": line.number,
        "at": instant(deed.at),
        "by": deed.by,
        "token": deed.token,
        "action": deed.action,
        "object": deed.object or None,
        "facts": dict(deed.facts),
        "request": deed.request or None,
        "digest": line.digest,
    }
