"""`deliverwatch lists`: the catalogue, and whether its lists are well."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from deliverwatch.app import Catalogue, make_lookups
from deliverwatch.cli.check import condition
from deliverwatch.cli.options import ConfigFile, Json, settings_of
from deliverwatch.cli.output import busy, print_json, print_lines, print_table
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.flows.check_now import ListCondition
from deliverwatch.flows.check_zones import check_zones

lists = typer.Typer(help="The catalogue of blocklists.", invoke_without_command=True, no_args_is_help=False)


@lists.callback()
def overview(context: typer.Context, config: ConfigFile = None, as_json: Json = False) -> None:
    """The catalogue in use: which lists are on, and what the others need."""
    if context.invoked_subcommand is not None:
        return
    catalogue = Catalogue.load(settings_of(config))
    if as_json:
        print_json([describe(blocklist, catalogue) for blocklist in catalogue.all])
        return
    rows = [
        (
            blocklist.id,
            "on" if blocklist in catalogue.on else "off",
            blocklist.worst_impact,
            sorted(blocklist.kinds),
            blocklist.zone,
            None if blocklist in catalogue.on else blocklist.access.note,
        )
        for blocklist in catalogue.all
    ]
    print_table(("list", "", "impact", "lists", "zone", "what it takes"), rows, "The catalogue is empty.")


@lists.command()
def show(
    list_id: Annotated[str, typer.Argument(metavar="ID")], config: ConfigFile = None, as_json: Json = False
) -> None:
    """Everything the catalogue knows of one list."""
    catalogue = Catalogue.load(settings_of(config))
    (blocklist,) = catalogue.pick([list_id])
    facts = describe(blocklist, catalogue)
    if as_json:
        print_json(facts)
        return
    print_lines(_show(facts))


@lists.command("check")
def check_catalogue(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Default: the catalogue in use.")] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Validate a catalogue; every fault is named. Exit 2 when there is one."""
    catalogue = Catalogue.load(settings_of(config), file)
    if as_json:
        print_json({"lists": [blocklist.id for blocklist in catalogue.all], "faults": []})
    else:
        print(f"{len(catalogue.all)} lists, no fault.")


@lists.command()
def health(
    resolver: Annotated[list[str] | None, typer.Option("--resolver", metavar="IP[:PORT]")] = None,
    only: Annotated[list[str] | None, typer.Option("--list", metavar="ID")] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Ask the test points now, list by list and resolver by resolver. Exit 1 when one is not well."""
    settings = settings_of(config)
    catalogue = Catalogue.load(settings)
    asked = catalogue.pick(only) if only else catalogue.on
    by_id = {blocklist.id: blocklist for blocklist in asked}
    with busy("asking the test points"):
        checks = asyncio.run(check_zones(make_lookups(settings, resolver), asked))
    rows = [
        (
            check.list_id,
            check.path,
            condition(ListCondition(by_id[check.list_id], check.test, check.path)),
            check.test.detail,
        )
        for check in checks
    ]
    if as_json:
        print_json([dict(zip(("list", "resolver", "health", "detail"), row, strict=True)) for row in rows])
    else:
        print_table(("list", "resolver", "health", "detail"), rows, "No list is on.")
    raise typer.Exit(3 if not checks else 1 if any(check.test.failed for check in checks) else 0)


def describe(blocklist: Blocklist, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "id": blocklist.id,
        "name": blocklist.name,
        "on": blocklist in catalogue.on,
        "zone": blocklist.zone,
        "keyed_zone": blocklist.keyed_zone,
        "kinds": sorted(blocklist.kinds),
        "polarity": blocklist.polarity,
        "scope": blocklist.scope,
        "impact": blocklist.worst_impact,
        "codes": [{"code": code.value, "meaning": code.meaning, "impact": code.impact} for code in blocklist.codes],
        "style": blocklist.style,
        "refusals": dict(blocklist.refusals),
        "test_points": [
            {"kind": point.kind, "name": point.name, "expect": list(point.expect)} for point in blocklist.test_points
        ],
        "access": blocklist.access.terms,
        "access_note": blocklist.access.note,
        "access_url": blocklist.access.url,
        "lookup_url": blocklist.lookup_url,
        "removal": blocklist.removal.way,
        "removal_url": blocklist.removal.url,
        "removal_note": blocklist.removal.note,
        "expires": blocklist.removal.expires,
        "source": blocklist.source,
        "checked_on": blocklist.checked_on.isoformat(),
        "confidence": blocklist.confidence,
    }


def _show(facts: dict[str, Any]) -> list[str]:
    nested = ("codes", "test_points", "refusals")
    lines = [f"{name.replace('_', ' '):<14} {_text(value)}" for name, value in facts.items() if name not in nested]
    lines += [
        "",
        "return codes",
        *(f"  {code['code']:<14} {code['impact']:<9} {code['meaning']}" for code in facts["codes"]),
    ]
    lines += ["", "refusal codes", *(f"  {code:<14} {why}" for code, why in facts["refusals"].items())]
    lines += ["", "test points"]
    for point in facts["test_points"]:
        wanted = "must answer " + " or ".join(point["expect"]) if point["expect"] else "must not be listed"
        lines.append(f"  {point['kind']:<7} {point['name']:<22} {wanted}")
    return lines


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return ", ".join(value) if isinstance(value, list) else str(value)
