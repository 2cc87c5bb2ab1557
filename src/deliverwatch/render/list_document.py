"""A list of the catalogue as a JSON document: what the catalogue knows of it and this installation does with it."""

from dataclasses import dataclass
from typing import Any

from deliverwatch.core.blocklist import Blocklist, DeadList, FeedSource, ReturnCode
from deliverwatch.core.verification import unverifiable_kinds


@dataclass(frozen=True, slots=True)
class ListUse:
    """`state`: on, off, dry_run, or part of one that is on. `way`: how it is asked: feed, direct, dns. `parts`: ids of
    the lists that it holds. `feeds`: with the address that may be shown."""

    state: str
    way: str
    parts: tuple[str, ...]
    feeds: tuple[tuple[str, FeedSource], ...]


def list_document(blocklist: Blocklist, use: ListUse) -> dict[str, Any]:
    access, removal, budget = blocklist.access, blocklist.removal, blocklist.budget
    return {
        "id": blocklist.id,
        "name": blocklist.name,
        "on": use.state in ("on", "dry_run"),
        "state": use.state,
        "way": use.way,
        "leads": blocklist.leads,
        "part_of": blocklist.part_of,
        "parts": list(use.parts),
        "zone": blocklist.zone,
        "keyed_zone": blocklist.keyed_zone,
        "kinds": sorted(blocklist.kinds),
        "granularity": {str(kind): length for kind, length in blocklist.granularity.items()},
        "asked_name": blocklist.asked_name,
        "matters_to": sorted(blocklist.matters_to),
        "polarity": blocklist.polarity,
        "scope": blocklist.scope,
        "impact": blocklist.worst_impact,
        "used_by": [{"name": each.name, "provider": each.provider, "basis": each.basis} for each in blocklist.used_by],
        "codes": [_code(blocklist, code) for code in blocklist.codes],
        "style": blocklist.style,
        "refusals": dict(blocklist.refusals),
        "test_points": [
            {"kind": point.kind, "name": point.name, "expect": list(point.expect)} for point in blocklist.test_points
        ],
        "unverifiable": list(unverifiable_kinds(blocklist, blocklist.kinds)),
        "access": access.terms,
        "access_note": access.note,
        "access_url": access.url,
        "own_resolver": access.own_resolver,
        "queries_per_second": budget.per_second,
        "queries_per_day": budget.per_day,
        "feeds": [_feed(url, feed) for url, feed in use.feeds],
        "lookup_url": blocklist.lookup_url,
        "removal": removal.way,
        "removal_by": removal.who,
        "removal_url": removal.url,
        "removal_note": removal.note,
        "removal_paid": removal.paid,
        "expires": removal.expires,
        "status": blocklist.status,
        "notes": blocklist.notes,
        "source": blocklist.source,
        "checked_on": blocklist.checked_on.isoformat(),
        "confidence": blocklist.confidence,
    }


def _code(blocklist: Blocklist, code: ReturnCode) -> dict[str, Any]:
    return {
        "code": code.value,
        "meaning": code.meaning,
        "impact": code.impact,
        "polarity": code.polarity or blocklist.polarity,
        "scope": code.scope or blocklist.scope,
        "removal": code.removal or blocklist.removal.way,
    }


def _feed(url: str, feed: FeedSource) -> dict[str, Any]:
    return {
        "url": url,
        "format": feed.format,
        "kinds": sorted(feed.kinds),
        "refresh_hours": round(feed.refresh_for.total_seconds() / 3600, 2),
    }


def dead_list_document(dead: DeadList) -> dict[str, Any]:
    return {
        "id": dead.id,
        "name": dead.name,
        "state": "dead",
        "zones": list(dead.zones),
        "died_on": dead.died_on,
        "how": dead.how,
        "source": dead.source,
    }
