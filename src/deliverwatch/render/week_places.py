"""The places of a customer's week as rows: now, this week, last week, and the hours in which nothing is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from deliverwatch.core.week_places import Place, PlaceWeek
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import named
from deliverwatch.render.tongue import number, say


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """`bad`: something is listed there now."""

    name: str
    now: str
    this_week: str
    last_week: str
    unobserved: str
    bad: bool


def place_rows(places: Sequence[PlaceWeek]) -> list[PlaceRow]:
    """None where there is nothing to tell of any."""
    return [] if all(each.is_quiet for each in places) else [_row(each) for each in places]


def _row(each: PlaceWeek) -> PlaceRow:
    return PlaceRow(
        name=place_name(each.place),
        now=number(each.open_at_end),
        this_week=number(each.listed),
        last_week=say("not known") if each.listed_before is None else number(each.listed_before),
        unobserved=_unobserved(each),
        bad=each.open_at_end > 0,
    )


def _unobserved(each: PlaceWeek) -> str:
    if not each.due_for:
        return say("not watched")
    if not each.unverified_for:
        return say("none of {whole}", whole=_hours(each.due_for))
    return say("{length} of {whole}", length=_hours(each.unverified_for), whole=_hours(each.due_for))


def _hours(length: timedelta) -> str:
    """Rounded up: what was not observed is never told as less. No line of a narrow column breaks before the unit."""
    return say("{hours} h", hours=number(-(-length // timedelta(hours=1)))).replace(" ", "\N{NO-BREAK SPACE}")


def place_name(place: Place) -> str:
    if place.domain is not None:
        return named([place.domain])
    stream = in_mail(place.stream, 60) if place.stream else None
    pool = in_mail(place.pool, 60) if place.pool else None
    if stream and pool:
        return say("{stream} (pool {pool})", stream=stream, pool=pool)
    if pool:
        return say("pool {pool}", pool=pool)
    return stream or say("Without a pool")
