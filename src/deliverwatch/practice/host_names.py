"""Names and addresses that must lead to each other: reverse names (FCrDNS), the HELO name, hosts that take mail.

Google answers 5.7.25 to an address without a reverse name that leads back to it. The HELO name is known here only where
the inventory names it. Replies and bounces need a host: MX, else an address of the domain itself (RFC 5321 §5.1), and a
null MX takes none (RFC 7505; receivers may refuse mail from such a domain).
"""

import asyncio
import re
from collections.abc import Iterable
from datetime import datetime

import dns.reversename

from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_scope import PracticeScope
from deliverwatch.core.visible import visible
from deliverwatch.practice.resolvers import Answer, Resolvers, not_told, seen

_MOST_NAMES = 5
_MOST_SHOWN = 100
_GENERIC = re.compile(r"(?:^|[.-])(?:dyn|dynamic|dhcp|dial|dsl|adsl|pool|ppp|static|customer|host|ip)\d*[.-]")


async def reverse_name(address: str, resolvers: Resolvers, at: datetime) -> CheckResult:
    reverse = dns.reversename.from_address(address).to_text(omit_final_dot=True)
    answer = await resolvers.ask(reverse, "PTR")
    source = seen("PTR", address, answer)
    if answer.values is None:
        return CheckResult(Check.PTR, address, CheckOutcome.UNKNOWN, not_told("PTR", address, answer), at, source)
    if not answer.values:
        facts = {"address": address}
        found = f"{address} has no reverse name"
        return CheckResult(Check.PTR, address, CheckOutcome.FAIL, found, at, source, Problem.PTR_MISSING, facts)
    names = answer.values[:_MOST_NAMES]
    kind = "AAAA" if ":" in address else "A"
    leads = await asyncio.gather(*(resolvers.ask(name, kind) for name in names))
    back = [name for name, each in zip(names, leads, strict=True) if address in each.known]
    if back:
        found = f"{address} has the reverse name {_shown(back[:1])}, which leads back to it{_generic(back[0], address)}"
        return CheckResult(Check.PTR, address, CheckOutcome.PASS, found, at, source)
    unknown = next((pair for pair in zip(names, leads, strict=True) if pair[1].values is None), None)
    if unknown is not None:
        found = not_told(kind, visible(unknown[0], _MOST_SHOWN), unknown[1])
        return CheckResult(Check.PTR, address, CheckOutcome.UNKNOWN, found, at, source)
    elsewhere = sorted({each for answer in leads for each in answer.known})
    leads_to = _shown(elsewhere) or "no address"
    found = f"{address} has the reverse name {_shown(names)}, which leads to {leads_to}"
    facts = {"address": address, "names": _shown(names)}
    return CheckResult(Check.PTR, address, CheckOutcome.FAIL, found, at, source, Problem.PTR_ELSEWHERE, facts)


async def helo_name(domain: str, scope: PracticeScope, resolvers: Resolvers, at: datetime) -> CheckResult:
    both = await asyncio.gather(resolvers.ask(domain, "A"), resolvers.ask(domain, "AAAA"))
    source = seen("A and AAAA", domain, both[0] if both[0].path else both[1])
    found_at = sorted({each for answer in both for each in answer.known})
    ours = [each for each in found_at if each in scope.held]
    if ours:
        found = f"the HELO name {domain} leads to {_shown(ours)}, which sends"
        return CheckResult(Check.HELO, domain, CheckOutcome.PASS, found, at, source)
    unknown = next((each for each in both if each.values is None), None)
    if unknown is not None:
        found = not_told("the address", domain, unknown)
        return CheckResult(Check.HELO, domain, CheckOutcome.UNKNOWN, found, at, source)
    if not scope.held:
        found = f"the HELO name {domain}: no sending address is recorded, to which it could lead"
        return CheckResult(Check.HELO, domain, CheckOutcome.UNKNOWN, found, at, source)
    if not found_at:
        facts = {"domain": domain}
        found = f"the HELO name {domain} has no address"
        return CheckResult(Check.HELO, domain, CheckOutcome.FAIL, found, at, source, Problem.HELO_UNRESOLVED, facts)
    facts = {"domain": domain, "leads_to": _shown(found_at)}
    found = f"the HELO name {domain} leads to {_shown(found_at)}, none of which is a sending address of theirs"
    return CheckResult(Check.HELO, domain, CheckOutcome.FAIL, found, at, source, Problem.HELO_ELSEWHERE, facts)


def no_helo(at: datetime) -> CheckResult:
    found = "the HELO name is not recorded: give a domain the role helo in the inventory"
    return CheckResult(Check.HELO, "", CheckOutcome.UNKNOWN, found, at, "inventory")


async def mail_hosts(domain: str, resolvers: Resolvers, at: datetime) -> CheckResult:
    """Whether replies to it, and bounces, arrive anywhere."""
    answer = await resolvers.ask(domain, "MX")
    source = seen("MX", domain, answer)
    if answer.values is None:
        return CheckResult(Check.MX, domain, CheckOutcome.UNKNOWN, not_told("MX", domain, answer), at, source)
    hosts = [value.partition(" ")[2] for value in answer.values]
    if hosts and all(host in ("", ".") for host in hosts):
        found = f"{domain} says that it takes no mail (null MX)"
        facts = {"domain": domain}
        return CheckResult(Check.MX, domain, CheckOutcome.FAIL, found, at, source, Problem.MX_NULL, facts)
    asked = hosts[:_MOST_NAMES] or [domain]
    found_at = await _addresses(asked, resolvers)
    if any(each.known for each in found_at):
        where = _shown(asked) if hosts else "its own address, as it has no MX"
        found = f"mail to {domain} goes to {where}"
        return CheckResult(Check.MX, domain, CheckOutcome.PASS, found, at, source)
    unknown = next((each for each in found_at if each.values is None), None)
    if unknown is not None:
        found = not_told("an address", _shown(asked), unknown)
        return CheckResult(Check.MX, domain, CheckOutcome.UNKNOWN, found, at, source)
    if not hosts:
        facts = {"domain": domain}
        found = f"{domain} has neither MX nor address"
        return CheckResult(Check.MX, domain, CheckOutcome.FAIL, found, at, source, Problem.MX_MISSING, facts)
    facts = {"domain": domain, "hosts": _shown(asked)}
    found = f"none of the hosts for mail to {domain} has an address: {_shown(asked)}"
    return CheckResult(Check.MX, domain, CheckOutcome.FAIL, found, at, source, Problem.MX_DEAD, facts)


async def _addresses(names: Iterable[str], resolvers: Resolvers) -> list[Answer]:
    return await asyncio.gather(*(resolvers.ask(name, kind) for name in names for kind in ("A", "AAAA")))


def _shown(names: Iterable[str]) -> str:
    return ", ".join(visible(name, _MOST_SHOWN) for name in list(names)[:_MOST_NAMES])


def _generic(name: str, address: str) -> str:
    """Receivers take it for a dial-up line; that is said, and fails nothing."""
    octets = address.split(".") if "." in address else []
    spelt = octets and any(sign.join(some) in name for sign in ".-_" for some in (octets, octets[::-1]))
    return "; it looks generic" if spelt or _GENERIC.search(name.lower()) else ""
