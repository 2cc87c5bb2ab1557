"""`deliverwatch ingest`: exported data of one source, read into the store."""

import gc
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.status import Status

from deliverwatch.app import App
from deliverwatch.cli.options import ConfigFile, Json, with_app
from deliverwatch.cli.output import busy, print_json, print_lines, say
from deliverwatch.core.errors import NotPossible
from deliverwatch.flows.chunk import IngestTotals

_SHOWN = 20
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def ingest(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Its id; `deliverwatch sources` lists them.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files; of mails also folders and maildirs.")],
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Read exported data of a source. What was read before, in whatever file, changes nothing."""

    async def work(app: App) -> IngestTotals:
        wanted = app.intake.source(source)
        for file in files:
            if not file.exists():
                raise NotPossible(f"{file} does not exist: expected a file with data of {wanted.title}")
        collect_garbage_rarely()
        totals = IngestTotals()
        with busy("reading") as status:
            for file in files:
                found = await app.intake.ingest(wanted, file, partial(_show, status, file))
                if not found.read:
                    say(f"{file}: nothing in it is a record of {wanted.title}")
                totals.add(found)
        # of what was known already it is unknown whether it was judged: the process may have been killed before
        await app.judge(_EARLIEST if totals.duplicates else totals.first_reply_at)
        await app.warmups.advance()
        return totals

    totals = with_app(config, work)
    if as_json:
        print_json(document(totals))
        return
    print_lines(_sentences(totals))


def document(totals: IngestTotals) -> dict[str, object]:
    return {
        "read": totals.read,
        "accepted": totals.accepted,
        "duplicates": totals.duplicates,
        "rejected": totals.rejected,
        "rejections": [{"line": each.line, "why": each.why} for each in totals.rejections],
    }


def collect_garbage_rarely() -> None:
    """Records hold no cycles: to look through tens of thousands of them again and again takes a fifth of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def _show(status: Status, file: Path, totals: IngestTotals) -> None:
    status.update(f"reading {file.name}: {totals.read:,} records")


def _sentences(totals: IngestTotals) -> list[str]:
    counted = f"{totals.read:,} read: {totals.accepted:,} accepted, {totals.duplicates:,} known already"
    lines = [f"{counted}, {totals.rejected:,} rejected"]
    lines += [f"  line {each.line}: {each.why}" for each in totals.rejections[:_SHOWN]]
    if totals.rejected > _SHOWN:
        say(f"The others: deliverwatch sources rejections; {totals.rejected - _SHOWN:,} are not shown here.")
    return lines
