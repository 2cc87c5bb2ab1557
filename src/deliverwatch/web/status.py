"""The status page as a value: what is listed, how the lists are, what waits, what happened last.

The lists that lead speak first and decide the headline; the others are information, folded up. Of what there may be
hundreds of, the worst is shown, and what is due first; the rest is counted.
`read` asks the store, `status_view` turns what it said into strings; foreign text is made visible here, and escaped by
the template. The page knows all customers: it is the operator's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.desk.start import Part
from deliverwatch.core.figures import Figures
from deliverwatch.core.remediation.draft import UNDER_WAY, WAITING, Draft, DraftState
from deliverwatch.core.source_condition import SourceCondition
from deliverwatch.core.visible import visible
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.render.words import at, counted
from deliverwatch.web.draft_tables import draft_tables
from deliverwatch.web.house import House
from deliverwatch.web.list_tables import count_unverified, count_verifiable, health_tables, not_watched_table
from deliverwatch.web.listing_tables import listing_tables
from deliverwatch.web.probes import is_ticking
from deliverwatch.web.provider_tables import ENDED_LATELY, episode_tables, open_blocks, source_table
from deliverwatch.web.tables import Facts, Table, event_table, outbox_table

_EVENTS = 20
_OUTBOX = 100
_WORST = 50
_DUE_FIRST = 25
_OWED = (NotificationState.PENDING, NotificationState.SENDING)
_BLOCKS = frozenset(EpisodeKind) - {EpisodeKind.WARNING}

_State = TypeVar("_State", DraftState, NotificationState)


@dataclass(frozen=True, slots=True)
class StatusView:
    tone: str
    headline: str
    made_at: str
    figures: tuple[tuple[str, str, str], ...]
    tables: tuple[Table, ...]


async def read(house: House) -> Facts:
    app, store, now = house.app, house.app.store, house.app.clock.now()
    cycles, figures = await store.last_cycles(), await store.figures(now)
    on, off = app.catalogue.live, app.catalogue.not_live
    not_verified = [each.id for each in on if each.id in cycles and not cycles[each.id].verified]
    informing = {each.id for each in (*on, *off) if not each.leads}
    snapshot, lately = await app.desk.snapshot(), now - ENDED_LATELY
    return Facts(
        now=now,
        last_tick_at=house.last_tick_at(),
        tick_at_most=house.tick_at_most,
        lists_on=on,
        lists_off=off,
        every={each.id: app.settings.lists.interval_for(each.id) for each in on},
        inventory=snapshot.inventory,
        held=snapshot.kinds,
        leading=await store.worst_listings(informing, but=True, incidents=_WORST),
        informing=await store.worst_listings(informing, incidents=_WORST),
        blocks=await store.worst_episodes(_BLOCKS, since=lately, alike=_WORST),
        warnings=await store.worst_episodes({EpisodeKind.WARNING}, since=lately, alike=_WORST),
        providers=app.providers,
        sources=await app.intake.health(),
        zones=await store.zone_states(),
        cycles=cycles,
        verified_at=await store.last_verified(not_verified),
        waiting=await _due_first(store, WAITING, figures),
        under_way=await _due_first(store, UNDER_WAY, figures),
        dead=await store.outbox(_OUTBOX, (NotificationState.DEAD,)),
        owed=await store.outbox(_OUTBOX, _OWED),
        events=await store.events_told(_EVENTS),
        figures=figures,
    )


async def _due_first(store: WholeStore, states: Collection[DraftState], figures: Figures) -> Part[Draft]:
    ids = [head.id for head in await store.drafts_due_first(None, states=states, limit=_DUE_FIRST)]
    drafts = await store.whole_drafts(ids)
    shown = tuple(drafts[id_] for id_ in ids if id_ in drafts)
    return Part(shown, max(sum(figures.drafts.get(state, 0) for state in states) - len(shown), 0))


def status_view(facts: Facts) -> StatusView:
    names = {blocklist.id: visible(blocklist.name, 80) for blocklist in (*facts.lists_off, *facts.lists_on)}
    listings, other_listings = listing_tables(facts, names)
    health, other_health = health_tables(facts)
    doubted, verifiable = count_unverified(health), count_verifiable(health)
    leading, blocked = facts.leading.count, open_blocks(facts)
    blocks, warnings = episode_tables(facts)
    outbox, drafts = facts.figures.outbox, facts.figures.drafts
    dead = outbox.get(NotificationState.DEAD, 0)
    tone, headline = _with_blocks(*_headline(facts, health), facts)
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
            (_sum(drafts, WAITING), "drafts waiting", "unsure" if facts.figures.overdue else "plain"),
            (_sum(outbox, _OWED), "messages pending", "plain"),
            (str(dead), "messages undeliverable", _tone(not dead)),
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


def _sum(counts: Mapping[_State, int], states: Collection[_State]) -> str:
    return str(sum(counts.get(state, 0) for state in states))


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


def _headline(facts: Facts, health: Table) -> tuple[str, str]:
    leading, others = facts.leading.count, facts.informing.count
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
