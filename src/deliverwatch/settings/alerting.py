"""Who is told of what, and how: `[alerts]` with its channels, routes, rota, deputies and absences.

Addresses of channels are secrets as a whole: their path is often all that keeps strangers out. Names are checked
against each other once all are read (`check_alerts`), so that a route to nowhere is a fault and not a silence.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from typing import Any

from pydantic import SecretStr

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.errors import unknown_name
from deliverwatch.core.inventory import ServiceZone
from deliverwatch.core.on_call import Absence, Deputies, Rota, Shift
from deliverwatch.core.receivers import DEFAULT_ROUTES, EMAIL
from deliverwatch.core.routing import ChannelKind, Family, Match, Rhythm, Role, Route
from deliverwatch.core.service_hours import zone_of
from deliverwatch.settings import values as read


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """`urls`: one, or several for Apprise. `key`: PagerDuty's. `inside`: networks of the operator's own in which the
    target may be. `kind` EMAIL: the relay of `[mail]`, for its rhythm alone."""

    kind: ChannelKind
    urls: tuple[SecretStr, ...] = ()
    key: SecretStr | None = None
    secret: SecretStr | None = None
    rhythm: Rhythm = Rhythm.EACH
    inside: tuple[read.Network, ...] = ()

    @property
    def shown(self) -> str:
        """In one line, without secrets."""
        parts = [f"kind = {self.kind}", *(["url = ***"] if self.urls else []), f"rhythm = {self.rhythm}"]
        parts += [f"inside = {' '.join(map(str, self.inside))}"] if self.inside else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """`to`: who operates this installation; empty: the requester's mailbox. `zone`: whose service hours are theirs."""

    to: tuple[str, ...] = ()
    zone: ServiceZone = ServiceZone.UK
    channels: Mapping[str, ChannelSettings] = field(default_factory=dict)
    routes: tuple[Route, ...] = DEFAULT_ROUTES
    rota: Rota = field(default_factory=Rota)
    deputies: Deputies = field(default_factory=Deputies)


def channel(value: Any) -> ChannelSettings:
    found = _table(value, _CHANNEL, ("kind",))
    kind = found["kind"]
    wanted, refused = _NEEDS[kind]
    for name in wanted:
        if name not in found:
            raise ValueError(f"a channel of kind {kind} needs {name!r}")
    for name in refused:
        if name in found:
            raise ValueError(f"a channel of kind {kind} takes no {name!r}")
    if kind is ChannelKind.PAGERDUTY and found.get("rhythm") is Rhythm.DIGEST:
        raise ValueError("rhythm: a pager takes no digest, since nothing would end what it opens")
    urls = found.get("urls", ()) or ((found["url"],) if "url" in found else ())
    if "url" in found:
        _check_hook(found["url"].get_secret_value(), inside=bool(found.get("inside")))
    return ChannelSettings(
        kind=kind,
        urls=urls,
        key=found.get("key"),
        secret=found.get("secret"),
        rhythm=found.get("rhythm", Rhythm.EACH),
        inside=found.get("inside", ()),
    )


def _check_hook(url: str, *, inside: bool) -> None:
    """What is sent names customers: it travels encrypted, or not beyond this machine and the operator's networks."""
    parts = read.split_url(url)
    if parts is not None and parts.scheme == "http" and parts.hostname and inside:
        return
    try:
        read.webhook(url)
    except ValueError as error:
        raise ValueError(f"url: {error}, or http:// with `inside`") from None


def routes(value: Any) -> tuple[Route, ...]:
    return tuple(_tables(value, "[[alerts.routes]]", _route)) or DEFAULT_ROUTES


def standing_deputies(value: Any) -> Mapping[str, str]:
    return dict(_tables(value, "[[alerts.deputies]]", _deputy))


def absences(value: Any) -> tuple[Absence, ...]:
    return tuple(_tables(value, "[[alerts.absences]]", _absence))


def covers(value: Any) -> tuple[Shift, ...]:
    return tuple(_tables(value, "[[alerts.covers]]", _cover))


