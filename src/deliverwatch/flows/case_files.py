"""Everything recorded that a draft can be made from, loaded once, and cut into cases.

A case is one cause at one addressee: listings on one list with the same codes, or what one provider says alike of
several senders, as far as the same people hold them today. Only what may be said of it gets in: the holder's own
domains, checks and words, never those of another customer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from deliverwatch.core.block import Episode
from deliverwatch.core.delivery import ReplyCounts, ReplyKey, Signal, SignalName
from deliverwatch.core.inventory import Asset, Customer, Holdings, Inventory
from deliverwatch.core.listing import Listing
from deliverwatch.core.practice import Advice, Check, CheckResult
from deliverwatch.core.provider import MailboxProvider, ProviderKind
from deliverwatch.core.remediation.addressee import (
    MailHosts,
    block_addressee,
    listing_addressee,
    own_domain,
)
from deliverwatch.core.remediation.case import Addressee, Case, Quote, SndsDay
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import Draft, DraftKind
from deliverwatch.core.remediation.etiquette import is_about
from deliverwatch.core.remediation.make import said_of_block, said_of_listing
from deliverwatch.core.subjects import DomainRole, Subject, SubjectKind
from deliverwatch.flows.doubts import Doubts
from deliverwatch.flows.draft_desk import Cause, DraftDesk

_OTHERS_WITHIN = timedelta(days=60)
_FEW_DOMAINS = 5
_MICROSOFT = "microsoft_consumer"
_SENDING_ROLES = frozenset({DomainRole.FROM, DomainRole.ENVELOPE, DomainRole.DKIM})


@dataclass(slots=True)
class CaseFiles:
    """`listings` and `blocks` by key: those open, and those of any draft that is not closed. `seen_domains`: by
    address, the sending domains whose mail left from it lately."""

    desk: DraftDesk
    now: datetime
    inventory: Inventory
    listings: Mapping[str, Listing]
    blocks: Mapping[str, Episode]
    drafts: Sequence[Draft]
    practice: Mapping[str, Sequence[CheckResult]] = field(default_factory=dict)
    advice: Sequence[Advice] = ()
    requests: Sequence[ActionRequest] = ()
    ptr_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quotes: Sequence[tuple[ReplyKey, ReplyCounts]] = ()
    signals: Sequence[Signal] = ()
    seen_domains: Mapping[str, frozenset[str]] = field(default_factory=dict)
    doubts: Doubts | None = None
    mail_hosts: dict[str, MailHosts] = field(default_factory=dict)
    holdings: Holdings = field(init=False)
    _customers: dict[str, Customer] = field(init=False)

    def __post_init__(self) -> None:
        self.holdings = self.inventory.holdings
        self._customers = {customer.id: customer for customer in self.inventory.customers}

    def assets(self, subjects: Iterable[Subject]) -> tuple[Asset, ...]:
        """That decide today."""
        day = self.now.date()
        return tuple(dict.fromkeys(asset for each in subjects for asset in self.holdings.on(each, day)))

    def owner(self, subject: Subject) -> tuple[str, ...]:
        """Whose it is today: the same for all that may stand in one request."""
        assets = self.holdings.on(subject, self.now.date())
        holders = sorted({asset.holder or "" for asset in assets})
        return (*holders, "/", *sorted({party for asset in assets for party in asset.parties}))

    def customer_of(self, subjects: Iterable[Subject]) -> Customer | None:
        """The only holder; None for what is the ESP's own or that of several."""
        holders = {asset.holder for asset in self.assets(subjects)}
        return self._customers.get(holders.pop() or "") if len(holders) == 1 else None

    async def causes(self, listings: Iterable[Listing], blocks: Iterable[Episode]) -> list[Cause]:
        """Grouped, in order of time."""
        found: dict[tuple[Any, ...], Cause] = {}
        for listing in listings:
            addressee = listing_addressee(self.desk.forms, self.desk.blocklists[listing.list_id], listing.codes)
            key = (addressee.id, addressee.form.id, self.owner(listing.subject), said_of_listing(listing))
            found[key] = found.get(key, Cause(addressee)).with_listing(listing)
        for episode in blocks:
            addressee = await self.provider_addressee(episode.provider)
            key = (addressee.id, addressee.form.id, self.owner(episode.subject), said_of_block(episode))
            found[key] = found.get(key, Cause(addressee)).with_block(episode)
        return [part for cause in found.values() for part in cause.parts()]

    async def provider_addressee(self, provider_id: str) -> Addressee:
        provider = self._provider(provider_id)
        if provider is None:
            name = provider_id or "a receiver that is not known"
            return Addressee(provider_id, name, self.desk.forms.of_provider(None))
        hosts, domain = None, own_domain(provider)
        if self.desk.forms.of_provider(provider).check_mx and domain is not None:
            if domain not in self.mail_hosts:
                self.mail_hosts[domain] = await self.desk.mail_hosts(domain)
            hosts = self.mail_hosts[domain]
        return block_addressee(self.desk.forms, self.desk.directory, provider, hosts)

    def _provider(self, provider_id: str) -> MailboxProvider | None:
        return next((each for each in self.desk.directory.providers if each.id == provider_id), None)

    def case(self, cause: Cause, follows: Draft | None = None) -> Case:
        subjects = cause.subjects
        customer, assets = self.customer_of(subjects), self.assets(subjects)
        chain, before = self._chain(cause.keys, customer), self._before(follows)
        sent = [each for each in self.drafts if each.submitted_at is not None and each.id not in before]
        case = Case(
            DraftKind.LISTING if cause.listings else DraftKind.BLOCK,
            cause.addressee,
            subjects,
            self.now,
            self.desk.requester,
            customer=customer,
            holders=self._holders(assets),
            assets=assets,
            sending_domains=self._sending_domains(customer, subjects),
            listings=tuple(sorted(cause.listings, key=lambda each: (each.opened_at, each.key))),
            episodes=tuple(sorted(cause.episodes, key=lambda each: (each.opened_at, each.key))),
            ptr_names=self.ptr_names,
            words=self._words(chain, customer),
            earlier=tuple(each for each in sent if each.provider == cause.addressee.id and is_about(each, subjects)),
            others=tuple(each for each in sent if self._is_lately_through(each, cause.addressee)),
            follows=follows,
            freemail=self._is_freemail(),
            doubted=self.doubts is not None and any(self.doubts.about(each) for each in cause.listings),
            inherited=frozenset(each.key for each in cause.episodes if self._is_inherited(each)),
        )
        case = replace(case, practice=self._practice(case), advice=self._advice(customer))
        return self._of_list(case, cause) if cause.listings else self._of_provider(case, cause)

    def _chain(self, keys: set[str], customer: Customer | None) -> set[str]:
        """The drafts about these very listings or blocks; none that was written for an earlier holder."""
        holder = customer.id if customer is not None else None
        return {draft.id for draft in self.drafts if keys & set(draft.episodes) and draft.customer == holder}

    def _is_inherited(self, episode: Episode) -> bool:
        """Whether somebody else held the sender when it began; a holding that began on that day came after it."""
        then, now = episode.opened_at.date(), self.now.date()
        if any(asset.from_on == then for asset in self.holdings.on(episode.subject, now)):
            then -= timedelta(days=1)
        before = self.holdings.parties(episode.subject, then)
        return bool(before) and before != self.holdings.parties(episode.subject, now)

    def _holders(self, assets: Iterable[Asset]) -> tuple[Customer, ...]:
        parties = sorted({party for asset in assets for party in asset.parties})
        return tuple(self._customers[party] for party in parties if party in self._customers)

    def _sending_domains(self, customer: Customer | None, subjects: Iterable[Subject]) -> tuple[str, ...]:
        """The holder's own, as far as their mail left from these addresses lately; of domains, those that send. What
        several share has none to be named."""
        if customer is None:
            return ()
        own = {asset.name for asset in self.inventory.assets if self._sends_for(customer, asset)}
        subjects = list(subjects)
        if all(each.kind is SubjectKind.DOMAIN for each in subjects):
            return tuple(sorted(own & {each.value for each in subjects}))
        seen = {domain for each in subjects for domain in self.seen_domains.get(each.value, ())}
        used = {each for each in own if any(name == each or name.endswith(f".{each}") for name in seen)}
        return tuple(sorted(used or (own if len(own) <= _FEW_DOMAINS else ())))

    def _sends_for(self, customer: Customer, asset: Asset) -> bool:
        held = asset.holder == customer.id and asset.held_on(self.now.date())
        return held and asset.is_domain and bool(_SENDING_ROLES & set(asset.roles))

    def _before(self, follows: Draft | None) -> set[str]:
        """The requests that a follow-up follows up, one after the other."""
        by_id, found = {draft.id: draft for draft in self.drafts}, set()
        while follows is not None and follows.id not in found:
            found.add(follows.id)
            follows = by_id.get(follows.follow_up_of or "")
        return found

    def _words(self, chain: set[str], customer: Customer | None) -> tuple[ActionRequest, ...]:
        """What was said last comes first."""
        said_by = customer.id if customer is not None else None
        words = [each for each in self.requests if each.draft in chain and each.customer == said_by]
        return tuple(sorted(words, key=lambda each: each.answered_at or each.asked_at, reverse=True))

    def _is_lately_through(self, draft: Draft, addressee: Addressee) -> bool:
        assert draft.submitted_at is not None
        return draft.form == addressee.form.id and self.now - draft.submitted_at < _OTHERS_WITHIN

    def _is_freemail(self) -> bool:
        mailbox = self.desk.requester.mailbox
        found = self.desk.directory.of_domain(mailbox.rpartition("@")[2]) if mailbox else None
        provider = self._provider(found) if found is not None else None
        return provider is not None and provider.kind is ProviderKind.MAILBOX_PROVIDER

    def _practice(self, case: Case) -> tuple[CheckResult, ...]:
        """What was checked of the senders concerned; of a shared one, only what is about itself."""
        own = {subject.value for subject in case.subjects}
        if case.customer is not None:
            results = self.practice.get(case.customer.id, ())
            return tuple(each for each in results if _concerns(each, own, case))
        found = {
            (result.check, result.subject): result
            for holder in case.holders
            for result in self.practice.get(holder.id, ())
            if result.subject in own
        }
        return tuple(found.values())

    def _advice(self, customer: Customer | None) -> tuple[Advice, ...]:
        return tuple(each for each in self.advice if customer is not None and each.customer == customer.id)

    def _of_list(self, case: Case, cause: Cause) -> Case:
        blocklist, names = self.desk.blocklists[cause.addressee.id], {each.value for each in case.subjects}
        counted: dict[str, int] = defaultdict(int)
        samples: dict[str, str] = {}
        for key, counts in self.quotes:
            if key.list_id == blocklist.id and (key.subject or key.ip) in names:
                provider = self._provider(key.provider)
                name = provider.name if provider is not None else key.provider or "other receivers"
                counted[name] += counts.deferred + counts.bounced
                samples.setdefault(name, counts.sample)
        often = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
        quotes = tuple(Quote(name, replies, samples[name]) for name, replies in often)
        return replace(case, blocklist=blocklist, quotes=quotes)

    def _of_provider(self, case: Case, cause: Cause) -> Case:
        names = {each.value for each in case.subjects}
        last: dict[str, SndsDay] = {}
        for signal in sorted(self.signals, key=lambda each: each.on):
            known = signal.name is SignalName.SNDS_COLOUR and signal.subject in names and signal.text
            if known and cause.addressee.id == _MICROSOFT:
                last[signal.subject] = SndsDay(signal.subject, str(signal.text), signal.on.isoformat())
        return replace(case, provider=self._provider(cause.addressee.id), snds=tuple(last.values()))


def _concerns(result: CheckResult, own: set[str], case: Case) -> bool:
    """A check of one of the subjects, of a domain that sends from them or a name below it, of the HELO names, or of the
    customer's mail as a whole."""
    if result.check is Check.HELO or not result.subject:
        return any(each.kind is not SubjectKind.DOMAIN for each in case.subjects)
    below = any(result.subject == each or result.subject.endswith(f".{each}") for each in case.sending_domains)
    return below or result.subject in own
