"""The inventory as the YAML that `inventory.read_inventory` reads back to the same customers and assets.

Pools are put together again from their assets: what all addresses of a pool have in common stands at the pool, what
differs at each address. An asset that was ended before it began was never held, and is left out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from deliverwatch.core.inventory import Asset, Customer, Inventory


class _Dumper(yaml.SafeDumper):
    """Lists inside mappings are indented, and nothing is written as an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - its signature
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - its signature
        return True


def export_inventory(inventory: Inventory) -> str:
    held: dict[str | None, list[Asset]] = {customer.id: [] for customer in inventory.customers}
    for asset in inventory.assets:
        if asset.from_on is None or asset.until_on is None or asset.from_on <= asset.until_on:
            held.setdefault(asset.holder, []).append(asset)
    file: dict[str, Any] = {}
    if held.get(None):
        file["esp"] = _holdings(held[None])
    file["customers"] = [_customer(customer) | _holdings(held[customer.id]) for customer in inventory.customers]
    return yaml.dump(file, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False)


def _customer(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.id,
        "name": customer.name,
        "service_time_zone": customer.service_time_zone.value,
        "language": customer.language.value,
        "tam": _present({"name": customer.tam.name, "email": customer.tam.email, "phone": customer.tam.phone}),
        "contacts": list(customer.contacts),
        "report": {"enabled": customer.report_enabled},
    }


def _holdings(assets: Iterable[Asset]) -> dict[str, Any]:
    pools: dict[str | None, list[Asset]] = {}
    domains: list[dict[str, Any]] = []
    for asset in assets:
        if asset.is_domain:
            domains.append(_domain(asset))
        else:
            pools.setdefault(asset.pool, []).append(asset)
    return _present({"pools": [_pool(name, members) for name, members in pools.items()], "domains": domains})


def _domain(asset: Asset) -> dict[str, Any]:
    about = {"dkim_selectors": list(asset.dkim_selectors), "customers": list(asset.shared_with), **_held(asset)}
    return {"name": asset.name, "roles": [role.value for role in asset.roles], **_present(about)}


def _pool(name: str | None, members: list[Asset]) -> dict[str, Any]:
    said = [_said(asset) for asset in members]
    shared = {key: value for key, value in said[0].items() if all(each[key] == value for each in said)}
    ips = []
    for asset, about in zip(members, said, strict=True):
        own = _present({key: value for key, value in about.items() if key not in shared})
        ips.append({"ip": asset.name, **own} if own else asset.name)
    return {"id": name, **_present(shared), "ips": ips}


def _said(asset: Asset) -> dict[str, Any]:
    about = {"stream": asset.stream, "subaccounts": list(asset.subaccounts), "customers": list(asset.shared_with)}
    return {**about, **_held(asset)}


def _held(asset: Asset) -> dict[str, Any]:
    return {"from": asset.from_on, "until": asset.until_on, "network_owner": asset.network_owner}


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, [])}
