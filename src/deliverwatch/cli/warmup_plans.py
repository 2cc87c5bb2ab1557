"""`deliverwatch warmup plans`, `plan` and `plan-for`: what there is to choose from. They need no database."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from deliverwatch.catalogue.warmup_plans import load_warmup_plan, load_warmup_plans
from deliverwatch.cli.options import ConfigFile, Json, settings_of
from deliverwatch.cli.output import print_json, print_lines, print_table
from deliverwatch.cli.warmup_plan_tables import (
    STAGE_COLUMNS,
    WEEK_COLUMNS,
    alternative_rows,
    plan_lines,
    sizing_lines,
    stage_rows,
    week_rows,
)
from deliverwatch.core.errors import NotPossible, unknown_name
from deliverwatch.core.warmup.plan import WarmupPlan
from deliverwatch.core.warmup.sizing import size
from deliverwatch.render.warmup_documents import WEEKDAYS, plan_document, sizing_document

_FILES = (".yaml", ".yml")


def day(text: str) -> date:
    """An option's date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date: expected one such as 2026-12-01") from None


OnDay = Annotated[date, typer.Option("--on", metavar="DATE", parser=day, help="The first day, such as 2026-12-01.")]
PlanOption = Annotated[str, typer.Option("--plan", metavar="ID|FILE", help="As `warmup plans` shows it, or a file.")]


def plans(config: ConfigFile = None, as_json: Json = False) -> None:
    """List the plans: the published ones, and yours."""
    found = load_warmup_plans(overlay=settings_of(config).catalogue.overlay)
    if as_json:
        print_json([plan_document(each) for each in found])
        return
    rows = [
        (
            each.id,
            each.owner,
            each.basis.replace("_", " "),
            len(each.stages),
            f"{each.allowance(1):,}",
            f"{each.full_volume:,}",
            each.days_at_least,
        )
        for each in found
    ]
    print_table(("plan", "whose", "goes by", "stages", "first day", "last day", "days at least"), rows, "No plans.")


def plan(
    which: Annotated[str, typer.Argument(metavar="ID|FILE")], config: ConfigFile = None, as_json: Json = False
) -> None:
    """Show a plan, stage by stage. A file is checked, and every fault named."""
    found = find_plan(which, config)
    if as_json:
        print_json(plan_document(found))
        return
    print_lines([f"{found.name} ({found.id}), {found.owner}", ""])
    print_table(STAGE_COLUMNS, stage_rows(found), "No stages.")
    print_lines(["", *plan_lines(found, [WEEKDAYS[each] for each in sorted(found.weekdays)])])


def plan_for(
    volume: Annotated[int, typer.Option("--volume", metavar="N", min=1, help="Messages a day, once it is warm.")],
    on: OnDay,
    plan: Annotated[str | None, typer.Option("--plan", metavar="ID|FILE", help="Default: what suits best.")] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Reckon IPs, plan and weeks for a volume. For new business and migrations."""
    known = load_warmup_plans(overlay=settings_of(config).catalogue.overlay)
    wanted = find_plan(plan, config) if plan is not None else None
    if wanted is not None:
        known = (*(each for each in known if each.id != wanted.id), wanted)
    sizing = size(known, volume, on, wanted.id if wanted is not None else None)
    if as_json:
        print_json(sizing_document(sizing))
        return
    print_lines([*sizing_lines(sizing, chosen=wanted is None), ""])
    print_table(WEEK_COLUMNS, week_rows(sizing), "No weeks.")
    print_lines(["", "Other plans:"])
    print_table(("plan", "goes by", "IPs", "days", "done at best"), alternative_rows(sizing), "None.")


def find_plan(which: str, config: Path | None) -> WarmupPlan:
    """By its id, or out of a file: what ends in .yaml is one."""
    overlay = settings_of(config).catalogue.overlay
    if which.endswith(_FILES):
        return load_warmup_plan(Path(which), overlay)
    by_id = {each.id: each for each in load_warmup_plans(overlay=overlay)}
    if which not in by_id:
        raise NotPossible(f"{unknown_name('warm-up plan', which, by_id)}; `deliverwatch warmup plans` shows them")
    return by_id[which]
