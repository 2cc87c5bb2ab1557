"""Six IPs that the sandbox's customer Delta warms up, and what its account manager does to them.

One goes by the plan, one has too little mail, one is refused by Outlook, one is listed and held until it is released,
one is taken a step back, and one is done. Their mail follows a table of Delta's own, as if its MTA knew nothing of us:
deliverwatch changes nothing there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from deliverwatch.app import App
from deliverwatch.core.inventory import ServiceZone
from deliverwatch.core.service_hours import wall_instant, zone_of
from deliverwatch.flows.ports import Clock

PLAN, TARGET_PER_DAY = "braze-conservative", 1_000
_TAM = "Robin Doe"
_ZONE = zone_of(ServiceZone.UK)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_BY_PLAN = (50, 50, 50, 100, 100, 100, 500, 500, 500, 1000)
_SHARES: Mapping[str, int] = {"gmail.com": 2, "hotmail.com": 1, "yahoo.com": 1}
"""Of four messages to how many receivers of each domain."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """`begins`: days from the first of the world. `per_day`: messages; the last number goes on."""

    ip: str
    begins: int
    per_day: tuple[int, ...]

    def on(self, first: date, day: date) -> int:
        number = (day - first).days - self.begins
        return self.per_day[min(number, len(self.per_day) - 1)] if number >= 0 else 0


RAMPS = (
    Ramp("198.51.100.33", -3, _BY_PLAN),
    Ramp("198.51.100.34", -5, (20,)),
    Ramp("198.51.100.35", -6, (*_BY_PLAN[:6], 500)),
    Ramp("198.51.100.36", -4, (50, 50, 50, 100)),
    Ramp("198.51.100.37", -6, (*_BY_PLAN[:9], 1000, 500)),
    Ramp("198.51.100.38", -11, (*_BY_PLAN, 600)),
)
REFUSED, LISTED, STEPPED_BACK = RAMPS[2].ip, RAMPS[3].ip, RAMPS[4].ip


def messages(began_at: datetime, hours: int) -> Iterator[tuple[str, str, datetime, int]]:
    """Of one hour: from which IP, to which domain, when, and their number. `hours`: since the world began."""
    hour_at = began_at + hours * _HOUR
    first, day = began_at.astimezone(_ZONE).date(), hour_at.astimezone(_ZONE).date()
    of_day = (hour_at - wall_instant(day, time(), _ZONE)) // _HOUR
    domains = [domain for domain, share in _SHARES.items() for _ in range(share)]
    for ramp in RAMPS:
        per_day = ramp.on(first, day)
        numbers = range(-(-of_day * per_day // 24), -(-(of_day + 1) * per_day // 24))
        for number in numbers if of_day < 24 else ():  # the 25th hour of a long day has none
            at = hour_at + (number - numbers.start) * _HOUR / len(numbers)
            yield ramp.ip, domains[number % len(domains)], at.astimezone(UTC), number


async def begin(app: App, began_at: datetime) -> None:
    """The runs that are under way when the world begins."""
    plan, first = app.warmups.plan(PLAN), began_at.astimezone(_ZONE).date()
    for ramp in RAMPS:
        await app.warmups.start(ramp.ip, plan, first + ramp.begins * _DAY, _TAM, target=TARGET_PER_DAY)


async def manage(app: App, clock: Clock, began_at: datetime, tell: Callable[[datetime, str], None]) -> None:
    """What the account manager does when the time comes."""
    await clock.sleep(began_at + 71 * _HOUR - clock.now())
    reason = "complaints about the first mailing to last year's guests"
    await app.warmups.step_back(STEPPED_BACK, reason, _TAM)
    tell(clock.now(), f"{_TAM} takes the warm-up of {STEPPED_BACK} one stage back: {reason}")
    await clock.sleep(began_at + 80 * _HOUR - clock.now())
    reason = "the form that let robots subscribe is closed, and ZEN has delisted it"
    await app.warmups.release(LISTED, reason, _TAM)
    tell(clock.now(), f"{_TAM} releases the warm-up of {LISTED}: {reason}")
