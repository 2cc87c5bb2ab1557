"""The sandbox world: what its lists do and say between a Thursday and the Monday on which the report goes out.

Everything in it is documentation space (RFC 5737, RFC 3849, RFC 2606). The lists are the shipped catalogue's, served by
the strict fake nameserver; nothing of the program knows that it is not outside.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deliverwatch.core.blocklist import Blocklist, query_label
from deliverwatch.core.subjects import Subject, expand
from deliverwatch.flows.ports import Clock
from deliverwatch.sandbox import warming
from deliverwatch.sandbox.names import publish_dmarc
from deliverwatch.sandbox.zones import Mode, Zone, zone_for

ROBIN = "robin.doe@esp.example"
INVENTORY = """\
esp:
  pools:
    - id: shared-1
      stream: shared
      ips: [203.0.113.0/30]
      customers: [bravo, cedar]
  domains:
    - {name: links.esp.example, roles: [link], customers: [acme, bravo, cedar]}
customers:
  - id: acme
    name: Acme Outdoor Ltd
    service_time_zone: eastern
    language: en
    tam: {name: Robin Doe, email: robin.doe@esp.example, phone: "+1 555 0100"}
    contacts: [postmaster@acme.example]
    pools:
      - {id: acme-news, stream: newsletter, ips: [192.0.2.8/29]}
      - {id: acme-receipts, stream: receipts, ips: [198.51.100.20, "2001:db8::20"]}
    domains:
      - {name: news.acme.example, roles: [from, envelope, dkim], dkim_selectors: [s1]}
      - {name: acme-deals.example, roles: [link]}
  - id: bravo
    name: Bravo Learning
    service_time_zone: uk
    tam: {name: Sam Roe, email: sam.roe@esp.example}
    contacts: [mail@bravo.example]
    domains:
      - {name: mail.bravo.example, roles: [from, envelope, dkim], dkim_selectors: [s1]}
  - id: cedar
    name: Cedar Health
    service_time_zone: pacific
    tam: {name: Sam Roe, email: sam.roe@esp.example}
    contacts: [it@cedar.example, marketing@cedar.example]
    domains:
      - {name: cedar.example, roles: [from, envelope, dkim, link], dkim_selectors: [s1]}
  - id: delta
    name: Delta Travel
    service_time_zone: uk
    tam: {name: Robin Doe, email: robin.doe@esp.example}
    contacts: [postmaster@delta.example]
    pools:
      - {id: delta-warm, stream: newsletter, ips: [198.51.100.32/29]}
    domains:
      - {name: mail.delta.example, roles: [from, envelope, dkim], dkim_selectors: [s1]}
