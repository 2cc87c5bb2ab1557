"""What the catalogue knows of a list and this installation does with it, as JSON and as people read it."""

from collections.abc import Iterable
from typing import Any

from deliverwatch.core.blocklist import AccessTerms, Blocklist, Polarity
from deliverwatch.in_use import Catalogue, use_of, way_of
from deliverwatch.render.list_document import list_document
from deliverwatch.settings import Settings

_SHOWN_BELOW = ("codes", "refusals", "test_points", "unverifiable", "used_by", "feeds")
_FIRST_STEP = {
    AccessTerms.OPEN: "name it in lists.enable",
    AccessTerms.TERMS: "meet its terms, then name it in lists.enable",
    AccessTerms.REGISTRATION: "register with it, then name it in lists.enable",
    AccessTerms.KEY: "get an account key and set it as keys.{id}",
}


def state_words(blocklist: Blocklist, catalogue: Catalogue, settings: Settings) -> str:
    state = catalogue.state_of(blocklist)
    if state == "part":
        return f"part of {blocklist.part_of}"
    way = way_of(blocklist, settings)
    return state.replace("_", " ") + (f", {way}" if state != "off" and way != "dns" else "")


def first_step(blocklist: Blocklist) -> str:
    """To have a list that is off."""
    return _FIRST_STEP[blocklist.access.terms].format(id=blocklist.id)


def what_it_takes(blocklist: Blocklist) -> str:
    where = f" ({blocklist.access.url})" if blocklist.access.url else ""
    return f"{first_step(blocklist)}. {blocklist.access.note}{where}"


def describe(blocklist: Blocklist, catalogue: Catalogue, settings: Settings) -> dict[str, Any]:
    return list_document(blocklist, use_of(blocklist, catalogue, settings))


def fact_lines(facts: dict[str, Any]) -> list[str]:
    """`describe` or `dead_list_document`, for people."""
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
