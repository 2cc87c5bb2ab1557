"""Mailbox providers and the filters in front of them, and how one is recognised.

A reply is safe to read only when it is known who spoke. The host that answered (the MX or relay of the attempt) tells
that best: AT&T's and Comcast's mailboxes moved behind Yahoo's hosts in 2025 and kept their domains. Then comes the
recipient's domain, and last the wording (`core.reply`). Hosts shared by several providers say nothing and leave it to
the domain. The ids are the promised ones of `mailbox_providers.yaml`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_MOST_NAME = 255  # RFC 5321 §4.5.3.1.2
_SUFFIX = re.compile(r"[a-z]{2,24}|(?:ac|co|com|edu|go|gob|gov|ne|net|or|org)\.[a-z]{2}")


class ProviderKind(StrEnum):
    """FILTER: stands in front of many receivers' mailboxes and answers for them."""

    MAILBOX_PROVIDER = "mailbox_provider"
    FILTER = "filter"


@dataclass(frozen=True, slots=True)
class MailboxProvider:
    """`domains`: recipient domains, in lower case; "hotmail.*" is that name under any country or other top-level
    domain (hotmail.de, hotmail.co.uk), "*.rr.com" all below it. `hosts`: "mx.example" is that host, "*.mx.example" all
    below it. `shared_hosts`: hosts that also serve others, believed only together with the domain. `aliases`: what
    sending platforms call it ("Hotmail / Outlook"). `postmaster_url`: its page for senders. `form`: id of the form its
    Tier 1 request goes through, if there is one."""

    id: str
    name: str
    kind: ProviderKind
    domains: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    shared_hosts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    postmaster_url: str | None = None
    form: str | None = None
    source: str = ""
    checked_on: str = ""


@dataclass(frozen=True, slots=True)
class ProviderDirectory:
    """Finds the provider of an answer. Build with `of`."""

    providers: tuple[MailboxProvider, ...]
    _domains: Mapping[str, str] = field(repr=False, default_factory=dict)
    _any_suffix: Mapping[str, str] = field(repr=False, default_factory=dict)
    _hosts: Mapping[str, str] = field(repr=False, default_factory=dict)
    _aliases: Mapping[str, str] = field(repr=False, default_factory=dict)

    @classmethod
    def of(cls, providers: Iterable[MailboxProvider]) -> "ProviderDirectory":
        providers = tuple(providers)
        return cls(
            providers,
            {d: p.id for p in providers for d in p.domains if not d.endswith(".*")},
            {d.removesuffix(".*"): p.id for p in providers for d in p.domains if d.endswith(".*")},
            {host: p.id for p in providers for host in p.hosts},
            {alias.casefold(): p.id for p in providers for alias in p.aliases},
        )

    def identify(self, host: str | None, recipient_domain: str | None) -> str | None:
        """The id by the host that answered, else by the recipient's domain; None when neither is known."""
        return (host and self.of_host(host)) or (recipient_domain and self.of_domain(recipient_domain)) or None

    def of_host(self, host: str) -> str | None:
        """The longest suffix that is known wins."""
        return _nearest(self._hosts, _normal(host))

    def of_domain(self, domain: str) -> str | None:
        """A name of its own first ("yahoo.co.jp"), then one of a country ("yahoo.*")."""
        name = _normal(domain)
        label, _, suffix = name.partition(".")
        return _nearest(self._domains, name) or (self._any_suffix.get(label) if _SUFFIX.fullmatch(suffix) else None)

    def of_alias(self, name: str) -> str | None:
        """By a sending platform's name for it."""
        return self._aliases.get(name.strip().casefold())


def _normal(name: str) -> str:
    """Nothing for what is too long to be a name, and would only take time."""
    return name.rstrip(".").lower() if len(name) <= _MOST_NAME else ""


def _nearest(names: Mapping[str, str], name: str) -> str | None:
    """What stands under the name itself, else under "*." and the longest of its parents."""
    if name in names:
        return names[name]
    while "." in name:
        name = name.partition(".")[2]
        if (found := names.get("*." + name)) is not None:
            return found
    return None
