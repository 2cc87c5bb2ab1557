"""mailbox_providers.yaml -> `core.provider.MailboxProvider`.

An overlay's own `mailbox_providers.yaml` is merged over the shipped file by id, key by key. A domain or host belongs to
one provider: what two claim is a fault, since whoever answers must be known for certain.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from deliverwatch.catalogue.entries import Raw, checked, merged, overlay_file, read_entries
from deliverwatch.catalogue.schema import HttpsUrl, IsoDate, Strict, Text, choice, in_file_order
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.catalogue.strict_yaml import Place
from deliverwatch.core.errors import CatalogueError
from deliverwatch.core.provider import MailboxProvider, ProviderKind

_FILE = "mailbox_providers.yaml"
_ID = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
_LABELS = r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:\*\.)?{_LABELS}|{_LABELS}\.\*")
_HOST = re.compile(rf"(?:\*\.)?{_LABELS}")


def provider_id(text: str) -> str:
    if not _ID.fullmatch(text) or len(text) > 64:
        raise ValueError(
            f"{text[:80]!r} is not an id of a provider: expected lower-case letters, digits and underscores"
        )
    return text


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text) or "." not in text.removeprefix("*."):
        raise ValueError(f'{text[:80]!r} is not a domain: expected example.com, "example.*" or "*.example.com"')
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text) or "." not in text.removeprefix("*."):
        raise ValueError(f'{text[:80]!r} is not a host: expected a name like mx.example.com, or "*.mx.example.com"')
    return text


ProviderId = Annotated[Text, AfterValidator(provider_id)]


class _Provider(Strict):
    id: ProviderId
    name: Text
    kind: Annotated[ProviderKind, choice(ProviderKind)]
    domains: list[Annotated[Text, AfterValidator(_domain)]] = Field(default_factory=list)
    hosts: list[Annotated[Text, AfterValidator(_host)]] = Field(default_factory=list)
    shared_hosts: list[Annotated[Text, AfterValidator(_host)]] = Field(default_factory=list)
    aliases: list[Text] = Field(default_factory=list)
    postmaster_url: HttpsUrl | None = None
    form: Text | None = None
    source: Text
    checked_on: IsoDate


class _File(Strict):
    providers: list[dict[str, Any]]


def load_mailbox_providers(path: Path | None = None, overlay: Path | None = None) -> tuple[MailboxProvider, ...]:
    """The shipped providers, or those of `path`, under the overlay folder. Raises CatalogueError with every fault."""
    _, (raws,), faults = read_entries(path or shipped(_FILE), _File, [("providers", "id")])
    above, more = overlay_file(overlay, _FILE)
    faults += more
    if above is not None:
        _, (over,), more = read_entries(above, _File, [("providers", "id")])
        raws, faults = merged(raws, over), faults + more
    sound, more = checked(raws, _Provider)
    faults += more
    for key in ("domains", "hosts", "aliases"):
        faults += [raw.fault(place, problem) for raw, place, problem in _claimed_twice(sound, key)]
    if faults:
        raise CatalogueError(*in_file_order(faults))
    return tuple(_to_core(provider) for _, provider in sound)


def _claimed_twice(sound: Iterable[tuple[Raw, _Provider]], key: str) -> Iterator[tuple[Raw, Place, str]]:
    owners: dict[str, str] = {}
    for raw, provider in sound:
        for index, name in enumerate(_names(provider, key)):
            owner = owners.setdefault(name.casefold(), f"{provider.id}")
            if owner != provider.id:
                yield raw, (key, index), f"{name!r} belongs to {owner} already: expected it in one place"
            elif name in _names(provider, key)[:index]:
                yield raw, (key, index), f"{name!r} is here twice"


def _names(provider: _Provider, key: str) -> Sequence[str]:
    return list(getattr(provider, key))


def _to_core(provider: _Provider) -> MailboxProvider:
    fields = provider.model_dump()
    lists = {key: tuple(value) for key, value in fields.items() if isinstance(value, list)}
    return MailboxProvider(**fields | lists | {"checked_on": provider.checked_on.isoformat()})
