"""What the `drafts` commands share."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.options import login_name, with_app
from deliverwatch.cli.output import print_json, print_lines
from deliverwatch.core.errors import ConfigError, Fault
from deliverwatch.core.remediation.draft import Draft, DraftStep
from deliverwatch.flows.work_drafts import find
from deliverwatch.render.draft_document import document

_LONGEST_TEXT = 100_000

DraftId = Annotated[str, typer.Argument(metavar="ID")]


def act(
    config: Path | None,
    as_json: bool,
    by: str | None,
    work: Callable[[App, str], Awaitable[Draft]],
    said: str | None,
) -> None:
    """`said`: what is printed of it; None: its new state."""
    draft = with_app(config, lambda app: work(app, by or login_name()))
    if as_json:
        print_json(document(draft))
    else:
        print_lines([f"{draft.id} {said or draft.state}."])


async def with_steps(app: App, draft_id: str) -> tuple[Draft, list[DraftStep]]:
    return await find(app.store, draft_id), await app.store.draft_steps(draft_id)


def read_text(file: Path) -> str:
    """A file; "-" is standard input. Raises ConfigError."""
    name = "standard input" if str(file) == "-" else str(file)
    try:
        text = sys.stdin.read(_LONGEST_TEXT + 1) if str(file) == "-" else _of_file(file)
        text.encode()  # what was no UTF-8 on standard input has come in as lone surrogates
    except OSError as failure:
        raise ConfigError(Fault(name, "", f"cannot be read: {failure.strerror}")) from None
    except UnicodeError:
        raise ConfigError(Fault(name, "", "is not UTF-8 text")) from None
    if len(text) > _LONGEST_TEXT:
        raise ConfigError(Fault(name, "", f"over {_LONGEST_TEXT:,} characters: expected the text of a request"))
    return text


def _of_file(file: Path) -> str:
    with file.open(encoding="utf-8-sig") as opened:
        return opened.read(_LONGEST_TEXT + 1)
