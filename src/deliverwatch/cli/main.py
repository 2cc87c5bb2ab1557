"""The commands, and what becomes of their failures."""

import os
import signal
import sys
from pathlib import Path

import typer

from deliverwatch import __version__
from deliverwatch.cli.later import Later, group_of
from deliverwatch.cli.output import say
from deliverwatch.core.errors import DeliverwatchError, StoreError

WRONG, UNREACHABLE, READER_GONE = 2, 3, 141

_CONTENTS = group_of(
    Later("demo", "run:demo", "The whole product in a sandbox world that it brings along."),
    Later("init", "run:init", "Write a commented configuration and an example inventory."),
    Later("run", "run:run", "The daemon, and the pages when [web] listen is set."),
    Later("check", "check:check", "Look up addresses, ranges and domains now."),
    Later("classify", "classify:classify", "Say what SMTP replies mean."),
    Later("ingest", "ingest:ingest", "Read exported data of a source."),
    Later("listings", "listings:listings", "Listings, newest first."),
    Later("blocks", "blocks:blocks", "What mailbox providers do with our mail."),
    Later("lists", "lists:lists", "The catalogue of blocklists."),
    Later("customers", "customers:customers", "Customers, their sending IPs, ranges and domains."),
    Later("drafts", "drafts:drafts", "Requests to list operators and mailbox providers."),
    Later("forms", "forms:forms", "The standard forms of list operators and mailbox providers."),
    Later("practice", "practice:practice", "Best practice: what is checked before anybody is asked."),
    Later("sources", "sources:sources", "Where sending data come from."),
    Later("warmup", "warmup:warmup", "The warm-up of new sending IPs."),
    Later("alerts", "alerts:alerts", "What was told to whom, and why, or why not."),
    Later("report", "report:report", "The weekly report of a customer."),
    Later("users", "users:users", "The accounts that sign in at the pages."),
    Later("tokens", "tokens:tokens", "By which programs come to the API."),
    Later("audit", "audit:audit", "Who did what: the audit trail."),
    Later("config", "run:config_commands", "The configuration."),
)
commands = typer.Typer(
    cls=_CONTENTS,
    name="deliverwatch",
    help="Deliverability monitoring that never says more than it verified.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
