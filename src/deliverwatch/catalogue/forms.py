"""forms/<id>/ -> `core.remediation.form.Form`.

A standard form is data: whom it reaches and how, which fields the addressee wants, which recorded fact fills each
(`form.yaml`, `catalogue.form_schema`), and the texts it has of its own (`catalogue.form_letters`); the others are the
shared letters. A folder in the overlay's `forms` replaces the shipped one of that name, a file in its `letters` the
shared letter. The digest names the version of the form that a draft was made from: whatever shapes a draft is in it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deliverwatch.catalogue.answers import holds
from deliverwatch.catalogue.form_letters import (
    ENGLISH,
    LETTERS,
    Bodies,
    by_kind,
    language_of,
    read_bodies,
    read_letters,
)
from deliverwatch.catalogue.form_schema import FormEntry, contradictions, to_core, under
from deliverwatch.catalogue.schema import check, fault_at, in_file_order
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.catalogue.strict_yaml import Mark, Place, load_yaml
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.errors import CatalogueError, Fault, unknown_name
from deliverwatch.core.provider import MailboxProvider
from deliverwatch.core.remediation.form import Form, ListCodes

_FOLDER = "forms"
_FILE = "form.yaml"


@dataclass(frozen=True, slots=True)
class _Raw:
    """One folder as read."""

    folder: Path
    value: Any
    mark: Mark
    bodies: Bodies

    @property
    def like(self) -> str | None:
        found = self.value.get("like") if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else None

    def fault(self, place: Place, problem: str) -> Fault:
        return fault_at(self.mark, self.value, place, problem)

    def under(self, base: "_Raw") -> "_Raw":
        inside = {**base.mark.inside, **self.mark.inside}
        mark = Mark(self.mark.file, self.mark.line, inside)
        return _Raw(self.folder, under(self.value, base.value), mark, {**base.bodies, **self.bodies})


def load_forms(folder: Path | None = None, overlay: Path | None = None) -> tuple[Form, ...]:
    """The shipped forms, or those of `folder`, under the overlay. Raises CatalogueError with every fault."""
    letters, faults = read_letters(_letter_files(folder, overlay))
    raws: dict[str, _Raw] = {}
    for path in _folders(folder, overlay):
        raw, more = _read(path, letters)
        faults += more
        if raw is not None:
            raws[path.name] = raw
    sound = []
    for raw in raws.values():
        entry, more = _check(raw, raws)
        faults += more
        if entry is not None:
            sound.append(entry)
    faults += [raw.fault(place, problem) for raw, place, problem in _claimed_twice(sound)]
    if faults:
        raise CatalogueError(*in_file_order(faults))
    return tuple(_form(raw, entry, letters) for raw, entry in sound)


def load_letters(folder: Path | None = None, overlay: Path | None = None) -> Mapping[str, str]:
    """The shared letters by file name ("request.de.txt.j2"): the shipped ones, under those of `folder` and the overlay.
    Raises CatalogueError with every fault."""
    letters, faults = read_letters(_letter_files(folder, overlay))
    if faults:
        raise CatalogueError(*in_file_order(faults))
    return letters


def faults_against(
    forms: Iterable[Form], lists: Iterable[Blocklist], providers: Iterable[MailboxProvider]
) -> list[Fault]:
    """What forms name and the other catalogues do not have. Either file may be the one to mend, so each is loaded
    without the other."""
    by_id = {each.id: each for each in lists}
    provider_ids = {each.id for each in providers}
    faults = []
    for form in forms:
        file = f"{_FOLDER}/{form.id}/{_FILE}"
        unknown = [name for name in form.providers if name not in provider_ids]
        faults += [Fault(file, "providers", unknown_name("mailbox provider", name, provider_ids)) for name in unknown]
        faults += [Fault(file, "lists", problem) for each in form.lists for problem in _unknown_codes(each, by_id)]
    return faults


def _unknown_codes(wanted: ListCodes, lists: Mapping[str, Blocklist]) -> Iterator[str]:
    blocklist = lists.get(wanted.list_id)
    if blocklist is None:
        yield unknown_name("list", wanted.list_id, lists)
        return
    for code in wanted.codes:
        if not any(holds(each.value, code) for each in blocklist.codes):
            yield f"{wanted.list_id} knows no answer {code}: expected one of its codes in blocklists.yaml"


def _letter_files(folder: Path | None, overlay: Path | None) -> dict[str, Path]:
    above = [each / LETTERS for each in (folder, overlay and overlay / _FOLDER) if each is not None]
    return {path.name: path for each in [shipped(_FOLDER) / LETTERS, *above] for path in sorted(each.glob("*.j2"))}


def _folders(folder: Path | None, overlay: Path | None) -> Iterable[Path]:
    roots = [folder or shipped(_FOLDER), *([overlay / _FOLDER] if overlay is not None else [])]
    found = {path.name: path for root in roots for path in sorted(root.glob("*/")) if path.is_dir()}
    return [path for name, path in found.items() if name != LETTERS]


def _read(folder: Path, letters: Mapping[str, str]) -> tuple[_Raw | None, list[Fault]]:
    document = load_yaml(folder / _FILE)
    bodies, faults = read_bodies(folder, letters)
    faults = [*document.faults, *faults]
    return (None if document.value is None else _Raw(folder, document.value, document.mark, bodies)), faults


def _check(raw: _Raw, raws: Mapping[str, _Raw]) -> tuple[tuple[_Raw, FormEntry] | None, list[Fault]]:
    """The form, with what it takes over from another."""
    if raw.like is not None:
        base = raws.get(raw.like)
        if base is None:
            return None, [raw.fault(("like",), unknown_name("form", raw.like, raws))]
        if base.like is not None:
            return None, [raw.fault(("like",), f"{raw.like} is itself like {base.like}: expected {base.like}")]
        raw = raw.under(base)
    entry, faults = check(FormEntry, raw.value, raw.mark)
    if entry is None:
        return None, faults
    found = [*_of_the_folder(raw, entry), *contradictions(entry)]
    return (raw, entry), [*faults, *(raw.fault(place, problem) for place, problem in found)]


def _of_the_folder(raw: _Raw, entry: FormEntry) -> Iterator[tuple[Place, str]]:
    if entry.id != raw.folder.name:
        yield ("id",), f"{entry.id!r} is not the name of its folder: expected {raw.folder.name!r}"
    for language in sorted({language for _, language in raw.bodies} - {ENGLISH, *entry.languages}):
        yield ("languages",), f"there is a text in {language!r}, and {language!r} is not among the form's languages"


def _claimed_twice(sound: Iterable[tuple[_Raw, FormEntry]]) -> Iterator[tuple[_Raw, Place, str]]:
    """Whoever is asked must be known for certain: one form for a provider, a list, a code of a list."""
    owners: dict[tuple[str, ...], str] = {}
    for raw, entry in sound:
        for place, what, names in _claims(entry):
            owner = owners.setdefault(names, entry.id)
            if owner != entry.id:
                yield raw, place, f"{what} goes through the form {owner!r} already: expected it in one form"
            elif names in [claimed for before, _, claimed in _claims(entry) if before < place]:
                yield raw, place, f"{what} is here twice"


def _claims(entry: FormEntry) -> list[tuple[tuple[str, int], str, tuple[str, ...]]]:
    providers = [(("providers", index), name, ("provider", name)) for index, name in enumerate(entry.providers)]
    lists = [
        (("lists", index), f"{each.list_id} {code}".strip(), ("list", each.list_id, code))
        for index, each in enumerate(entry.lists)
        for code in each.codes or [""]
    ]
    return [*providers, *lists]


def _form(raw: _Raw, entry: FormEntry, letters: Mapping[str, str]) -> Form:
    """With the shared letters in English and in the languages it wants, where it has none of its own. Letters in other
    languages have no part in the digest."""
    wanted = {ENGLISH, *entry.languages}
    in_use = {name: text for name, text in letters.items() if language_of(name) in wanted}
    bodies = {**by_kind(in_use), **raw.bodies}
    whole = repr((raw.value, sorted(raw.bodies.items()), sorted(in_use.items())))
    return to_core(entry, bodies, hashlib.sha256(whole.encode()).hexdigest()[:16])
