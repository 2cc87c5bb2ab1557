"""`deliverwatch warmup`: new sending IPs on their way to full volume: to begin, and to see where each of them is."""

import sys
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.customers import find_customer
from deliverwatch.cli.options import By, ConfigFile, CustomerId, Json, login_name, with_app
from deliverwatch.cli.output import print_json, print_lines, print_table, print_wrapped, say
from deliverwatch.cli.warmup_acts import (
    NO_MORE,
    Ip,
    address,
    amend,
    finish,
    hold,
    provider_names,
    release,
    step_back,
)
from deliverwatch.cli.warmup_plans import OnDay, PlanOption, find_plan, plan_for, plans
from deliverwatch.cli.warmup_plans import plan as show_plan
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.warmup.plan import PlanDays
from deliverwatch.core.warmup.pools import PoolStatus
from deliverwatch.core.warmup.status import RunStatus, StartWarning
from deliverwatch.flows.warmup_ports import RunHistory
from deliverwatch.render.warmup_days import on_day
from deliverwatch.render.warmup_documents import history_document, pool_document, status_document
from deliverwatch.render.warmup_overview import STATUS_COLUMNS, advice_lines, needs_a_hand, notes, status_row
from deliverwatch.render.warmup_tables import (
    DAY_COLUMNS,
    PROVIDER_COLUMNS,
    because_lines,
    day_row,
    head_lines,
    pool_line,
    provider_row,
    step_lines,
    version_lines,
)
from deliverwatch.render.warmup_warnings import warning_words
from deliverwatch.render.warmup_words import Names

warmup = typer.Typer(help="The warm-up of new sending IPs.", no_args_is_help=True)


@warmup.command()
def start(
    ip: Ip,
    plan: PlanOption,
    on: OnDay,
    target: Annotated[
        int | None, typer.Option("--target", metavar="N", min=1, help="Messages a day at which the plan ends.")
    ] = None,
    days: Annotated[
        PlanDays | None, typer.Option("--days", help="Whose days are counted, if not as the plan says.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask when something speaks against it.")] = False,
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Begin a warm-up. The plan is copied, and stays what was agreed. Warns first of what speaks against it."""
    wanted = find_plan(plan, config)

    async def work(app: App) -> tuple[RunStatus, Names, tuple[StartWarning, ...]]:
        names = provider_names(app)
        warnings = await app.warmups.start_warnings(ip, on)
        for each in warnings:
            say(f"{ip}: {warning_words(each, names)}")
        if warnings and not yes and _can_ask():
            _ask()
        status = await app.warmups.start(ip, wanted, on, by or login_name(), target=target, days=days)
        return status, names, warnings

    status, names, warnings = with_app(config, work)
    if as_json:
        told = [{"kind": each.kind, "text": warning_words(each, names), **each.facts} for each in warnings]
        print_json({**status_document(status, names), "warnings": told})
        return
    print_lines([f"The warm-up of {ip} by {status.run.plan.id} {_begins(status)}. {NO_MORE}"])


def _begins(status: RunStatus) -> str:
    """One that began before today is somewhere by now."""
    run, stages = status.run, len(status.run.plan.stages)
    if status.day > 1:
        return f"began on {on_day(run.started_on)}, and is at stage {status.stage} of {stages} now"
    return f"begins on {on_day(run.started_on)}: stage 1 of {stages}, {run.plan.allowance(1):,} messages a day"


def _can_ask() -> bool:
    """Whether somebody sits at a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask() -> None:
    try:
        agreed = typer.confirm("Start it all the same?", err=True)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise NotPossible("nothing was started")


@warmup.command()
def status(
    customer: CustomerId = None,
    ip: Annotated[str | None, typer.Option("--ip", metavar="IP", parser=address, help="Only this one.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those too that ended long ago.")] = False,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Show where each IP is, why, and what today allows. And when it is done, if it goes on like this."""

    async def work(app: App) -> tuple[list[RunStatus], list[PoolStatus], Names]:
        await _known(app, customer)
        found = await app.warmups.statuses(customer, ip, ended=every)
        sums = await app.warmups.pools(customer) if ip is None else []
        return found, sums, provider_names(app)

    found, sums, names = with_app(config, work)
    if as_json:
        print_json([status_document(each, names) for each in found])
        return
    print_table(STATUS_COLUMNS, map(status_row, found), "No IP is being warmed up.")
    hands = [each for each in found if needs_a_hand(each)]
    _print_part(line for each in hands for line in notes(each, names))
    _print_part(advice_lines(hands))
    _print_part(pool_line(each) for each in sums if each.runs > 1)


@warmup.command()
def show(
    ip: Annotated[str, typer.Argument(metavar="IP", parser=address)], config: ConfigFile = None, as_json: Json = False
) -> None:
    """Show one warm-up, day by day. Then who did what and why, and the versions of its plan."""

    async def work(app: App) -> tuple[RunHistory, Names]:
        return await app.warmups.history(ip), provider_names(app)

    history, names = with_app(config, work)
    if as_json:
        print_json(history_document(history, names))
        return
    print_wrapped(head_lines(history, names))
    print()
    if history.status.providers:
        ended = history.status.run.ended
        print_table(PROVIDER_COLUMNS, [provider_row(each, names, ended) for each in history.status.providers], "")
        print()
    print_table(DAY_COLUMNS, map(day_row, history.days), "No day was judged yet.")
    _print_part(["Why, from when on:", *because_lines(history.days)] if history.days else [])
    print_lines(["", "Who did what:", *step_lines(history), "", "The plan:", *version_lines(history)])


@warmup.command()
def pools(customer: CustomerId = None, config: ConfigFile = None, as_json: Json = False) -> None:
    """Show the sums of each pool: delivered, and allowed today."""

    async def work(app: App) -> list[PoolStatus]:
        await _known(app, customer)
        return await app.warmups.pools(customer)

    found = with_app(config, work)
    if as_json:
        print_json(list(map(pool_document, found)))
    elif found:
        print_lines(map(pool_line, found))
    else:
        print("No IP is being warmed up.")


warmup.command()(hold)
warmup.command()(release)
warmup.command("step-back")(step_back)
warmup.command()(finish)
warmup.command()(amend)
warmup.command()(plans)
warmup.command("plan")(show_plan)
warmup.command("plan-for")(plan_for)


async def _known(app: App, customer: str | None) -> None:
    if customer is not None:
        find_customer(await app.store.inventory(), customer)


def _print_part(lines: Iterable[str]) -> None:
    """What follows a table, set apart from it."""
    found: Sequence[str] = list(lines)
    if found:
        print()
        print_wrapped(found)
