"""Customers and assets."""

from collections.abc import Sequence
from typing import Any

from deliverwatch.core.inventory import Asset, Customer, Language, ServiceZone, Tam
from deliverwatch.core.subjects import DomainRole
from deliverwatch.store.mapping.rows import AnyRow


def customer(row: AnyRow, contacts: Sequence[str]) -> Customer:
    return Customer(
        id=row.id,
        name=row.name,
        service_time_zone=ServiceZone(row.service_time_zone),
        tam=Tam(row.tam_name, row.tam_email, row.tam_phone),
        contacts=tuple(contacts),
        language=Language(row.language),
        report_enabled=row.report_enabled,
    )


def customer_values(value: Customer) -> dict[str, Any]:
    return {
        "id": value.id,
        "name": value.name,
        "service_time_zone": str(value.service_time_zone),
        "language": str(value.language),
        "report_enabled": value.report_enabled,
        "tam_name": value.tam.name,
        "tam_email": value.tam.email,
        "tam_phone": value.tam.phone,
    }


def contact_values(value: Customer) -> list[dict[str, Any]]:
    return [
        {"customer_id": value.id, "position": position, "address": address}
        for position, address in enumerate(value.contacts)
    ]


def asset(row: AnyRow, shared_with: Sequence[str]) -> Asset:
    return Asset(
        name=row.name,
        holder=row.holder,
        shared_with=tuple(shared_with),
        pool=row.pool,
        stream=row.stream,
        subaccounts=tuple(row.subaccounts),
        roles=tuple(DomainRole(role) for role in row.roles),
        dkim_selectors=tuple(row.dkim_selectors),
        network_owner=row.network_owner,
        from_on=row.from_on,
        until_on=row.until_on,
        added_at=row.added_at,
    )


def asset_values(value: Asset) -> dict[str, Any]:
    """Without `added_at`, which is the store's to say."""
    return {
        "name": value.name,
        "holder": value.holder,
        "pool": value.pool,
        "stream": value.stream,
        "subaccounts": list(value.subaccounts),
        "roles": [str(role) for role in value.roles],
        "dkim_selectors": list(value.dkim_selectors),
        "network_owner": value.network_owner,
        "from_on": value.from_on,
        "until_on": value.until_on,
    }


def share_values(asset_id: int, value: Asset) -> list[dict[str, Any]]:
    return [
        {"asset_id": asset_id, "customer_id": customer_id, "position": position}
        for position, customer_id in enumerate(value.shared_with)
    ]
