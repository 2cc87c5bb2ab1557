"""`deliverwatch lists health`: every list on every resolver, now, and what is wrong with the resolvers themselves."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deliverwatch.cli.findings import condition
from deliverwatch.cli.options import ConfigFile, Json, settings_of, with_app
from deliverwatch.cli.output import busy, print_json, print_lines, print_table, say
from deliverwatch.core.errors import StoreError
from deliverwatch.core.resolver_health import ResolverFault
from deliverwatch.core.zone_health import Health, ZoneState
from deliverwatch.flows.check_resolvers import check_all
from deliverwatch.flows.check_zones import ZoneCheck
from deliverwatch.in_use import Catalogue, make_lookups
from deliverwatch.lookup.resolver_probe import ResolverProbe
from deliverwatch.render.json_times import instant
from deliverwatch.settings import Settings

if TYPE_CHECKING:
    from deliverwatch.app import App

_WELL, _FAULT, _CANNOT_TELL = 0, 1, 3

Kept = Mapping[tuple[str, str], ZoneState]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A list on a resolver: as it is now, and as the daemon last knew it."""

    check: ZoneCheck
    kept: ZoneState

    @property
    def now(self) -> Health:
        return condition(self.check.test)

    @property
    def trouble(self) -> bool:
        held_back = self.kept.health is Health.QUARANTINED or self.kept.stopped_at is not None
        return self.check.test.failed or held_back

    @property
    def words(self) -> str:
        words = [str(self.now)]
        if self.kept.stopped_at is not None:
            words.append(f"stopped since {self.kept.stopped_at:%m-%d %H:%M}")
        elif self.kept.health is Health.QUARANTINED:
            words.append("quarantined" + (f" since {self.kept.since:%m-%d %H:%M}" if self.kept.since else ""))
        return ", ".join(words)


def health(
    lists: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Default: all that are on.")] = None,
    resolver: Annotated[list[str] | None, typer.Option("--resolver", metavar="IP[:PORT]")] = None,
    only: Annotated[list[str] | None, typer.Option("--list", metavar="ID", help="The same as ID.")] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Ask the test points now, list by list and resolver by resolver. Exit 1 when a list or a resolver is not well."""
    settings = settings_of(config)
    catalogue = Catalogue.load(settings)
    named = [*(lists or []), *(only or [])]
    asked = catalogue.pick(named) if named else catalogue.on
    kept = _kept(settings, config)
    with busy("asking the test points"):
        probe = ResolverProbe(settings.dns.timeout_for)
        found = asyncio.run(check_all(make_lookups(settings, resolver), probe, asked))
    pairs = [_Pair(check, kept.get((check.list_id, check.path), ZoneState())) for check in found.checks]
    if as_json:
        print_json([_document(pair, found.faults) for pair in pairs])
    else:
        _print(pairs, found.faults)
    in_trouble = bool(found.faults) or any(pair.trouble for pair in pairs)
    raise typer.Exit(_FAULT if in_trouble else _WELL if pairs else _CANNOT_TELL)


def has_store(settings: Settings) -> bool:
    """Whether there is a database to ask, as far as that is seen without opening it: that would make one."""
    file = settings.store.sqlite_file
    return file is None or os.path.exists(file)


def _kept(settings: Settings, config: Path | None) -> Kept:
    """What the daemon knows, where there is one."""
    if not has_store(settings):
        return {}

    async def work(app: "App") -> Kept:
        return await app.store.zone_states()

    try:
        return with_app(config, work)
    except StoreError as failure:
        say(f"What the daemon knows of the lists is not shown: {failure}")
        return {}


def _document(pair: _Pair, faults: Sequence[ResolverFault]) -> dict[str, Any]:
    check, kept = pair.check, pair.kept
    return {
        "list": check.list_id,
        "resolver": check.path,
        "health": pair.now,
        "detail": check.test.detail,
        "quarantined_since": instant(kept.since) if kept.health is Health.QUARANTINED else None,
        "stopped_since": instant(kept.stopped_at),
        "asked_again_at": instant(kept.ask_again_at),
        "resolver_faults": [
            {"trouble": fault.trouble, "found": fault.found, "advice": fault.advice, "lists": list(fault.lists)}
            for fault in faults
            if fault.path == check.path
        ],
    }


def _print(pairs: Sequence[_Pair], faults: Sequence[ResolverFault]) -> None:
    resolvers = list(dict.fromkeys(pair.check.path for pair in pairs))
    rows: dict[str, dict[str, str]] = {}
    for pair in pairs:
        rows.setdefault(pair.check.list_id, {})[pair.check.path] = pair.words
    table = [(list_id, *(cells.get(path) for path in resolvers)) for list_id, cells in rows.items()]
    print_table(("list", *resolvers), table, "No list is on.")
    details = [pair for pair in pairs if pair.check.test.detail]
    if details:
        print()
        print_lines(f"{pair.check.list_id} on {pair.check.path}: {pair.check.test.detail}" for pair in details)
    if faults:
        print()
        print_lines(f"The resolver {fault}." for fault in faults)
