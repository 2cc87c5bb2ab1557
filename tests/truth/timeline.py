"""The truth, drawn from a seed before anything runs: who is listed where and when, and who lies.

Three lists die. One begins to list the world: for one or two rounds its test points still read right, as through a
cache, and then it lists them too. One goes empty. One falls silent. The first comes back, the others may. What they
listed stays true while they are ill; they do not say it. And a few names are not answered for some hours by lists that
are well.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from truth.cast import ROLLS, SUBJECTS, V4, Roll

HOUR = timedelta(hours=1)
BEGAN_AT = datetime(2026, 11, 7, 3, tzinfo=UTC)
LISTINGS_A_DAY = 10
_APART = timedelta(hours=12)  # of two listings of one subject on one list: it would be called unstable
_HUSHED = 5
_NOW_AND_THEN_RATIO = 0.003
_SHORTEST = timedelta(hours=6)  # of what is wrong with a list or a resolver: less may pass between two rounds
_LAST_BEGIN = timedelta(hours=6)  # before the end: there must be time to tell it


@dataclass(frozen=True)
class Span:
    begin: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.begin <= moment < self.end

    def meets(self, other: "Span", apart: timedelta = timedelta(0)) -> bool:
        return self.begin < other.end + apart and other.begin < self.end + apart


@dataclass(frozen=True)
class TrueListing:
    roll: Roll
    subject: str
    code: str
    span: Span


class Illness(StrEnum):
    LISTS_THE_WORLD = "lists the world"
    EMPTY = "empty"
    SILENT = "silent"


@dataclass(frozen=True)
class Trouble:
    """`found_at`: from then on its test points read wrong."""

    roll: Roll
    illness: Illness
    span: Span
    found_at: datetime


@dataclass(frozen=True)
class Lie:
    """Told by one resolver: that a name is listed, or that it is not. `ratio`: of the names, all of them or few."""

    resolver: int
    listed: bool
    span: Span
    ratio: float = 1.0


@dataclass(frozen=True)
class Hush:
    """Of a listing that stands: its list is well, and answers nothing when it is asked for this one name."""

    listing: TrueListing
    span: Span


@dataclass(frozen=True)
class Timeline:
    seed: int
    whole: Span
    listings: tuple[TrueListing, ...]
    troubles: tuple[Trouble, ...]
    lies: tuple[Lie, ...]
    hushes: tuple[Hush, ...]

    def moments(self) -> list[datetime]:
        """When anything changes for those who ask."""
        spans = [each.span for each in (*self.listings, *self.troubles, *self.lies, *self.hushes)]
        found = {moment for span in spans for moment in (span.begin, span.end)}
        return sorted(found | {trouble.found_at for trouble in self.troubles})

    def trouble_of(self, list_id: str) -> Trouble | None:
        return next((trouble for trouble in self.troubles if trouble.roll.id == list_id), None)

    def true_of(self, list_id: str, subject: str) -> Iterator[Span]:
        return (each.span for each in self.listings if (each.roll.id, each.subject) == (list_id, subject))


def draw(seed: int, days: int) -> Timeline:
    chance = random.Random(seed)
    whole = Span(BEGAN_AT, BEGAN_AT + timedelta(days=days))
    troubles = tuple(_troubles(chance, whole))
    listings: list[TrueListing] = []
    for wanted in [*_ranges(chance, whole), *(_single(chance, whole) for _ in range(LISTINGS_A_DAY * days))]:
        listings += [each for each in wanted if _fits(each, listings, troubles)]
    lies, hushes = tuple(_lies(seed, chance, whole)), tuple(_hushes(listings, troubles))
    return Timeline(seed, whole, tuple(listings), troubles, lies, hushes)


def _between(chance: random.Random, least: timedelta, most: timedelta) -> timedelta:
    return timedelta(seconds=chance.randint(int(least.total_seconds()), int(most.total_seconds())))


def _troubles(chance: random.Random, whole: Span) -> Iterator[Trouble]:
    length = whole.end - whole.begin
    rolls = chance.sample([roll for roll in ROLLS if roll.leads], 3)
    for roll, illness in zip(rolls, Illness, strict=True):
        begin = whole.begin + _between(chance, length / 5, length * 3 / 5)
        end = begin + max(_between(chance, length / 15, length / 6), _SHORTEST)
        if illness is Illness.LISTS_THE_WORLD:
            yield Trouble(roll, illness, Span(begin, end), begin + chance.choice([1, 2]) * HOUR)
        else:
            comes_back = chance.random() < 0.5
            yield Trouble(roll, illness, Span(begin, end if comes_back else whole.end + HOUR), begin)


def _lies(seed: int, chance: random.Random, whole: Span) -> Iterator[Lie]:
    """First now and then, as if one of the machines behind it were ill; then all the time, in both ways."""
    length, resolver = whole.end - whole.begin, (seed - 1) % 3
    yield Lie(resolver, True, Span(whole.begin + 2 * HOUR, whole.begin + length / 10), _NOW_AND_THEN_RATIO)
    first = chance.random() < 0.5
    for listed, earliest in ((first, length / 10), (not first, length / 2)):
        begin = whole.begin + earliest + _between(chance, timedelta(0), length / 5)
        lasts = max(_between(chance, length / 30, length / 10), _SHORTEST)
        yield Lie(resolver, listed, Span(begin, begin + lasts))


def _hushes(listings: Sequence[TrueListing], troubles: Sequence[Trouble]) -> Iterator[Hush]:
    """Long enough after it began that it is told, and long enough for three looks."""
    ill = {trouble.roll for trouble in troubles}
    last = [each for each in listings if each.roll.leads and each.roll not in ill]
    for each in [each for each in last if each.span.end - each.span.begin >= 12 * HOUR][-_HUSHED:]:
        yield Hush(each, Span(each.span.begin + 5 * HOUR, each.span.begin + 10 * HOUR))


def _single(chance: random.Random, whole: Span) -> list[TrueListing]:
    roll = chance.choice(ROLLS)
    subject = chance.choice([each for each in SUBJECTS if roll.covers(each)])
    least, most = chance.choice([(1, 3), (3, 24), (3, 24), (24, 144)])
    return [TrueListing(roll, subject, chance.choice(roll.codes), _span(chance, whole, least, most))]


def _ranges(chance: random.Random, whole: Span) -> Iterator[list[TrueListing]]:
    """Real ones of whole networks: one of 64 addresses, which is a mass listing, and one of 16."""
    for prefix, count in (("192.0.2.", 64), ("198.51.100.", 16)):
        roll = chance.choice([roll for roll in ROLLS if roll.leads and V4 in roll.kinds])
        span = _span(chance, whole, 12, 72)
        yield [TrueListing(roll, f"{prefix}{number}", roll.codes[0], span) for number in range(count)]


def _span(chance: random.Random, whole: Span, least: int, most: int) -> Span:
    begin = whole.begin + _between(chance, 2 * HOUR, whole.end - whole.begin - _LAST_BEGIN)
    return Span(begin, begin + _between(chance, least * HOUR, most * HOUR))


def _fits(wanted: TrueListing, listings: list[TrueListing], troubles: tuple[Trouble, ...]) -> bool:
    """A list that is ill, or is about to be, begins nothing new."""
    ill = (Span(each.span.begin - 6 * HOUR, each.span.end + 6 * HOUR) for each in troubles if each.roll == wanted.roll)
    if any(span.holds(wanted.span.begin) for span in ill):
        return False
    same = (each.span for each in listings if (each.roll, each.subject) == (wanted.roll, wanted.subject))
    return not any(wanted.span.meets(span, _APART) for span in same)
