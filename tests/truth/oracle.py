"""Holds everything that was said, and everything that is stored, against the truth.

It knows the timeline and nothing of the flows. What it minds comes back as sentences; none, and nothing false was said,
nothing left unsaid, nothing lost or doubled, and nobody told of what is another's.

Only one falsehood is excused: an opening on the list that lists the world, seen while its test points still read right.
It must have been taken back since, once, from exactly those who were told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from truth.kept import Kept
from truth.letters import Claim
from truth.reported import Reported
from truth.said import Said
from truth.timeline import Span


@dataclass(frozen=True)
class Figures:
    """Detection is from the true beginning until the last of those concerned was told. A network that is listed counts
    once, as the one cause it is, and its account managers wait by policy; `median_by_subject` counts each address."""

    seed: int
    looks: int
    openings: int
    told: int
    excused: int
    corrected: int
    median_detection: timedelta
    median_by_subject: timedelta

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.looks:,} looks, {self.openings} openings, {self.told} messages, "
            f"{self.excused} openings of a liar told and {self.corrected} corrections, "
            f"median detection {self.median_detection} (counted by subject {self.median_by_subject})"
        )


class Oracle(Said, Reported, Kept):
    def complaints(self) -> list[str]:
        checks = (
            self._false_openings,
            self._false_endings,
            self._false_corrections,
            self._missing_corrections,
            self._untold,
            self._false_reports,
            self._missing_reports,
            self._indiscretions,
            self._lost_or_doubled,
            self._false_listings,
            self._missing_listings,
            self._belief_in_the_ill,
        )
        return [f"{check.__name__.strip('_')}: {each}" for check in checks for each in check()]

    def figures(self) -> Figures:
        by_cause: dict[tuple[str, Span], timedelta] = {}
        by_subject: list[timedelta] = []
        for each in self._due_to_be_told():
            if (told_at := self._last_told_at(each)) is not None:
                cause, after = (each.roll.id, each.span), told_at - each.span.begin
                by_cause[cause] = max(after, by_cause.get(cause, after))
                by_subject.append(after)
        return Figures(
            self._timeline.seed,
            sum(cycle.due for cycle in self._lived.cycles),
            len(self._lived.listings),
            len(self._lived.mail),
            len(self._excused),
            len(self.of(Claim.CORRECTION)),
            _median(by_cause.values()),
            _median(by_subject),
        )


def _median(found: Iterable[timedelta]) -> timedelta:
    return median(list(found) or [timedelta(0)])
