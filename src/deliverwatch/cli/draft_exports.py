"""`deliverwatch drafts export`, `evidence` and `without`: how a draft leaves, and what has none."""

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.draft_acts import DraftId, with_steps
from deliverwatch.cli.options import ConfigFile, Json, with_app
from deliverwatch.cli.output import print_json, print_table
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.remediation.draft import Draft, DraftStep
from deliverwatch.core.remediation.no_request import NoRequest
from deliverwatch.render.draft_document import document
from deliverwatch.render.draft_markdown import markdown
from deliverwatch.render.draft_ways import eml, letter, mailto, plain

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it there (default: print it).")]


class Way(StrEnum):
    """How a draft leaves for the addressee's form, a mail program or a help desk."""

    TEXT = "text"
    LETTER = "letter"
    MARKDOWN = "markdown"
    EML = "eml"
    MAILTO = "mailto"
    JSON = "json"


def export(
    draft_id: DraftId,
    way: Annotated[
        Way, typer.Option("--as", help="How. letter: the text alone, as `edit --text` takes it.")
    ] = Way.TEXT,
    out: Out = None,
    config: ConfigFile = None,
) -> None:
    """One draft to copy, to open in a mail program, or for a help desk."""

    async def work(app: App) -> bytes:
        draft, steps = await with_steps(app, draft_id)
        mailbox = app.settings.requester.mailbox
        if way is Way.EML and mailbox is None:
            raise NotPossible("nobody is named who asks: set mailbox in [requester] of the configuration")
        return _exported(draft, steps, way, mailbox or "")

    _write(with_app(config, work), out)


def evidence(draft_id: DraftId, out: Out = None, config: ConfigFile = None) -> None:
    """All that was collected about it, as one file, for whoever mediates beyond the standard form."""
    _write(with_app(config, lambda app: app.remediation.evidence(draft_id)).encode(), out)


def without(config: ConfigFile = None, as_json: Json = False) -> None:
    """What is open and makes no draft, with the reason and what to do instead."""
    found: list[NoRequest] = with_app(config, lambda app: app.remediation.without_draft())
    if as_json:
        print_json([each._asdict() for each in found])
        return
    print_table(("subject", "about", "why no draft", "instead"), found, "Nothing: all that is open has its draft.")


def _exported(draft: Draft, steps: Sequence[DraftStep], way: Way, sender: str) -> bytes:
    match way:
        case Way.LETTER:
            return letter(draft).encode()
        case Way.MARKDOWN:
            return markdown(draft, steps).encode()
        case Way.EML:
            return eml(draft, sender)
        case Way.MAILTO:
            return (mailto(draft) + "\n").encode()
        case Way.JSON:
            return (json.dumps(document(draft, steps), indent=2) + "\n").encode()
        case Way.TEXT:
            return plain(draft).encode()


def _write(content: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        out.write_bytes(content)
    except OSError as failure:
        raise NotPossible(f"{out}: {failure.strerror}: the draft was not written") from None
