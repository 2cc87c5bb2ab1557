"""Options that many commands share, and how a command opens the installation."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from deliverwatch.settings import Settings, find_config, load_settings

if TYPE_CHECKING:
    from deliverwatch.app import App

Result = TypeVar("Result")

ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="The configuration (default: see `config show`).")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
CustomerId = Annotated[str | None, typer.Option("--customer", metavar="ID", help="Only what concerns this customer.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who does it (default: the login name).")]


def settings_of(config: Path | None) -> Settings:
    return load_settings(find_config(config, os.environ), os.environ)


def login_name() -> str:
    """An account may have no name, in a container for instance."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def with_app(config: Path | None, work: "Callable[[App], Awaitable[Result]]") -> Result:
    """Opens the installation, does the work, closes it."""
    from deliverwatch.app import App  # all rooms, and `check`, `classify`, `forms` and `lists` need few

    async def run() -> Result:
        app = App.open(settings_of(config))
        try:
            return await work(app)
        finally:
            await app.store.close()

    return asyncio.run(run())
