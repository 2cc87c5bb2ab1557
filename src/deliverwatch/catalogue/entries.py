"""A file that is a list of entries with ids, under an overlay: read, merged by id and key by key, checked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from deliverwatch.catalogue.schema import Strict, check, fault_at
from deliverwatch.catalogue.strict_yaml import Mark, Place, load_yaml
from deliverwatch.core.errors import Fault

F = TypeVar("F", bound=Strict)
E = TypeVar("E", bound=Strict)


@dataclass(frozen=True, slots=True)
class Raw:
    """One entry as read, with the marks of its keys; after a merge these may point into two files. `key`: which of its
    values tells it from the others."""

    value: dict[str, Any]
    mark: Mark
    key: str = "id"

    @property
    def id(self) -> str | None:
        found = self.value.get(self.key)
        return found if isinstance(found, str) else None

    @property
    def at(self) -> Place:
        return (self.id or f"an entry without {self.key}",)

    def under(self, overlay: "Raw") -> "Raw":
        inside = {**self.mark.inside, **overlay.mark.inside}
        return Raw({**self.value, **overlay.value}, Mark(overlay.mark.file, overlay.mark.line, inside), self.key)

    def fault(self, place: Place, problem: str) -> Fault:
        return fault_at(self.mark, self.value, place, problem, self.at)


def read_entries(
    path: Path, model: type[F], keys: Sequence[tuple[str, str]]
) -> tuple[F | None, list[list[Raw]], list[Fault]]:
    """The file as `model`, and the entries of its lists that `keys` names: name of the list, key of its entries."""
    document = load_yaml(path)
    faults = list(document.faults)
    if document.value is None:
        return None, [[] for _ in keys], faults
    file, more = check(model, document.value, document.mark)
    faults += more
    if file is None:
        return None, [[] for _ in keys], faults
    lists = [
        [Raw(entry, document.mark.at((name, index)), key) for index, entry in enumerate(getattr(file, name))]
        for name, key in keys
    ]
    return file, lists, faults + [fault for entries in lists for fault in twice(entries)]


def overlay_file(folder: Path | None, name: str) -> tuple[Path | None, list[Fault]]:
    """The overlay's file of that name, if it has one."""
    if folder is None:
        return None, []
    if not folder.is_dir():
        return None, [Fault(str(folder), "", "is not a folder: expected the catalogue overlay (catalogue.overlay)")]
    path = folder / name
    return (path if path.exists() else None), []


def merged(entries: Iterable[Raw], above: Iterable[Raw], *, new_first: bool = False) -> list[Raw]:
    """`new_first`: what only the overlay has comes before what is shipped."""
    by_id = {entry.id: entry for entry in above}
    kept = [entry.under(by_id.pop(entry.id)) if entry.id in by_id else entry for entry in entries]
    return [*by_id.values(), *kept] if new_first else [*kept, *by_id.values()]


def checked(entries: Iterable[Raw], model: type[E]) -> tuple[list[tuple[Raw, E]], list[Fault]]:
    sound, faults = [], []
    for raw in entries:
        entry, more = check(model, raw.value, raw.mark, raw.at)
        faults += more
        if entry is not None:
            sound.append((raw, entry))
    return sound, faults


def twice(entries: Iterable[Raw]) -> list[Fault]:
    """Faults for entries that share the key that must be their own."""
    seen: dict[str, Raw] = {}
    faults = []
    for entry in entries:
        first = seen.setdefault(entry.id, entry) if entry.id is not None else entry
        if first is not entry:
            mark = first.mark.at((entry.key,))
            taken = f"{entry.id!r} is already taken by the entry on line {mark.line} of {mark.file}"
            faults.append(entry.fault((entry.key,), taken))
    return faults
