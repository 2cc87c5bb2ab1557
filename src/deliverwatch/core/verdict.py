"""What one answer of a blocklist says.

It is one of five outcomes. `listed` and `clear` are conclusive. `refused` is about our query, `unreachable` about the
way there, `nonsense` about the list: these three say nothing about the subject, and nothing may be concluded from them.

All values of an answer are read together, and it accuses its subject only if one of its codes does. A value inside
127.0.0.0/8 which the catalogue does not explain is a listing of low impact, marked as unexplained: lists do introduce
codes before they document them. 127.255.255.0/24 is never a listing on any list known (Spamhaus, "Using our public
mirrors", checked 2026-08). No list has so much to say about one subject that it takes more than `MAX_CODES` values:
such an answer is nonsense.
"""

import ipaddress
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from deliverwatch.core.blocklist import Blocklist, CodeStyle, Impact, Polarity, RemovalWay, ReturnCode, Scope
from deliverwatch.core.subjects import DomainRole

MAX_CODES = 64
_CODES_KEPT = 8
_LISTING_SPACE = ipaddress.ip_network("127.0.0.0/8")
_BITMASK_SPACE = ipaddress.ip_network("127.0.0.0/24")
_REFUSAL_SPACE = ipaddress.ip_network("127.255.255.0/24")


class Outcome(StrEnum):
    LISTED = "listed"
    CLEAR = "clear"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    NONSENSE = "nonsense"

    @property
    def conclusive(self) -> bool:
        return self in (Outcome.LISTED, Outcome.CLEAR)


class Reply(StrEnum):
    """What came back from one DNS query. Names follow RFC 1035 §4.1.1; EMPTY is NOERROR without such a record, NONSENSE
    a message that contradicts itself (NXDOMAIN with an address in it)."""

    ANSWER = "answer"
    EMPTY = "empty"
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    FORMERR = "formerr"
    NOTIMP = "notimp"
    TIMEOUT = "timeout"
    NETWORK = "network"
    NONSENSE = "nonsense"


@dataclass(frozen=True, slots=True)
class Answer:
    """The raw answer, kept as evidence. `ttl_for` is the lowest of the records. `detail` never holds a query name.

    `asked` False: nothing was sent, for the reason that `reply` and `detail` give.
    """

    reply: Reply
    values: tuple[str, ...] = ()
    ttl_for: timedelta | None = None
    detail: str | None = None
    asked: bool = True


NOT_LISTED = Answer(Reply.NXDOMAIN)
"""The one that nearly every look-up ends in: one object for all of them."""


def joined(answers: Sequence[Answer]) -> Answer:
    """One answer about a subject that was asked for under several names: what any of them is listed for. It is not
    listed only when none of them is."""
    if len(answers) == 1:
        return answers[0]
    answered = [answer for answer in answers if answer.reply is Reply.ANSWER and answer.asked]
    if not answered:
        return next((answer for answer in answers if answer.reply is not Reply.NXDOMAIN), NOT_LISTED)
    ttls = [answer.ttl_for for answer in answered if answer.ttl_for is not None]
    values = dict.fromkeys(value for answer in answered for value in answer.values)
    return replace(answered[0], values=tuple(values), ttl_for=min(ttls, default=None))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer says about a subject. `detail` tells why it is not conclusive, or what to keep in mind.

    `polarity`, `scope`, `removal`: of the codes found, None where nothing was. BLOCK if any of them accuses.
    """

    outcome: Outcome
    codes: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    impact: Impact | None = None
    detail: str | None = None
    unexplained: tuple[str, ...] = ()
    polarity: Polarity | None = None
    scope: Scope | None = None
    removal: RemovalWay | None = None


_CLEAR = Verdict(Outcome.CLEAR)


def judge(blocklist: Blocklist, answer: Answer) -> Verdict:
    """Reads one answer by the catalogue's rules. Total: every answer has a verdict."""
    match answer.reply:
        case Reply.NXDOMAIN:
            return _CLEAR
        case Reply.REFUSED:
            return Verdict(Outcome.REFUSED, detail=answer.detail or "the server answered REFUSED: we may not ask it")
        case Reply.EMPTY:
            return Verdict(Outcome.NONSENSE, detail="an answer without a record (NOERROR, no A): something filters it")
        case Reply.ANSWER:
            return _judge_values(blocklist, tuple(sorted(set(answer.values), key=_numeric)))
        case Reply.NONSENSE:
            return Verdict(Outcome.NONSENSE, detail=answer.detail or "the reply contradicts itself")
        case _:
            return Verdict(Outcome.UNREACHABLE, detail=_why_unreachable(answer))


