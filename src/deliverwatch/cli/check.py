"""`deliverwatch check`: a look-up now, without configuration or memory."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from deliverwatch.app import Catalogue, make_lookups
from deliverwatch.cli.options import ConfigFile, Json, settings_of
from deliverwatch.cli.output import instant, print_json, print_lines, print_table, say
from deliverwatch.clock import SystemClock
from deliverwatch.core.blocklist import Blocklist, Impact, Outcome, is_listing
from deliverwatch.core.errors import ConfigError, Fault, NotPossible
from deliverwatch.core.subjects import Subject, expand
from deliverwatch.core.zone_health import Health
from deliverwatch.flows.check_now import Finding, Findings, ListCondition, check_now
from deliverwatch.flows.ports import Lookups

ALL_CLEAR, LISTED, CANNOT_TELL = 0, 1, 3
_NAMED_AT_MOST = 10


def check(
    subjects: Annotated[
        list[str] | None, typer.Argument(metavar="SUBJECT...", help="IPs, CIDR ranges, domains.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Subjects, one per line; # comments.")
    ] = None,
    min_impact: Annotated[
        Impact, typer.Option("--min-impact", help="Listings below this level do not count for the exit code.")
    ] = Impact.INFO,
    resolver: Annotated[
        list[str] | None,
        typer.Option("--resolver", metavar="IP[:PORT]", help="Ask these instead of the configured ones."),
    ] = None,
    blocklists: Annotated[
        Path | None, typer.Option("--blocklists", metavar="FILE", help="Use this catalogue instead of the shipped one.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--list", metavar="ID", help="Ask only these lists, also those that are off.")
    ] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Look up addresses, ranges and domains now. Exit 0: all clear; 1: listed; 3: could not tell."""
    settings = settings_of(config)
    catalogue = Catalogue.load(settings, blocklists)
    wanted = _subjects(subjects or [], file)
    asked = catalogue.pick(only) if only else catalogue.on
    lookups = make_lookups(settings, resolver)
    findings = _look(lookups, asked, wanted)
    if as_json:
        print_json(_document(findings, lookups))
    else:
        _print(findings, () if only else catalogue.off)
    raise typer.Exit(exit_code(findings, min_impact))


def exit_code(findings: Findings, min_impact: Impact) -> int:
    """1 if a block list lists something that counts, else 3 if anything is unknown or was not asked about, else 0."""
    if any(_counts(finding, min_impact) for finding in findings.found):
        return LISTED
    verified = bool(findings.found) and all(finding.verdict.outcome.conclusive for finding in findings.found)
    return ALL_CLEAR if verified and not findings.not_asked else CANNOT_TELL


def _counts(finding: Finding, min_impact: Impact) -> bool:
    impact = finding.verdict.impact or Impact.INFO
    return is_listing(finding.blocklist, finding.verdict) and impact.rank >= min_impact.rank


def _subjects(texts: Sequence[str], file: Path | None) -> list[Subject]:
    """All that was given, each once, in order; every fault at once."""
    found: dict[Subject, None] = {}
    faults: list[Fault] = []
    for place, text in [*(("", text) for text in texts), *_lines(file)]:
        try:
            found.update(dict.fromkeys(expand(text)))
        except ValueError as fault:
            faults.append(Fault(str(file) if place else "", place, str(fault)))
    if faults:
        raise ConfigError(*faults)
    if not found:
        raise NotPossible("nothing to check: give IPs, CIDR ranges or domains, or --file FILE")
    return list(found)


def _lines(file: Path | None) -> Iterable[tuple[str, str]]:
    if file is None:
        return
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as failure:
        raise ConfigError(Fault(str(file), "", f"cannot be read: {failure.strerror}")) from None
    except UnicodeDecodeError:
        raise ConfigError(Fault(str(file), "", "is not UTF-8 text: expected one subject per line")) from None
    for number, line in enumerate(text.splitlines(), 1):
        if line := line.partition("#")[0].strip():
            yield f"line {number}", line


