"""`deliverwatch lists`: the catalogue, what this installation makes of it, and lists tried before they are on."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deliverwatch.cli.check import look
from deliverwatch.cli.findings import document, exit_code, print_findings
from deliverwatch.cli.list_facts import describe, fact_lines, first_step, state_words, what_it_takes
from deliverwatch.cli.list_health import has_store, health
from deliverwatch.cli.options import ConfigFile, Json, settings_of, with_app
from deliverwatch.cli.output import print_json, print_lines, print_table, say
from deliverwatch.cli.subjects import read_subjects
from deliverwatch.core.blocklist import Blocklist, Impact
from deliverwatch.core.errors import ConfigError, NotPossible
from deliverwatch.core.subjects import Subject
from deliverwatch.core.verdict import is_listing
from deliverwatch.flows.check_now import Findings
from deliverwatch.in_use import Catalogue, make_lookups
from deliverwatch.render.list_document import dead_list_document
from deliverwatch.settings import Settings

if TYPE_CHECKING:
    from deliverwatch.app import App

_COLUMNS = ("list", "", "impact", "lists", "zone", "what it takes")
_SUSPICIOUS_RATIO = 0.25
_WRONG = 2

lists = typer.Typer(help="The catalogue of blocklists.", invoke_without_command=True, no_args_is_help=False)
lists.command()(health)

ListId = Annotated[str, typer.Argument(metavar="ID")]


@lists.callback()
def overview(
    context: typer.Context,
    dead: Annotated[bool, typer.Option("--dead", help="Those that must not be asked any more.")] = False,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """The catalogue in use: which lists are on, and what the others need."""
    if context.invoked_subcommand is not None:
        return
    settings = settings_of(config)
    catalogue = Catalogue.load(settings)
    if dead:
        _show_dead(catalogue, as_json)
    elif as_json:
        print_json([describe(blocklist, catalogue, settings) for blocklist in catalogue.all])
    else:
        _show_all(catalogue, settings)


def _show_dead(catalogue: Catalogue, as_json: bool) -> None:
    if as_json:
        print_json([dead_list_document(each) for each in catalogue.dead])
        return
    rows = [(each.id, each.died_on, each.zones, each.how) for each in catalogue.dead]
    print_table(("list", "dead since", "zones", "how it died"), rows, "The catalogue knows of no dead list.")


def _show_all(catalogue: Catalogue, settings: Settings) -> None:
    print("Lists that matter to a sender: they lead every view and make alerts.")
    print_table(_COLUMNS, _rows(catalogue, settings, leads=True), "None.")
    print("\nFor information:")
    print_table(_COLUMNS, _rows(catalogue, settings, leads=False), "None.")
    if catalogue.not_watched:
        print("\nNot watched, though they matter:")
        print_lines(f"  {blocklist.id}: {what_it_takes(blocklist)}" for blocklist in catalogue.not_watched)
    if catalogue.dead:
        print(f"\n{len(catalogue.dead)} more are dead: deliverwatch lists --dead")


def _rows(catalogue: Catalogue, settings: Settings, *, leads: bool) -> list[tuple[Any, ...]]:
    return [
        (
            blocklist.id,
            (state := state_words(blocklist, catalogue, settings)),
            blocklist.worst_impact,
            sorted(blocklist.kinds),
            blocklist.shown_zone or None,
            first_step(blocklist) if state == "off" else None,
        )
        for blocklist in catalogue.all
        if blocklist.leads is leads
    ]


@lists.command()
def show(list_id: ListId, config: ConfigFile = None, as_json: Json = False) -> None:
    """Everything the catalogue knows of one list, a dead one included."""
    settings = settings_of(config)
    catalogue = Catalogue.load(settings)
    dead = next((each for each in catalogue.dead if each.id == list_id), None)
    facts = dead_list_document(dead) if dead else describe(catalogue.pick([list_id])[0], catalogue, settings)
    if as_json:
        print_json(facts)
    else:
        print_lines(fact_lines(facts))


@lists.command("check")
def check_catalogue(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Default: the catalogue in use.")] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Validate a catalogue; every fault is named. Exit 2 when there is one."""
    settings = settings_of(config)
    try:
        catalogue = Catalogue.load(settings, file)
    except ConfigError as wrong:
        if not as_json:
            raise
        faults = [{"file": fault.file, "place": fault.place, "problem": fault.problem} for fault in wrong.faults]
        print_json({"lists": [], "dead": [], "faults": faults})
        raise typer.Exit(_WRONG) from None
    if as_json:
        ids = {"lists": [each.id for each in catalogue.all], "dead": [each.id for each in catalogue.dead]}
        print_json({**ids, "faults": []})
    else:
        print(f"{len(catalogue.all)} lists and {len(catalogue.dead)} dead ones, no fault.")


