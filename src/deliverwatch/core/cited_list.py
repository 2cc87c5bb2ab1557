"""Which blocklist a reply cites, in its own words and by the catalogue's id.

A list is cited by its zone ("blocked using zen.spamhaus.org"), by a name ("listed in Spamhaus XBL"), or by the page on
which it is explained. Zones are those of the catalogue, the dead ones' too, and whatever is named like one; names are
data (`cited_lists` in reply_rules.yaml), the narrower ones first. A filter's brand is no list, and whether a reply
cites one at all is its rule's business: here only the name is found.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from deliverwatch.core.blocklist import Blocklist, DeadList

_NAME = re.compile(r"(?<![a-z0-9@_-])(?:[a-z0-9_-]{1,63}\.){1,8}[a-z]{2,24}(?![a-z0-9_-])")
_LIKE_A_ZONE = re.compile(
    r"^(?:[a-z0-9_-]+\.)*(?:[a-z0-9_-]*(?:dnsbl|rbl|rhsbl|uribl|surbl|blacklist|blocklist|blackhole)[a-z0-9_-]*"
    r"|(?:ip|d|s|x|p)?bl|zen|dul|sbl-xbl|cbl|psbl)(?:[0-9-][a-z0-9-]*)?(?:\.[a-z0-9_-]+)+$"
)
_CITING = re.compile(
    r"(?:using|listed (?:at|by|in|on)|(?:in|by|from) (?:the )?(?:dnsbl|rbl|blacklist|blocklist|block list))"
    r"[ :]+['\"<\[(]?((?:[a-z0-9_-]{1,63}\.){1,8}[a-z]{2,24})(?![a-z0-9_-])"
)


class Cited(NamedTuple):
    """`list_id`: where it is in the catalogue, living or dead."""

    list_id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class CitedName:
    """`words`: how replies name it, in lower case. `list_id` None: the catalogue does not have it."""

    name: str
    words: tuple[str, ...]
    list_id: str | None = None


def zones_of(usable: Iterable[Blocklist], dead: Iterable[DeadList]) -> dict[str, str]:
    """Zone -> id, of all lists, those that died too: receivers go on citing them."""
    zones = {zone: each.id for each in dead for zone in each.zones}
    for each in usable:
        for zone in (each.zone, (each.keyed_zone or "").replace("{key}.", "")):
            if zone:
                zones[zone] = each.id
    return zones


@dataclass(frozen=True, slots=True)
class ListFinder:
    zones: Mapping[str, str]
    names: tuple[CitedName, ...]

    def find(self, text: str) -> Cited | None:
        """In a normalised reply. None: none is named."""
        hosts = _NAME.findall(text)
        for host in hosts:
            if (zone := self._zone(host)) is not None:
                return Cited(self.zones[zone], zone)
        return self._by_name(text) or _like_a_zone(hosts, text)

    def named(self, name: str) -> Cited:
        """By the id or name that a rule gives."""
        if name in self.zones.values():
            return Cited(name, next((each.name for each in self.names if each.list_id == name), name))
        same = next((each for each in self.names if each.name == name), None)
        return Cited(same.list_id if same else None, name)

    def _zone(self, host: str) -> str | None:
        """The longest of its parents that is a zone: keys and addresses stand in front of it."""
        name = host
        while "." in name:
            if name in self.zones:
                return name
            name = name.partition(".")[2]
        return None

    def _by_name(self, text: str) -> Cited | None:
        for each in self.names:
            for word in each.words:
                if word in text and re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text):
                    return Cited(each.list_id, each.name)
        return None


def _like_a_zone(hosts: Iterable[str], text: str) -> Cited | None:
    for host in hosts:
        if _LIKE_A_ZONE.match(host):
            return Cited(None, host.removeprefix("www."))
    found = _CITING.search(text)
    return Cited(None, found[1]) if found else None
