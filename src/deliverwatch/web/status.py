"""The status page as a value: what is listed, how the lists are, what waits, what happened last.

The lists that lead speak first and decide the headline; the others are information, folded up.
`read` asks the store, `status_view` turns what it said into strings; foreign text is made visible here, and escaped by
the template. The page knows all customers: it is the operator's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.provider import MailboxProvider
from deliverwatch.core.remediation.draft import UNDER_WAY, WAITING
from deliverwatch.core.source_condition import SourceCondition, SourceHealth
from deliverwatch.core.visible import visible
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.ports import Clock
from deliverwatch.render.words import at, counted
from deliverwatch.web.draft_tables import count_overdue, draft_tables
from deliverwatch.web.list_tables import count_unverified, count_verifiable, health_tables, not_watched_table
from deliverwatch.web.listing_tables import by_weight, listing_tables
from deliverwatch.web.provider_tables import ENDED_LATELY, episode_tables, open_blocks, source_table
from deliverwatch.web.tables import Facts, Table, event_table, outbox_table

_EVENTS = 300  # one incident may have as many as a range has addresses
_OUTBOX = 100


class StatusSource(Protocol):
    """What the pages need of an installation. `every`: the interval of each list that is on. `tick_at_most`: how old
    the last tick of a living daemon may be."""

    @property
    def store(self) -> WholeStore: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def lists_on(self) -> Sequence[Blocklist]: ...

    @property
    def lists_off(self) -> Sequence[Blocklist]: ...

    @property
    def every(self) -> Mapping[str, timedelta]: ...

    @property
    def providers(self) -> Mapping[str, MailboxProvider]: ...

    @property
    def tick_at_most(self) -> timedelta: ...

    def last_tick_at(self) -> datetime | None: ...

    async def source_health(self) -> Sequence[SourceHealth]: ...


@dataclass(frozen=True, slots=True)
class StatusView:
    tone: str
    headline: str
    made_at: str
    figures: tuple[tuple[str, str, str], ...]
    tables: tuple[Table, ...]


async def read(source: StatusSource) -> Facts:
    store, now = source.store, source.clock.now()
    cycles = await store.last_cycles()
    not_verified = [each.id for each in source.lists_on if each.id in cycles and not cycles[each.id].verified]
    return Facts(
        now=now,
        last_tick_at=source.last_tick_at(),
        tick_at_most=source.tick_at_most,
        lists_on=source.lists_on,
        lists_off=source.lists_off,
        every=source.every,
        inventory=await store.inventory(),
        listings=await store.listings(open_only=True),
        episodes=await store.episodes(since=now - ENDED_LATELY),
        providers=source.providers,
        sources=await source.source_health(),
        zones=await store.zone_states(),
        cycles=cycles,
        verified_at={list_id: (await store.load_round(list_id, now)).last_verified_at for list_id in not_verified},
        drafts=await store.drafts(states=WAITING | UNDER_WAY),
        dead=await store.outbox(_OUTBOX, (NotificationState.DEAD,)),
        owed=await store.outbox(_OUTBOX, (NotificationState.PENDING, NotificationState.SENDING)),
        events=await store.events(limit=_EVENTS),
        counts=await store.counts(),
    )


def status_view(facts: Facts) -> StatusView:
    names = {blocklist.id: visible(blocklist.name, 80) for blocklist in (*facts.lists_off, *facts.lists_on)}
    listings, other_listings = listing_tables(facts, names)
    health, other_health = health_tables(facts)
    doubted, verifiable = count_unverified(health), count_verifiable(health)
    leading = len(by_weight(facts)[0])
    blocks, warnings = episode_tables(facts)
    blocked = open_blocks(facts)
    tone, headline = _with_blocks(*_headline(facts, leading, health), facts)
    return StatusView(
        tone=tone,
        headline=headline,
        made_at=at(facts.now),
        figures=(
            (str(leading), "listings open", "bad" if leading else "good"),
            (str(blocked), "blocks open", _blocks_tone(facts)),
            (
                f"{verifiable - doubted} of {verifiable}",
                "important lists verified",
                _tone(not doubted),
            ),
            (str(facts.counts["drafts_waiting"]), "drafts waiting", "unsure" if count_overdue(facts) else "plain"),
            (str(facts.counts["outbox_pending"]), "messages pending", "plain"),
            (str(facts.counts["outbox_dead"]), "messages undeliverable", _tone(not facts.counts["outbox_dead"])),
        ),
        tables=(
            listings,
            blocks,
            warnings,
            *draft_tables(facts),
            health,
            not_watched_table(facts),
            source_table(facts),
            other_listings,
            other_health,
            outbox_table(facts),
            event_table(facts, names),
        ),
    )


def is_ticking(last_tick_at: datetime | None, now: datetime, at_most: timedelta) -> bool:
    """A tick from the future does not count: the clock was set back, and nothing has ticked since."""
    return last_tick_at is not None and abs(now - last_tick_at) <= at_most


def _tone(well: bool) -> str:
    return "good" if well else "unsure"


def _blocks_tone(facts: Facts) -> str:
    """Of what a silent source would tell nobody knows."""
    if open_blocks(facts):
        return "bad"
    all_speak = all(each.condition is SourceCondition.FINE for each in facts.sources)
    return "good" if facts.sources and all_speak else "plain"


def _with_blocks(tone: str, headline: str, facts: Facts) -> tuple[str, str]:
    """A daemon that does not run says nothing of blocks either."""
    blocked = open_blocks(facts)
    if not blocked or not _runs(facts):
        return tone, headline
    return "bad", f"{headline} {counted(blocked, 'block is', 'blocks are')} open at mailbox providers."


def _runs(facts: Facts) -> bool:
    return is_ticking(facts.last_tick_at, facts.now, facts.tick_at_most)


def _headline(facts: Facts, leading: int, health: Table) -> tuple[str, str]:
    others = len(facts.listings) - leading
    unverified_lists, verifiable = count_unverified(health), count_verifiable(health)
    if not _runs(facts):
        return "unsure", "Nothing is being watched: the daemon is not running, or it is stuck."
    doubt = f"{counted(unverified_lists, 'important list')} cannot be verified at the moment."
    doubt = doubt if unverified_lists else ""
    words = ("more is", "more are") if leading else ("listing is", "listings are")
    more = f"{counted(others, *words)} open for information." if others else ""
    if leading:
        told = f"{counted(leading, 'listing is', 'listings are')} open on important lists."
        return "bad", " ".join(filter(None, (told, more, doubt)))
    if unverified_lists or not verifiable:
        told = "No listing that we know of is open on an important list."
        return "unsure", " ".join(filter(None, (told, more, doubt)))
    each = "each of these" if verifiable == len(health.lines) else "each of those that can be verified"
    told = f"No listing is open on an important list, and {each} was verified in its last round."
    return "good", " ".join(filter(None, (told, more)))
