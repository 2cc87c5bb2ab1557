"""What the entries of blocklists.yaml may say of each other: parts and wholes, the living and the dead.

A list that died keeps being asked for years by those who copied its zone, and an emptied zone reads as "clear" (RFC
6471 §3.4 wants it emptied before a list closes). So the catalogue keeps the dead, and whoever still names one, by its
id or by a zone of it, is told when and how it died.
"""

from collections.abc import Iterable, Iterator, Mapping

from deliverwatch.catalogue.blocklist_schema import Entry
from deliverwatch.catalogue.strict_yaml import Place
from deliverwatch.core.blocklist import DeadList
from deliverwatch.core.errors import unknown_name

Complaint = tuple[Place, str]


class Relations:
    """All entries that could be read, to hold one beside the others."""

    def __init__(self, entries: Iterable[Entry], dead: Iterable[DeadList]) -> None:
        self._entries: Mapping[str, Entry] = {entry.id: entry for entry in entries}
        self._dead = {each.id: each for each in dead}
        self._dead_zones = {zone: each for each in self._dead.values() for zone in each.zones}

    def contradictions(self, entry: Entry) -> Iterator[Complaint]:
        if entry.part_of is not None and (problem := self._part_problem(entry, entry.part_of)) is not None:
            yield ("part_of",), problem
        for key, zone in (("zone", entry.zone), ("keyed_zone", entry.keyed_zone)):
            if zone is not None and (dead := self._dead_zone(zone)) is not None:
                yield (key,), f"{zone} is of a dead list: {dead.epitaph}"

    def _part_problem(self, entry: Entry, whole_id: str) -> str | None:
        if whole_id == entry.id:
            return "names the list itself: expected the list that holds it, or leave the key out"
        if (dead := self._dead.get(whole_id)) is not None:
            return dead.epitaph
        if (whole := self._entries.get(whole_id)) is None:
            return unknown_name("list", whole_id, self._entries)
        if whole.part_of is not None:
            return f"{whole_id} is a part itself, of {whole.part_of}: name the whole"
        if missing := [kind for kind in entry.kinds if kind not in whole.kinds]:
            return f"{whole_id} does not take {', '.join(missing)} subjects, so it cannot hold all of this list"
        return None

    def _dead_zone(self, zone: str) -> DeadList | None:
        """Of the zone or one above it: what was below a dead zone is dead too."""
        labels = zone.split(".")
        above = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self._dead_zones[each] for each in above if each in self._dead_zones), None)
