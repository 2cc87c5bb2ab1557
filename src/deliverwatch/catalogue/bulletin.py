"""reports/bulletin/<date>-<slug>.yaml -> `core.bulletin.Bulletin`.

One item per file; `reports/bulletin/README.md` explains every key. A file in the overlay's `bulletin` folder replaces
the shipped one of that name. Every item is there in all languages, since a report is never half in another one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from deliverwatch.catalogue.schema import HttpsUrl, IsoDate, Strict, Text, check, fault_at, in_file_order
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.catalogue.strict_yaml import Place, load_yaml
from deliverwatch.core.bulletin import Bulletin
from deliverwatch.core.errors import CatalogueError, Fault
from deliverwatch.core.inventory import Language

_FOLDER = "bulletin"
_LONGEST_TITLE, _LONGEST_TEXT = 100, 500


def _title(text: str) -> str:
    return _at_most(text, _LONGEST_TITLE)


def _text(text: str) -> str:
    return _at_most(text, _LONGEST_TEXT)


def _at_most(text: str, longest: int) -> str:
    if len(text) > longest:
        raise ValueError(f"has {len(text)} characters: expected at most {longest}")
    return text


Title = Annotated[Text, AfterValidator(_title)]
Paragraph = Annotated[Text, AfterValidator(_text)]


class TitleEntry(Strict):
    en: Title
    de: Title
    es: Title
    id: Title


class TextEntry(Strict):
    en: Paragraph
    de: Paragraph
    es: Paragraph
    id: Paragraph


class BulletinEntry(Strict):
    on: IsoDate
    until: IsoDate | None = None
    title: TitleEntry
    text: TextEntry
    source: HttpsUrl


def load_bulletin(folder: Path | None = None, overlay: Path | None = None) -> tuple[Bulletin, ...]:
    """The shipped items, or those of `folder`, under the overlay. Raises CatalogueError with every fault."""
    files = {path.stem: path for path in sorted((folder or shipped("reports") / _FOLDER).glob("*.yaml"))}
    if overlay is not None:
        files |= {path.stem: path for path in sorted((overlay / _FOLDER).glob("*.yaml"))}
    items, faults = [], []
    for path in files.values():
        item, more = _load(path)
        items += [item] if item is not None else []
        faults += more
    if faults:
        raise CatalogueError(*in_file_order(faults))
    return tuple(items)


def _load(path: Path) -> tuple[Bulletin | None, list[Fault]]:
    document = load_yaml(path)
    if document.value is None:
        return None, list(document.faults)
    entry, faults = check(BulletinEntry, document.value, document.mark)
    if entry is None:
        return None, [*document.faults, *faults]
    faults += [fault_at(document.mark, document.value, place, problem) for place, problem in _wrong(entry, path.stem)]
    return _to_core(entry, path.stem), [*document.faults, *faults]


def _wrong(entry: BulletinEntry, stem: str) -> Iterator[tuple[Place, str]]:
    if not stem.startswith(f"{entry.on}-"):
        yield ("on",), f"{entry.on} is not the day in the name of its file: expected {entry.on}-<slug>.yaml"
    if entry.until is not None and entry.until < entry.on:
        yield ("until",), f"{entry.until} is before {entry.on}: expected a later day"


def _to_core(entry: BulletinEntry, stem: str) -> Bulletin:
    titles, texts = entry.title.model_dump(), entry.text.model_dump()
    return Bulletin(
        stem,
        entry.on,
        entry.until,
        {language: titles[language] for language in Language},
        {language: texts[language] for language in Language},
        entry.source,
    )
