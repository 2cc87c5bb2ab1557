"""The queue of drafts: what waits for a person first, by when it is due; then what was sent; last what is closed.

A block of lines for each draft, not a row: addresses and names of addressees are long, and neither is of use in halves.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from deliverwatch.core.instants import instant
from deliverwatch.core.remediation.draft import UNDER_WAY, WAITING, Draft
from deliverwatch.render.draft_words import LETTERS, asset_of, named_briefly

_NEVER = datetime.max.replace(tzinfo=UTC)


def in_order(drafts: Iterable[Draft]) -> list[Draft]:
    """Expects the newest first, and leaves what is alike in that order."""
    return sorted(drafts, key=_order)


def _order(draft: Draft) -> tuple[int, datetime]:
    if draft.state in WAITING:
        return 0, draft.due_at or _NEVER
    if draft.state in UNDER_WAY:
        return 1, draft.follow_up_at or _NEVER
    return 2, _NEVER


def lines(drafts: Iterable[Draft]) -> Iterator[str]:
    for draft in drafts:
        yield "  ".join([draft.id, draft.state, *_when(draft)])
        yield f"  {named_briefly(draft.subjects)} ({asset_of(draft)})"
        yield f"  {LETTERS[draft.letter]} to {draft.addressee or draft.provider}"
        if said := [*_lacks(draft), *_whose(draft)]:
            yield f"  {', '.join(said)}"


def _when(draft: Draft) -> list[str]:
    """Only what waits for a person is due."""
    if draft.state in WAITING:
        return [f"due {instant(draft.due_at)}"] if draft.due_at is not None else []
    if draft.state in UNDER_WAY and draft.follow_up_at is not None:
        return [f"look again {instant(draft.follow_up_at)}"]
    return []


def _lacks(draft: Draft) -> list[str]:
    if draft.state not in WAITING:
        return []
    missing, against = len(draft.missing), len(draft.stands_against)
    return [*([f"{missing} missing"] if missing else []), *([f"{against} against sending it now"] if against else [])]


def _whose(draft: Draft) -> list[str]:
    if draft.submitted_by is not None:
        came = f", {draft.outcome.replace('_', ' ')}" if draft.outcome is not None else ""
        return [f"sent by {draft.submitted_by}{came}"]
    return [f"pulled by {draft.pulled_by}"] if draft.pulled_by is not None and draft.state in WAITING else []
