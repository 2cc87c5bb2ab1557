"""The settings as the program uses them. `Settings.rows` is what a person may see of them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from deliverwatch.core.blocklist import FeedSource
from deliverwatch.core.remediation.draft import Requester
from deliverwatch.core.service_hours import HoursChange
from deliverwatch.settings.alerting import AlertSettings
from deliverwatch.settings.data_sources import SourceSettings
from deliverwatch.settings.reports import ReportSettings
from deliverwatch.settings.values import Network

_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """`url` may hold a password."""

    url: SecretStr

    @property
    def sqlite_file(self) -> Path | None:
        """The one path of the file, however `url` spells it. None for a database that is not a file."""
        url = self.url.get_secret_value()
        if not url.startswith(_SQLITE):
            return None
        return Path(os.path.realpath(url.removeprefix(_SQLITE).partition("?")[0]))


@dataclass(frozen=True, slots=True)
class DnsSettings:
    """Resolvers as "address:port"; none: the system's. `direct`: ids of lists that are asked at their own servers."""

    resolvers: tuple[str, ...]
    confirm_resolvers: tuple[str, ...]
    timeout_for: timedelta
    direct: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListSettings:
    """Ids of lists, and how often each is asked. `dry_run`: those on trial, that open nothing."""

    enable: tuple[str, ...]
    disable: tuple[str, ...]
    dry_run: tuple[str, ...]
    every: timedelta
    intervals: Mapping[str, timedelta]

    def interval_for(self, list_id: str) -> timedelta:
        return self.intervals.get(list_id, self.every)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The relay, and the author of what is sent."""

    host: str
    port: int
    from_: str
    username: str | None
    password: SecretStr | None
    starttls: bool

    @property
    def sender(self) -> str:
        """The bare address of `from_`, for the envelope."""
        return parseaddr(self.from_)[1]


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """The identity provider: `issuer`, as its discovery document names itself. `name`: on the button. `groups_claim`:
    where its tokens name groups; the others say which group gets which role, and who sees all customers. Who is in none
    does not come in."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    name: str
    groups_claim: str
    operators: tuple[str, ...]
    tams: tuple[str, ...]
    readers: tuple[str, ...]
    see_all: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`listen` as "address:port"; None: no pages. `tls`: files of certificate chain and key. `trusted_proxies`: whose
    word on the client's address and scheme is taken."""

    listen: str | None
    public_url: str | None
    tls: tuple[Path, Path] | None
    trusted_proxies: tuple[Network, ...]
    oidc: OidcSettings | None


@dataclass(frozen=True, slots=True)
class CatalogueSettings:
    overlay: Path | None


@dataclass(frozen=True, slots=True)
class DraftSettings:
    """`first_look`: service time until a draft should have been looked at; ours, never shown as a promise. `webhook`:
    where every step of a draft is told, signed with `webhook_secret`; None: nowhere. `webhook_inside`: networks of the
    operator's own in which the desk may be."""

    first_look: timedelta
    webhook: SecretStr | None
    webhook_secret: SecretStr | None
    webhook_inside: tuple[Network, ...]

    @property
    def webhook_host(self) -> str | None:
        """What may be shown and kept of it."""
        if self.webhook is None:
            return None
        parts = urlsplit(self.webhook.get_secret_value())
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


class PlatformWay(StrEnum):
    """What becomes of what the sending platform says of the inventory: shown until somebody agrees, or applied."""

    ASK = "ask"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """`raw_keep`: how long webhook calls are kept as they came; they alone name recipients. `keep`: how long counts
    are. `max_body`: bytes of one call, decompressed."""

    raw_keep: timedelta
    keep: timedelta
    max_body: int
    platform: PlatformWay


@dataclass(frozen=True, slots=True)
class Settings:
    """`origins` says of each setting that has a value where it came from. `shown`: see `rows`. `feeds`: by list; their
    addresses may hold secrets."""

    store: StoreSettings
    dns: DnsSettings
    lists: ListSettings
    keys: Mapping[str, SecretStr]
    feeds: Mapping[str, tuple[FeedSource, ...]] = field(repr=False)
    requester: Requester
    drafts: DraftSettings
    mail: MailSettings
    alerts: AlertSettings
    reports: ReportSettings
    web: WebSettings
    catalogue: CatalogueSettings
    ingest: IngestSettings
    sources: Mapping[str, SourceSettings]
    calendar_changes: tuple[HoursChange, ...]
    origins: Mapping[str, str]
    shown: Mapping[str, Any] = field(repr=False)

    def rows(self) -> list[tuple[str, Any, str]]:
        """Each setting, its value with secrets masked (None: not set), and its origin."""
        return [(name, value, self.origins[name]) for name, value in self.shown.items()]
