"""SPF, evaluated by pyspf as receivers do it (RFC 7208), for each sending address of an envelope domain.

The library is synchronous and asks through one function of its module, which is replaced here, once, by one that asks
our resolvers for whichever evaluation is running (a context variable goes with it into its thread). A look-up of ours
that fails is `temperror` there and UNKNOWN here: it says nothing of the record.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import spf

from deliverwatch.core.incidents import ranges
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_scope import PracticeScope
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.visible import visible
from deliverwatch.practice.resolvers import RAW, Resolvers, seen

_SECONDS = 20
"""For one evaluation (RFC 7208 §4.6.4)."""
_READ_AS = (ValueError, LookupError, TypeError, AssertionError, RecursionError)
"""What the library raises of records that it cannot read at all."""
_MOST_REASON = 160

_Asked = list[tuple[tuple[str, str], Any]]
_asking: ContextVar[Callable[[str, str, float], _Asked]] = ContextVar("asking")


class Spf(StrEnum):
    """The results of RFC 7208 §2.6, the worst last."""

    PASS = "pass"  # noqa: S105  # the word of RFC 7208
    TEMPERROR = "temperror"
    NEUTRAL = "neutral"
    SOFTFAIL = "softfail"
    FAIL = "fail"
    NONE = "none"
    PERMERROR = "permerror"


class Evaluated(NamedTuple):
    address: str
    result: Spf
    why: str = ""


def _through_ours(name: str, kind: str, _: object = True, timeout: float = _SECONDS) -> _Asked:
    return _asking.get()(name, kind, timeout)


spf.DNSLookup = _through_ours


async def spf_of(domain: str, scope: PracticeScope, resolvers: Resolvers, at: datetime) -> CheckResult:
    """Of the addresses that its mail was seen to leave from; where none was seen, of all of them."""
    answer = await resolvers.ask(domain, "TXT")
    source = seen("TXT", domain, answer)
    seen_from = scope.seen_from.get(domain, ())
    addresses = seen_from or scope.addresses
    if not addresses:
        found = f"SPF of {domain}: no sending address is recorded, for which it could be evaluated"
        return CheckResult(Check.SPF, domain, CheckOutcome.UNKNOWN, found, at, source)
    evaluated = await asyncio.gather(*(_evaluate(domain, address, resolvers) for address in addresses))
    return _judge(domain, evaluated, bool(seen_from), at, source)


async def _evaluate(domain: str, address: str, resolvers: Resolvers) -> Evaluated:
    return await asyncio.to_thread(_in_thread, domain, address, resolvers)


def _in_thread(domain: str, address: str, resolvers: Resolvers) -> Evaluated:
    def ask(name: str, kind: str, timeout: float) -> _Asked:
        answer = resolvers.ask_from_thread(name, kind, timeout)
        if answer.values is None:
            raise spf.TempError(f"{kind} of {name}: {answer.detail}")
        return [((name, kind), _as_the_library_reads(kind, value)) for value in answer.values]

    token = _asking.set(ask)
    try:
        query = spf.query(i=address, s=f"postmaster@{domain}", h=domain, querytime=_SECONDS)
        result, _, words = query.check()
    except _READ_AS as failure:
        return Evaluated(address, Spf.TEMPERROR, f"it could not be evaluated: {type(failure).__name__}")
    finally:
        _asking.reset(token)
    why = visible(words.partition("Error: ")[2], _MOST_REASON) if result in (Spf.TEMPERROR, Spf.PERMERROR) else ""
    return Evaluated(address, Spf(result), why)


def _as_the_library_reads(kind: str, value: str) -> Any:
    if kind == "TXT":
        return (value.encode(*RAW),)
    if kind == "MX":
        preference, _, host = value.partition(" ")
        return int(preference), host
    return value


def _judge(domain: str, evaluated: Iterable[Evaluated], were_seen: bool, at: datetime, source: str) -> CheckResult:
    """One result for the domain: the worst of its addresses. Where nobody saw which of them use it, those that are not
    allowed beside others that are may never use it."""
    by_result = _grouped(evaluated)
    worst = max(by_result, key=list(Spf).index)
    found = f"SPF of {domain}: " + "; ".join(_words(result, some) for result, some in by_result.items())
    if worst is Spf.PASS:
        return CheckResult(Check.SPF, domain, CheckOutcome.PASS, found, at, source)
    if worst is Spf.TEMPERROR:
        return CheckResult(Check.SPF, domain, CheckOutcome.UNKNOWN, found, at, source)
    if Spf.PASS in by_result and not were_seen and worst in _NOT_ALLOWED:
        found += "; no mail of the domain was seen, so that it is not known which of them it sends from"
        return CheckResult(Check.SPF, domain, CheckOutcome.UNKNOWN, found, at, source)
    problem = _problem(worst, by_result[worst][0].why)
    facts = {"domain": domain}
    if worst in _NOT_ALLOWED:
        refused = [each for result in _NOT_ALLOWED for each in by_result.get(result, ())]
        facts["addresses"] = ", ".join(_addresses(refused))
    elif problem is Problem.SPF_INVALID:
        facts["reason"] = by_result[worst][0].why
    return CheckResult(Check.SPF, domain, CheckOutcome.FAIL, found, at, source, problem, facts)


_NOT_ALLOWED = (Spf.FAIL, Spf.SOFTFAIL, Spf.NEUTRAL)


def _grouped(evaluated: Iterable[Evaluated]) -> Mapping[Spf, list[Evaluated]]:
    groups: dict[Spf, list[Evaluated]] = {}
    for each in sorted(evaluated, key=lambda each: -list(Spf).index(each.result)):
        groups.setdefault(each.result, []).append(each)
    return groups


def _problem(result: Spf, why: str) -> Problem:
    match result:
        case Spf.NONE:
            return Problem.SPF_MISSING
        case Spf.FAIL:
            return Problem.SPF_FAIL
        case Spf.SOFTFAIL:
            return Problem.SPF_SOFTFAIL
        case Spf.NEUTRAL:
            return Problem.SPF_NEUTRAL
    if "Too many DNS lookups" in why:
        return Problem.SPF_TOO_MANY_LOOKUPS
    return Problem.SPF_SEVERAL if "Two or more" in why else Problem.SPF_INVALID


def _words(result: Spf, some: list[Evaluated]) -> str:
    addresses = ", ".join(_addresses(some))
    match result:
        case Spf.PASS:
            return f"allows {addresses}"
        case Spf.NONE:
            return "there is no SPF record"
        case Spf.PERMERROR:
            return f"the record cannot be used (permerror): {some[0].why}"
        case Spf.TEMPERROR:
            return f"could not be evaluated for {addresses}: {some[0].why}"
    return f"does not allow {addresses} ({result})"


def _addresses(some: Iterable[Evaluated]) -> list[str]:
    return ranges(parse_subject(each.address) for each in some)
