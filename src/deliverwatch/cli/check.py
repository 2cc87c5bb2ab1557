"""`deliverwatch check`: a look-up now, without configuration or memory."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from deliverwatch.cli.findings import document, exit_code, print_findings
from deliverwatch.cli.options import ConfigFile, Json, settings_of
from deliverwatch.cli.output import print_json, say
from deliverwatch.cli.subjects import read_subjects
from deliverwatch.clock import SystemClock
from deliverwatch.core.blocklist import Blocklist, Impact
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.subjects import Subject
from deliverwatch.flows.check_now import Findings, check_now
from deliverwatch.flows.ports import Lookups
from deliverwatch.in_use import Catalogue, make_lookups


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
    wanted = read_subjects(subjects or [], file)
    if not wanted:
        raise NotPossible("nothing to check: give IPs, CIDR ranges or domains, or --file FILE")
    asked = catalogue.pick(only) if only else catalogue.on
    lookups = make_lookups(settings, resolver)
    findings = look(lookups, asked, wanted)
    if as_json:
        print_json(document(findings, lookups))
    else:
        print_findings(findings)
        if not only:
            _name_unasked(catalogue.not_watched)
    raise typer.Exit(exit_code(findings, min_impact))


def look(lookups: Lookups, asked: Sequence[Blocklist], subjects: Sequence[Subject]) -> Findings:
    total = sum(blocklist.covers(subject.kind) for blocklist in asked for subject in subjects)
    people = Console(stderr=True)
    with Progress(console=people, transient=True, disable=not people.is_terminal) as progress:
        bar = progress.add_task("looking up", total=total)
        return asyncio.run(check_now(lookups, SystemClock(), asked, subjects, lambda done: progress.advance(bar, done)))


def _name_unasked(off: Sequence[Blocklist]) -> None:
    if off:
        names = ", ".join(blocklist.id for blocklist in off)
        say(f"Not asked, though they matter, since they are off: {names}. `deliverwatch lists` says what they take.")
