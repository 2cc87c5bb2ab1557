"""What the catalogue knows of a list and this installation does with it, as JSON and as people read it."""

from collections.abc import Iterable
from typing import Any

from deliverwatch.core.blocklist import AccessTerms, Blocklist, DeadList, FeedSource, Polarity, ReturnCode
from deliverwatch.core.verification import unverifiable_kinds
from deliverwatch.in_use import Catalogue
from deliverwatch.settings import Settings
from deliverwatch.settings.feeds import shown_url

_SHOWN_BELOW = ("codes", "refusals", "test_points", "unverifiable", "used_by", "feeds")
_FIRST_STEP = {
    AccessTerms.OPEN: "name it in lists.enable",
    AccessTerms.TERMS: "meet its terms, then name it in lists.enable",
    AccessTerms.REGISTRATION: "register with it, then name it in lists.enable",
    AccessTerms.KEY: "get an account key and set it as keys.{id}",
}


def state_of(blocklist: Blocklist, catalogue: Catalogue, settings: Settings) -> str:
    """on, off, dry_run, or part: held by a list that is on, and not asked for that reason."""
    if blocklist in catalogue.on:
        return "dry_run" if blocklist.id in settings.lists.dry_run else "on"
    return "part" if _whole(blocklist, catalogue) else "off"


def state_words(blocklist: Blocklist, catalogue: Catalogue, settings: Settings) -> str:
    state = state_of(blocklist, catalogue, settings)
    if state == "part":
        return f"part of {blocklist.part_of}"
    way = _way(blocklist, settings)
    return state.replace("_", " ") + (f", {way}" if state != "off" and way != "dns" else "")


def first_step(blocklist: Blocklist) -> str:
    """To have a list that is off."""
    return _FIRST_STEP[blocklist.access.terms].format(id=blocklist.id)


def what_it_takes(blocklist: Blocklist) -> str:
    where = f" ({blocklist.access.url})" if blocklist.access.url else ""
    return f"{first_step(blocklist)}. {blocklist.access.note}{where}"


def _whole(blocklist: Blocklist, catalogue: Catalogue) -> bool:
    return any(whole.id == blocklist.part_of for whole in catalogue.on)


def _way(blocklist: Blocklist, settings: Settings) -> str:
    """How it is asked: by a download, at its own servers, or through the resolvers."""
    if blocklist.feeds or blocklist.id in settings.feeds:
        return "feed"
    return "direct" if blocklist.id in settings.dns.direct else "dns"


def describe(blocklist: Blocklist, catalogue: Catalogue, settings: Settings) -> dict[str, Any]:
    access, removal, budget = blocklist.access, blocklist.removal, blocklist.budget
    return {
        "id": blocklist.id,
        "name": blocklist.name,
        "on": blocklist in catalogue.on,
        "state": state_of(blocklist, catalogue, settings),
        "way": _way(blocklist, settings),
        "leads": blocklist.leads,
        "part_of": blocklist.part_of,
        "parts": [each.id for each in catalogue.all if each.part_of == blocklist.id],
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
        "feeds": [_feed(feed) for feed in settings.feeds.get(blocklist.id, blocklist.feeds)],
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


def _feed(feed: FeedSource) -> dict[str, Any]:
    return {
        "url": shown_url(feed.url),
        "format": feed.format,
        "kinds": sorted(feed.kinds),
        "refresh_hours": round(feed.refresh_for.total_seconds() / 3600, 2),
    }


def describe_dead(dead: DeadList) -> dict[str, Any]:
    return {
        "id": dead.id,
        "name": dead.name,
        "state": "dead",
        "zones": list(dead.zones),
        "died_on": dead.died_on,
        "how": dead.how,
        "source": dead.source,
    }


def fact_lines(facts: dict[str, Any]) -> list[str]:
    """`describe` or `describe_dead`, for people."""
    lines = [
        f"{name.replace('_', ' '):<18} {_text(value)}" for name, value in facts.items() if name not in _SHOWN_BELOW
    ]
    for title, more in (
        ("return codes", [_code_line(code, facts) for code in facts.get("codes", ())]),
        ("refusal codes", [f"{code:<14} {why}" for code, why in facts.get("refusals", {}).items()]),
        ("test points", _point_lines(facts)),
        ("used by", [f"{each['name']}: {each['basis']}" for each in facts.get("used_by", ())]),
        ("files", [_feed_line(feed) for feed in facts.get("feeds", ())]),
    ):
        lines += ["", title, *(f"  {line}" for line in more)] if more else []
    return lines


def _code_line(code: dict[str, Any], facts: dict[str, Any]) -> str:
    apart = [str(code[key]) for key in ("polarity", "scope", "removal") if code[key] != facts[key]]
    return f"{code['code']:<14} {code['impact']:<9} {code['meaning']}" + (f" [{', '.join(apart)}]" if apart else "")


def _point_lines(facts: dict[str, Any]) -> list[str]:
    accuses = any(code["polarity"] == Polarity.BLOCK for code in facts.get("codes", ()))
    so = ": what it lists is shown, and opens nothing until you add one in an overlay" if accuses else ""
    return [
        *(_point_line(point) for point in facts.get("test_points", ())),
        *(f"{kind:<7} none is known that must be listed{so}" for kind in facts.get("unverifiable", ())),
    ]


def _point_line(point: dict[str, Any]) -> str:
    wanted = "must answer " + " or ".join(point["expect"]) if point["expect"] else "must not be listed"
    return f"{point['kind']:<7} {point['name']:<22} {wanted}"


def _feed_line(feed: dict[str, Any]) -> str:
    return f"{feed['url']} ({feed['format']}, {_text(feed['kinds'])}), at most every {feed['refresh_hours']:g} h"


def _text(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{key} /{length}" for key, length in value.items()) or "-"
        case list() | tuple():
            return _joined(value)
        case _:
            return "-" if value is None else str(value)


def _joined(values: Iterable[Any]) -> str:
    return ", ".join(map(str, values)) or "-"
