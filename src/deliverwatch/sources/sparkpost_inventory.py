"""What SparkPost says the account sends from: IPs and pools, subaccounts, sending and tracking domains.

All or nothing: a part that may not be read is a failure, never an empty list, since what is missing here would look
like an asset that is gone. (developers.sparkpost.com, API descriptions, read November 2026.)
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from deliverwatch.core.errors import SourceFailed
from deliverwatch.core.platform import PlatformDomain, PlatformIp, PlatformPool, PlatformSnapshot, PlatformSubaccount
from deliverwatch.core.subjects import DomainRole
from deliverwatch.sources import json_values as value
from deliverwatch.sources.http import HttpApi
from deliverwatch.sources.json_values import Record
from deliverwatch.sources.sparkpost_api import answer, api

SETTINGS_OF = "sparkpost-events"
"""The source whose key and address are used."""
_STAGES = 29


async def read_platform(settings: Mapping[str, Any], now: datetime) -> PlatformSnapshot:
    """Raises ConfigError for the settings, SourceFailed for the platform."""
    asked = api(settings, SETTINGS_OF)
    try:
        return await _read(asked, now)
    finally:
        await asked.close()


async def _read(asked: HttpApi, now: datetime) -> PlatformSnapshot:
    pools = await _records(asked, "ip-pools")
    return PlatformSnapshot(
        "sparkpost",
        now,
        tuple(_ip(record) for record in await _records(asked, "sending-ips")),
        tuple(_pool(record) for record in pools),
        tuple(
            PlatformSubaccount(_needed(record, "id"), _named(record), value.name(record, "status") or "")
            for record in await _records(asked, "subaccounts")
        ),
        _merged(
            [
                *_domains(await _records(asked, "sending-domains"), "domain", DomainRole.FROM, DomainRole.DKIM),
                *_domains(await _records(asked, "tracking-domains"), "domain", DomainRole.LINK),
                *_domains(pools, "signing_domain", DomainRole.DKIM),
            ]
        ),
    )


async def _records(asked: HttpApi, what: str) -> list[Record]:
    results = answer(await asked.get(f"/api/v1/{what}"))["results"]
    if not isinstance(results, list) or not all(isinstance(record, dict) for record in results):
        raise _unreadable(what)
    return results


def _unreadable(what: str) -> SourceFailed:
    return SourceFailed(f"SparkPost's API answered about {what} with something that cannot be read", permanent=False)


def _needed(record: Record, key: str) -> str:
    found = value.name(record, key)
    if found is None:
        raise _unreadable(key)
    return found


def _named(record: Record) -> str:
    return value.name(record, "name") or _needed(record, "id")


def _pool(record: Record) -> PlatformPool:
    """The overflow may be "shared pool", which is the platform's own and in no list."""
    return PlatformPool(_needed(record, "id"), _named(record), value.name(record, "auto_warmup_overflow_pool"))


def _ip(record: Record) -> PlatformIp:
    try:
        address = value.address(record, "external_ip")
    except ValueError:
        address = None
    if address is None:
        raise _unreadable("sending-ips")
    return PlatformIp(address, value.name(record, "ip_pool"), _stage(record))


def _stage(record: Record) -> int | None:
    """None: its warm-up is off or finished; then the field is absent."""
    if record.get("auto_warmup_enabled") is not True:
        return None
    try:
        stage = value.count(record, "auto_warmup_stage")
    except ValueError:
        raise _unreadable("auto_warmup_stage") from None
    if stage is not None and not 1 <= stage <= _STAGES:
        raise _unreadable("auto_warmup_stage")
    return stage


def _domains(records: Iterable[Record], key: str, *roles: DomainRole) -> Iterable[PlatformDomain]:
    for record in records:
        name = value.domain(record, key)
        subaccount = value.name(record, "subaccount_id")
        if name is not None:
            yield PlatformDomain(name, roles, None if subaccount == "0" else subaccount)


def _merged(domains: Iterable[PlatformDomain]) -> tuple[PlatformDomain, ...]:
    """One entry for each name, with all of its roles; the first subaccount that is told."""
    found: dict[str, PlatformDomain] = {}
    for domain in domains:
        known = found.get(domain.name, domain)
        roles = tuple(dict.fromkeys((*known.roles, *domain.roles)))
        found[domain.name] = PlatformDomain(domain.name, roles, known.subaccount or domain.subaccount)
    return tuple(found.values())
