"""`deliverwatch drafts`: the queue of removal requests, and what became of each."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from deliverwatch.app import App
from deliverwatch.cli.customers import find_customer
from deliverwatch.cli.options import By, ConfigFile, CustomerId, Json, login_name, with_app
from deliverwatch.cli.output import instant, print_json, print_lines, print_table
from deliverwatch.core.remediation import Draft, DraftState, DraftStep, RequestOutcome
from deliverwatch.flows import work_drafts

drafts = typer.Typer(help="Removal requests: prepared here, sent by a person.", no_args_is_help=True)

DraftId = Annotated[str, typer.Argument(metavar="ID")]


@drafts.command("list")
def list_all(
    customer: CustomerId = None,
    state: Annotated[DraftState | None, typer.Option("--state")] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """The drafts, newest first."""

    async def work(app: App) -> list[Draft]:
        if customer is not None:
            find_customer(await app.store.inventory(), customer)
        return await app.store.drafts(customer=customer, state=state)

    found = with_app(config, work)
    if as_json:
        print_json([document(draft) for draft in found])
        return
    rows = [
        (
            draft.id,
            draft.state,
            draft.customer or "esp",
            draft.provider,
            draft.subjects,
            draft.due_at,
            len(draft.missing),
        )
        for draft in found
    ]
    print_table(("draft", "state", "customer", "to", "subjects", "due (UTC)", "missing"), rows, "No drafts.")


@drafts.command()
def show(draft_id: DraftId, config: ConfigFile = None, as_json: Json = False) -> None:
    """One draft: text, fields, what is missing, what stands against sending it, its history."""

    async def work(app: App) -> tuple[Draft, list[DraftStep]]:
        return await work_drafts.find(app.store, draft_id), await app.store.draft_steps(draft_id)

    draft, steps = with_app(config, work)
    if as_json:
        print_json(document(draft, steps))
    else:
        print_lines(_sheet(draft, steps))


@drafts.command()
def pull(draft_id: DraftId, by: By = None, config: ConfigFile = None, as_json: Json = False) -> None:
    """Take a draft on, and print it."""
    who = by or login_name()
    draft = _move(config, draft_id, DraftState.PULLED, who, None, pulled_by=who)
    if as_json:
        print_json(document(draft))
    else:
        print_lines(_sheet(draft, []))


@drafts.command()
def submit(
    draft_id: DraftId,
    reference: Annotated[
        str, typer.Option("--reference", metavar="TEXT", help="The addressee's ticket, or how it went out.")
    ],
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Record that it was sent."""
    moved = _move(config, draft_id, DraftState.SUBMITTED, by or login_name(), reference, reference=reference)
    _say_moved(moved, as_json)


@drafts.command()
def answer(
    draft_id: DraftId,
    outcome: Annotated[RequestOutcome, typer.Option("--outcome")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT")],
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Record what the addressee said."""
    moved = _move(config, draft_id, DraftState.ANSWERED, by or login_name(), note, outcome=outcome)
    _say_moved(moved, as_json)


@drafts.command()
def close(
    draft_id: DraftId,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT")],
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Put it aside, with a reason."""
    moved = _move(config, draft_id, DraftState.CLOSED, by or login_name(), reason)
    _say_moved(moved, as_json)


def _say_moved(draft: Draft, as_json: bool) -> None:
    if as_json:
        print_json(document(draft))
    else:
        print(f"{draft.id} {draft.state}.")


def _move(config: Any, draft_id: str, wanted: DraftState, by: str, note: str | None, **changes: Any) -> Draft:
    return with_app(config, lambda app: work_drafts.move(app.store, app.clock, draft_id, wanted, by, note, **changes))


def document(draft: Draft, steps: Sequence[DraftStep] = ()) -> dict[str, Any]:
    """interface.md, "A draft", and its history."""
    facts = asdict(draft)
    for internal in ("form_digest", "listing_key", "version"):
        del facts[internal]
    facts["created_at"], facts["due_at"] = instant(draft.created_at), instant(draft.due_at)
    if steps:
        facts["history"] = [{**asdict(step), "at": instant(step.at)} for step in steps]
    return facts


def _sheet(draft: Draft, steps: Sequence[DraftStep]) -> list[str]:
    where = draft.url or draft.to or "no address known"
    lines = [
        f"{draft.id}  {draft.state}  {', '.join(draft.subjects)} on {draft.provider}",
        f"{draft.channel}: {where}",
        "",
    ]
    lines += [f"  {field.label:<28} {field.value or '-'}" for field in draft.fields]
    lines += _section("missing", [f"{each.field}: {each.why}" for each in draft.missing])
    lines += _section("against sending it now", [f"{each.found}. {each.fix}" for each in draft.blockers])
    lines += _section("evidence", [f"{each.at}  {each.what}" for each in draft.evidence])
    lines += _section(
        "history", [f"{instant(s.at)}  {s.state} by {s.by}" + (f": {s.note}" if s.note else "") for s in steps]
    )
    return [*lines, "", *draft.text.splitlines()]


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []
