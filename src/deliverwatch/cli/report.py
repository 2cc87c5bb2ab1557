"""`deliverwatch report`: the customer's week."""

from pathlib import Path
from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.customers import find_customer
from deliverwatch.cli.options import ConfigFile, CustomerId, Json, with_app
from deliverwatch.cli.output import print_json, print_lines, print_table
from deliverwatch.cli.report_contacts import contacts
from deliverwatch.cli.report_words import add_words, document
from deliverwatch.core.errors import NotPossible
from deliverwatch.flows.ports import ReportRun
from deliverwatch.flows.report_ports import ReportWord, WeekPlan
from deliverwatch.flows.send_reports import preview as preview_report
from deliverwatch.flows.send_reports import send_report
from deliverwatch.render.json_times import instant

report = typer.Typer(help="The weekly report of a customer.", no_args_is_help=True)
report.add_typer(contacts, name="contacts")
add_words(report)

Of = Annotated[str, typer.Option("--customer", metavar="ID")]
Week = Annotated[str | None, typer.Option("--week", metavar="2026-W47", help="Default: the last complete week.")]


@report.command()
def preview(
    customer: Of,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where report.html, .txt and .eml go.")],
    week: Week = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Make the report as of now into files; nothing is sent or recorded."""

    async def work(app: App) -> dict[str, bytes]:
        inventory = await app.store.inventory()
        whose = find_customer(inventory, customer)
        await app.warmups.advance()
        made = await preview_report(
            app.store, app.reporting.desk, app.clock, inventory, whose, app.reporting.week_or_last(whose, week)
        )
        return app.reporting.files(made)

    files = with_app(config, work)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    if as_json:
        print_json({"files": [str(out / name) for name in files]})
    else:
        print_lines(str(out / name) for name in files)


@report.command()
def send(customer: Of, week: Week = None, config: ConfigFile = None, as_json: Json = False) -> None:
    """Make and queue the report now; the daemon delivers it. A week is sent once."""

    async def work(app: App) -> str:
        inventory = await app.store.inventory()
        whose = find_customer(inventory, customer)
        wanted = app.reporting.week_or_last(whose, week, over=True)
        await app.reporting.refuse_by_hand(whose, wanted)
        await app.warmups.advance()
        if not await send_report(app.store, app.reporting.desk, app.clock, inventory, whose, wanted):
            raise NotPossible(
                f"the report of {customer} for {wanted} was made already: `deliverwatch report list` shows it"
            )
        await app.deliver_all()
        await app.reporting.archive()
        return wanted

    sent = with_app(config, work)
    if as_json:
        print_json({"customer": customer, "week": sent})
    else:
        print(f"Report of {customer} for {sent} queued.")


@report.command("list")
def list_all(customer: CustomerId = None, config: ConfigFile = None, as_json: Json = False) -> None:
    """The reports that were made, and those that are held or were skipped."""

    async def work(app: App) -> tuple[list[ReportRun], list[ReportWord]]:
        if customer is not None:
            find_customer(await app.store.inventory(), customer)
        words = await app.store.report_words(customer=customer)
        return await app.store.reports(customer=customer), [each for each in words if each.plan is not WeekPlan.SENT]

    runs, stopped = with_app(config, work)
    if as_json:
        print_json([_document(run) for run in runs] + [_not_made(word) for word in stopped])
        return
    rows: list[tuple[object, ...]] = [(run.week, run.customer, run.made_at, run.subject, run.sent_to) for run in runs]
    rows += [(word.week, word.customer, None, f"{word.plan} by {word.by}: {word.reason}", None) for word in stopped]
    print_table(("week", "customer", "made (UTC)", "subject", "to"), rows, "No reports yet.")


def _not_made(word: ReportWord) -> dict[str, object]:
    return {
        "customer": word.customer,
        "week": word.week,
        "made_at": None,
        "subject": None,
        "to": [],
        "word": document(word),
    }


def _document(run: ReportRun) -> dict[str, object]:
    return {
        "customer": run.customer,
        "week": run.week,
        "made_at": instant(run.made_at),
        "subject": run.subject,
        "to": list(run.sent_to),
        "word": None,
    }
