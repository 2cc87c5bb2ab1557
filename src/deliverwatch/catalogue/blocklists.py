"""blocklists.yaml -> `core.blocklist.Blocklist`.

The catalogue says of each list where it is asked, for what kinds of subjects, what each answer means and costs, which
answers are about the query instead of the subject, which test points prove that it still works, what an operator must
have before asking, and the way to a removal. Every entry carries its source and the day it was checked, since lists
change and die. A catalogue with any fault is not used at all: half a catalogue would be half a verdict.

An overlay is a folder whose own `blocklists.yaml` is merged over the shipped file by id, key by key: an entry may
change one key of a shipped list, or be a whole new list.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deliverwatch.catalogue.blocklist_schema import Entry, contradictions, to_core
from deliverwatch.catalogue.schema import Strict, check, fault_at, in_file_order
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.catalogue.strict_yaml import Document, Mark, Place, load_yaml
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.errors import CatalogueError, Fault

_FILE = "blocklists.yaml"


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


def load_blocklists(path: Path | None = None, overlay: Path | None = None) -> tuple[Blocklist, ...]:
    """The shipped catalogue, or that of `path`, under the overlay folder. Raises CatalogueError with every fault."""
    entries, faults = _read(path or shipped(_FILE))
    if overlay is not None:
        above, more = _read_overlay(overlay)
        entries, faults = _merged(entries, above), faults + more
    faults += _twice(entries, "zone")
    blocklists = []
    for entry in entries:
        blocklist, more = _checked(entry)
        blocklists += [blocklist] if blocklist is not None else []
        faults += more
    if faults:
        raise CatalogueError(*in_file_order(faults))
    return tuple(blocklists)


def _read_overlay(folder: Path) -> tuple[list[_Raw], list[Fault]]:
    if not folder.is_dir():
        return [], [Fault(str(folder), "", "is not a folder: expected the catalogue overlay (catalogue.overlay)")]
    return _read(folder / _FILE) if (folder / _FILE).exists() else ([], [])


def _read(path: Path) -> tuple[list[_Raw], list[Fault]]:
    document = load_yaml(path)
    faults = list(document.faults)
    if document.value is None:
        return [], faults
    entries, more = _entries(document)
    return entries, [*faults, *more, *_twice(entries, "id")]


class _File(Strict):
    lists: list[dict[str, Any]]


def _entries(document: Document) -> tuple[list[_Raw], list[Fault]]:
    file, faults = check(_File, document.value, document.mark)
    if file is None:
        return [], faults
    return [_Raw(entry, document.mark.at(("lists", index))) for index, entry in enumerate(file.lists)], faults


def _merged(entries: list[_Raw], above: list[_Raw]) -> list[_Raw]:
    by_id = {entry.id: entry for entry in above}
    merged = [entry.under(by_id.pop(entry.id)) if entry.id in by_id else entry for entry in entries]
    return merged + list(by_id.values())


def _twice(entries: Iterable[_Raw], key: str) -> list[Fault]:
    """Faults for entries that share what must be their own."""
    seen: dict[str, _Raw] = {}
    faults = []
    for entry in entries:
        value = entry.value.get(key)
        first = seen.setdefault(value, entry) if isinstance(value, str) else entry
        if first is not entry:
            mark = first.mark.at((key,))
            problem = f"{value!r} is already taken by the entry on line {mark.line} of {mark.file}"
            faults.append(fault_at(entry.mark, entry.value, (key,), problem, entry.at))
    return faults


def _checked(entry: _Raw) -> tuple[Blocklist | None, list[Fault]]:
    model, faults = check(Entry, entry.value, entry.mark, entry.at)
    if model is None:
        return None, faults
    for place, problem in contradictions(model):
        faults.append(fault_at(entry.mark, entry.value, place, problem, entry.at))
    return to_core(model), faults
