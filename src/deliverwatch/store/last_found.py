"""What was found last, elsewhere, to be compared with: a sender's DNS, and the sending platform's inventory."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select

from deliverwatch.store.delivery_tables import DnsValueRow, PlatformProposalRow
from deliverwatch.store.dialect import upsert
from deliverwatch.store.tables import table_of

DNS = table_of(DnsValueRow)
PROPOSAL = table_of(PlatformProposalRow)

_ONLY = 1


def dns_values(connection: Connection) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(row.kind, row.name): row.facts for row in connection.execute(select(DNS))}


def keep_dns_values(connection: Connection, values: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    rows = [{"kind": kind, "name": name, "facts": dict(values[kind, name])} for kind, name in sorted(values)]
    upsert(connection, DNS, rows)


def proposal(connection: Connection) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = connection.execute(select(PROPOSAL.c.facts)).scalar()
    return found


def keep_proposal(connection: Connection, proposal: Mapping[str, Any] | None) -> None:
    if proposal is None:
        connection.execute(delete(PROPOSAL))
    else:
        upsert(connection, PROPOSAL, [{"id": _ONLY, "facts": dict(proposal)}])
