"""What drafts are made with besides what is recorded, and the causes that go into one request each."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from deliverwatch.core.alerting import Notification
from deliverwatch.core.block import Episode
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.inventory import ServiceZone
from deliverwatch.core.listing import Listing
from deliverwatch.core.provider import ProviderDirectory
from deliverwatch.core.remediation.addressee import FormDirectory, MailHosts
from deliverwatch.core.remediation.against import Repair
from deliverwatch.core.remediation.case import Addressee
from deliverwatch.core.remediation.draft import Draft, DraftStep, Requester
from deliverwatch.core.remediation.make import Words
from deliverwatch.core.subjects import Subject
from deliverwatch.flows.delivery_ports import EpisodeStore
from deliverwatch.flows.ports import Store
from deliverwatch.flows.remediation_ports import RemediationStore

_Each = TypeVar("_Each")

APART = 5
"""So many of one cause make a request each, where the form takes one at a time."""


class CaseStore(Store, EpisodeStore, RemediationStore, Protocol):
    """All that cases are made from."""


Tell = Callable[[Draft, DraftStep, datetime], tuple[Sequence[Notification], Mapping[str, bytes]]]
"""(draft, step, now) -> what the help desk is told of it, if there is one."""


@dataclass(frozen=True, slots=True)
class DraftDesk:
    """What a draft is made from besides what is recorded. `mail_hosts(domain)`: a look-up; `due_at(zones, now)`: our
    own due time in service hours of the holders' zones."""

    forms: FormDirectory
    blocklists: Mapping[str, Blocklist]
    directory: ProviderDirectory
    requester: Requester
    words: Words
    repair: Repair
    mail_hosts: Callable[[str], Awaitable[MailHosts]]
    due_at: Callable[[tuple[ServiceZone, ...], datetime], datetime | None]
    tell: Tell


@dataclass(frozen=True, slots=True)
class Cause:
    """Open listings or blocks that belong into one request."""

    addressee: Addressee
    listings: tuple[Listing, ...] = ()
    episodes: tuple[Episode, ...] = ()

    @property
    def subjects(self) -> tuple[Subject, ...]:
        found = {*(each.subject for each in self.listings), *(each.subject for each in self.episodes)}
        return tuple(sorted(found, key=lambda subject: (subject.kind, subject.value)))

    @property
    def keys(self) -> set[str]:
        return {*(each.key for each in self.listings), *(each.key for each in self.episodes)}

    def with_listing(self, listing: Listing) -> "Cause":
        return replace(self, listings=(*self.listings, listing))

    def with_block(self, episode: Episode) -> "Cause":
        return replace(self, episodes=(*self.episodes, episode))

    def parts(self) -> list["Cause"]:
        """No more in one than the form takes; but many of one cause are one piece of work."""
        if len(self.subjects) > APART:
            return [self]
        most = self.addressee.form.most
        return [
            *(replace(self, listings=part, episodes=()) for part in _parts(self.listings, most)),
            *(replace(self, listings=(), episodes=part) for part in _parts(self.episodes, most)),
        ]


def _parts(found: tuple[_Each, ...], most: int) -> Iterable[tuple[_Each, ...]]:
    return (found[start : start + most] for start in range(0, len(found), most))
