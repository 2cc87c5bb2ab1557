"""Which lists leave a hole by being off: the one rule behind "not watched", wherever that is said.

A list is missed when it matters and nothing that is on stands in for it. It matters when it leads, or when any of its
codes is of critical impact. A part of a list that is on is no hole, for that one answers all that the part would; and
of a whole that is missed itself only the whole is named: whoever turns that on has its parts.

A list that accuses nobody (an allow list) is never missed.
"""

from collections.abc import Iterable

from deliverwatch.core.blocklist import Blocklist, Impact


def missed_lists(on: Iterable[Blocklist], off: Iterable[Blocklist]) -> tuple[Blocklist, ...]:
    """Those of `off`, the gravest first."""
    held = {blocklist.id for blocklist in on}
    holes = [blocklist for blocklist in off if _matters(blocklist) and blocklist.part_of not in held]
    named = {blocklist.id for blocklist in holes}
    missed = (blocklist for blocklist in holes if blocklist.part_of not in named)
    return tuple(sorted(missed, key=lambda each: (-each.worst_impact.rank, each.name)))


def _matters(blocklist: Blocklist) -> bool:
    return is_critical(blocklist) or (blocklist.leads and blocklist.accuses)


def is_critical(blocklist: Blocklist) -> bool:
    return blocklist.accuses and blocklist.worst_impact is Impact.CRITICAL
