"""`deliverwatch alerts`: what was told to whom, how it stands, and why somebody was told, or was not."""

from datetime import timedelta
from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.alert_lines import Told, lines, titles, trail_lines
from deliverwatch.cli.alert_silences import silence, silences, unsilence
from deliverwatch.cli.customers import find_customer
from deliverwatch.cli.options import ConfigFile, CustomerId, Json, with_app
from deliverwatch.cli.output import print_json, print_wrapped, say
from deliverwatch.core.errors import NotPossible
from deliverwatch.flows.alert_ports import AlertTrail
from deliverwatch.render.alert_record import alert_record, trail_record

alerts = typer.Typer(help="What was told to whom, and why, or why not.", no_args_is_help=True)
for command in (silence, silences, unsilence):
    alerts.command()(command)

_SHOWN_FOR = timedelta(days=7)
_MOST = 1000


@alerts.command("list")
def list_all(
    customer: CustomerId = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what nobody was to be told of, and what is older than a week.")
    ] = False,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Alerts of the last week, newest first: what it was, to whom, and how each message stands."""

    async def work(app: App) -> Told:
        now, inventory = app.clock.now(), await app.store.inventory()
        if customer is not None:
            find_customer(inventory, customer)
        since = None if everything else now - _SHOWN_FOR
        found = await app.store.alerts(customer=customer, since=since, limit=_MOST)
        if len(found) == _MOST:
            say(f"only the newest {_MOST:,} are shown")
        shown = [each for each in found if everything or each.lines]
        return Told(shown, titles(app, inventory, [each.numbered.event for each in shown], customer), now, customer)

    told = with_app(config, work)
    if as_json:
        print_json([alert_record(each, told.reader) for each in told.alerts])
        return
    print_wrapped(lines(told) if told.alerts else ["No alerts."])


@alerts.command()
def why(
    id_: Annotated[
        str, typer.Argument(metavar="ID", help="The number of an alert, the key of its event, or the id of a message.")
    ],
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Why each reader was told of it by this channel at that time, or why not."""

    async def work(app: App) -> tuple[AlertTrail, Told, list[str]]:
        trail = await app.store.alert_trail(id_)
        if trail is None:
            raise NotPossible(f"there is no alert {id_!r}: `deliverwatch alerts list` shows them")
        named = [trail.alert, *([trail.leads] if trail.leads is not None else [])]
        events = [*(each.numbered.event for each in named), *(each.event for each in trail.inhibitors)]
        inventory = await app.store.inventory()
        told = Told(named, titles(app, inventory, events), app.clock.now(), None)
        return trail, told, trail_lines(app, trail, told, inventory)

    trail, told, sentences = with_app(config, work)
    if as_json:
        print_json(trail_record(trail, told.reader, sentences))
        return
    print_wrapped([*lines(told, with_messages=False), *sentences])


@alerts.command()
def resend(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Of a message that was given up, as `alerts why` says it.")],
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Try a message again that was given up, under the same id: who has it already sees that it is the same."""

    async def work(app: App) -> bool:
        return await app.store.resend(id_, app.clock.now())

    if not with_app(config, work):
        raise NotPossible(f"no message {id_!r} was given up: `deliverwatch alerts list` names those that were")
    if as_json:
        print_json({"id": id_, "resent": True})
        return
    print_wrapped([f"Message {id_} is due again."])
