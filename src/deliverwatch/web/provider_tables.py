"""What mailbox providers do with our mail, and where we know it from, as tables.

What is open comes first, then what ended within a week. Senders that one provider treats alike since the same hour are
one row.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.desk.start import Part
from deliverwatch.core.episodes_seen import customers_of
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.source_condition import SourceCondition
from deliverwatch.core.visible import visible
from deliverwatch.render.tongue import percent
from deliverwatch.render.words import at, lasting_days
from deliverwatch.web.tables import Facts, Line, Table, customer_names, more, subject_names

ENDED_LATELY = timedelta(days=7)
_ADVICE: Mapping[EpisodeKind, str] = {
    EpisodeKind.BLOCK: "stop what caused it, then ask the provider",
    EpisodeKind.THROTTLE: "slow down there; nobody need be asked",
    EpisodeKind.FINDING: "mend the authentication; nobody need be asked",
    EpisodeKind.WARNING: "look into it before it becomes a block",
}
_ABOUT: Mapping[ReplyClass, str] = {
    ReplyClass.IP_BLOCK: " of the IP",
    ReplyClass.DOMAIN_BLOCK: " of the domain",
    ReplyClass.AUTH_FAILURE: ": authentication",
}
_TONES: Mapping[SourceCondition, str] = {
    SourceCondition.FINE: "good",
    SourceCondition.SILENT: "unsure",
    SourceCondition.FAILING: "unsure",
    SourceCondition.NEVER_USED: "plain",
}


def episode_tables(facts: Facts) -> tuple[Table, Table]:
    return (
        _table("Blocks at mailbox providers", facts.blocks, facts, "/customers"),
        _table("Early warnings", facts.warnings, facts, "/warnings"),
    )


def open_blocks(facts: Facts) -> int:
    return sum(count for (kind, _), count in facts.figures.episodes.items() if kind is EpisodeKind.BLOCK)


def source_table(facts: Facts) -> Table:
    lines = tuple(
        Line(
            _TONES[each.condition],
            (
                visible(each.title, 80),
                each.condition.replace("_", " "),
                at(each.last_event_at) if each.last_event_at is not None else "never",
                visible(each.failure or "", 300),
            ),
        )
        for each in facts.sources
    )
    columns = ("Source", "State", "Last event", "What is the matter")
    return Table("Sending data", columns, lines, "No source is set up: blocks at mailbox providers are not seen.")


def _table(title: str, episodes: Part[Episode], facts: Facts, page: str) -> Table:
    holdings = facts.inventory.holdings
    groups: dict[tuple[object, ...], list[Episode]] = defaultdict(list)
    for each in sorted(episodes.rows, key=_order):
        alike = (each.kind, each.provider, each.what, each.opened_at, each.closed_at, each.ended)
        groups[*alike, each.subject.kind, customers_of(each, holdings)].append(each)
    lines = tuple(_line(group, facts, holdings) for group in groups.values())
    columns = ("Sender", "Provider", "What", "Since", "Of the mail", "Customers", "Advice")
    left_out = more(episodes.more, "that is open or ended this week is", "that are open or ended this week are", page)
    return Table(title, columns, lines, "None that we know of is open, or ended this week.", more=left_out)


def _order(episode: Episode) -> tuple[bool, int, float, str]:
    """What is open, what is worst, what is newest."""
    kinds = tuple(EpisodeKind)
    return episode.closed_at is not None, kinds.index(episode.kind), -episode.opened_at.timestamp(), episode.key


def _line(group: Sequence[Episode], facts: Facts, holdings: Holdings) -> Line:
    first = group[0]
    provider = facts.providers.get(first.provider)
    return Line(
        _tone(first),
        (
            subject_names([each.subject for each in group]),
            visible(provider.name if provider is not None else first.provider, 80),
            _what(first),
            _span(first, facts),
            _share(group),
            customer_names(facts.inventory, customers_of(first, holdings)),
            _ADVICE[first.kind] if first.closed_at is None else "",
        ),
    )


def _tone(episode: Episode) -> str:
    if episode.closed_at is not None:
        return "plain"
    return "bad" if episode.kind is EpisodeKind.BLOCK else "unsure"


def _what(episode: Episode) -> str:
    urgent = " (urgent)" if episode.evidence.get("urgent") else ""
    about = _ABOUT.get(episode.class_) if episode.class_ is not None else f": {episode.what.replace('_', ' ')}"
    return visible(f"{episode.kind}{urgent}{about or ''}", 120)


def _span(episode: Episode, facts: Facts) -> str:
    if episode.closed_at is None:
        lasts_for = max(facts.now - episode.opened_at, timedelta(0))
        return f"{at(episode.opened_at)} ({lasting_days(lasts_for)})"
    ended = str(episode.ended).replace("_", " ")
    return f"{at(episode.opened_at)}, {ended} {at(episode.closed_at)}"


def _share(group: Sequence[Episode]) -> str:
    """Of each; what was not measured is not said."""
    shares = [each.mail_share for each in group if each.mail_share is not None]
    if not shares:
        return "not measured"
    return percent(shares[0]) if len(group) == 1 else f"up to {percent(max(shares))} each"
