"""Many pieces of work of which one that fails must not hold up the others."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")


async def each_by_itself(pieces: Iterable[Piece], work: Callable[[Piece], Awaitable[Result]]) -> list[Result]:
    """What came of each. The first failure is raised once all are done."""
    results, failures = [], []
    for piece in pieces:
        try:
            results.append(await work(piece))
        except Exception as failure:  # noqa: BLE001 - raised again below
            failures.append(failure)
    if failures:
        raise failures[0]
    return results
