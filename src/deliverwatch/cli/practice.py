"""`deliverwatch practice`: whether a customer follows best practice, with evidence, and what to mend.

Checks look now, and are kept; `--kept` shows what was found last, and the register of advice, without looking. What is
to be mended is said in the customer's language, since it is sent on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from deliverwatch.app import App
from deliverwatch.cli.options import By, ConfigFile, Json, login_name, with_app
from deliverwatch.cli.output import busy, instant, print_json, print_lines, print_table, print_wrapped
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.incidents import ranges
from deliverwatch.core.inventory import Customer, Language
from deliverwatch.core.practice import Advice, Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_register import covering
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.check_practice import Kept, check_message, check_practice, kept_practice, overrule
from deliverwatch.render.practice_words import check_name, repair

practice = typer.Typer(help="Best practice: what is checked before anybody is asked.", invoke_without_command=True)
CustomerOption = Annotated[str, typer.Option("--customer", metavar="ID")]
_ORDER = (CheckOutcome.FAIL, CheckOutcome.UNKNOWN, CheckOutcome.PASS, CheckOutcome.NOT_APPLICABLE)
_SUBJECT = "\0"
_TOGETHER = 3
_MOST_NAMED = 4
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
    print_table(("check", "subject", "outcome", "what was found"), _rows(shown), "")
    repairs = _repairs(kept, shown)
    if repairs:
        print_lines(["", "To mend:"])
        print_wrapped(repairs)
    if with_register:
        print_lines(["", "Advice given:"])
        columns = ("check", "subject", "state", "given (UTC)", "told (UTC)", "mended (UTC)", "what was found, and why")
        print_table(columns, map(_register_row, kept.advice), "None.")


def _rows(results: Iterable[CheckResult]) -> Iterator[tuple[Any, ...]]:
    """What fails first. Those that say the same of several subjects are one row, and so are many that are well."""
    groups: dict[tuple[CheckOutcome, Check], list[CheckResult]] = defaultdict(list)
    for each in results:
        groups[each.outcome, each.check].append(each)
    for outcome, check_ in sorted(groups, key=lambda group: (_ORDER.index(group[0]), list(Check).index(group[1]))):
        for subject, found in _told(outcome, groups[outcome, check_]):
            yield check_, subject or None, outcome.replace("_", " "), found


def _told(outcome: CheckOutcome, some: Sequence[CheckResult]) -> Iterator[tuple[str, str]]:
    """Subjects, and what was found of them."""
    alike: dict[str, list[CheckResult]] = defaultdict(list)
    for each in some:
        alike[each.found.replace(each.subject, _SUBJECT) if each.subject else each.found].append(each)
    if outcome is CheckOutcome.PASS and len(alike) > _TOGETHER:
        yield _together(some), f"{len(some)} looked at, one of them: {some[0].found}"
        return
    for words, group in alike.items():
        subject = _together(group)
        yield subject, words.replace(_SUBJECT, subject)


def _together(some: Iterable[CheckResult]) -> str:
    """Addresses as ranges; whatever is no subject of its own, such as a selector's name, as it is."""
    names, subjects = [], []
    for each in some:
        try:
            subjects.append(parse_subject(each.subject))
        except ValueError:
            names.append(each.subject)
    named = [*ranges(subjects), *names]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return ", ".join(named[:_MOST_NAMED]) + more


def _is_overruled(result: CheckResult, advice: Iterable[Advice]) -> bool:
    covered = covering(result, advice)
    return covered is not None and covered.overruled_at is not None


def _repairs(kept: Kept, shown: Iterable[CheckResult]) -> list[str]:
    lines = [
        f"- {check_name(each.check, kept.customer.language)}: {words}"
        + (" (overruled)" if _is_overruled(each, kept.advice) else "")
        for each in shown
        if (words := _repair(each, kept.customer.language)) is not None
    ]
    return list(dict.fromkeys(lines))


def _repair(result: CheckResult | Advice, language: Language) -> str | None:
    return repair(result.problem, result.facts, language) if result.problem else None


def _state(advice: Advice) -> str:
    """Where it stands; what was mended is that, whatever was before."""
    if advice.mended_at is not None:
        return "mended"
    if advice.overruled_at is not None:
        return "overruled"
    return "told" if advice.told_at is not None else "given"


def _register_row(advice: Advice) -> tuple[Any, ...]:
    why = f"; overruled by {advice.overruled_by}: {advice.overruled_because}" if advice.overruled_at else ""
    return (
        advice.check,
        advice.subject or None,
        _state(advice),
        advice.opened_at,
        advice.told_at,
        advice.mended_at,
        f"{advice.found}{why}",
    )


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
        "state": _state(advice),
        "problem": advice.problem,
        "found": advice.found,
        "repair": _repair(advice, language),
        "opened_at": instant(advice.opened_at),
        "told_at": instant(advice.told_at),
        "mended_at": instant(advice.mended_at),
        "overruled": overruled if advice.overruled_at is not None else None,
    }
