"""`deliverwatch report note|hold|release|skip`: what is said of a report before it goes."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.customers import find_customer
from deliverwatch.cli.options import By, ConfigFile, Json, login_name, with_app
from deliverwatch.cli.output import print_json, print_lines
from deliverwatch.flows.report_ports import ReportWord, WeekPlan
from deliverwatch.flows.report_words import ReportWords
from deliverwatch.render.json_times import instant

Of = Annotated[str, typer.Option("--customer", metavar="ID")]
Week = Annotated[
    str | None, typer.Option("--week", metavar="2026-W47", help="Default: that of the next report to go, or late.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="For whoever asks later; no customer reads it.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="For the customer; an empty one takes it away.")]

_NOW = {
    WeekPlan.SENT: "goes by itself when it is due",
    WeekPlan.HELD: "is held, and goes when it is released",
    WeekPlan.SKIPPED: "is skipped, and is not made",
}


def add_words(report: typer.Typer) -> None:
    for command in (note, hold, release, skip):
        report.command()(command)


def note(
    customer: Of, text: Note, week: Week = None, by: By = None, config: ConfigFile = None, as_json: Json = False
) -> None:
    """Add words of yours to the report before it goes."""
    _say(customer, week, by, config, as_json, lambda words: words.note(text))


def hold(
    customer: Of, reason: Reason, week: Week = None, by: By = None, config: ConfigFile = None, as_json: Json = False
) -> None:
    """Keep the report back until it is released, six days at most."""
    _say(customer, week, by, config, as_json, lambda words: words.hold(reason))


def release(customer: Of, week: Week = None, by: By = None, config: ConfigFile = None, as_json: Json = False) -> None:
    """Let a report go that was held."""
    _say(customer, week, by, config, as_json, lambda words: words.release())


def skip(
    customer: Of, reason: Reason, week: Week = None, by: By = None, config: ConfigFile = None, as_json: Json = False
) -> None:
    """Have no report of the week made, for good."""
    _say(customer, week, by, config, as_json, lambda words: words.skip(reason))


def _say(
    customer: str,
    week: str | None,
    by: str | None,
    config: ConfigFile,
    as_json: bool,
    act: Callable[[ReportWords], Awaitable[ReportWord]],
) -> None:
    async def work(app: App) -> ReportWord:
        whose = find_customer(await app.store.inventory(), customer)
        wanted = week or await app.reporting.next_week(whose)
        return await act(app.reporting.words_of(whose, wanted, by or login_name()))

    said = with_app(config, work)
    if as_json:
        print_json(document(said))
        return
    with_note = f", with the note: {said.note}" if said.note else ""
    print_lines([f"The report of {said.customer} for {said.week} {_NOW[said.plan]}{with_note}."])


def document(word: ReportWord) -> dict[str, object]:
    return {
        "customer": word.customer,
        "week": word.week,
        "plan": str(word.plan),
        "note": word.note or None,
        "reason": word.reason or None,
        "by": word.by,
        "at": instant(word.at),
    }
