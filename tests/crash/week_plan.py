"""Twenty customers and a week, by a plan that was made before: who is listed where, from which hour until which.

Monday 22 March 2027 to Sunday the 28th, the 12th ISO week: the UK closes on Good Friday, puts its clocks forward in the
night to Easter Sunday, and closes on the Monday after; the Federal Reserve does neither, and the USA has had summer
time for a week. The days and hours below are written by hand, from the calendar on the wall: neither `calendars` nor
`core.service_hours` is asked. We begin on the Sunday before, so that its week has reports of half a day.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

HOUR = timedelta(hours=1)


def march(day, hour):
    return datetime(2027, 3, day, hour, tzinfo=UTC)


class Week(NamedTuple):
    """Of one zone, in UTC. `begins_at`: or when we began. `report_at`: 09:00 on its clocks."""

    begins_at: datetime
    ends_at: datetime
    report_at: datetime


BEGINS_AT, ENDS_AT = march(21, 12), march(30, 18)
WEEK_BEFORE, THE_WEEK = "2027-W11", "2027-W12"
WEEKS = {
    (WEEK_BEFORE, "uk"): Week(BEGINS_AT, march(22, 0), march(22, 9)),
    (WEEK_BEFORE, "eastern"): Week(BEGINS_AT, march(22, 4), march(22, 13)),
    (WEEK_BEFORE, "pacific"): Week(BEGINS_AT, march(22, 7), march(22, 16)),
    (THE_WEEK, "uk"): Week(
        march(22, 0), march(28, 23), march(30, 8)
    ),  # an hour short, and the Monday after is Easter's
    (THE_WEEK, "eastern"): Week(march(22, 4), march(29, 4), march(29, 13)),
    (THE_WEEK, "pacific"): Week(march(22, 7), march(29, 7), march(29, 16)),
}
ZONES, LANGUAGES = ("uk", "eastern", "pacific"), ("en", "de", "es", "id")
IP_LISTS, DOMAIN_LIST = ("psbl", "spamcop-scbl"), "uribl-multi"
LISTS = (*IP_LISTS, DOMAIN_LIST)
FAILS_AT, WELL_AT = march(25, 10), march(25, 16)
"""`IP_LISTS[0]` answers nothing of use."""
BELIEVED_AT = WELL_AT + HOUR
"""After two good rounds, an hour apart."""
CLOSED_AFTER, CLOSED_BEFORE = 2 * HOUR, 4 * HOUR
"""How long after an end it is believed: at the third clear look."""


@dataclass(frozen=True)
class Sender:
    """A customer, the `number`th. `enabled`: they get reports."""

    number: int
    enabled: bool = True

    @property
    def id(self):
        return f"customer-{self.number}"

    @property
    def zone(self):
        return ZONES[self.number % len(ZONES)]

    @property
    def language(self):
        return LANGUAGES[self.number % len(LANGUAGES)]

    @property
    def contacts(self):
        names = ("postmaster", "second") if self.number % 5 == 0 else ("postmaster",)
        return tuple(f"{name}@{self.id}.example" for name in names)

    @property
    def pools(self):
        pools = {"newsletter": [f"192.0.2.{10 * self.number + 1}"]}
        if self.number % 2 == 0:
            pools["transactional"] = [f"198.51.100.{10 * self.number + 1}"]
        return pools

    @property
    def ips(self):
        return [ip for pool in self.pools.values() for ip in pool]

    @property
    def domains(self):
        return [f"{self.id}.example"] if self.number % 5 in (1, 2) else []

    @property
    def watches(self):
        return [*((ip, list_id) for list_id in IP_LISTS for ip in self.ips), *((d, DOMAIN_LIST) for d in self.domains)]

    @property
    def row(self):
        return {
            "id": self.id,
            "name": f"Customer {self.number}",
            "service_time_zone": self.zone,
            "language": self.language,
            "tam": {"name": "Robin Doe", "email": "robin@esp.example"},
            "contacts": self.contacts,
            "report": {"enabled": self.enabled},
            "pools": [
                {"id": f"{self.id}-{stream}", "stream": stream, "ips": ips} for stream, ips in self.pools.items()
            ],
            "domains": [{"name": name, "roles": ["from"]} for name in self.domains],
        }


SENDERS = tuple(Sender(number) for number in range(20))
WITHOUT_REPORT = Sender(20, enabled=False)


@dataclass(frozen=True)
class Listed:
    sender: Sender
    subject: str
    list_id: str
    begins_at: datetime
    ends_at: datetime

    def is_on(self, at):
        return self.begins_at <= at < self.ends_at

    @property
    def opened_at(self):
        return max(self.begins_at, BEGINS_AT)

    @property
    def closed_at(self):
        """At the earliest: within this hour, after it has begun."""
        return self.ends_at + CLOSED_AFTER

    @property
    def is_certain(self):
        """Whether it can be said before in which week it is closed, and it began and ended while its list was well."""
        ends = [week.ends_at for (_, zone), week in WEEKS.items() if zone == self.sender.zone]
        at_an_edge = any(self.closed_at < end <= self.ends_at + CLOSED_BEFORE for end in ends)
        ill = self.list_id == IP_LISTS[0] and any(
            FAILS_AT - CLOSED_BEFORE <= at <= BELIEVED_AT for at in (self.begins_at, self.ends_at)
        )
        return not at_an_edge and not ill


AT_THE_EDGES = (
    (0, 0, march(28, 23), march(29, 9)),  # midnight in London: of the week after
    (3, 0, march(28, 22), march(29, 9)),
    (3, 1, march(21, 23), march(22, 15)),
    (6, 0, march(24, 6), march(28, 18)),
    (6, 1, march(24, 6), march(28, 21)),  # over before the week was, and believed when it was
    (1, 0, march(22, 3), march(24, 12)),  # still Sunday in New York
    (1, 1, march(22, 4), march(24, 12)),
    (4, 0, march(28, 23), march(29, 9)),  # still Sunday there, Monday in London
    (7, 0, march(26, 0), march(29, 3)),
    (2, 0, march(22, 6), march(22, 20)),  # still Sunday in Los Angeles
    (2, 1, march(29, 6), march(29, 20)),
    (2, 2, march(29, 7), march(29, 20)),
    (5, 0, march(21, 0), march(30, 12)),  # before us, and after the reports
    (8, 0, march(21, 0), march(21, 18)),
    (8, 3, march(25, 0), march(26, 0)),
)
"""Of which sender, which of its watches, from when until when."""


def plan(rng):
    """Each watch once. Some senders have a quiet week."""
    listed = [Listed(SENDERS[number], *SENDERS[number].watches[watch], *when) for number, watch, *when in AT_THE_EDGES]
    assert all(each.is_certain for each in listed)
    taken = {(each.subject, each.list_id) for each in listed}
    for sender in (*SENDERS, WITHOUT_REPORT):
        free = [watch for watch in sender.watches if watch not in taken]
        for subject, list_id in rng.sample(free, min(sender.number % 4, len(free))):
            listed.append(_some_time(rng, sender, subject, list_id))
    return tuple(listed)


def _some_time(rng, sender, subject, list_id):
    while True:
        begins_at = BEGINS_AT + rng.randrange(1, 200) * HOUR
        found = Listed(sender, subject, list_id, begins_at, begins_at + rng.randrange(4, 80) * HOUR)
        if found.is_certain:
            return found