def rota(value: Any) -> Rota:
    found = _table(value, _ROTA, ("people", "starts_on"))
    if not found["people"]:
        raise ValueError("people: expected at least one")
    days = found.pop("every", None)
    zone = found.pop("zone", ServiceZone.UK)
    return Rota(**found, every_days=days or 7, zone=zone_of(zone))


def shown(value: Route | Rota | Shift | Absence) -> str:
    """In one line."""
    match value:
        case Route():
            return f"{value.name}: {_matched(value)} to {', '.join(value.to)}{', at once' if value.at_once else ''}"
        case Rota():
            return f"{', '.join(value.people)}, each {value.every_days} days" if value.people else "nobody"
        case Absence():
            deputy = f", {value.deputy} stands in" if value.deputy else ""
            return f"{value.person} from {value.begins_at.isoformat()} until {value.ends_at.isoformat()}{deputy}"
        case Shift():
            return f"{value.person} from {value.begins_at.isoformat()} until {value.ends_at.isoformat()}"


def _matched(route: Route) -> str:
    match = route.match
    parts = [*match.families, *match.customers]
    parts += [f"impact {match.impact} or worse"] if match.impact is not None else []
    parts += [f"mail share {match.mail_share:g} or more"] if match.mail_share is not None else []
    parts += [] if match.urgent is None else ["urgent" if match.urgent else "not urgent"]
    return ", ".join(parts) or "everything"


def check_alerts(alerts: AlertSettings) -> Iterator[tuple[str, str]]:
    """The setting, and what is wrong: names of channels that are none."""
    for name in alerts.channels:
        if name in _TAKEN:
            yield f"alerts.channels.{name}", "the name is taken: choose another"
        if (alerts.channels[name].kind is ChannelKind.EMAIL) != (name == EMAIL):
            yield f"alerts.channels.{name}", "the channel of kind email is called email, and no other is"
    known = {*alerts.channels, *Role}
    for route in alerts.routes:
        for name in route.to:
            if "@" not in name and name not in known:
                yield "alerts.routes", f"route {route.name!r}: {unknown_name('receiver', name, sorted(known))}"
    for setting, people in _people(alerts):
        for name in people:
            if "@" not in name and name not in alerts.channels:
                yield setting, unknown_name("person or channel", name, sorted(alerts.channels))


def _people(alerts: AlertSettings) -> Iterator[tuple[str, list[str]]]:
    absences = alerts.deputies.absences
    yield "alerts.on_call", [*alerts.rota.people]
    yield "alerts.covers", [cover.person for cover in alerts.rota.covers]
    yield "alerts.absences", [each.person for each in absences] + [each.deputy for each in absences if each.deputy]


def _tables(value: Any, head: str, one: Callable[[Any], Any]) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError(f"expected tables, each begun with {head}")
    return read.each(partial(_numbered, one), list(enumerate(value, start=1)))


def _numbered(one: Callable[[Any], Any], numbered: tuple[int, Any]) -> Any:
    number, value = numbered
    try:
        return one(value)
    except ValueError as error:
        raise ValueError(*(f"table {number}: {problem}" for problem in error.args)) from None


def _table(value: Any, keys: Mapping[str, Callable[[Any], Any]], needed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"expected a table, found {read.described(value)}")
    found: dict[str, Any] = {}
    wrong = [f"the key {name!r} is missing" for name in needed if name not in value]
    for name, inner in value.items():
        if name not in keys:
            wrong.append(unknown_name("key", name, keys))
            continue
        try:
            found[name] = keys[name](inner)
        except ValueError as error:
            wrong += [f"{name}: {problem}" for problem in error.args]
    if wrong:
        raise ValueError(*wrong)
    return found


def _route(value: Any) -> Route:
    found = _table(value, _ROUTE, ("name", "to"))
    fits = {name: found.pop(name) for name in ("customers", "impact", "mail_share", "urgent") if name in found}
    return Route(match=Match(families=found.pop("kinds", ()), **fits), **found)


