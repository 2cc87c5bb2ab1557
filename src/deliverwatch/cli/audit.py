"""`deliverwatch audit`: who did what, and whether what is written there was touched since."""

from collections.abc import Iterator
from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.access_documents import audit_document
from deliverwatch.cli.options import ConfigFile, Json, with_app
from deliverwatch.cli.output import busy, print_json, print_lines, print_table
from deliverwatch.core.audit import AuditLine
from deliverwatch.render.deed_facts import facts_in_line

audit = typer.Typer(help="Who did what: the audit trail.", no_args_is_help=True)

FAULT = 1
_AT_ONCE = 500


@audit.command("list")
def list_all(
    about: Annotated[str | None, typer.Option("--object", metavar="ID", help="Only what was done with it.")] = None,
    most: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="So many, newest first.")] = 100,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """What was done, newest first."""

    async def work(app: App) -> list[AuditLine]:
        found: list[AuditLine] = []
        while len(found) < most:
            before = found[-1].number if found else None
            more = await app.store.audit(before=before, limit=min(_AT_ONCE, most - len(found)), object_=about)
            found += more
            if not more:
                break
        return found

    found = with_app(config, work)
    if as_json:
        print_json([audit_document(each) for each in found])
        return
    print_table(("number", "at (UTC)", "by", "what", "object", "facts"), map(_row, found), "Nothing was done.")


@audit.command()
def verify(config: ConfigFile = None, as_json: Json = False) -> None:
    """Whether every line is as it was written, and none is missing between them."""

    async def work(app: App) -> tuple[int, AuditLine | None]:
        with busy("verifying the audit trail"):
            return await app.access.verify_audit()

    count, broken = with_app(config, work)
    if as_json:
        first = broken.number if broken is not None else None
        print_json({"lines": count, "intact": broken is None, "first_broken": first})
    else:
        print_lines(_verdict(count, broken))
    if broken is not None:
        raise typer.Exit(FAULT)


def _verdict(count: int, broken: AuditLine | None) -> Iterator[str]:
    if broken is None:
        yield f"{count:,} lines, each as it was written."
    else:
        yield f"Line {broken.number} is not as it was written, or one before it is missing ({count:,} looked at)."


def _row(line: AuditLine) -> tuple[object, ...]:
    deed = line.deed
    facts = facts_in_line(deed.facts)
    return line.number, deed.at, deed.by, deed.action, deed.object or None, facts or None
