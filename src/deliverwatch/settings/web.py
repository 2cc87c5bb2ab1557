"""The settings of [web] and [web.oidc]: where the pages are, over what, and who vouches for whoever comes.

Passwords and sessions travel: beyond this machine the pages are served over TLS, or behind a proxy that is named and
does that. What an identity provider says is believed only over TLS too.
"""

import ipaddress
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deliverwatch.core.errors import ConfigError, Fault
from deliverwatch.settings import values as read
from deliverwatch.settings.model import OidcSettings, Settings, WebSettings

DEFAULT_GROUPS_CLAIM = "groups"
_NEEDED = ("issuer", "client_id", "client_secret")
_TLS = ("web.tls_certificate", "web.tls_key")
_GROUPS = ("operators", "tams", "readers")


def issuer(value: Any) -> str:
    """As the provider writes it, to the last slash: it is compared with what its tokens say."""
    whole = read.text(value)
    parts = read.split_url(whole)
    if parts is None or parts.query or parts.fragment or not read.is_private(whole):
        raise ValueError(f"{whole!r} is not an issuer: expected https://host/path as the provider names itself")
    return whole


def web_settings(values: Mapping[str, Any]) -> WebSettings:
    """`values`: by name without "web."."""
    certificate, key = values["tls_certificate"], values["tls_key"]
    return WebSettings(
        listen=values["listen"],
        public_url=values["public_url"],
        tls=(certificate, key) if certificate is not None and key is not None else None,
        trusted_proxies=values["trusted_proxies"],
        oidc=_oidc({name.removeprefix("oidc."): each for name, each in values.items() if name.startswith("oidc.")}),
    )


def _oidc(values: Mapping[str, Any]) -> OidcSettings | None:
    return OidcSettings(**values) if values["issuer"] is not None else None


def check_web(values: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What does not go together: the setting's name, and the sentence. `given`: those that somebody set."""
    for one, other in (_TLS, _TLS[::-1]):
        if one in given and other not in given:
            yield one, f"{one} and {other} go together: set both"
    named = [name for name in given if name.startswith("web.oidc.")]
    if named:
        yield from _signing_in(values, named[0])


def check_listening(settings: Settings) -> None:
    """Raises ConfigError where passwords or sessions would travel in the clear, or the certificate cannot be used."""
    web = settings.web
    if web.listen is None:
        return
    if web.tls is not None:
        _check_certificate(*web.tls, settings.origins["web.tls_certificate"])
    elif not _is_loopback(web.listen) and not web.trusted_proxies:
        problem = (
            f"{web.listen} can be reached from other machines, and passwords would travel in the clear: set "
            "web.tls_certificate and web.tls_key, or name the proxy with TLS in web.trusted_proxies, or listen on "
            "127.0.0.1"
        )
        raise ConfigError(Fault(settings.origins["web.listen"], "web.listen", problem))
    if web.trusted_proxies and not (web.public_url or "").startswith("https:"):
        problem = (
            "web.trusted_proxies names a proxy with TLS, and cookies would not be bound to it: set web.public_url to "
            "https://..., where browsers find the pages"
        )
        raise ConfigError(Fault(settings.origins["web.trusted_proxies"], "web.public_url", problem))


def _check_certificate(certificate: Path, key: Path, origin: str) -> None:
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        problem = f"{certificate} and {key} cannot be used ({why}): expected a certificate with its chain, and its key"
        raise ConfigError(Fault(origin, "web.tls_certificate", problem)) from None


def _no_password() -> str:
    """Else it would be asked for at the terminal."""
    raise ValueError("the key has a password")


def _is_loopback(listen: str) -> bool:
    return ipaddress.ip_address(listen.rpartition(":")[0].strip("[]")).is_loopback


def _signing_in(values: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    missing = [name for name in _NEEDED if values[f"web.oidc.{name}"] is None]
    if missing:
        yield place, f"[web.oidc] needs {' and '.join(missing)} too"
    if not any(values[f"web.oidc.{name}"] for name in _GROUPS):
        yield place, f"nobody could come in: name groups in one of {', '.join(_GROUPS)}"
    public = values["web.public_url"]
    if public is None or not read.is_private(public):
        yield place, "the provider sends people back to web.public_url: set it, to https://..."
