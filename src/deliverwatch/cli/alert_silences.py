"""`deliverwatch alerts silence`, `silences`, `unsilence`: for a while nobody hears of something, and it is tracked."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.customers import find_customer
from deliverwatch.cli.options import By, ConfigFile, Json, login_name, with_app
from deliverwatch.cli.output import print_json, print_wrapped
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.instants import instant as shown
from deliverwatch.core.routing import Family
from deliverwatch.core.silences import LONGEST, Cover, Silence
from deliverwatch.render.silence_document import silence_document
from deliverwatch.settings.values import duration


def silence(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; whoever asks later reads it.")],
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="2026-12-01, or 2026-12-01T09:00+01:00.")
    ] = None,
    lasting: Annotated[str | None, typer.Option("--for", metavar="DURATION", help="2h, 3d; 30d at most.")] = None,
    customer: Annotated[str | None, typer.Option("--customer", metavar="ID")] = None,
    subject: Annotated[
        str | None,
        typer.Option("--subject", metavar="NAME", help="An address, a range, or a domain with all below it."),
    ] = None,
    place: Annotated[str | None, typer.Option("--place", metavar="ID", help="A list, or a mailbox provider.")] = None,
    kind: Annotated[Family | None, typer.Option("--kind", help="Only alerts of this kind.")] = None,
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Send nobody what all of these options cover. It is tracked as ever, and what is still true is told afterwards."""

    async def work(app: App) -> Silence:
        if customer is not None:
            find_customer(await app.store.inventory(), customer)
        cover = Cover(customer, subject, place, kind)
        return await app.silence(by or login_name(), reason, _end(until, lasting, app.clock.now()), cover)

    kept = with_app(config, work)
    if as_json:
        print_json(silence_document(kept))
        return
    print_wrapped([f"{kept.id}: silent until {shown(kept.until_at)}: {_covered(kept)}."])


def silences(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over, of the last 30 days.")] = False,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Silences, newest first."""

    async def work(app: App) -> tuple[list[Silence], datetime]:
        now = app.clock.now()
        found = await app.store.silences(since=now - LONGEST if everything else now)
        return [each for each in found if everything or each.is_on(now)], now

    found, now = with_app(config, work)
    if as_json:
        print_json([silence_document(each) for each in found])
        return
    print_wrapped([line for each in found for line in _lines(each, now)] or ["No silence."])


def unsilence(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As the list of silences shows it.")],
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """End a silence now. What is still true of what it kept back is told."""

    async def work(app: App) -> bool:
        return await app.store.end_silence(id_, app.clock.now())

    if not with_app(config, work):
        raise NotPossible(f"there is no silence {id_!r} that is on: `deliverwatch alerts silences` shows them")
    if as_json:
        print_json({"id": id_, "ended": True})
        return
    print_wrapped([f"Silence {id_} is over."])


def _end(until: str | None, lasting: str | None, now: datetime) -> datetime:
    if (until is None) == (lasting is None):
        raise NotPossible("a silence has an end: give either --until TIME or --for DURATION")
    if lasting is not None:
        return now + _duration(lasting)
    assert until is not None
    try:
        return datetime.combine(date.fromisoformat(until), time(), UTC)
    except ValueError:
        return _instant(until)


def _duration(text: str) -> timedelta:
    try:
        return min(duration(text), 2 * LONGEST)
    except ValueError as error:
        raise NotPossible(f"--for: {error}") from None


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise NotPossible(
            f"--until {text[:80]!r}: expected 2026-12-01, or a time with its zone, 2026-12-01T09:00+01:00"
        )
    return at.astimezone(UTC)


def _lines(silence: Silence, now: datetime) -> Iterator[str]:
    is_on = silence.is_on(now)
    yield f"{silence.id}  {'on until' if is_on else 'over since'} {shown(silence.over_at)}  by {silence.by}"
    yield f"  {_covered(silence)}: {silence.reason}"


def _covered(silence: Silence) -> str:
    parts = (
        silence.family and f"{silence.family} alerts",
        silence.customer and f"of customer {silence.customer}",
        silence.subject and f"about {silence.subject}",
        silence.place and f"at {silence.place}",
    )
    return " ".join(part for part in parts if part)