def _look(lookups: Lookups, asked: Sequence[Blocklist], subjects: Sequence[Subject]) -> Findings:
    total = sum(blocklist.covers(subject.kind) for blocklist in asked for subject in subjects)
    people = Console(stderr=True)
    with Progress(console=people, transient=True, disable=not people.is_terminal) as progress:
        bar = progress.add_task("looking up", total=total)
        return asyncio.run(check_now(lookups, SystemClock(), asked, subjects, lambda done: progress.advance(bar, done)))


def _document(findings: Findings, lookups: Lookups) -> dict[str, Any]:
    return {
        "checked_at": instant(SystemClock().now()),
        "resolvers": list(lookups.paths),
        "results": [_result(finding) for finding in findings.found],
        "lists": [
            {"list": each.blocklist.id, "health": condition(each), "detail": each.test.detail}
            for each in findings.lists
        ],
        "not_asked": [subject.value for subject in findings.not_asked],
        "summary": _summary(findings.found),
    }


def _result(finding: Finding) -> dict[str, Any]:
    blocklist, verdict = finding.blocklist, finding.verdict
    return {
        "subject": finding.subject.value,
        "kind": finding.subject.kind,
        "list": blocklist.id,
        "zone": blocklist.zone,
        "outcome": verdict.outcome,
        "codes": list(verdict.codes),
        "meanings": list(verdict.meanings),
        "polarity": blocklist.polarity,
        "reason": finding.reason,
        "scope": blocklist.scope,
        "impact": verdict.impact or Impact.INFO if verdict.outcome is Outcome.LISTED else None,
        "lookup_url": blocklist.lookup_url,
        "removal": blocklist.removal.url,
        "detail": verdict.detail,
    }


def condition(each: ListCondition) -> Health:
    """One round shows no more than well, failing or unverifiable; quarantine takes a memory."""
    if each.test.outcome is None:
        return Health.UNVERIFIABLE
    return Health.HEALTHY if each.test.passed else Health.FAILING


def _summary(found: Sequence[Finding]) -> dict[str, Any]:
    count = Counter(str(finding.verdict.outcome) for finding in found)
    outcomes = {str(outcome): count[outcome] for outcome in Outcome}
    conclusive = sum(finding.verdict.outcome.conclusive for finding in found)
    return {**outcomes, "verified_ratio": round(conclusive / len(found), 4) if found else None}


def _print(findings: Findings, off: Sequence[Blocklist]) -> None:
    noteworthy = [finding for finding in findings.found if finding.verdict.outcome is not Outcome.CLEAR]
    rows = [
        (
            finding.subject,
            finding.blocklist.id,
            finding.verdict.outcome,
            finding.verdict.impact,
            _why(finding),
            finding.blocklist.removal.url if finding.verdict.outcome is Outcome.LISTED else None,
        )
        for finding in noteworthy
    ]
    if rows:
        print_table(("subject", "list", "outcome", "impact", "what it says", "removal"), rows, "")
        print()
    print_lines(_closing(findings))
    if off:
        names = ", ".join(blocklist.id for blocklist in off)
        say(f"Not asked, since they are off until you meet their terms or have a key: {names}. `--list ID` asks one.")


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
        summary = _summary(findings.found)
        parts = [f"{summary[outcome]} {outcome}" for outcome in Outcome if summary[outcome]]
        verified = int(summary["verified_ratio"] * 100)
        lines.append(f"{len(findings.found)} look-ups: {', '.join(parts)}. {verified} % verified.")
    if findings.not_asked:
        named = ", ".join(str(subject) for subject in findings.not_asked[:_NAMED_AT_MOST])
        more = len(findings.not_asked) - _NAMED_AT_MOST
        rest = f" and {more:,} more" if more > 0 else ""
        lines.append(f"Not asked, since no list that is on covers it: {named}{rest}.")
    return lines
