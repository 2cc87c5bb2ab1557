"""`deliverwatch blocks`: what mailbox providers do with our senders' mail, as episodes."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from deliverwatch.app import App
from deliverwatch.cli.customers import find_customer
from deliverwatch.cli.options import ConfigFile, CustomerId, Json, with_app
from deliverwatch.cli.output import print_json, print_table
from deliverwatch.core.acceptance import NOT_MEASURED
from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.episode_ids import episode_id
from deliverwatch.core.episodes_seen import customers_of, episodes_seen_by
from deliverwatch.core.inventory import Holdings
from deliverwatch.render.episode_document import episode_document
from deliverwatch.render.story import OF_ALL
from deliverwatch.render.tongue import percent

blocks = typer.Typer(help="What mailbox providers do with our mail.", invoke_without_command=True)


@blocks.callback()
def every_episode(
    context: typer.Context,
    customer: CustomerId = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only what is open now.")] = False,
    kind: Annotated[EpisodeKind | None, typer.Option("--kind", help="Only blocks, throttles, ...")] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Blocks, throttles, findings to mend and warnings, newest first: sender, provider, since when, how it ended."""
    if context.invoked_subcommand is not None:
        return

    async def work(app: App) -> tuple[list[Episode], Holdings]:
        found = await app.store.episodes(open_only=open_only, kinds=[kind] if kind is not None else [])
        inventory = await app.store.inventory()
        if customer is not None:
            find_customer(inventory, customer)
            found = episodes_seen_by(customer, inventory.assets, found, app.clock.now())
        return found, inventory.holdings

    found, holdings = with_app(config, work)
    if as_json:
        print_json([_document(each, holdings, customer) for each in found])
        return
    columns = (
        "kind",
        "sender",
        "provider",
        "opened (UTC)",
        "closed (UTC)",
        "",
        "of the mail",
        "replies",
        "what it says",
        "id",
    )
    print_table(columns, map(_row, found), "Nothing is open." if open_only else "Nothing was found.")


@blocks.command()
def close(
    block_id: Annotated[str, typer.Argument(metavar="ID", help="As the list of blocks shows it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is over; told with the end.")],
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """End one that is over and does not end by itself, since nobody measures whether mail is accepted."""

    async def work(app: App) -> tuple[Episode, Holdings]:
        closed = await app.close_episode(block_id, reason)
        return closed, (await app.store.inventory()).holdings

    closed, holdings = with_app(config, work)
    if as_json:
        print_json(_document(closed, holdings, None))
    else:
        where = f"{closed.subject} at {closed.provider}" if closed.provider else str(closed.subject)
        print(f"The {closed.kind} of {where} is ended by hand.")


def _row(episode: Episode) -> tuple[Any, ...]:
    evidence = episode.evidence
    return (
        episode.kind,
        episode.subject,
        episode.provider or None,
        episode.opened_at,
        episode.closed_at,
        _state(episode),
        percent(episode.mail_share) if episode.mail_share is not None else None,
        evidence.get("replies"),
        _words(episode.what, evidence),
        episode_id(episode),
    )


def _state(episode: Episode) -> str:
    if episode.ended is not None:
        return episode.ended.replace("_", " ")
    return "open, acceptance not measured" if episode.evidence.get("acceptance") == NOT_MEASURED else "open"


def _words(what: str, evidence: Mapping[str, Any]) -> str:
    if "shared" in evidence:
        return f"{what} ({OF_ALL})"
    return str(next(iter(evidence.get("samples") or ()), what))


def _document(episode: Episode, holdings: Holdings, asked_for: str | None) -> dict[str, Any]:
    """With `asked_for`, nobody else is named."""
    return episode_document(episode, [asked_for] if asked_for is not None else customers_of(episode, holdings))
