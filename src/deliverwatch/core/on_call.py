"""Who is on call, who is away, and who stands in.

A rota hands over on the wall clock of its zone, every so many days, so that a week of it has 167, 168 or 169 hours.
A cover takes a stretch out of it; of several the last that was written wins. A person is a mail address or the name of
a channel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Shift:
    """From `begins_at` until before `ends_at`."""

    person: str
    begins_at: datetime
    ends_at: datetime

    def holds(self, now: datetime) -> bool:
        return self.begins_at <= now < self.ends_at


@dataclass(frozen=True, slots=True)
class Rota:
    """`people` in their order, the first from `starts_on` at `hands_over`. Before that, and without any, nobody."""

    people: tuple[str, ...] = ()
    starts_on: date = date.min
    hands_over: time = time(9)
    every_days: int = 7
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    covers: tuple[Shift, ...] = ()

    def on_call(self, now: datetime) -> str | None:
        covers = [cover for cover in self.covers if cover.holds(now)]
        if covers:
            return covers[-1].person
        days = (self._day(now) - self.starts_on).days
        return self.people[days // self.every_days % len(self.people)] if self.people and days >= 0 else None

    def _day(self, now: datetime) -> date:
        """A day of the rota lasts from one handing over to the next."""
        local = now.astimezone(self.zone)
        return local.date() if local.time() >= self.hands_over else local.date() - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Absence:
    """`deputy` stands in for `person`; None: whoever always does."""

    person: str
    begins_at: datetime
    ends_at: datetime
    deputy: str | None = None


@dataclass(frozen=True, slots=True)
class Deputies:
    """`standing`: by person, in lower case: an address is the same however it is written."""

    standing: Mapping[str, str] = field(default_factory=dict)
    absences: Sequence[Absence] = ()

    def of(self, person: str) -> str | None:
        return self.standing.get(person.lower())

    def acting_for(self, person: str, now: datetime) -> str:
        """The person, or who stands in; a deputy who is away, too, has one of their own. Where nobody is left, the
        person all the same: a message that waits in a mailbox is better than none."""
        seen = [person]
        while (absence := self._absence(seen[-1], now)) is not None:
            deputy = absence.deputy or self.of(absence.person)
            if deputy is None or deputy in seen:
                return person
            seen.append(deputy)
        return seen[-1]

    def _absence(self, person: str, now: datetime) -> Absence | None:
        mine = (each for each in self.absences if each.person.lower() == person.lower())
        return next((each for each in mine if each.begins_at <= now < each.ends_at), None)
