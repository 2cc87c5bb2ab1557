"""The status page as a value: what is listed, how the lists are, what waits, what happened last.

The lists that lead speak first and decide the headline; the others are information, folded up.
`read` asks the store, `status_view` turns what it said into strings; foreign text is made visible here, and escaped by
the template. The page knows all customers: it is the operator's.
"""

from dataclasses import dataclass

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.remediation.draft import UNDER_WAY, WAITING
from deliverwatch.core.source_condition import SourceCondition
from deliverwatch.core.visible import visible
from deliverwatch.render.words import at, counted
from deliverwatch.web.draft_tables import count_overdue, draft_tables
from deliverwatch.web.house import House
from deliverwatch.web.list_tables import count_unverified, count_verifiable, health_tables, not_watched_table
from deliverwatch.web.listing_tables import by_weight, listing_tables
from deliverwatch.web.probes import is_ticking
from deliverwatch.web.provider_tables import ENDED_LATELY, episode_tables, open_blocks, source_table
from deliverwatch.web.tables import Facts, Table, event_table, outbox_table

_EVENTS = 300  # one incident may have as many as a range has addresses
_OUTBOX = 100


@dataclass(frozen=True, slots=True)
class StatusView:
    tone: str
    headline: str
    made_at: str
    figures: tuple[tuple[str, str, str], ...]
    tables: tuple[Table, ...]


async def read(house: House) -> Facts:
    app, store, now = house.app, house.app.store, house.app.clock.now()
    cycles, on = await store.last_cycles(), app.catalogue.live
    not_verified = [each.id for each in on if each.id in cycles and not cycles[each.id].verified]
    return Facts(
        now=now,
        last_tick_at=house.last_tick_at(),
        tick_at_most=house.tick_at_most,
        lists_on=on,
        lists_off=app.catalogue.not_live,
        every={each.id: app.settings.lists.interval_for(each.id) for each in on},
        inventory=await store.inventory(),
        listings=await store.listings(open_only=True),
        episodes=await store.episodes(since=now - ENDED_LATELY),
        providers=app.providers,
        sources=await app.intake.health(),
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
