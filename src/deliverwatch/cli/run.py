"""`deliverwatch run`, `demo`, `init` and `config`: the daemon, the sandbox, and the first steps."""

import asyncio
import importlib.resources
import sys
from pathlib import Path
from typing import Annotated

import typer

from deliverwatch.cli.options import ConfigFile, Json, settings_of
from deliverwatch.cli.output import print_json, print_table, say
from deliverwatch.core.errors import NotPossible

# `run` and `demo` load daemon, pages and sandbox when they are called: no other command should wait for them.
config_commands = typer.Typer(help="The configuration.", no_args_is_help=True)


def run(config: ConfigFile = None) -> None:
    """The daemon: scans, drafts, alerts and reports, and the pages when [web] listen is set."""
    from deliverwatch.serve import only_daemon, serve, set_up_logs

    set_up_logs(sys.stdout)
    settings = settings_of(config)

    async def work() -> None:
        async with only_daemon(settings) as app:
            await serve(app)

    asyncio.run(work())


def demo(
    once: Annotated[bool, typer.Option("--once", help="One round, up to the weekly report, then stop.")] = False,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Where the pages are served.")] = 8080,
) -> None:
    """The sandbox world: the whole product against lists and a mailbox that it brings along."""
    from deliverwatch.sandbox.demo import run_demo

    asyncio.run(run_demo(once=once, port=port, tell=print))


def init(directory: Annotated[Path, typer.Argument(metavar="[DIR]")] = Path()) -> None:
    """Write a commented deliverwatch.toml and an example inventory; never over what is there."""
    directory.mkdir(parents=True, exist_ok=True)
    examples = {"deliverwatch.toml": "settings_example.toml", "customers.yaml": "example_inventory.yaml"}
    there = [name for name in examples if (directory / name).exists()]
    if there:
        raise NotPossible(f"{directory / there[0]} exists already: move it away, or name another folder")
    for name, source in examples.items():
        text = importlib.resources.files("deliverwatch").joinpath(source).read_text(encoding="utf-8")
        (directory / name).write_text(text, encoding="utf-8")
        print(directory / name)
    say("Edit both, then: deliverwatch customers import customers.yaml && deliverwatch run")


@config_commands.command()
def show(config: ConfigFile = None, as_json: Json = False) -> None:
    """Every value in effect and where it came from; secrets are masked."""
    rows = settings_of(config).rows()
    if as_json:
        print_json([dict(zip(("key", "value", "origin"), row, strict=True)) for row in rows])
    else:
        print_table(("setting", "value", "from"), rows, "")
