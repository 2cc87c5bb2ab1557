"""A customer with what they hold or share, as a JSON document."""

from collections.abc import Iterable
from typing import Any

from deliverwatch.core.inventory import Asset, Customer


def customer_document(customer: Customer, assets: Iterable[Asset]) -> dict[str, Any]:
    """`assets`: those of which they are a party."""
    return {
        "id": customer.id,
        "name": customer.name,
        "service_time_zone": customer.service_time_zone,
        "language": customer.language,
        "tam": {"name": customer.tam.name, "email": customer.tam.email, "phone": customer.tam.phone},
        "contacts": list(customer.contacts),
        "report": {"enabled": customer.report_enabled},
        "assets": [asset_document(asset) for asset in assets],
    }


def asset_document(asset: Asset) -> dict[str, Any]:
    return {
        "name": asset.name,
        "shared": asset.holder is None,
        "pool": asset.pool,
        "stream": asset.stream,
        "roles": list(asset.roles),
        "dkim_selectors": list(asset.dkim_selectors),
        "network_owner": asset.network_owner,
        "from": asset.from_on and asset.from_on.isoformat(),
        "until": asset.until_on and asset.until_on.isoformat(),
    }
