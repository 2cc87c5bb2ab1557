"""What is listed, as tables: the lists that lead first, the others folded up as information.

What opened together and is still open is one row, under its ranges.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.listing import Listing
from deliverwatch.core.visible import visible
from deliverwatch.render.words import at, lasting_days
from deliverwatch.web.tables import Facts, Line, Table, customer_names, subject_names


def listing_tables(facts: Facts, names: Mapping[str, str]) -> tuple[Table, Table]:
    leading, others = by_weight(facts)
    return (
        _table("Open listings", leading, facts, names, "None is open on an important list."),
        _table("Open listings, for information", others, facts, names, "None is open on the other lists.", folded=True),
    )


def by_weight(facts: Facts) -> tuple[list[Listing], list[Listing]]:
    """Those on lists that lead, and the others. A list that the catalogue no longer knows is not played down."""
    others = {blocklist.id for blocklist in (*facts.lists_on, *facts.lists_off) if not blocklist.leads}
    return (
        [each for each in facts.listings if each.list_id not in others],
        [each for each in facts.listings if each.list_id in others],
    )


def _table(
    title: str,
    listings: Iterable[Listing],
    facts: Facts,
    names: Mapping[str, str],
    nothing: str,
    *,
    folded: bool = False,
) -> Table:
    groups: dict[tuple[str, Impact], list[Listing]] = defaultdict(list)
    for each in sorted(listings, key=lambda each: (-each.impact.rank, each.opened_at, each.subject.value)):
        groups[each.incident, each.impact].append(each)
    holdings = facts.inventory.holdings
    lines = tuple(_line(group, facts, names, holdings) for group in groups.values())
    columns = ("Subject", "List", "Impact", "Meaning", "Since", "Customers")
    return Table(title, columns, lines, nothing, str(len(lines)) if folded else None)


def _line(group: Sequence[Listing], facts: Facts, names: Mapping[str, str], holdings: Holdings) -> Line:
    first = group[0]
    meanings = dict.fromkeys(meaning for each in group for meaning in each.meanings)
    parties = {party for each in group for party in holdings.parties(each.subject, facts.now.date())}
    since = min(each.opened_at for each in group)
    return Line(
        "bad" if first.impact.rank >= Impact.HIGH.rank else "unsure",
        (
            subject_names([each.subject for each in group]),
            names.get(first.list_id, visible(first.list_id, 80)),
            first.impact,
            visible("; ".join(meanings), 200),
            f"{at(since)} ({lasting_days(max(facts.now - since, timedelta(0)))})",
            customer_names(facts.inventory, sorted(parties)),
        ),
    )