def is_listing(verdict: Verdict) -> bool:
    """A `listed` answer of an allow or reputation list, or of such a code, accuses nobody."""
    return verdict.outcome is Outcome.LISTED and verdict.polarity is Polarity.BLOCK


def matches(pattern: str, value: str) -> bool:
    """Whether an answer is one of those that a value of the catalogue stands for: octet by octet a number, a range
    ("0-69") or a star."""
    if pattern == value:
        return True
    return _is_pattern(pattern) and all(
        _octet_matches(*pair) for pair in zip(pattern.split("."), value.split("."), strict=True)
    )


def _is_pattern(text: str) -> bool:
    return "." in text and ("*" in text or "-" in text)


def _octet_matches(pattern: str, octet: str) -> bool:
    if pattern == "*":
        return True
    low, _, high = pattern.partition("-")
    return int(low) <= int(octet) <= int(high or low)


def _judge_values(blocklist: Blocklist, values: tuple[str, ...]) -> Verdict:
    if not values:
        return Verdict(Outcome.NONSENSE, detail="an answer without an address")
    if len(values) > MAX_CODES:
        detail = f"answered {len(values):,} addresses for one name: at most {MAX_CODES} are taken for a listing"
        return Verdict(Outcome.NONSENSE, codes=values[:_CODES_KEPT], detail=detail)
    outside = [value for value in values if ipaddress.ip_address(value) not in _LISTING_SPACE]
    if outside:
        return Verdict(Outcome.NONSENSE, codes=values, detail=f"answered {', '.join(outside)}, outside 127.0.0.0/8")
    refusals = [why for value in values for why in _refusals(blocklist, value)]
    if refusals:
        return Verdict(Outcome.REFUSED, codes=values, detail="; ".join(dict.fromkeys(refusals)))
    return _listed(blocklist, values)


def _listed(blocklist: Blocklist, values: tuple[str, ...]) -> Verdict:
    known: list[tuple[ReturnCode, str]] = []
    unexplained: list[str] = []
    for value in values:
        parts = _parts(blocklist.style, value)
        found = [(code, value) for part in parts if (code := _code_of(blocklist, part)) is not None]
        known += found
        if not parts or len(found) < len(parts):
            unexplained.append(value)
    return Verdict(
        Outcome.LISTED,
        codes=values,
        meanings=_meanings(blocklist.style, known, unexplained),
        impact=_impact(blocklist, known, unexplained),
        unexplained=tuple(unexplained),
        polarity=_polarity(blocklist, known, unexplained),
        scope=_scope(blocklist, [code for code, _ in known]),
        removal=_removal(blocklist, [code for code, _ in known]),
    )


def _code_of(blocklist: Blocklist, part: str) -> ReturnCode | None:
    """The first that fits: exact values stand before the pattern that holds them too."""
    return next((code for code in blocklist.codes if matches(code.value, part)), None)


def _meanings(style: CodeStyle, known: list[tuple[ReturnCode, str]], unexplained: list[str]) -> tuple[str, ...]:
    found = [_meaning(style, code, value) for code, value in known]
    return tuple(dict.fromkeys([*found, *(f"{value}: not explained by the catalogue" for value in unexplained)]))


def _meaning(style: CodeStyle, code: ReturnCode, value: str) -> str:
    return f"{code.meaning} ({value.rsplit('.', 1)[1]})" if style is CodeStyle.SCORE else code.meaning