"""


@dataclass(frozen=True, slots=True)
class Happening:
    """`words` tell the onlooker what the world does; the program has to find it out."""

    after: timedelta
    words: str
    act: Callable[[Mapping[str, Zone]], None]


def _lists(list_id: str, *names: str, code: str, txt: str) -> Callable[[Mapping[str, Zone]], None]:
    """`names`: addresses, ranges, domains."""

    def act(zones: Mapping[str, Zone]) -> None:
        for subject in _subjects(names):
            zones[list_id].list(_label(subject), code, txt=txt)

    return act


def _drops(list_id: str, *names: str) -> Callable[[Mapping[str, Zone]], None]:
    def act(zones: Mapping[str, Zone]) -> None:
        for subject in _subjects(names):
            zones[list_id].unlist(_label(subject))

    return act


def _turns(list_id: str, mode: Mode) -> Callable[[Mapping[str, Zone]], None]:
    def act(zones: Mapping[str, Zone]) -> None:
        zones[list_id].mode = mode

    return act


def _well_again(list_id: str, *names: str) -> Callable[[Mapping[str, Zone]], None]:
    """It lists what it listed, without the names."""

    def act(zones: Mapping[str, Zone]) -> None:
        _drops(list_id, *names)(zones)
        _turns(list_id, Mode.NORMAL)(zones)

    return act


def _subjects(names: Iterable[str]) -> list[Subject]:
    return [subject for name in names for subject in expand(name)]


def _label(subject: Subject) -> str:
    return query_label(subject.kind, subject.value)


_EVERYTHING = ("192.0.2.8/29", "198.51.100.20", "198.51.100.32/29", "203.0.113.0/30")
_CSS = "https://check.spamhaus.example/sbl/query/SBLCSS"

STORY: Sequence[Happening] = (
    Happening(
        timedelta(hours=4),
        "ZEN lists 192.0.2.10 (CSS), which sends Acme's newsletter",
        _lists("spamhaus-zen", "192.0.2.10", code="127.0.0.3", txt=_CSS),
    ),
    Happening(
        timedelta(hours=14),
        "SpamCop lists 203.0.113.1, which Bravo and Cedar share",
        _lists("spamcop-scbl", "203.0.113.1", code="127.0.0.2", txt="Blocked - see https://spamcop.example/bl.shtml"),
    ),
    Happening(
        timedelta(hours=20),
        "PSBL begins to list the world; caches still repeat its test points from better days",
        _lists("psbl", *_EVERYTHING, code="127.0.0.2", txt="Listed in PSBL"),
    ),
    Happening(
        timedelta(hours=22),
        f"ZEN lists {warming.LISTED} (CSS), which Delta warms up",
        _lists("spamhaus-zen", warming.LISTED, code="127.0.0.3", txt=_CSS),
    ),
    Happening(timedelta(hours=26), "Mailspike goes empty: NXDOMAIN for everything", _turns("mailspike-bl", Mode.EMPTY)),
    Happening(
        timedelta(hours=31),
        "the caches have forgotten: PSBL openly lists the world",
        _turns("psbl", Mode.LISTS_THE_WORLD),
    ),
    Happening(timedelta(hours=34), "SpamCop drops 203.0.113.1", _drops("spamcop-scbl", "203.0.113.1")),
    Happening(timedelta(hours=36), "Acme publishes the DMARC record that it was told to publish", publish_dmarc),
    Happening(timedelta(hours=40), f"ZEN drops {warming.LISTED}", _drops("spamhaus-zen", warming.LISTED)),
    Happening(
        timedelta(hours=43),
        "Barracuda refuses us: our resolver is not registered",
        _turns("barracuda-brbl", Mode.REFUSED),
    ),
    Happening(
        timedelta(hours=46),
        "DBL lists acme-deals.example, Acme's link domain",
        _lists("spamhaus-dbl", "acme-deals.example", code="127.0.1.2", txt="listed as a spam domain"),
    ),
    Happening(timedelta(hours=49), "PSBL is well again", _well_again("psbl", *_EVERYTHING)),
    Happening(
        timedelta(hours=50),
        "UCEPROTECT lists Acme's whole range 192.0.2.8/29",
        _lists("uceprotect-1", "192.0.2.8/29", code="127.0.0.2", txt="IP is UCEPROTECT-Level 1 listed"),
    ),
    Happening(timedelta(hours=53), "Barracuda answers us again", _turns("barracuda-brbl", Mode.NORMAL)),
    Happening(timedelta(hours=56), "URIBL stops answering", _turns("uribl-multi", Mode.SILENT)),
    Happening(timedelta(hours=70), "Mailspike is well again", _turns("mailspike-bl", Mode.NORMAL)),
)


KEYS = {"abusix-combined": "sandboxkey"}


def watched_lists(blocklists: Sequence[Blocklist]) -> list[Blocklist]:
    """Those that matter to a sender and can be verified."""
    return [each for each in blocklists if each.leads and all(each.verifiable(kind) for kind in each.kinds)]


def build_zones(blocklists: Sequence[Blocklist], keys: Mapping[str, str]) -> dict[str, Zone]:
    """Of those that can be asked with these keys."""
    return {
        blocklist.id: zone_for(blocklist, keys.get(blocklist.id))
        for blocklist in blocklists
        if blocklist.zone is not None or blocklist.id in keys
    }


async def play(
    zones: Mapping[str, Zone], clock: Clock, began_at: datetime, tell: Callable[[datetime, str], None]
) -> None:
    """Lets things happen when their time comes."""
    for happening in STORY:
        await clock.sleep(began_at + happening.after - clock.now())
        happening.act(zones)
        tell(began_at + happening.after, happening.words)
