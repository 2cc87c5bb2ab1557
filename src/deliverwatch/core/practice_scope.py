"""What of the inventory the checks of one customer cover: what they hold, and what the ESP shares with them.

What is shared is looked at in public (its DNS, its listings), but what was counted of it is counted of all who send
from there: of a shared address only the mail of the customer's own domains is theirs, and of a shared domain nothing.
Many a domain sends from some of the addresses alone, so those are named from which it was seen to (`seen_from`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.practice_policy import POLICY, PracticePolicy
from deliverwatch.core.subjects import DomainRole, Subject, SubjectKind, expand

Counted = tuple[FactKey, FactCounts]


@dataclass(frozen=True, slots=True)
class PracticeScope:
    """`addresses`: those that are looked at one by one; `held`: all of them. `own`: addresses and domains that are
    nobody else's. `selectors`: of DKIM, by domain. `seen_from`: by domain, the addresses its mail left from lately."""

    customer: str
    addresses: tuple[str, ...]
    held: frozenset[str]
    own: frozenset[str]
    from_domains: tuple[str, ...] = ()
    envelope_domains: tuple[str, ...] = ()
    dkim_domains: tuple[str, ...] = ()
    helo_domains: tuple[str, ...] = ()
    selectors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seen_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def domains(self) -> tuple[str, ...]:
        """Each once, whatever its roles; link domains are not among them, as no mail is sent from those."""
        all_ = (*self.from_domains, *self.envelope_domains, *self.dkim_domains, *self.helo_domains)
        return tuple(dict.fromkeys(all_))

    @property
    def left_out(self) -> int:
        return len(self.held) - len(self.addresses)

    def has_domain(self, name: str) -> bool:
        """One of theirs, or below one."""
        return any(name == domain or name.endswith(f".{domain}") for domain in self.domains)

    def is_theirs(self, key: FactKey) -> bool:
        """Whether what was counted is this customer's mail, and nobody else's."""
        return key.ip in self.own or key.domain in self.own


def scope_of(
    customer: str, inventory: Inventory, today: date, policy: PracticePolicy = POLICY, mail: Iterable[Counted] = ()
) -> PracticeScope:
    """`mail`: what was counted lately of their addresses and domains. Addresses that send are looked at first."""
    holdings = inventory.holdings
    assets = [asset for asset in inventory.assets if asset.held_on(today) and customer in asset.parties]
    subjects = dict.fromkeys(subject for asset in assets for subject in expand(asset.name))
    parties = {each: holdings.parties(each, today) for each in subjects}
    theirs = {each.value: parties[each] for each in subjects if customer in parties[each]}
    seen_from = _seen_from(mail, theirs)
    sending = {address for some in seen_from.values() for address in some}
    held = _addresses(subjects, theirs)
    by_name = {asset.name: asset for asset in assets if asset.name in theirs and asset.is_domain}
    return PracticeScope(
        customer=customer,
        addresses=tuple(sorted(held, key=lambda address: address not in sending)[: policy.most_addresses]),
        held=frozenset(held),
        own=frozenset(name for name, some in theirs.items() if some == (customer,)),
        from_domains=_in_role(by_name, DomainRole.FROM),
        envelope_domains=_in_role(by_name, DomainRole.ENVELOPE),
        dkim_domains=tuple(n for n, each in by_name.items() if DomainRole.DKIM in each.roles or each.dkim_selectors),
        helo_domains=_in_role(by_name, DomainRole.HELO),
        selectors={name: each.dkim_selectors for name, each in by_name.items() if each.dkim_selectors},
        seen_from=seen_from,
    )


def names_of(customer: str, inventory: Inventory, today: date) -> set[str]:
    """All addresses and domains they hold or share, to load what was counted of them."""
    assets = (asset for asset in inventory.assets if asset.held_on(today) and customer in asset.parties)
    return {subject.value for asset in assets for subject in expand(asset.name)}


def _addresses(subjects: Iterable[Subject], theirs: Mapping[str, object]) -> list[str]:
    return [each.value for each in subjects if each.value in theirs and each.kind is not SubjectKind.DOMAIN]


def _in_role(assets: Mapping[str, Asset], role: DomainRole) -> tuple[str, ...]:
    return tuple(name for name, asset in assets.items() if role in asset.roles)


def _seen_from(mail: Iterable[Counted], theirs: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, counts in mail:
        if key.ip in theirs and key.domain in theirs and (counts.attempted or counts.delivered):
            found[key.domain].add(key.ip)
    return {domain: tuple(sorted(addresses)) for domain, addresses in found.items()}