def _polarity(blocklist: Blocklist, known: list[tuple[ReturnCode, str]], unexplained: list[str]) -> Polarity:
    found = {code.polarity or blocklist.polarity for code, _ in known}
    if unexplained or not found:
        found.add(blocklist.polarity)
    return next(polarity for polarity in Polarity if polarity in found)


def _impact(blocklist: Blocklist, known: list[tuple[ReturnCode, str]], unexplained: list[str]) -> Impact:
    """Of those that accuse; an answer in which none does has the worst of all, for what it is worth."""
    impacts = [code.impact for code, _ in known if (code.polarity or blocklist.polarity) is Polarity.BLOCK]
    return worst(impacts + [Impact.LOW for _ in unexplained] or [code.impact for code, _ in known])


def _scope(blocklist: Blocklist, known: list[ReturnCode]) -> Scope:
    """The narrowest of those found: what is certain of the subject itself comes before what its network did."""
    found = {code.scope or blocklist.scope for code in known}
    return next((scope for scope in _NARROWEST_FIRST if scope in found), blocklist.scope)


_NARROWEST_FIRST = (Scope.ADDRESS, Scope.HOST, Scope.DOMAIN, Scope.NETWORK, Scope.ASN)


def _removal(blocklist: Blocklist, known: list[ReturnCode]) -> RemovalWay:
    """Where the codes differ, the hardest: a listing is gone when all of it is."""
    found = {code.removal or blocklist.removal.way for code in known}
    return next((way for way in _HARDEST_FIRST if way in found), blocklist.removal.way)


_HARDEST_FIRST = (
    RemovalWay.NETWORK_OWNER,
    RemovalWay.ACCOUNT,
    RemovalWay.EMAIL,
    RemovalWay.SELF_SERVICE,
    RemovalWay.AUTOMATIC,
)


def worst(impacts: Iterable[Impact]) -> Impact:
    return max(impacts, key=lambda impact: impact.rank)


def weighed(impact: Impact, blocklist: Blocklist, roles: Collection[DomainRole]) -> Impact:
    """What a listing of a domain means to a customer who uses it in these roles: one step less where the list is not
    asked about any of them."""
    if not blocklist.matters_to or not roles or not blocklist.matters_to.isdisjoint(roles):
        return impact
    return list(Impact)[min(4 - impact.rank + 1, 4)]


def _parts(style: CodeStyle, value: str) -> tuple[str, ...]:
    if style is not CodeStyle.BITMASK:
        return (value,)
    if ipaddress.ip_address(value) not in _BITMASK_SPACE:
        return ()
    octet = int(value.rsplit(".", 1)[1])
    return tuple(str(1 << bit) for bit in range(8) if octet & 1 << bit)


def _refusals(blocklist: Blocklist, value: str) -> list[str]:
    if found := [f"{value}: {why}" for pattern, why in blocklist.refusals.items() if matches(pattern, value)]:
        return found[:1]
    if ipaddress.ip_address(value) in _REFUSAL_SPACE:
        return [f"{value}: an answer about our query, not about the subject"]
    if blocklist.style is CodeStyle.BITMASK:
        return [
            f"{value}: {blocklist.refusals[bit]}" for bit in _parts(blocklist.style, value) if bit in blocklist.refusals
        ]
    return []


def _why_unreachable(answer: Answer) -> str:
    if not answer.asked and answer.detail is not None:
        return answer.detail
    why = {
        Reply.TIMEOUT: "no answer in time",
        Reply.SERVFAIL: "the server answered SERVFAIL",
        Reply.FORMERR: "the server answered FORMERR",
        Reply.NOTIMP: "the server answered NOTIMP",
        Reply.NETWORK: "the network failed",
    }[answer.reply]
    return f"{why} ({answer.detail})" if answer.detail else why


def _numeric(value: str) -> int:
    address = ipaddress.ip_address(value)
    return int(address)
