"""`deliverwatch sources`: where sending data come from, how they are, and what of them could not be read."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from deliverwatch.app import App
from deliverwatch.cli.options import ConfigFile, Json, with_app
from deliverwatch.cli.output import print_json, print_table, say
from deliverwatch.core.delivery import Cluster
from deliverwatch.core.heard import Heard, heard
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.source_condition import SourceCondition
from deliverwatch.core.unwatched import Sender
from deliverwatch.flows.delivery_ports import RejectionLine, SourceState
from deliverwatch.flows.source_ports import Source
from deliverwatch.intake import Intake
from deliverwatch.render.json_times import instant
from deliverwatch.render.source_document import source_document

sources = typer.Typer(help="Where sending data come from.", invoke_without_command=True)
_MOST = 100
_STATE_WORDS = {"dry_run": "dry run", "part": "on, within another", None: "no longer in the catalogue"}
_HEARD_WITHIN = timedelta(days=7)


@sources.callback()
def every_source(context: typer.Context, config: ConfigFile = None, as_json: Json = False) -> None:
    """The data sources: whether each is set up, when it spoke last, what was read, and what it cannot tell."""
    if context.invoked_subcommand is not None:
        return

    async def work(app: App) -> list[dict[str, Any]]:
        states, now, intake = await app.store.source_states(), app.clock.now(), app.intake
        for title, failure in (await intake.warmup_failures()).items():
            say(f"What {title} says of its own warm-ups could not be read lately: {failure}")
        return [
            _document(source, intake, states.get(id_, SourceState(id_)), now) for id_, source in intake.sources.items()
        ]

    found = with_app(config, work)
    if as_json:
        print_json(found)
        return
    columns = (
        "source",
        "title",
        "set up",
        "state",
        "last event (UTC)",
        "read",
        "accepted",
        "known",
        "rejected",
        "note",
    )
    print_table(columns, [_row(each) for each in found], "")


@sources.command()
def rejections(
    source: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="Only of this one.")] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Records that could not be read, newest first: where each stood, and why."""

    async def work(app: App) -> list[RejectionLine]:
        if source is not None:
            app.intake.source(source)
        return await app.store.rejections(source, _MOST)

    found = with_app(config, work)
    if as_json:
        print_json([{**_plain(each), "at": instant(each.at)} for each in found])
        return
    rows = [(each.source, each.at, each.origin, each.line, each.why) for each in found]
    print_table(("source", "read (UTC)", "in", "line", "why"), rows, "Nothing was rejected.")


@sources.command()
def replies(config: ConfigFile = None, as_json: Json = False) -> None:
    """What receivers said in the last seven days, by provider and rule: that too from which no block is opened."""

    async def work(app: App) -> list[dict[str, Any]]:
        found = heard(await app.store.replies(app.clock.now() - _HEARD_WITHIN))
        states = {each.id: app.catalogue.state_of(each) for each in app.catalogue.all}
        return [_heard_document(each, _cited(each, app), states) for each in found]

    found = with_app(config, work)
    if as_json:
        print_json(found)
        return
    names = ("source", "provider", "class", "rule")
    rows = [
        (*(each[name] for name in names), _cited_words(each), each["deferred"], each["bounced"], each["sample"])
        for each in found
    ]
    columns = (*names, "cited list", "deferred", "bounced", "the newest")
    print_table(columns, rows, "No reply that a rule explains was read.")


@sources.command()
def unknown(config: ConfigFile = None, as_json: Json = False) -> None:
    """Replies that no rule explains, by what they have in common; those that look like blocks first."""

    async def work(app: App) -> list[Cluster]:
        return await app.store.clusters(_MOST)

    found = with_app(config, work)
    if as_json:
        times = ("first_at", "last_at")
        print_json([each._asdict() | {name: instant(getattr(each, name)) for name in times} for each in found])
        return
    rows = [(each.replies, each.looks_like_block, each.last_at, each.template) for each in found]
    print_table(("replies", "like a block", "last (UTC)", "reply"), rows, "Every reply was explained.")


@sources.command()
def unwatched(config: ConfigFile = None, as_json: Json = False) -> None:
    """Names under which mail left in the last seven days, and which the inventory does not hold."""

    async def work(app: App) -> list[Sender]:
        return await app.intake.unwatched()

    found = with_app(config, work)
    if as_json:
        print_json([asdict(each) for each in found])
        return
    rows = [(each.name, each.role, each.events, each.source, each.last_at) for each in found]
    print_table(("name", "used as", "seen", "source", "last (UTC)"), rows, "Everything that sends is watched.")


def _plain(line: RejectionLine) -> dict[str, Any]:
    return {"source": line.source, "origin": line.origin, "line": line.line, "why": line.why}


def _cited(each: Heard, app: App) -> str | None:
    """The list's name as it was cited, out of the reply that was kept: a list that the catalogue does not have, has no
    id."""
    if each.class_ is not ReplyClass.DNSBL_CITED:
        return None
    return app.intake.desk.rules.classify(each.sample, None, None).blocklist_cited


def _heard_document(each: Heard, cited: str | None, states: Mapping[str, str]) -> dict[str, Any]:
    """`list_state`: as `lists` has it; null: no list is cited, or none that the catalogue has."""
    plain = each._asdict() | {
        "blocklist_cited": cited,
        "list_state": states.get(each.blocklist) if each.blocklist is not None else None,
        "last_hour_at": instant(each.last_hour_at),
    }
    return {name.rstrip("_"): value for name, value in plain.items()}


def _cited_words(each: Mapping[str, Any]) -> str | None:
    if each["blocklist"] is not None:
        return f"{each['blocklist']} ({_STATE_WORDS.get(each['list_state'], each['list_state'])})"
    return f"{each['blocklist_cited']} (not in the catalogue)" if each["blocklist_cited"] else None


def _document(source: Source, intake: Intake, state: SourceState, now: datetime) -> dict[str, Any]:
    configured = source.id in intake.settings
    return source_document(source, state, intake.condition(source, state, now), configured, intake.waiting_for(source))


def _row(each: Mapping[str, Any]) -> tuple[Any, ...]:
    notes = [each["failure"]] if each["state"] is SourceCondition.FAILING else []
    notes += [f"waiting for {path}, which is not there" for path in each["waiting_for"]]
    notes += [f"lost: what happened from {each['lost']['from']} to {each['lost']['before']}"] if each["lost"] else []
    notes += [f"not measured: {', '.join(each['not_measured'])}"] if each["not_measured"] else []
    counts = (each["read"], each["accepted"], each["duplicates"], each["rejected"])
    state = each["state"].replace("_", " ")
    return (each["id"], each["title"], each["configured"], state, each["last_event_at"], *counts, "; ".join(notes))
