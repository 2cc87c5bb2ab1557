"""blocklists.yaml -> `core.blocklist.Blocklist` and `core.blocklist.DeadList`.

The catalogue says of each list where it is asked, for what kinds of subjects, what each answer means and costs, which
answers are about the query instead of the subject, which test points prove that it still works, what an operator must
have before asking, and the way to a removal. Every entry carries its source and the day it was checked, since lists
change and die; those that died stand in a part of their own. A catalogue with any fault is not used at all: half a
catalogue would be half a verdict.

An overlay is a folder whose own `blocklists.yaml` is merged over the shipped file by id, key by key: an entry may
change one key of a shipped list, or be a whole new list.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from deliverwatch.catalogue.blocklist_checks import contradictions
from deliverwatch.catalogue.blocklist_relations import Relations
from deliverwatch.catalogue.blocklist_schema import Entry, Zone, to_core
from deliverwatch.catalogue.schema import KebabId, Strict, Text, check, fault_at, in_file_order, rough_date
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.catalogue.strict_yaml import Mark, Place, load_yaml
from deliverwatch.core.blocklist import Blocklist, DeadList
from deliverwatch.core.errors import CatalogueError, Fault

_FILE = "blocklists.yaml"


@dataclass(frozen=True, slots=True)
class Lists:
    usable: tuple[Blocklist, ...]
    dead: tuple[DeadList, ...]


class _File(Strict):
    lists: list[dict[str, Any]]
    dead: list[dict[str, Any]] = Field(default_factory=list)


class _Dead(Strict):
    id: KebabId
    name: Text
    zones: list[Zone]
    died_on: Annotated[Text, AfterValidator(rough_date)]
    how: Text
    source: Text


@dataclass(frozen=True, slots=True)
class _Raw:
    """One entry as read, with the marks of its keys; after a merge these may point into two files."""

    value: dict[str, Any]
    mark: Mark

    @property
    def id(self) -> str | None:
        found = self.value.get("id")
        return found if isinstance(found, str) else None

    @property
    def at(self) -> Place:
        return (self.id or "an entry without an id",)

    def under(self, overlay: "_Raw") -> "_Raw":
        inside = {**self.mark.inside, **overlay.mark.inside}
        return _Raw({**self.value, **overlay.value}, Mark(overlay.mark.file, overlay.mark.line, inside))

    def fault(self, place: Place, problem: str) -> Fault:
        return fault_at(self.mark, self.value, place, problem, self.at)


@dataclass(frozen=True, slots=True)
class _Raws:
    lists: tuple[_Raw, ...] = ()
    dead: tuple[_Raw, ...] = ()

    def under(self, overlay: "_Raws") -> "_Raws":
        return _Raws(_merged(self.lists, overlay.lists), _merged(self.dead, overlay.dead))


def load_blocklists(path: Path | None = None, overlay: Path | None = None) -> tuple[Blocklist, ...]:
    """Those that can be asked. Raises CatalogueError with every fault."""
    return load_lists(path, overlay).usable


def load_lists(path: Path | None = None, overlay: Path | None = None) -> Lists:
    """The shipped catalogue, or that of `path`, under the overlay folder. Raises CatalogueError with every fault.

    The dead stay dead in every catalogue: an old file is just where they are named.
    """
    raws, faults = _read(path or shipped(_FILE))
    if path is not None:
        raws = _Raws(raws.lists, _merged(_shipped_dead(), raws.dead))
    if overlay is not None:
        above, more = _read_overlay(overlay)
        raws, faults = raws.under(above), faults + more
    faults += [*_twice(raws.lists, "zone"), *_twice(raws.lists, "keyed_zone")]
    dead, more = _checked_dead(raws.dead)
    usable, faults_of_lists = _checked_lists(raws.lists, dead)
    faults += [*more, *faults_of_lists]
    if faults:
        raise CatalogueError(*in_file_order(faults))
    return Lists(tuple(usable), tuple(dead))


@cache
def _shipped_dead() -> tuple[_Raw, ...]:
    return _read(shipped(_FILE))[0].dead


def _read_overlay(folder: Path) -> tuple[_Raws, list[Fault]]:
    if not folder.is_dir():
        return _Raws(), [Fault(str(folder), "", "is not a folder: expected the catalogue overlay (catalogue.overlay)")]
    return _read(folder / _FILE) if (folder / _FILE).exists() else (_Raws(), [])


def _read(path: Path) -> tuple[_Raws, list[Fault]]:
    document = load_yaml(path)
    faults = list(document.faults)
    if document.value is None:
        return _Raws(), faults
    file, more = check(_File, document.value, document.mark)
    faults += more
    if file is None:
        return _Raws(), faults
    lists = [_Raw(entry, document.mark.at(("lists", index))) for index, entry in enumerate(file.lists)]
    dead = [_Raw(entry, document.mark.at(("dead", index))) for index, entry in enumerate(file.dead)]
    return _Raws(tuple(lists), tuple(dead)), [*faults, *_twice(lists, "id"), *_twice(dead, "id")]


def _merged(entries: Iterable[_Raw], above: Iterable[_Raw]) -> tuple[_Raw, ...]:
    by_id = {entry.id: entry for entry in above}
    merged = [entry.under(by_id.pop(entry.id)) if entry.id in by_id else entry for entry in entries]
    return (*merged, *by_id.values())


def _twice(entries: Iterable[_Raw], key: str) -> list[Fault]:
    """Faults for entries that share what must be their own."""
    seen: dict[str, _Raw] = {}
    faults = []
    for entry in entries:
        value = entry.value.get(key)
        first = seen.setdefault(value, entry) if isinstance(value, str) else entry
        if first is not entry:
            mark = first.mark.at((key,))
            faults.append(
                entry.fault((key,), f"{value!r} is already taken by the entry on line {mark.line} of {mark.file}")
            )
    return faults


def _checked_dead(raws: Iterable[_Raw]) -> tuple[list[DeadList], list[Fault]]:
    dead, faults = [], []
    for raw in raws:
        model, more = check(_Dead, raw.value, raw.mark, raw.at)
        faults += more
        if model is not None:
            faults += [] if model.zones else [raw.fault(("zones",), "is empty: expected the zones that died with it")]
            dead.append(DeadList(model.id, model.name, tuple(model.zones), model.died_on, model.how, model.source))
    return dead, faults


def _checked_lists(raws: Iterable[_Raw], dead: Iterable[DeadList]) -> tuple[list[Blocklist], list[Fault]]:
    """An entry for a dead list gets that one sentence; what else is wrong with it does not matter any more."""
    faults = []
    read: list[tuple[_Raw, Entry]] = []
    graves = {each.id: each for each in dead}
    for raw in raws:
        if raw.id in graves:
            faults.append(raw.fault(("id",), graves[raw.id].epitaph))
            continue
        entry, more = check(Entry, raw.value, raw.mark, raw.at)
        faults += more
        if entry is not None:
            read.append((raw, entry))
    relations = Relations([entry for _, entry in read], graves.values())
    for raw, entry in read:
        complaints = (*contradictions(entry), *relations.contradictions(entry))
        faults += [raw.fault(place, problem) for place, problem in complaints]
    return [to_core(entry) for _, entry in read], faults
