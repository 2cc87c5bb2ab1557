"""What a list said before it was caught lying.

A list that begins to list the world, or whose domain a registrar answers for, is not always found out at once: a cache
on the way may repeat its test points from better days while it already answers fresh questions wrongly. So when a test
point shows a lie, whatever opened since the last verified round but one is doubted, and whatever opened in the last
three hours: resolvers keep a "no" for that long at most by default (BIND 9 `max-ncache-ttl` 3 h, Unbound
`cache-max-negative-ttl` 1 h; their manuals, checked 2026-11-24). It stays open and moves no further;
messages about it that have not gone out are kept back. Once the list can be believed again the next looks decide:
listed, and it is real; clear, and it is void, in no figure, and whoever was told gets a correction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from deliverwatch.core.listing import ListingState, Phase
from deliverwatch.core.subjects import Subject, SubjectKind

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_REPEATED_FOR = timedelta(hours=3)


def doubted_since(verified_at: Sequence[datetime], caught_at: datetime) -> datetime:
    """`verified_at`: when the latest verified rounds began, newest first."""
    if not verified_at:
        return _ALWAYS
    return min(verified_at[min(1, len(verified_at) - 1)], caught_at - _REPEATED_FOR)


def doubt(
    states: Mapping[Subject, ListingState], kinds: frozenset[SubjectKind], since: datetime, at: datetime
) -> dict[Subject, ListingState]:
    """The states that change: what is listed is doubted, what was only suspected is forgotten. `at`: no look of that
    time or before decides any of them."""
    return {
        subject: replace(state, as_of=at, doubted=True, clear_count=0, clear_since=None, clear_trusted_at=None)
        if state.phase is Phase.LISTED
        else ListingState(as_of=at)
        for subject, state in states.items()
        if subject.kind in kinds and not state.doubted and state.opened_at is not None and state.opened_at >= since
    }
