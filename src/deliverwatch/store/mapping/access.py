"""Accounts, sessions, tokens, lines of the audit trail."""

import json
from dataclasses import asdict
from typing import Any

from deliverwatch.core.access import Account, Role, Scope
from deliverwatch.core.audit import AuditLine, Deed, canonical
from deliverwatch.core.inventory import Language
from deliverwatch.flows.access_ports import ApiToken, KeptAccount, KeptAnswer, Session
from deliverwatch.store.mapping.rows import AnyRow


def account(row: AnyRow) -> KeptAccount:
    known = Account(row.id, row.name, Role(row.role), row.email, row.sees_all, Language(row.language))
    subject = (row.issuer, row.subject) if row.subject is not None else None
    return KeptAccount(known, row.password, subject, row.created_at, row.disabled_at, row.last_looked_at)


def account_values(kept: KeptAccount) -> dict[str, Any]:
    issuer, subject = kept.subject or (None, None)
    known = {**asdict(kept.account), "role": str(kept.account.role), "language": str(kept.account.language)}
    times = {name: getattr(kept, name) for name in ("created_at", "disabled_at", "last_looked_at")}
    return {**known, "password": kept.password, "issuer": issuer, "subject": subject, **times}


def session(row: AnyRow) -> Session:
    return Session(row.id, row.digest, row.account, row.began_at, row.seen_at, row.ends_at, row.address, row.agent)


def token(row: AnyRow) -> ApiToken:
    values = dict(row._mapping)
    customers = frozenset(row.customers) if row.customers is not None else None
    return ApiToken(**{**values, "scope": Scope(row.scope), "customers": customers})


def token_values(value: ApiToken) -> dict[str, Any]:
    customers = sorted(value.customers) if value.customers is not None else None
    return {**asdict(value), "scope": str(value.scope), "customers": customers}


def line(row: AnyRow) -> AuditLine:
    deed = Deed(row.at, row.by, row.action, row.object, json.loads(row.facts), row.token, row.request)
    return AuditLine(row.number, deed, row.before, row.digest)


def line_values(value: AuditLine) -> dict[str, Any]:
    deed = {**asdict(value.deed), "facts": canonical(value.deed.facts)}
    return {**deed, "number": value.number, "before": value.before, "digest": value.digest}


def answer(row: AnyRow) -> KeptAnswer:
    return KeptAnswer(row.request_digest, row.status, row.headers, row.body, row.at)
