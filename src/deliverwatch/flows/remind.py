"""Reminds of listings and blocks that were told and go on, once a week each.

A slot of the ledger for each day says from which day on it looks, so that what fell due while nobody ran is made up
once. Left out is what is not sure, or told otherwise: a listing that is doubted, one that comes and goes, and what a
list says that only informs. Each reminder says what was asked of the list or the provider, as it stands now.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.episodes_seen import customers_of
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.listing import Listing, Watch
from deliverwatch.core.mail_share import MailShares
from deliverwatch.core.provider import MailboxProvider
from deliverwatch.core.receivers import Routing
from deliverwatch.core.reconcile import facts_of
from deliverwatch.core.remediation.draft import UNDER_WAY, WAITING, Draft
from deliverwatch.core.reminders import WEEK, GoesOn, reminders, week_due
from deliverwatch.flows.alert_ports import AlertStore
from deliverwatch.flows.delivery_ports import EpisodeStore
from deliverwatch.flows.ports import Clock, Store
from deliverwatch.flows.remediation_ports import RemediationStore
from deliverwatch.flows.tell import about, notify

JOB = "remind"
_DAY = timedelta(days=1)

Requests = Mapping[str, Sequence[Mapping[str, Any]]]
"""What was asked, by the key of the episode it is about."""


class ReminderStore(Store, EpisodeStore, RemediationStore, AlertStore, Protocol):
    pass


@dataclass(frozen=True, slots=True)
class ReminderDesk:
    """`lists`: those that are on, by id. `providers`: by id. `shares`: how much of whose mail comes from where; None:
    nobody counts it."""

    routing: Routing
    lists: Mapping[str, Blocklist]
    providers: Mapping[str, MailboxProvider]
    lease_for: timedelta
    shares: Callable[[], Awaitable[MailShares]] | None = None


@dataclass(frozen=True, slots=True)
class _Days:
    """A slot: what fell due after the beginning of `after`, up to that of `until`."""

    after: date
    until: date

    @property
    def key(self) -> str:
        return f"{self.until}/{self.after}"


async def remind(store: ReminderStore, clock: Clock, desk: ReminderDesk) -> int | None:
    """How many messages of it were made; None: it was not the time to, or somebody else does it."""
    now = clock.now()
    days = await _days(store, now)
    claim = await store.claim_slot(JOB, days.key, now, desk.lease_for) if days is not None else None
    if days is None or claim is None:
        return None
    inventory = await store.inventory()
    holdings, requests = inventory.holdings, _by_episode(await store.drafts(states=WAITING | UNDER_WAY))
    going_on = [
        *await _listings(store, desk, days, holdings, requests, now),
        *await _blocks(store, desk, holdings, requests),
    ]
    events = await _not_made(store, reminders(going_on, days.after, days.until, now))
    if events:
        await store.commit_endings({}, events, notify(events, inventory.customers, desk.routing))
    await store.finish_slot(claim, clock.now())
    return sum(not event.facts.get("quiet") for event in events)


async def _days(store: ReminderStore, now: datetime) -> _Days | None:
    """Those of a slot that was begun and not finished come first."""
    last, today = await store.last_slot(JOB), now.date()
    if last is None:
        days = _Days(today - _DAY, today)
    else:
        known = _Days(*reversed([date.fromisoformat(day) for day in last.key.split("/")]))
        if last.finished_at is None:
            return known
        if known.until >= today:
            return None
        days = _Days(max(known.until, today - WEEK), today)
    await store.add_slot(JOB, days.key, now)
    return days


async def _listings(
    store: ReminderStore, desk: ReminderDesk, days: _Days, holdings: Holdings, requests: Requests, now: datetime
) -> list[GoesOn]:
    leading = [each for each in await store.listings(open_only=True) if _leads(desk, each)]
    told = await store.told_openings([each.key for each in leading])
    due = [each for each in leading if each.key in told and week_due(told[each.key], days.after, days.until)]
    sure = await _sure(store, due, now)
    shares = await desk.shares() if desk.shares is not None and sure else None
    return [_listing(each, told[each.key], holdings, requests, shares) for each in sure]


def _leads(desk: ReminderDesk, listing: Listing) -> bool:
    blocklist = desk.lists.get(listing.list_id)
    return blocklist is not None and blocklist.leads


async def _sure(store: ReminderStore, listings: Sequence[Listing], now: datetime) -> list[Listing]:
    if not listings:
        return []
    states = await store.watch_states()
    unstable = {id_: (await store.load_round(id_, now)).unstable for id_ in {each.list_id for each in listings}}
    return [
        each
        for each in listings
        if (state := states.get(Watch(each.list_id, each.subject))) is not None
        and not state.doubted
        and each.subject not in unstable[each.list_id]
    ]


def _listing(
    listing: Listing, told_at: datetime, holdings: Holdings, requests: Requests, shares: MailShares | None
) -> GoesOn:
    facts = {
        "opened_at": listing.opened_at.isoformat(),
        "codes": list(listing.codes),
        "meanings": list(listing.meanings),
        "impact": listing.impact,
        "reason": listing.reason,
        "drafts": list(requests.get(listing.key, ())),
        **(shares.hit(listing.subject) if shares is not None else {}),
    }
    event = about(Event("", EventKind.STILL_LISTED, told_at, listing.list_id, listing.subject, facts), None, holdings)
    alike = (listing.incident, listing.codes, listing.impact)
    return GoesOn(event.kind, listing.key, listing.list_id, listing.subject, told_at, alike, event.facts)


async def _blocks(store: ReminderStore, desk: ReminderDesk, holdings: Holdings, requests: Requests) -> list[GoesOn]:
    episodes = await store.episodes(open_only=True, kinds=[EpisodeKind.BLOCK])
    told = await store.told_openings([each.key for each in episodes])
    return [_block(each, told[each.key], desk, holdings, requests) for each in episodes if each.key in told]


def _block(episode: Episode, told_at: datetime, desk: ReminderDesk, holdings: Holdings, requests: Requests) -> GoesOn:
    provider, parties = desk.providers.get(episode.provider), customers_of(episode, holdings)
    facts = {
        **facts_of(episode),
        "provider_name": provider.name if provider is not None else episode.provider or None,
        "postmaster_url": provider.postmaster_url if provider is not None else None,
        "parties": list(parties),
        "drafts": list(requests.get(episode.key, ())),
    }
    alike = (episode.provider, episode.what, facts.get("rule"), parties, episode.subject.kind)
    return GoesOn(EventKind.STILL_BLOCKED, episode.key, "", episode.subject, told_at, alike, facts)


def _by_episode(drafts: Iterable[Draft]) -> Requests:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for draft in drafts:
        for key in draft.episodes:
            found[key].append(_request(draft))
    return found


def _request(draft: Draft) -> dict[str, Any]:
    at = draft.answered_at or draft.submitted_at
    return {
        "id": draft.id,
        "customer": draft.customer,
        "to": draft.addressee or draft.provider,
        "state": draft.state,
        "by": draft.submitted_by or draft.pulled_by,
        "at": at.isoformat() if at is not None else None,
        "outcome": draft.outcome,
    }


async def _not_made(store: ReminderStore, events: Sequence[Event]) -> list[Event]:
    """After a crash some may be there already, with another that leads them."""
    leads = [event for event in events if not event.facts.get("quiet")]
    made = {event.key for event in leads if await store.alert_trail(event.key) is not None}
    return [event for event in events if event.facts.get("incident", event.key) not in made]
