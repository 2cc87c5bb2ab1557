"""Where sending data come from: one table under `[sources]` for each source that is used.

What a source needs is its own business (`docs/sources.md`); here every key is checked for what it holds. A table that
comes as one value from the environment, a file or a credential is written as TOML writes it: {token = "..."}.
"""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr

from deliverwatch.core.errors import unknown_name
from deliverwatch.core.source_ids import SOURCE_IDS
from deliverwatch.settings import values as read
from deliverwatch.settings.feeds import shown_url


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What one source is told; None or empty: not set. `api_key`: to ask with, where `key` or `secret` is a webhook's.
    `instances`: sending IP by the name of an MTA instance, host or pool. `credentials`, `follow`, `maildir`: names of
    files and folders."""

    key: SecretStr | None = None
    api_key: SecretStr | None = None
    token: SecretStr | None = None
    password: SecretStr | None = None
    secret: SecretStr | None = None
    user: str | None = None
    header: str | None = None
    url: str | None = field(default=None, repr=False)
    credentials: str | None = None
    domains: tuple[str, ...] = ()
    follow: tuple[str, ...] = ()
    maildir: tuple[str, ...] = ()
    ip: str | None = None
    instances: Mapping[str, str] = field(default_factory=dict)
    time_zone: str | None = None
    every: timedelta | None = None

    def plain(self) -> dict[str, Any]:
        """What is set, secrets unwrapped."""
        return {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in self._set()
        }

    def shown(self, duration: Callable[[timedelta], str]) -> str:
        """In one line, without secrets. `duration`: how one is written."""
        pairs = ((name, duration(value) if isinstance(value, timedelta) else value) for name, value in self._set())
        return ", ".join(f"{name} = {_shown(name, value)}" for name, value in pairs) or "nothing"

    def _set(self) -> list[tuple[str, Any]]:
        pairs = ((each.name, getattr(self, each.name)) for each in fields(self))
        return [(name, value) for name, value in pairs if value not in (None, (), {})]


def data_source(value: Any) -> SourceSettings:
    if not isinstance(value, dict):
        raise ValueError('expected a table such as {token = "..."} (the value is not shown)')
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for key, inner in value.items():
        if key not in _KEYS:
            wrong.append(unknown_name("key", key, _KEYS))
            continue
        try:
            found[key] = _KEYS[key](inner)
        except ValueError as error:
            wrong += [f"{key}: {problem}" for problem in error.args]
    if wrong:
        raise ValueError(*wrong)
    return SourceSettings(**found)


def source_id(value: str) -> str:
    if value not in SOURCE_IDS:
        raise ValueError(unknown_name("source", value, SOURCE_IDS))
    return value


def _secret(value: Any) -> SecretStr:
    """One line, or a certificate or key as PEM writes it (RFC 7468), which has several."""
    if isinstance(value, str) and value.startswith("-----BEGIN ") and value.replace("\n", "").isprintable():
        return SecretStr(value)
    return read.secret(value)


def _url(value: Any) -> str:
    try:
        read.web_address(str(value).partition("?")[0])
    except ValueError:
        raise ValueError("expected https://... (the value is not shown)") from None
    return read.text(value)


def _address(value: Any) -> str:
    try:
        return str(ipaddress.ip_address(read.text(value)))
    except ValueError:
        raise ValueError(f"expected an IP address, found {read.described(value)}") from None


def _instances(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(f'expected {{"name" = "192.0.2.10"}}, found {read.described(value)}')
    return {read.text(name): _address(address) for name, address in value.items()}


def _time_zone(value: Any) -> str:
    name = read.text(value)
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is not a time zone: expected a name such as America/New_York") from None


def _files(value: Any) -> tuple[str, ...]:
    """One, or several in a list."""
    return read.several(read.text)([value] if isinstance(value, str) else value)


_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "key": read.secret,
    "api_key": read.secret,
    "token": read.secret,
    "password": read.secret,
    "secret": _secret,
    "user": read.text,
    "header": read.text,
    "url": _url,
    "credentials": read.text,
    "domains": read.several(read.text),
    "follow": _files,
    "maildir": _files,
    "ip": _address,
    "instances": _instances,
    "time_zone": _time_zone,
    "every": read.duration,
}


def _shown(name: str, value: Any) -> str:
    match value:
        case SecretStr():
            return "***"
        case tuple():
            return " ".join(value)
        case Mapping():
            return " ".join(f"{inner}={address}" for inner, address in value.items())
        case _:
            return shown_url(value) if name == "url" else str(value)
