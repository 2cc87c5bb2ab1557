"""DMARC of a From domain: its own record, else that of its organisational domain (RFC 7489 §6.6.3, simply).

A record counts with a valid p=; more than one makes none count. Whether anybody reads the reports is said, and fails
nothing. Google, Yahoo and Microsoft want p=none at least of bulk senders.
"""

from datetime import datetime

from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_alignment import Organisational
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.sender_dns import RecordKind, relevant
from deliverwatch.core.visible import visible
from deliverwatch.practice.resolvers import Resolvers, not_told, seen

_POLICIES = frozenset({"none", "quarantine", "reject"})
_MOST_SHOWN = 60


async def dmarc_of(domain: str, organisational: Organisational, resolvers: Resolvers, at: datetime) -> CheckResult:
    for owner in dict.fromkeys((domain, organisational(domain))):
        name = f"_dmarc.{owner}"
        answer = await resolvers.ask(name, "TXT")
        source = seen("TXT", name, answer)
        if answer.values is None:
            return CheckResult(Check.DMARC, domain, CheckOutcome.UNKNOWN, not_told("TXT", name, answer), at, source)
        records = relevant(RecordKind.DMARC, answer.values)
        if records:
            return _judge(domain, name, records, owner != domain, at, source)
    found = f"DMARC of {domain}: there is no record"
    facts = {"domain": domain}
    return CheckResult(Check.DMARC, domain, CheckOutcome.FAIL, found, at, source, Problem.DMARC_MISSING, facts)


def _judge(domain: str, name: str, records: tuple[str, ...], inherited: bool, at: datetime, source: str) -> CheckResult:
    if len(records) > 1:
        found = f"DMARC of {domain}: {name} has {len(records)} records, and none counts"
        return CheckResult(
            Check.DMARC, domain, CheckOutcome.FAIL, found, at, source, Problem.DMARC_SEVERAL, {"name": name}
        )
    tags = _tags(records[0])
    policy = tags.get("p", "").lower()
    if policy not in _POLICIES:
        told = f"p={visible(policy, _MOST_SHOWN)}" if policy else "no p="
        found = f"DMARC of {domain}: {name} has {told}, where none, quarantine or reject is expected"
        return CheckResult(
            Check.DMARC, domain, CheckOutcome.FAIL, found, at, source, Problem.DMARC_INVALID, {"name": name}
        )
    below = tags.get("sp", policy).lower()
    applied = below if inherited and below in _POLICIES else policy
    whose = f" by {name}" if inherited else ""
    reports = "with reports (rua)" if tags.get("rua") else "without reports (no rua): nobody sees what fails"
    found = f"DMARC of {domain}: policy {applied}{whose}, {reports}"
    return CheckResult(Check.DMARC, domain, CheckOutcome.PASS, found, at, source)


def _tags(record: str) -> dict[str, str]:
    """Of several of one name the first counts."""
    tags: dict[str, str] = {}
    for tag in record.split(";"):
        name, _, value = tag.partition("=")
        tags.setdefault(name.strip().lower(), value.strip())
    return tags
