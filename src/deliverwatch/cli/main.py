"""The commands, and what becomes of their failures."""

import os
import signal
import sys
from pathlib import Path

import typer

from deliverwatch import __version__
from deliverwatch.cli.blocks import blocks
from deliverwatch.cli.check import check
from deliverwatch.cli.classify import classify
from deliverwatch.cli.customers import customers
from deliverwatch.cli.drafts import drafts
from deliverwatch.cli.forms import forms
from deliverwatch.cli.ingest import ingest
from deliverwatch.cli.listings import listings
from deliverwatch.cli.lists import lists
from deliverwatch.cli.output import say
from deliverwatch.cli.platform import platform
from deliverwatch.cli.practice import practice
from deliverwatch.cli.report import report
from deliverwatch.cli.run import config_commands, demo, init, run
from deliverwatch.cli.sources import sources
from deliverwatch.cli.warmup import warmup
from deliverwatch.core.errors import DeliverwatchError, StoreError

WRONG, UNREACHABLE, READER_GONE = 2, 3, 141

commands = typer.Typer(
    name="deliverwatch",
    help="Deliverability monitoring that never says more than it verified.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (demo, init, run, check, classify, ingest, listings):
    commands.command()(command)
customers.command()(platform)
commands.add_typer(blocks, name="blocks")
commands.add_typer(lists, name="lists")
commands.add_typer(customers, name="customers")
commands.add_typer(drafts, name="drafts")
commands.add_typer(forms, name="forms")
commands.add_typer(practice, name="practice")
commands.add_typer(sources, name="sources")
commands.add_typer(warmup, name="warmup")
commands.add_typer(report, name="report")
commands.add_typer(config_commands, name="config")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"deliverwatch {__version__}")
        raise typer.Exit


@commands.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Deliverability monitoring that never says more than it verified."""


def main() -> None:
    """Runs one command; a failure is a sentence on standard error and an exit code, never a traceback.

    Ctrl-C ends a command as the shell expects: exit code 1 would say that something is listed. The daemon and the
    sandbox put their own handlers in place.
    """
    _open_closed_streams()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    stdout = sys.stdout
    try:
        _run()
    except SystemExit as done:
        if sys.stdout is not stdout:  # so does typer when the reader has hung up, and would exit with 1
            os._exit(READER_GONE)
        _flush(done)
        raise


def _open_closed_streams() -> None:
    """What was closed before we began is nothing to read and nowhere to write; and its number must not become that of
    a database file, which somebody would print into."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115  # for as long as we run


def _run() -> None:
    try:
        commands()
    except StoreError as failure:
        say(str(failure))
        sys.exit(UNREACHABLE)
    except DeliverwatchError as wrong:
        say(str(wrong))
        sys.exit(WRONG)
    except OSError as failure:  # a file that was named and cannot be used, or a stream that fails
        say(": ".join(part for part in (failure.filename, failure.strerror or str(failure)) if part))
        sys.exit(WRONG if failure.filename else UNREACHABLE)


def _flush(done: SystemExit) -> None:
    """What is still to be written is written now, while its failure can be told."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(READER_GONE)
    except OSError as failure:
        say(f"standard output: {failure.strerror}")
        os._exit(UNREACHABLE if done.code in (0, None) else int(done.code))
