"""All settings in one table, and how their values become `Settings`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from deliverwatch.core.blocklist import DeadList, FeedSource
from deliverwatch.core.errors import ConfigError, Fault, unknown_name
from deliverwatch.core.inventory import ServiceZone
from deliverwatch.core.on_call import Absence, Deputies, Rota, Shift
from deliverwatch.core.receivers import DEFAULT_ROUTES
from deliverwatch.core.remediation.draft import Requester
from deliverwatch.core.routing import Route
from deliverwatch.core.service_hours import HoursChange
from deliverwatch.settings import alerting, reports, web
from deliverwatch.settings import values as read
from deliverwatch.settings.alerting import AlertSettings
from deliverwatch.settings.data_sources import SourceSettings, data_source, source_id
from deliverwatch.settings.feeds import feeds, shown_feed
from deliverwatch.settings.model import (
    CatalogueSettings,
    DnsSettings,
    DraftSettings,
    IngestSettings,
    ListSettings,
    MailSettings,
    PlatformWay,
    Settings,
    StoreSettings,
)
from deliverwatch.settings.sources import (
    CONFIG_VARIABLE,
    Names,
    Raw,
    Shape,
    from_credentials,
    from_environment,
    from_toml,
)

_HERE, _SYSTEM = Path("deliverwatch.toml"), Path("/etc/deliverwatch/deliverwatch.toml")


@dataclass(frozen=True, slots=True)
class Setting:
    read: Callable[[Any], Any]
    default: Any = None
    shape: Shape = Shape.TEXT


SETTINGS: Mapping[str, Setting] = {
    "store.url": Setting(read.store_url, SecretStr("sqlite:////var/lib/deliverwatch/deliverwatch.db")),
    "dns.resolvers": Setting(read.several(read.resolver), (), Shape.LIST),
    "dns.confirm_resolvers": Setting(read.several(read.resolver), (), Shape.LIST),
    "dns.timeout": Setting(read.duration, timedelta(seconds=5)),
    "dns.direct": Setting(read.several(read.list_id), (), Shape.LIST),
    "lists.enable": Setting(read.several(read.list_id), (), Shape.LIST),
    "lists.disable": Setting(read.several(read.list_id), (), Shape.LIST),
    "lists.dry_run": Setting(read.several(read.list_id), (), Shape.LIST),
    "lists.every": Setting(read.duration, timedelta(hours=1)),
    "requester.company": Setting(read.text),
    "requester.name": Setting(read.text),
    "requester.role": Setting(read.text),
    "requester.phone": Setting(read.text),
    "requester.mailbox": Setting(read.mailbox),
    "requester.abuse_desk": Setting(read.mailbox),
    "drafts.first_look": Setting(read.duration, timedelta(hours=4)),
    "drafts.webhook": Setting(read.webhook),
    "drafts.webhook_secret": Setting(read.secret),
    "drafts.webhook_inside": Setting(read.several(read.network), (), Shape.LIST),
    "mail.host": Setting(read.host, "127.0.0.1"),
    "mail.port": Setting(read.port, 25, Shape.NUMBER),
    "mail.from": Setting(read.author),
    "mail.username": Setting(read.text),
    "mail.password": Setting(read.secret),
    "mail.starttls": Setting(read.flag, False, Shape.FLAG),
    "alerts.to": Setting(read.several(read.mailbox), (), Shape.LIST),
    "alerts.zone": Setting(partial(read.word, ServiceZone), ServiceZone.UK),
    "alerts.routes": Setting(alerting.routes, DEFAULT_ROUTES, Shape.TABLES),
    "alerts.on_call": Setting(alerting.rota, Rota(), Shape.TABLE),
    "alerts.covers": Setting(alerting.covers, (), Shape.TABLES),
    "alerts.deputies": Setting(alerting.standing_deputies, {}, Shape.TABLES),
    "alerts.absences": Setting(alerting.absences, (), Shape.TABLES),
    "reports.preview": Setting(reports.preview),
    "reports.archive": Setting(read.folder),
    "reports.from": Setting(read.author),
    "reports.brand": Setting(reports.brand),
    "reports.logo": Setting(read.folder),
    "reports.colour": Setting(reports.colour, reports.DEFAULT_COLOUR),
    "reports.footer": Setting(reports.footer),
    "reports.private": Setting(read.flag, False, Shape.FLAG),
    "reports.unsubscribe": Setting(reports.unsubscribe),
    "reports.bounces": Setting(read.folder),
    "web.listen": Setting(read.listen),
    "web.public_url": Setting(read.web_address),
    "web.tls_certificate": Setting(read.folder),
    "web.tls_key": Setting(read.folder),
    "web.trusted_proxies": Setting(read.several(read.network), (), Shape.LIST),
    "web.oidc.issuer": Setting(web.issuer),
    "web.oidc.client_id": Setting(read.text),
    "web.oidc.client_secret": Setting(read.secret),
    "web.oidc.name": Setting(read.text, "single sign-on"),
    "web.oidc.groups_claim": Setting(read.text, web.DEFAULT_GROUPS_CLAIM),
    "web.oidc.operators": Setting(read.several(read.text), (), Shape.LIST),
    "web.oidc.tams": Setting(read.several(read.text), (), Shape.LIST),
    "web.oidc.readers": Setting(read.several(read.text), (), Shape.LIST),
    "web.oidc.see_all": Setting(read.several(read.text), (), Shape.LIST),
    "catalogue.overlay": Setting(read.folder),
    "ingest.raw_keep": Setting(read.duration, timedelta(days=7)),
    "ingest.keep": Setting(read.duration, timedelta(days=400)),
    "ingest.max_body": Setting(read.size, 32 << 20, Shape.NUMBER),
    "ingest.platform": Setting(partial(read.word, PlatformWay), PlatformWay.ASK),
    "calendar.changes": Setting(read.changes, (), Shape.TABLES),
}
BY_LIST: Mapping[str, Setting] = {
    "lists.intervals": Setting(read.duration),
    "keys": Setting(read.account_key),
    "feeds": Setting(feeds, shape=Shape.TABLE),
    "sources": Setting(data_source, shape=Shape.TABLE),
    "alerts.channels": Setting(alerting.channel, shape=Shape.TABLE),
}
_NAMES = Names(
    {name: setting.shape for name, setting in SETTINGS.items()},
    {table: setting.shape for table, setting in BY_LIST.items()},
)
_NOBODY = "deliverwatch@localhost"


def find_config(explicit: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file to read: the one named, which must then exist, or the first that does; None: there is none."""
    named = explicit or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    return named or next((path for path in (_HERE, _SYSTEM) if path.exists()), None)


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Raises ConfigError with every fault of every source."""
    raw, faults = from_toml(path, _NAMES) if path is not None else ({}, [])
    for source in (from_credentials, from_environment):
        more, wrong = source(environ, _NAMES)
        raw |= more
        faults += wrong
    values = {name: setting.default for name, setting in SETTINGS.items()}
    for name, each in raw.items():
        setting = SETTINGS.get(name) or BY_LIST[_NAMES.table_of(name) or ""]
        try:
            values[name] = _read(name, setting, each.value)
        except ValueError as error:
            faults += [Fault(each.file, each.place, problem) for problem in error.args]
    login = [raw[name] for name in ("mail.username", "mail.password") if name in raw]
    if len(login) == 1 and not faults:
        faults.append(Fault(login[0].file, login[0].place, "mail.username and mail.password go together: set both"))
    if "drafts.webhook_secret" in raw and "drafts.webhook" not in raw and not faults:
        alone = raw["drafts.webhook_secret"]
        faults.append(Fault(alone.file, alone.place, "signs nothing: set drafts.webhook, or leave it out"))
    if not faults:
        faults += [Fault(raw[name].file, raw[name].place, problem) for name, problem in web.check_web(values, raw)]
    if faults:
        raise ConfigError(*dict.fromkeys(faults))
    settings = _settings(values, raw)
    nowhere = [Fault(settings.origins[name], name, problem) for name, problem in alerting.check_alerts(settings.alerts)]
    if nowhere:
        raise ConfigError(*nowhere)
    return settings


def _read(name: str, setting: Setting, value: Any) -> Any:
    table = _NAMES.table_of(name)
    if table is not None:
        (source_id if table == "sources" else read.list_id)(name.removeprefix(f"{table}."))
    return setting.read(value)


def _settings(values: dict[str, Any], raw: Mapping[str, Raw]) -> Settings:
    origins = {name: raw[name].origin if name in raw else "default" for name in values}
    if values["mail.from"] is None:
        values["mail.from"] = values["requester.mailbox"] or _NOBODY
    return Settings(
        store=StoreSettings(values["store.url"]),
        dns=DnsSettings(
            resolvers=values["dns.resolvers"],
            confirm_resolvers=values["dns.confirm_resolvers"],
            timeout_for=values["dns.timeout"],
            direct=values["dns.direct"],
        ),
        lists=ListSettings(
            enable=values["lists.enable"],
            disable=values["lists.disable"],
            dry_run=values["lists.dry_run"],
            every=values["lists.every"],
            intervals=_table(values, "lists.intervals"),
        ),
        keys=_table(values, "keys"),
        feeds=_table(values, "feeds"),
        requester=Requester(**_table({name: values[name] for name in SETTINGS}, "requester")),
        drafts=DraftSettings(**_table(values, "drafts")),
        mail=MailSettings(
            host=values["mail.host"],
            port=values["mail.port"],
            from_=values["mail.from"],
            username=values["mail.username"],
            password=values["mail.password"],
            starttls=values["mail.starttls"],
        ),
        alerts=_alerts(values),
        reports=_reports(_table(values, "reports")),
        web=web.web_settings(_table(values, "web")),
        catalogue=CatalogueSettings(values["catalogue.overlay"]),
        ingest=IngestSettings(**_table(values, "ingest")),
        sources=_table(values, "sources"),
        calendar_changes=values["calendar.changes"],
        origins=origins,
        shown={name: _shown(name, value) for name, value in values.items()},
    )


def _alerts(values: Mapping[str, Any]) -> AlertSettings:
    return AlertSettings(
        to=values["alerts.to"],
        zone=values["alerts.zone"],
        channels=_table(values, "alerts.channels"),
        routes=values["alerts.routes"],
        rota=replace(values["alerts.on_call"], covers=values["alerts.covers"]),
        deputies=Deputies(values["alerts.deputies"], values["alerts.absences"]),
    )


def _reports(values: dict[str, Any]) -> reports.ReportSettings:
    return reports.ReportSettings(from_=values.pop("from"), **values)


def _table(values: Mapping[str, Any], table: str) -> dict[str, Any]:
    return {name.removeprefix(f"{table}."): value for name, value in values.items() if name.startswith(f"{table}.")}


def _shown(name: str, value: Any) -> Any:
    """As JSON has it, without secrets."""
    match value:
        case SecretStr():
            return read.without_password(value.get_secret_value()) if name == "store.url" else "***"
        case timedelta():
            return _duration(value)
        case tuple():
            return [_shown(name, each) for each in value]
        case SourceSettings():
            return value.shown(_duration)
        case FeedSource():
            return shown_feed(value, _duration(value.refresh_for))
        case HoursChange():
            return _change(value)
        case alerting.ChannelSettings():
            return value.shown
        case Route() | Rota() | Shift() | Absence():
            return alerting.shown(value)
        case Path() | IPv4Network() | IPv6Network():
            return str(value)
        case _:
            return value


def _duration(value: timedelta) -> str:
    milliseconds = value // timedelta(milliseconds=1)
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def _change(change: HoursChange) -> str:
    parts = [f"{change.zone} from {change.from_on}"]
    parts += [f"until {change.until_on}"] if change.until_on else []
    parts += [f"{change.hours.opens:%H:%M}-{change.hours.closes:%H:%M}"] if change.hours else []
    parts += [] if change.open is None else ["open" if change.open else "closed"]
    return " ".join(parts)


def check_list_ids(settings: Settings, ids: Iterable[str], dead: Iterable[DeadList] = ()) -> tuple[Fault, ...]:
    """Faults for settings about lists that are not in the catalogue, or only among its dead."""
    known = set(ids)
    graves = {each.id: each for each in dead}
    return tuple(
        Fault(
            settings.origins[name],
            name,
            graves[each].epitaph if each in graves else unknown_name("list", each, known),
        )
        for name, each in _lists_named(settings)
        if each not in known
    )


def _lists_named(settings: Settings) -> Iterator[tuple[str, str]]:
    """Each setting about a list, and the id of that list."""
    several = {
        "dns.direct": settings.dns.direct,
        "lists.enable": settings.lists.enable,
        "lists.disable": settings.lists.disable,
        "lists.dry_run": settings.lists.dry_run,
    }
    for name, ids in several.items():
        yield from ((name, each) for each in ids)
    by_list = {"lists.intervals": settings.lists.intervals, "keys": settings.keys, "feeds": settings.feeds}
    for table, values in by_list.items():
        yield from ((f"{table}.{each}", each) for each in values)
