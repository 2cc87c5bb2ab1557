"""What is open, or was refused in the week before now, and makes no draft; with the reason and what to do instead."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from deliverwatch.core.block import Episode
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.delivery import ReplyCounts, ReplyKey
from deliverwatch.core.instants import instant
from deliverwatch.core.inventory import Holdings, Inventory
from deliverwatch.core.listing import Listing
from deliverwatch.core.remediation.draft import Draft, DraftState
from deliverwatch.core.remediation.no_request import NoRequest, why_no_episode, why_no_listing, why_no_reply
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import Subject, parse_subject
from deliverwatch.flows.doubts import load_doubts
from deliverwatch.flows.draft_desk import CaseStore, DraftDesk
from deliverwatch.flows.ports import Clock

_WITHIN = timedelta(days=7)
_FRESH_FOR = timedelta(hours=6)
"""After that a round says nothing of now."""

_REMEMBERED_FOR = timedelta(days=400)
_UNASKED = (ReplyClass.POLICY, ReplyClass.CONTENT_BLOCK)


async def without_draft(store: CaseStore, desk: DraftDesk, clock: Clock) -> list[NoRequest]:
    now = clock.now()
    drafts = await store.drafts()
    listings, episodes = await store.listings(open_only=True), await store.episodes(open_only=True)
    replies = await store.verdicts(now - _WITHIN, (*_UNASKED, ReplyClass.DNSBL_CITED))
    drafted = {key for draft in drafts for key in draft.episodes}
    doubts = await load_doubts(store)
    found = [why_no_listing(each, desk.blocklists, doubts.about(each)) for each in listings if each.key not in drafted]
    found += [why_no_episode(each) for each in episodes]
    found += _refused(replies)
    found += _put_aside(drafts, [*listings, *episodes])
    found += _quoted(replies, await _load_clear(store, desk, now))
    return sorted({each for each in found if each is not None})


def _refused(replies: Iterable[tuple[ReplyKey, ReplyCounts]]) -> Iterable[NoRequest]:
    counted: dict[tuple[str, str, ReplyClass], int] = defaultdict(int)
    for key, counts in replies:
        counted[key.subject or key.ip or key.domain, key.provider, key.class_] += counts.deferred + counts.bounced
    for (subject, provider, class_), count in counted.items():
        if (reason := why_no_reply(class_)) is not None:
            yield NoRequest(subject, provider or "other receivers", f"{count:,} replies: {reason[0]}", reason[1])


def _put_aside(drafts: Iterable[Draft], still_open: Iterable[Listing | Episode]) -> Iterable[NoRequest]:
    """What a person closed the draft of, while it goes on."""
    of: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        for key in draft.episodes:
            of[key].append(draft)
    for each in still_open:
        if of[each.key] and all(draft.state is DraftState.CLOSED for draft in of[each.key]):
            last = max(of[each.key], key=lambda draft: draft.changed_at)
            why = f"its draft {last.id} was closed: {last.note or 'without a reason'}"
            yield NoRequest(each.subject.value, last.provider, why, "nothing, unless somebody asks by hand")


@dataclass(frozen=True, slots=True)
class _Clear:
    """What is known of watches that are not listed. `since`: when a listing of it ended last."""

    today: Inventory
    cycles: Mapping[str, Cycle]
    unclear: frozenset[tuple[str, str]]
    since: Mapping[tuple[str, str], datetime | None]
    blocklists: Mapping[str, Blocklist]
    now: datetime

    def is_listed(self, list_id: str, subject: Subject) -> bool:
        return (list_id, subject.value) in self.since and self.since[list_id, subject.value] is None

    def words(self, list_id: str, subject: Subject) -> tuple[str, str]:
        """(why no draft, what to do)."""
        name = self.blocklists[list_id].name if list_id in self.blocklists else list_id
        cycle, watch = self.cycles.get(list_id), (list_id, subject.value)
        day = self.now.date()
        if not Holdings(self.today.assets).on(subject, day):
            return f"{name} is quoted about what is not in the inventory", "see whether it is yours, and add it"
        if cycle is None or watch in self.unclear or not _vouches(cycle, subject, self.now):
            return f"{name} is quoted, and what it says is not known now", "look it up by hand, or switch the list on"
        ended = self.since.get(watch)
        when = f"since {instant(ended)}" if ended is not None else f"at {instant(cycle.finished_at)}"
        then = "wait a day; if it goes on, write to the receiver's postmaster"
        return f"{name} is quoted, and is clear there {when}: the receiver's copy may lag", then


def _vouches(cycle: Cycle, subject: Subject, now: datetime) -> bool:
    return cycle.full and subject.kind in cycle.kinds_verified and now - cycle.finished_at < _FRESH_FOR


async def _load_clear(store: CaseStore, desk: DraftDesk, now: datetime) -> _Clear:
    """A watch with a state is listed, or may be; one with an open gap has not been answered."""
    states = await store.watch_states()
    gaps = [gap for gap in await store.gaps(now - _FRESH_FOR, now) if gap.until is None]
    unclear = {(watch.list_id, watch.subject.value) for watch in (*states, *(gap.watch for gap in gaps))}
    history = await store.listings(since=now - _REMEMBERED_FOR)
    since = {(each.list_id, each.subject.value): each.closed_at for each in reversed(history)}
    return _Clear(await store.inventory(), await store.last_cycles(), frozenset(unclear), since, desk.blocklists, now)


def _quoted(replies: Iterable[tuple[ReplyKey, ReplyCounts]], clear: _Clear) -> Iterable[NoRequest]:
    """Lists that receivers quote, and that do not list the subject as far as we know."""
    pairs = {
        (key.list_id, key.subject or key.ip): key.provider
        for key, _ in replies
        if key.class_ is ReplyClass.DNSBL_CITED and key.list_id and (key.subject or key.ip)
    }
    for (list_id, name), provider in pairs.items():
        subject = parse_subject(name)
        if not clear.is_listed(list_id, subject):
            yield NoRequest(name, provider or "other receivers", *clear.words(list_id, subject))
