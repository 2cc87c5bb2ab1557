"""`deliverwatch drafts`: the queue of requests for removal or review, and what became of each."""

from pathlib import Path
from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.customers import find_customer
from deliverwatch.cli.draft_acts import DraftId, act, read_text, with_steps
from deliverwatch.cli.draft_exports import evidence, export, without
from deliverwatch.cli.draft_list import in_order, lines
from deliverwatch.cli.draft_questions import ask, told
from deliverwatch.cli.draft_sheet import sheet
from deliverwatch.cli.options import By, ConfigFile, CustomerId, Json, login_name, with_app
from deliverwatch.cli.output import print_json, print_lines, print_wrapped, say
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.remediation.draft import Action, Draft, DraftState, DraftStep, RequestOutcome
from deliverwatch.flows.work_drafts import find
from deliverwatch.render.draft_document import document
from deliverwatch.render.draft_words import LETTERS, field_words, sentence

drafts = typer.Typer(
    help="Requests to list operators and mailbox providers: prepared here, sent by a person.", no_args_is_help=True
)
for command in (ask, told, export, evidence, without):
    drafts.command()(command)


@drafts.command("list")
def list_all(
    customer: CustomerId = None,
    state: Annotated[DraftState | None, typer.Option("--state")] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """What waits for a person, by when it is due; then what was sent; last what is closed."""

    async def work(app: App) -> list[Draft]:
        if customer is not None:
            find_customer(await app.store.inventory(), customer)
        return in_order(await app.store.drafts(customer=customer, state=state))

    found = with_app(config, work)
    if as_json:
        print_json([document(draft) for draft in found])
        return
    print_wrapped(lines(found) if found else ["No drafts."])


@drafts.command()
def show(draft_id: DraftId, config: ConfigFile = None, as_json: Json = False) -> None:
    """One draft: text, fields, what is missing, what stands against sending it, its history."""
    draft, steps = with_app(config, lambda app: with_steps(app, draft_id))
    if as_json:
        print_json(document(draft, steps))
    else:
        print_lines(sheet(draft, steps))


@drafts.command()
def pull(draft_id: DraftId, by: By = None, config: ConfigFile = None, as_json: Json = False) -> None:
    """Take a draft on: it is brought up to date, and printed."""
    who = by or login_name()

    async def work(app: App) -> tuple[Draft, Draft]:
        before = await find(app.store, draft_id)
        return before, await app.remediation.desk(who).pull(draft_id)

    before, draft = with_app(config, work)
    if before.pulled_by not in (None, who):
        say(f"{before.pulled_by} has pulled it too, at {before.pulled_at:%Y-%m-%d %H:%M} UTC")
    if as_json:
        print_json(document(draft))
    else:
        print_lines(sheet(draft, []))


@drafts.command()
def edit(
    draft_id: DraftId,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A field of the form, by its name.")
    ] = None,
    text: Annotated[
        Path | None, typer.Option("--text", metavar="FILE", help="The whole text, from a file (-: standard input).")
    ] = None,
    version: Annotated[
        int | None, typer.Option("--version", metavar="N", help="Of the draft that was edited (see `drafts show`).")
    ] = None,
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Change what has not been sent. Refused, with both texts, when somebody else changed the same meanwhile."""
    changed = dict(map(_assignment, values or ()))
    if text is not None:
        changed["text"] = read_text(text)
    if not changed:
        raise NotPossible("nothing to change: give --set FIELD=VALUE or --text FILE")
    act(config, as_json, by, lambda app, who: app.remediation.desk(who).edit(draft_id, changed, version), "changed")


@drafts.command()
def overrule(
    draft_id: DraftId,
    check: Annotated[str, typer.Argument(metavar="CHECK", help="What stands against it, by its name.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT")],
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Send it nevertheless: the reason is kept."""
    act(config, as_json, by, lambda app, who: app.remediation.desk(who).overrule(draft_id, check, reason), "changed")


@drafts.command()
def link(
    draft_id: DraftId,
    ticket: Annotated[str, typer.Option("--ticket", metavar="URL", help="The help desk's own ticket.")],
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Keep where the help desk carries the case."""
    act(config, as_json, by, lambda app, who: app.remediation.desk(who).link(draft_id, ticket), "linked")


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

    async def work(app: App, who: str) -> Draft:
        sent = await app.remediation.desk(who).submit(draft_id, reference)
        steps = await app.store.draft_steps(draft_id)
        _say_of(sent, next(step for step in reversed(steps) if step.action is Action.SUBMITTED))
        return sent

    act(config, as_json, by, work, None)


def _say_of(draft: Draft, step: DraftStep) -> None:
    """What whoever sent it should know."""
    if step.facts["changed_since"]:
        say("the draft has changed since you pulled it: what you pulled is kept as what was sent")
    for each in draft.stands_against:
        say(f"sent although this stood against it: {each.found}")
    if draft.missing:
        say(f"sent without: {', '.join(field_words(draft, each.field) for each in draft.missing)}")
    if draft.state is DraftState.CLOSED:
        say(f"closed at once: {draft.note}")


@drafts.command()
def answer(
    draft_id: DraftId,
    outcome: Annotated[RequestOutcome, typer.Option("--outcome")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT")],
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Record what the addressee said. What is to be sent next is prepared."""
    who = by or login_name()
    draft, follow_up = with_app(config, lambda app: app.remediation.desk(who).answer(draft_id, outcome, note))
    if as_json:
        print_json({**document(draft), "follow_up": follow_up.id if follow_up is not None else None})
        return
    print_lines([f"{draft.id} {draft.state}."])
    print_lines([f"{follow_up.id} prepared: {LETTERS[follow_up.letter]}."] if follow_up is not None else [])
    print_lines(
        [f"{sentence(each.found)} {sentence(each.fix)}" for each in draft.stands_against if each.check == "tier 2"]
    )


@drafts.command()
def close(
    draft_id: DraftId,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT")],
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Put it aside, with a reason."""
    act(config, as_json, by, lambda app, who: app.remediation.desk(who).close(draft_id, reason), None)


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise NotPossible(f"{text!r} sets no field: expected FIELD=VALUE")
    return name, value
