"""How the lists are, as tables: verified, failing, refusing us, beyond proof, and those that are not watched at all.

A list that refuses us does so on one path, under one key; it may be asked on another meanwhile. Each path on which it
is stopped is named, with when it is asked next whether it still refuses.

A list that publishes no test points for anything we hold is neither well nor ill, and counted as neither.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.missed_lists import missed_lists
from deliverwatch.core.verification import unverifiable_kinds
from deliverwatch.core.visible import visible
from deliverwatch.core.zone_health import Health
from deliverwatch.render.words import at, lasting
from deliverwatch.web.tables import Facts, Line, Table

_BEYOND_PROOF = "plain"  # the tone of such a line


def health_tables(facts: Facts) -> tuple[Table, Table]:
    leading = [blocklist for blocklist in facts.lists_on if blocklist.leads]
    others = [blocklist for blocklist in facts.lists_on if not blocklist.leads]
    return (
        _health_table("Important lists", leading, facts, "None is on."),
        _health_table("Lists watched for information", others, facts, "None is on.", folded=True),
    )


def count_verifiable(table: Table) -> int:
    return sum(line.tone != _BEYOND_PROOF for line in table.lines)


def count_unverified(table: Table) -> int:
    return sum(line.tone == "unsure" for line in table.lines)


def _health_table(
    title: str, blocklists: Iterable[Blocklist], facts: Facts, nothing: str, *, folded: bool = False
) -> Table:
    lines = tuple(_health_line(facts, blocklist) for blocklist in blocklists)
    table = Table(title, ("List", "State", "Last verified", "What is the matter"), lines, nothing)
    if not folded:
        return table
    doubted = count_unverified(table)
    return replace(table, folded=f"{len(lines)}, {doubted} not verified" if doubted else str(len(lines)))


def _health_line(facts: Facts, blocklist: Blocklist) -> Line:
    cycle = facts.cycles.get(blocklist.id)
    name, stops = visible(blocklist.name, 80), _stops(facts, blocklist)
    without_proof, all_of_it = _without_proof(facts, blocklist)
    if all_of_it:
        matter = "; ".join(filter(None, (without_proof, stops)))
        return Line(_BEYOND_PROOF, (name, "cannot be verified", "never", matter))
    if cycle is None:
        return Line("unsure", (name, "not asked yet", "never", stops))
    zone = facts.zones.get((blocklist.id, cycle.path))
    state = zone.health if zone is not None else Health.HEALTHY
    if cycle.verified:
        doubt = _doubt(cycle.finished_at, facts.now, facts.every[blocklist.id])
        matter = "; ".join(filter(None, (doubt, stops, without_proof)))
        return Line("unsure" if doubt else "good", (name, state, _ago(cycle.finished_at, facts.now), matter))
    verified_at = facts.verified_at.get(blocklist.id)
    when = _ago(verified_at, facts.now) if verified_at is not None else "never"
    shown = "refuses us" if zone is not None and zone.stopped_at is not None else state
    why = visible(cycle.detail or "no reason recorded", 300)
    return Line("unsure", (name, shown, when, f"{stops}: {why}" if stops else why))


def _without_proof(facts: Facts, blocklist: Blocklist) -> tuple[str, bool]:
    """The kinds of what we hold for which it publishes no test points, in words; and whether these are all."""
    held = (facts.held & blocklist.kinds) or blocklist.kinds
    kinds = unverifiable_kinds(blocklist, held)
    if not kinds:
        return "", False
    of_some = f" for {' and '.join(kinds)}" if len(kinds) < len(held) else ""
    so = ": what it lists is shown, and opens nothing" if blocklist.accuses else ""
    return f"publishes no test points{of_some}{so}", not of_some


def _stops(facts: Facts, blocklist: Blocklist) -> str:
    found = [
        f"refuses us through {visible(path, 60)} since {at(zone.stopped_at)}"
        + (f", asked again at {at(zone.ask_again_at)}" if zone.ask_again_at is not None else "")
        for (list_id, path), zone in sorted(facts.zones.items(), key=lambda each: each[0])
        if list_id == blocklist.id and zone.stopped_at is not None
    ]
    return "; ".join(found)


def _doubt(verified_at: datetime, now: datetime, every: timedelta) -> str:
    """Why a round that was verified says nothing about now: "" when it does."""
    if abs(now - verified_at) <= 2 * every:
        return ""
    if verified_at > now:
        return "the newest round is from the future: the clock was set back"
    return f"no verified round for {lasting(now - verified_at)}"


def _ago(moment: datetime, now: datetime) -> str:
    return f"{at(moment)} ({lasting(max(now - moment, timedelta(0)))} ago)"


def not_watched_table(facts: Facts) -> Table:
    return Table(
        "Important lists that are not watched",
        ("List", "Impact", "What it takes"),
        tuple(
            Line("plain", (visible(each.name, 80), each.worst_impact, visible(each.access.note, 300)))
            for each in missed_lists(facts.lists_on, facts.lists_off)
        ),
        "None: all important lists of the catalogue are on.",
    )
