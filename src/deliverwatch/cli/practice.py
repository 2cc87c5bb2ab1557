"""`deliverwatch practice`: whether a customer follows best practice, with evidence, and what to mend.

Checks look now, and are kept; `--kept` shows what was found last, and the register of advice, without looking. What is
to be mended is said in the customer's language, since it is sent on.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from deliverwatch.app import App
from deliverwatch.cli.options import By, ConfigFile, Json, login_name, with_app
from deliverwatch.cli.output import busy, print_json, print_lines, print_table, print_wrapped
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.inventory import Customer, Language
from deliverwatch.core.practice import Advice, Check, CheckResult
from deliverwatch.flows.check_practice import Kept, check_message, check_practice, kept_practice, overrule
from deliverwatch.render.json_times import instant
from deliverwatch.render.practice_shown import found_rows, register_lines, repair_lines, state_of
from deliverwatch.render.practice_words import repair

practice = typer.Typer(help="Best practice: what is checked before anybody is asked.", invoke_without_command=True)
CustomerOption = Annotated[str, typer.Option("--customer", metavar="ID")]
_LARGEST_MESSAGE = 10_000_000


@practice.callback()
def check(
    context: typer.Context,
    customer: Annotated[str | None, typer.Option("--customer", metavar="ID", help="Whom to check.")] = None,
    kept: Annotated[bool, typer.Option("--kept", help="What was found last, and all advice; look at nothing.")] = False,
    message: Annotated[
        Path | None,
        typer.Option("--message", metavar="FILE", help="A message as it was sent: one-click unsubscribe, alignment."),
    ] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Check one customer now: DNS, sending data, warm-ups, listings. What fails is advice, kept until it is mended."""
    if context.invoked_subcommand is not None:
        return
    if customer is None:
        raise typer.BadParameter("expected --customer ID: `deliverwatch customers list` shows them")
    if kept and message is not None:
        raise typer.BadParameter("expected --kept or --message, not both")
    content = _read(message) if message is not None else None

    async def work(app: App) -> tuple[Kept, Sequence[CheckResult]]:
        if kept:
            found = await kept_practice(app.store, customer)
            return found, found.results
        with busy(f"checking {customer}"):
            looked = await _look(app, customer, content)
        return await kept_practice(app.store, customer), looked

    found, shown = with_app(config, work)
    if as_json:
        print_json(_document(found, shown))
    else:
        _print(found, shown, with_register=kept)


@practice.command("overrule")
def overrule_check(
    check_: Annotated[Check, typer.Argument(metavar="CHECK", help="As the table names it: spf, ptr, ...")],
    customer: CustomerOption,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the advice.")],
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="S", help="Only of this address, domain or selector.")
    ] = None,
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Let requests go on although a check fails. It holds for what fails now, until it is mended or more fails."""

    async def work(app: App) -> tuple[Customer, list[Advice]]:
        done = await overrule(app.store, app.clock, customer, check_, subject, reason, by or login_name())
        return (await kept_practice(app.store, customer)).customer, done

    of, done = with_app(config, work)
    if as_json:
        print_json([_advice(each, of.language) for each in done])
        return
    print_lines(f"{each.check} of {each.subject or of.name} is overruled: {each.found}" for each in done)


def _read(file: Path) -> bytes:
    if file.stat().st_size > _LARGEST_MESSAGE:
        raise NotPossible(f"{file}: expected a message of at most {_LARGEST_MESSAGE:,} bytes")
    return file.read_bytes()


async def _look(app: App, customer: str, content: bytes | None) -> list[CheckResult]:
    if content is not None:
        return await check_message(app.store, app.practice_desk, app.clock, customer, content)
    return await check_practice(app.store, app.practice_desk, app.clock, customer)


def _print(kept: Kept, shown: Sequence[CheckResult], *, with_register: bool) -> None:
    if not shown:
        print_lines([f"{kept.customer.name} was not checked yet: leave out --kept, and it is."])
        return
    at = max(result.at for result in shown)
    print_lines([f"{kept.customer.name}: best practice, as of {at:%Y-%m-%d %H:%M} UTC", ""])
    print_table(("check", "subject", "outcome", "what was found"), found_rows(shown), "")
    repairs = repair_lines(shown, kept.advice, kept.customer.language)
    if repairs:
        print_lines(["", "To mend:"])
        print_wrapped(repairs)
    if with_register:
        print_lines(["", "Advice given, newest first (times in UTC):" if kept.advice else "Advice given: none."])
        print_wrapped(register_lines(kept.advice))


def _repair(result: CheckResult | Advice, language: Language) -> str | None:
    return repair(result.problem, result.facts, language) if result.problem else None


def _document(kept: Kept, shown: Sequence[CheckResult]) -> dict[str, Any]:
    return {
        "customer": kept.customer.id,
        "checked_at": instant(max((result.at for result in shown), default=None)),
        "checks": [
            {
                "check": each.check,
                "subject": each.subject or None,
                "outcome": each.outcome,
                "found": each.found,
                "at": instant(each.at),
                "source": each.source,
                "problem": each.problem,
                "repair": _repair(each, kept.customer.language),
            }
            for each in shown
        ],
        "advice": [_advice(each, kept.customer.language) for each in kept.advice],
    }


def _advice(advice: Advice, language: Language) -> dict[str, Any]:
    overruled = {
        "by": advice.overruled_by,
        "at": instant(advice.overruled_at),
        "because": advice.overruled_because,
    }
    return {
        "id": advice.id,
        "check": advice.check,
        "subject": advice.subject or None,
        "state": state_of(advice),
        "problem": advice.problem,
        "found": advice.found,
        "repair": _repair(advice, language),
        "opened_at": instant(advice.opened_at),
        "told_at": instant(advice.told_at),
        "mended_at": instant(advice.mended_at),
        "overruled": overruled if advice.overruled_at is not None else None,
    }
