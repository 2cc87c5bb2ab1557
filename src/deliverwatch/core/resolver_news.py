"""What is news of our resolvers: a trouble that began or still lasts, told once a day, and its end.

An end is told when what was wrong is seen to be right, on the same path and for the same lists: never because nothing
answered, or because a list is not asked there any more since it refuses us. The troubles of a resolver that was taken
out of the settings end with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.resolver_health import ProbedResolver, ResolverFault, SeenPoint, Trouble
from deliverwatch.core.verdict import Reply

Standing = dict[tuple[str, str], Event]
"""The newest event of each trouble that has no end yet, by resolver and trouble."""
TOLD_BY = (EventKind.RESOLVER_TROUBLE, EventKind.RESOLVER_WELL)
_NO_ANSWERS = frozenset({Trouble.DEAD, Trouble.REFUSES})


def resolver_news(
    faults: Sequence[ResolverFault],
    probed: Iterable[ProbedResolver],
    seen: Sequence[SeenPoint],
    told: Iterable[Event],
    at: datetime,
) -> list[Event]:
    """`seen`: the test points on all paths. `told`: newest first."""
    standing = standing_troubles(told)
    found = {(fault.path, fault.trouble) for fault in faults}
    silent = {fault.path for fault in faults if fault.trouble in _NO_ANSWERS}
    resolvers = {each.path: each for each in probed}
    ends = [
        _end(trouble, at, gone=path not in resolvers)
        for (path, name), trouble in standing.items()
        if (path, name) not in found and path not in silent and _is_over(trouble, resolvers.get(path), seen)
    ]
    return [*ends, *_troubles(faults, standing, at)]


def standing_troubles(told: Iterable[Event]) -> Standing:
    """`told`: newest first."""
    newest: Standing = {}
    for event in told:
        newest.setdefault((event.facts["path"], event.facts["trouble"]), event)
    return {key: event for key, event in newest.items() if event.kind is EventKind.RESOLVER_TROUBLE}


def _is_over(trouble: Event, resolver: ProbedResolver | None, seen: Sequence[SeenPoint]) -> bool:
    """`resolver`: as it is now, which was not found to have it; None: it is not asked any more."""
    if resolver is None or trouble.facts["trouble"] in _NO_ANSWERS:
        return True
    if trouble.facts["trouble"] == Trouble.REWRITES:
        return bool(resolver.made_up) and all(answer.reply is Reply.NXDOMAIN for answer in resolver.made_up)
    here = [point for point in seen if point.path == resolver.path]
    suffered = set(trouble.facts["lists"])
    right = {point.blocklist.id for point in here} - {point.blocklist.id for point in here if not point.passed}
    return suffered <= right


def _troubles(faults: Iterable[ResolverFault], standing: Standing, at: datetime) -> Iterator[Event]:
    for fault in faults:
        before = standing.get((fault.path, fault.trouble))
        if before is None:
            yield trouble_event(fault, at.isoformat(), at)
        elif before.at.date() != at.date():
            yield trouble_event(fault, before.facts["since"], at)


def trouble_event(fault: ResolverFault, since: str, at: datetime) -> Event:
    facts = {
        "path": fault.path,
        "trouble": fault.trouble,
        "since": since,
        "detail": f"{fault.path} {fault.found}",
        "advice": fault.advice,
        "lists": list(fault.lists),
    }
    return _event(EventKind.RESOLVER_TROUBLE, facts, at)


def _end(trouble: Event, at: datetime, *, gone: bool) -> Event:
    facts = {name: trouble.facts[name] for name in ("path", "trouble", "since", "lists")}
    return _event(EventKind.RESOLVER_WELL, {**facts, "gone": gone}, at)


def _event(kind: EventKind, facts: Mapping[str, object], at: datetime) -> Event:
    """One look in an hour is the most there is."""
    return Event(f"{kind}/{facts['path']}/{facts['trouble']}/{at:%Y-%m-%dT%H}", kind, at, "", facts=facts)
