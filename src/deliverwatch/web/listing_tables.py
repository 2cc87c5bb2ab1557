"""What is listed, as tables: the lists that lead first, the others folded up as information.

What opened together and is still open is one row, under its ranges. The worst are shown, the others counted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.desk.start import Part
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.listing import Listing
from deliverwatch.core.visible import visible
from deliverwatch.render.words import at, lasting_days
from deliverwatch.web.tables import Facts, Line, Table, customer_names, more, subject_names


def listing_tables(facts: Facts, names: Mapping[str, str]) -> tuple[Table, Table]:
    nothing = "None is open on {}."
    return (
        _table("Open listings", facts.leading, facts, names, nothing.format("an important list")),
        replace(
            _table("Open listings, for information", facts.informing, facts, names, nothing.format("the other lists")),
            folded=str(facts.informing.count),
        ),
    )


def _table(title: str, listings: Part[Listing], facts: Facts, names: Mapping[str, str], nothing: str) -> Table:
    groups: dict[tuple[str, Impact], list[Listing]] = defaultdict(list)
    for each in sorted(listings.rows, key=_order):
        groups[each.incident, each.impact].append(each)
    holdings = facts.inventory.holdings
    lines = tuple(_line(group, facts, names, holdings) for group in groups.values())
    columns = ("Subject", "List", "Impact", "Meaning", "Since", "Customers")
    left_out = more(listings.more, "open listing is", "open listings are", "/customers")
    return Table(title, columns, lines, nothing, more=left_out)


def _order(listing: Listing) -> tuple[int, float, str]:
    """What is worst, what is newest."""
    return -listing.impact.rank, -listing.opened_at.timestamp(), listing.subject.value


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
