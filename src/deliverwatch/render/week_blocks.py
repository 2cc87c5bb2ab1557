"""The open blocks of the weekly report: what is refused where, what is asked, and what the customer does.

Senders that one provider blocks are one item, under their ranges. Blocks are known from replies only, so that the last
one that was seen is said beside them.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from deliverwatch.core.incidents import ranges
from deliverwatch.core.remediation.draft import DraftKind
from deliverwatch.core.visible import visible
from deliverwatch.core.week_blocks import ReportedBlock
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import how_many, named
from deliverwatch.render.tongue import say, say_n
from deliverwatch.render.week_requests import we_do, you_do
from deliverwatch.render.week_rows import Item, Times, newest_draft, not_theirs
from deliverwatch.render.words import lasting_days


def open_blocks(report: WeeklyReport) -> list[tuple[ReportedBlock, ...]]:
    """At the week's end, oldest first; one group for each provider, pool of senders and request."""
    groups: dict[tuple[object, ...], list[ReportedBlock]] = defaultdict(list)
    for each in report.blocks:
        if each.open_at(report.covered.end):
            groups[each.provider_name, each.stream, each.shared, newest_draft([each.key], report)].append(each)
    return [tuple(group) for group in groups.values()]


def block_item(group: Sequence[ReportedBlock], report: WeeklyReport, times: Times) -> Item:
    first, draft = group[0], newest_draft([each.key for each in group], report)
    opened_at = min(each.opened_at for each in group)
    tam = visible(report.customer.tam.name, 100)
    return Item(
        what=_blocked(group),
        since=f"{times(opened_at)} ({lasting_days(report.covered.end - opened_at)})",
        means=_means(max(each.last_seen_at for each in group), times),
        we_do=we_do(draft, DraftKind.BLOCK, times),
        you_do=not_theirs() if first.shared else you_do(draft, DraftKind.BLOCK, first.stream, tam),
        lookup_url=None,
    )


def _blocked(group: Sequence[ReportedBlock]) -> str:
    names, provider = ranges(each.subject for each in group), in_mail(group[0].provider_name, 80)
    return say_n(
        "{names} is blocked at {provider}",
        "{names} are blocked at {provider}",
        how_many(names),
        names=named(names),
        provider=provider,
    )


def _means(last_seen_at: datetime, times: Times) -> str:
    return say(
        "Replies from there accuse the sender itself; the last one that we know of came {when}.",
        when=times(last_seen_at),
    )
