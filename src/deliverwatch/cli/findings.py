"""What look-ups found, as an exit code, as JSON, and as people read it.

An allow list or a reputation list accuses nobody: what it says is information, in a table of its own, and moves no exit
code. Only where nothing else was asked does the code tell whether these lists could be asked.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from deliverwatch.cli.output import print_lines, print_table
from deliverwatch.clock import SystemClock
from deliverwatch.core.blocklist import Impact, Polarity
from deliverwatch.core.verdict import Outcome, is_listing
from deliverwatch.core.zone_health import Health, TestResult
from deliverwatch.flows.check_now import Finding, Findings
from deliverwatch.flows.ports import Lookups
from deliverwatch.render.json_times import instant

ALL_CLEAR, LISTED, CANNOT_TELL = 0, 1, 3
_NAMED_AT_MOST = 10


def exit_code(findings: Findings, min_impact: Impact) -> int:
    """1 if a block list lists something that counts, else 3 if anything is unknown or was not asked about, else 0."""
    if any(_counts(finding, min_impact) for finding in findings.found):
        return LISTED
    of_blocklists = [finding for finding in findings.found if finding.blocklist.polarity is Polarity.BLOCK]
    judged = of_blocklists or findings.found
    verified = bool(judged) and all(finding.verdict.outcome.conclusive for finding in judged)
    return ALL_CLEAR if verified and not findings.not_asked else CANNOT_TELL


def _counts(finding: Finding, min_impact: Impact) -> bool:
    impact = finding.verdict.impact or Impact.INFO
    return is_listing(finding.verdict) and impact.rank >= min_impact.rank


def document(findings: Findings, lookups: Lookups) -> dict[str, Any]:
    return {
        "checked_at": instant(SystemClock().now()),
        "resolvers": list(lookups.paths),
        "results": [_result(finding) for finding in findings.found],
        "lists": [
            {"list": each.blocklist.id, "health": condition(each.test), "detail": each.test.detail}
            for each in findings.lists
        ],
        "not_asked": [subject.value for subject in findings.not_asked],
        "summary": summary(findings.found),
    }


def _result(finding: Finding) -> dict[str, Any]:
    blocklist, verdict = finding.blocklist, finding.verdict
    return {
        "subject": finding.subject.value,
        "kind": finding.subject.kind,
        "list": blocklist.id,
        "zone": blocklist.shown_zone or None,
        "outcome": verdict.outcome,
        "codes": list(verdict.codes),
        "meanings": list(verdict.meanings),
        "polarity": verdict.polarity or blocklist.polarity,
        "reason": finding.reason,
        "scope": verdict.scope or blocklist.scope,
        "impact": verdict.impact or Impact.INFO if verdict.outcome is Outcome.LISTED else None,
        "lookup_url": blocklist.lookup_url,
        "removal": blocklist.removal.url,
        "detail": verdict.detail,
    }


def condition(test: TestResult) -> Health:
    """One round shows no more than well, failing or unverifiable; quarantine takes a memory."""
    if test.outcome is None:
        return Health.UNVERIFIABLE
    return Health.HEALTHY if test.passed else Health.FAILING


def summary(found: Sequence[Finding]) -> dict[str, Any]:
    count = Counter(str(finding.verdict.outcome) for finding in found)
    outcomes = {str(outcome): count[outcome] for outcome in Outcome}
    conclusive = sum(finding.verdict.outcome.conclusive for finding in found)
    return {**outcomes, "verified_ratio": round(conclusive / len(found), 4) if found else None}


def print_findings(findings: Findings) -> None:
    """All that is not clear."""
    noteworthy = [finding for finding in findings.found if finding.verdict.outcome is not Outcome.CLEAR]
    rows = [(*_row(finding), _removal(finding)) for finding in noteworthy if not _is_information(finding)]
    if rows:
        print_table(("subject", "list", "outcome", "impact", "what it says", "removal"), rows, "")
        print()
    rows = [_row(finding) for finding in noteworthy if _is_information(finding)]
    if rows:
        print("For information, from lists that accuse nobody:")
        print_table(("subject", "list", "outcome", "impact", "what it says"), rows, "")
        print()
    print_lines(_closing(findings))


def _is_information(finding: Finding) -> bool:
    return (finding.verdict.polarity or finding.blocklist.polarity) is not Polarity.BLOCK


def _row(finding: Finding) -> tuple[Any, ...]:
    verdict = finding.verdict
    return finding.subject, finding.blocklist.id, verdict.outcome, verdict.impact, _why(finding)


def _removal(finding: Finding) -> str | None:
    return finding.blocklist.removal.url if finding.verdict.outcome is Outcome.LISTED else None


def _why(finding: Finding) -> str:
    verdict = finding.verdict
    parts = [
        *verdict.meanings,
        *([f"“{finding.reason}”"] if finding.reason else []),
        *([verdict.detail] if verdict.detail else []),
    ]
    return "; ".join(parts)


def _closing(findings: Findings) -> list[str]:
    lines = []
    if findings.found:
        count = Counter(finding.verdict.outcome for finding in findings.found if not _is_information(finding))
        parts = [f"{count[outcome]} {outcome}" for outcome in Outcome if count[outcome]]
        parts += [f"{len(findings.found) - count.total()} for information"] * (count.total() < len(findings.found))
        verified = int(summary(findings.found)["verified_ratio"] * 100)
        lines.append(f"{len(findings.found)} look-ups: {', '.join(parts)}. {verified} % verified.")
    if findings.not_asked:
        named = ", ".join(str(subject) for subject in findings.not_asked[:_NAMED_AT_MOST])
        more = len(findings.not_asked) - _NAMED_AT_MOST
        rest = f" and {more:,} more" if more > 0 else ""
        lines.append(f"Not asked, since no list that is on covers it: {named}{rest}.")
    return lines