def _deputy(value: Any) -> tuple[str, str]:
    found = _table(value, {"person": read.mailbox, "deputy": read.mailbox}, ("person", "deputy"))
    return found["person"].lower(), found["deputy"]


def _absence(value: Any) -> Absence:
    keys = {"person": _person, "deputy": _person, "from": _moment, "until": _moment}
    found = _table(value, keys, ("person", "from", "until"))
    return Absence(found["person"], *_stretch(found), found.get("deputy"))


def _cover(value: Any) -> Shift:
    found = _table(value, {"person": _person, "from": _moment, "until": _moment}, ("person", "from", "until"))
    return Shift(found["person"], *_stretch(found))


def _stretch(found: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """A day, as its beginning; the last day counts to its end."""
    begins_at, ends_at = found["from"], found["until"]
    if begins_at >= ends_at:
        raise ValueError("ends before it begins")
    return begins_at, ends_at


def _person(value: Any) -> str:
    """A mail address, or the name of a channel, which is looked up when all are known."""
    name = read.text(value)
    return read.mailbox(name) if "@" in name else name


def _moment(value: Any) -> datetime:
    """An instant with its offset, as TOML has it."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    raise ValueError(f"expected an instant such as 2026-12-24T17:00:00Z, found {read.described(value)}")


def _day(value: Any) -> date:
    if type(value) is date:
        return value
    raise ValueError(f"expected a day such as 2026-12-24, without quotes, found {read.described(value)}")


def _wall_time(value: Any) -> time:
    if isinstance(value, time):
        return value
    raise ValueError(f"expected a time of day such as 09:00:00, without quotes, found {read.described(value)}")


def _days(value: Any) -> int:
    length = read.duration(value)
    if length.days < 1 or length.seconds or length.microseconds:
        raise ValueError(f"expected whole days such as 7d, found {read.described(value)}")
    return length.days


def _ratio(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise ValueError(f"expected a share such as 0.2, found {read.described(value)}")
    return float(value)


def _url(value: Any) -> SecretStr:
    """Whether it may be reached is the channel's to say (`channels.guard`); Apprise has schemes of its own."""
    if isinstance(value, str) and "://" in value and value.isprintable() and " " not in value:
        return SecretStr(value)
    raise ValueError("expected an address such as https://... (the value is not shown)")


_TAKEN = frozenset({*Role, "webhook"})
"""The receivers of routes, and the help desk's channel."""
_CHANNEL: Mapping[str, Callable[[Any], Any]] = {
    "kind": partial(read.word, ChannelKind),
    "url": _url,
    "urls": read.several(_url),
    "key": read.secret,
    "secret": read.secret,
    "rhythm": partial(read.word, Rhythm),
    "inside": read.several(read.network),
}
_NEEDS: Mapping[ChannelKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ChannelKind.EMAIL: ((), ("url", "urls", "key", "secret", "inside")),
    ChannelKind.SLACK: (("url",), ("urls", "key", "secret")),
    ChannelKind.PAGERDUTY: (("url", "key"), ("urls", "secret")),
    ChannelKind.WEBHOOK: (("url",), ("urls", "key")),
    ChannelKind.APPRISE: (("urls",), ("url", "key", "secret", "inside")),
}
"""What each kind needs, and what it has no use for."""
_ROUTE: Mapping[str, Callable[[Any], Any]] = {
    "name": read.text,
    "kinds": read.several(partial(read.word, Family)),
    "customers": read.several(read.text),
    "impact": partial(read.word, Impact),
    "mail_share": _ratio,
    "urgent": read.flag,
    "to": read.several(_person),
    "at_once": read.flag,
    "last": read.flag,
}
_ROTA: Mapping[str, Callable[[Any], Any]] = {
    "people": read.several(_person),
    "starts_on": _day,
    "hands_over": _wall_time,
    "every": _days,
    "zone": partial(read.word, ServiceZone),
}
