"""Whether the From domain can align with what SPF or DKIM vouch for: the same organisational domain (relaxed).

By the inventory this says what can be, not what each message is: which d= a message bears is seen in a message
(`practice.message`). DMARC: RFC 7489 §3.1; Google, Yahoo and Microsoft want it of bulk senders.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_scope import PracticeScope

Organisational = Callable[[str], str]
"""The domain that an owner registered, of any name below it."""

_SOURCE = "inventory: roles of the sending domains"


def alignments(scope: PracticeScope, organisational: Organisational, at: datetime) -> list[CheckResult]:
    """Of each From domain."""
    return [_alignment(domain, scope, organisational, at) for domain in scope.from_domains]


def aligned(domain: str, others: Iterable[str], organisational: Organisational) -> list[str]:
    """Those of one organisational domain with it."""
    wanted = organisational(domain)
    return [other for other in dict.fromkeys(others) if organisational(other) == wanted]


def _alignment(domain: str, scope: PracticeScope, organisational: Organisational, at: datetime) -> CheckResult:
    others = list(dict.fromkeys((*scope.dkim_domains, *scope.envelope_domains)))
    if not others:
        found = f"mail from {domain}: no DKIM or envelope domain is recorded in the inventory"
        return CheckResult(Check.ALIGNMENT, domain, CheckOutcome.UNKNOWN, found, at, _SOURCE)
    by_dkim = aligned(domain, scope.dkim_domains, organisational)
    by_spf = aligned(domain, scope.envelope_domains, organisational)
    if by_dkim or by_spf:
        ways = [f"DKIM d={by_dkim[0]}"] if by_dkim else []
        ways += [f"the envelope domain {by_spf[0]}"] if by_spf else []
        found = f"mail from {domain} can align with {' and '.join(ways)}"
        return CheckResult(Check.ALIGNMENT, domain, CheckOutcome.PASS, found, at, _SOURCE)
    named = ", ".join(others)
    found = f"mail from {domain} can align with none of the DKIM and envelope domains: {named}"
    facts = {"domain": domain, "others": named}
    return CheckResult(Check.ALIGNMENT, domain, CheckOutcome.FAIL, found, at, _SOURCE, Problem.NOT_ALIGNED, facts)