@lists.command("try")
def try_list(
    list_id: ListId,
    subjects: Annotated[
        list[str] | None, typer.Argument(metavar="[SUBJECT]...", help="Default: all of the inventory.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Subjects, one per line; # comments.")
    ] = None,
    resolver: Annotated[
        list[str] | None,
        typer.Option("--resolver", metavar="IP[:PORT]", help="Ask these instead of the configured ones."),
    ] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """What a list would say of your subjects, before it is on. Asks once, stores nothing; exit codes as `check`."""
    settings = settings_of(config)
    (blocklist,) = Catalogue.load(settings).pick([list_id])
    wanted = _covered(blocklist, read_subjects(subjects or [], file) or _held(settings, config))
    lookups = make_lookups(settings, resolver)
    findings = look(lookups, [blocklist], wanted)
    warnings = _warnings(findings)
    if as_json:
        print_json({**document(findings, lookups), "warnings": warnings})
    else:
        print_findings(findings)
        for warning in warnings:
            say(warning)
    raise typer.Exit(exit_code(findings, Impact.INFO))


def _held(settings: Settings, config: Path | None) -> list[Subject]:
    if not has_store(settings):
        return []

    async def work(app: "App") -> list[Subject]:
        return list((await app.store.inventory()).subjects_on(app.clock.now().date()))

    return with_app(config, work)


def _covered(blocklist: Blocklist, subjects: Sequence[Subject]) -> list[Subject]:
    covered = [subject for subject in subjects if blocklist.covers(subject.kind)]
    if not covered:
        kinds = " and ".join(sorted(blocklist.kinds))
        raise NotPossible(
            f"nothing to try {blocklist.id} on: it lists {kinds}; give some, or --file FILE, or import an inventory"
        )
    return covered


def _warnings(findings: Findings) -> list[str]:
    """What speaks against a list, whatever it lists."""
    warnings = [
        f"{each.blocklist.id} cannot be believed: {each.test.detail}" for each in findings.lists if not each.test.passed
    ]
    listed = sum(is_listing(finding.verdict) for finding in findings.found)
    if len(findings.found) > 1 and listed >= _SUSPICIOUS_RATIO * len(findings.found):
        warnings.append(
            f"{listed:,} of {len(findings.found):,} would be listed, a quarter or more: look at some of them by hand "
            "before the list may alert anybody"
        )
    return warnings


@lists.command("ask-now")
def ask_now(list_id: ListId, config: ConfigFile = None, as_json: Json = False) -> None:
    """Ask a list again that refused us, without waiting for the hour to pass."""

    async def work(app: "App") -> int:
        return await app.store.lift_stop(list_id, app.clock.now())

    settings = settings_of(config)
    Catalogue.load(settings).pick([list_id])
    lifted = with_app(config, work) if has_store(settings) else 0
    if as_json:
        print_json({"list": list_id, "lifted": lifted})
    elif lifted:
        where = f"{lifted} resolver" + ("s" if lifted > 1 else "")
        print_lines([f"{list_id} was stopped on {where}; it is asked again in its next round."])
    else:
        print_lines([f"{list_id} was stopped nowhere: nothing to lift."])
