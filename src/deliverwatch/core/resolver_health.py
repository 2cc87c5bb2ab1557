"""Is a resolver fit to ask blocklists through?

Whatever stands between us and a list can hide its answers or make some up, and a list's own test points only say that
something is wrong, not what. So each resolver is asked for a few ordinary names as well, and what it made of the test
points is compared over all lists and with the other ways they were asked. Two lists that fail in one way at one
resolver are that resolver's doing; one may be the list's.

Sources: unbound.conf(5), private-address ("would hinder many spamblocklists"), and dnsmasq(8), rebind-localhost-ok, for
127.0.0.0/8 taken out of answers; RFC 6761 §6.4 for names that cannot exist; RFC 9156 §2.3 and Spamhaus, "QNAME
minimisation and Spamhaus DNSBLs" (2023-11-17), for lists hidden by minimisation: a list's server may say NXDOMAIN for a
name that only has names below it, and a strict resolver stops there. One that falls back to the whole name does no
harm and is no fault. All checked 2026-11-24.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from deliverwatch.core.blocklist import Blocklist, TestPoint
from deliverwatch.core.public_resolvers import operator_of
from deliverwatch.core.verdict import Answer, Outcome, Reply, judge
from deliverwatch.core.zone_health import judge_test_points

_PUBLIC_RESOLVER = "127.255.255.254"  # Spamhaus, "Using our public mirrors", checked 2026-08
_LISTS_TO_BLAME_IT = 2
_NAMED_AT_MOST = 5
_SILENT = frozenset({Reply.TIMEOUT, Reply.NETWORK})
_USELESS = _SILENT | {Reply.SERVFAIL}


class Trouble(StrEnum):
    DEAD = "dead"
    REFUSES = "refuses"
    PUBLIC = "public"
    REWRITES = "rewrites"
    FILTERS = "filters"
    MINIMISES = "minimises"
    HIDES = "hides"
    DISAGREES = "disagrees"


@dataclass(frozen=True, slots=True)
class ResolverFault:
    """`found` and `advice` complete a sentence that begins with the resolver. `lists`: ids of those that suffer."""

    path: str
    trouble: Trouble
    found: str
    advice: str
    lists: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.path} {self.found}: {self.advice}"


@dataclass(frozen=True, slots=True)
class ProbedResolver:
    """What a resolver said to ordinary questions, and to names that do not exist. `minimises` None: not known."""

    path: str
    ordinary: Answer
    made_up: tuple[Answer, ...]
    minimises: bool | None


@dataclass(frozen=True, slots=True)
class SeenPoint:
    """A test point of a list as one path showed it."""

    blocklist: Blocklist
    path: str
    point: TestPoint
    answer: Answer

    @property
    def key(self) -> tuple[str, TestPoint]:
        return self.blocklist.id, self.point

    @property
    def passed(self) -> bool:
        return judge_test_points(self.blocklist, [self.point.kind], {self.point: self.answer}, [self.point]).passed

    @property
    def outcome(self) -> Outcome:
        return judge(self.blocklist, self.answer).outcome

    @property
    def hidden(self) -> bool:
        """It must be listed, and does not exist here."""
        return bool(self.point.expect) and self.outcome is Outcome.CLEAR


Refusals = Mapping[tuple[str, str], str]
"""By list id and path: what a list said when it refused us there. It is not asked there until its stop ends."""

_NONE: Refusals = {}


def resolver_faults(
    probed: Iterable[ProbedResolver], seen: Sequence[SeenPoint], refusals: Refusals = _NONE
) -> list[ResolverFault]:
    """`seen`: the test points on all paths, those that are no resolvers (a list's own servers) included."""
    shown: dict[tuple[str, TestPoint], str] = {}
    for point in seen:
        if point.passed:
            shown.setdefault(point.key, point.path)
    return [
        fault
        for resolver in probed
        for fault in _faults(resolver, [point for point in seen if point.path == resolver.path], shown, refusals)
    ]


def _faults(
    resolver: ProbedResolver,
    here: Sequence[SeenPoint],
    shown: Mapping[tuple[str, TestPoint], str],
    refusals: Refusals,
) -> list[ResolverFault]:
    """A resolver that gives no answer at all has that one fault."""
    if gone := _dead(resolver, here) or _refuses(resolver, here):
        return [gone]
    hiding = _hides(resolver, here, shown)
    found = (
        _public(resolver, here, refusals),
        _rewrites(resolver),
        _filters(resolver, here),
        hiding,
        _disagrees(resolver, [point for point in here if not hiding or point.blocklist.id not in hiding.lists], shown),
    )
    return [fault for fault in found if fault is not None]


def _dead(resolver: ProbedResolver, here: Iterable[SeenPoint]) -> ResolverFault | None:
    replies = {answer.reply for answer in (resolver.ordinary, *resolver.made_up, *(point.answer for point in here))}
    if not replies <= _USELESS:
        return None
    if replies <= _SILENT:
        found, advice = "does not answer", "see that a resolver runs there and lets this machine in over UDP and TCP"
    else:
        found, advice = "answers SERVFAIL to everything", "see that it reaches the Internet and that its clock is right"
    return ResolverFault(resolver.path, Trouble.DEAD, found, f"{advice}, or take it out of dns.resolvers")


def _refuses(resolver: ProbedResolver, here: Iterable[SeenPoint]) -> ResolverFault | None:
    """A server that knows nothing but lists refuses all other names, and is none the worse for it."""
    if resolver.ordinary.reply is not Reply.REFUSED or any(point.outcome.conclusive for point in here):
        return None
    advice = "let this machine in (unbound: access-control; BIND: allow-query, allow-recursion), or ask another"
    return ResolverFault(resolver.path, Trouble.REFUSES, "refuses to answer us (REFUSED for an ordinary name)", advice)


def _public(resolver: ProbedResolver, here: Iterable[SeenPoint], refusals: Refusals) -> ResolverFault | None:
    operator = operator_of(resolver.path)
    say_so = _ids(point for point in here if _PUBLIC_RESOLVER in point.answer.values)
    said_so = (id_ for (id_, path), said in refusals.items() if path == resolver.path and _PUBLIC_RESOLVER in said)
    lists = tuple(dict.fromkeys((*say_so, *said_so)))
    if operator is None and not lists:
        return None
    if operator is not None:
        found = f"is a public resolver ({operator}): many lists refuse it, or answer it that nothing is listed"
        advice = "run a resolver of your own, such as unbound on this machine, and name it in dns.resolvers"
    else:
        found = f"is taken for a public resolver by {_named(lists)} ({_PUBLIC_RESOLVER})"
        advice = "see that it asks the lists itself instead of forwarding, from an address with a host name of your own"
    return ResolverFault(resolver.path, Trouble.PUBLIC, found, advice, lists)


def _rewrites(resolver: ProbedResolver) -> ResolverFault | None:
    values = [value for answer in resolver.made_up if answer.reply is Reply.ANSWER for value in answer.values]
    if not values:
        return None
    found = f"gives an address ({values[0]}) for a name that does not exist, so that all may look listed"
    return ResolverFault(
        resolver.path, Trouble.REWRITES, found, "switch its search or block pages off, or run a resolver of your own"
    )


def _filters(resolver: ProbedResolver, here: Iterable[SeenPoint]) -> ResolverFault | None:
    lists = _ids(point for point in here if point.point.expect and point.answer.reply is Reply.EMPTY)
    if len(lists) < _LISTS_TO_BLAME_IT:
        return None
    return ResolverFault(
        resolver.path,
        Trouble.FILTERS,
        f"takes addresses in 127.0.0.0/8 out of the answers of {_named(lists)}, so that no listing is seen",
        "let them through (unbound: no private-address that holds 127.0.0.0/8; dnsmasq: rebind-localhost-ok)",
        lists,
    )


def _hides(
    resolver: ProbedResolver, here: Iterable[SeenPoint], shown: Mapping[tuple[str, TestPoint], str]
) -> ResolverFault | None:
    """One list that shows its point on no path may have gone empty; two at once were not the lists."""
    hidden = [point for point in here if point.hidden]
    lists = _ids(hidden)
    if len(lists) < _LISTS_TO_BLAME_IT:
        lists = _ids(point for point in hidden if point.key in shown)
    if not lists:
        return None
    if resolver.minimises:
        found = f"minimises the names it asks for and so hides what {_named(lists)} would list"
        advice = "switch that off (unbound: qname-minimisation: no; BIND: qname-minimization off)"
        return ResolverFault(resolver.path, Trouble.MINIMISES, found, advice, lists)
    if any(point.key in shown for point in hidden):
        return None  # then it disagrees with that path
    found = f"says that the test points of {_named(lists)} do not exist, and lists do not go empty together"
    advice = (
        "see whether it forwards to one that these lists refuse, or has a policy about them; name one of them in "
        "dns.direct to compare"
    )
    return ResolverFault(resolver.path, Trouble.HIDES, found, advice, lists)


def _disagrees(
    resolver: ProbedResolver, here: Iterable[SeenPoint], shown: Mapping[tuple[str, TestPoint], str]
) -> ResolverFault | None:
    """It says something else about a test point than what the list promises and another path shows."""
    wrong = [point for point in here if point.outcome.conclusive and not point.passed and point.key in shown]
    lists = _ids(wrong)
    if not lists:
        return None
    others = ", ".join(sorted({shown[point.key] for point in wrong}))
    return ResolverFault(
        resolver.path,
        Trouble.DISAGREES,
        f"answers otherwise than {others} about the test points of {_named(lists)}",
        "empty its cache and look for a local zone or a policy about these lists, or for strict minimisation of names; "
        "take it out of dns.resolvers if it stays so",
        lists,
    )


def _ids(points: Iterable[SeenPoint]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(point.blocklist.id for point in points))


def _named(lists: Collection[str]) -> str:
    some = ", ".join(sorted(lists)[:_NAMED_AT_MOST])
    more = len(lists) - _NAMED_AT_MOST
    return f"{some} and {more} more" if more > 0 else some
