"""The bulletin: dated news of the industry that a weekly report brings to its readers, each once.

A rule of a mailbox provider that changed, a list that died: what explains a customer's week before they ask. Each item
names its source and stands in the report of the week in which it happened. `until` says how long it is worth telling to
a customer who has not read it: one who came later, or whose report was skipped.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from deliverwatch.core.inventory import Language

MOST_AT_ONCE = 3
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Bulletin:
    """`title`, `text`: in each language. `source`: where it was said, an https address."""

    id: str
    on: date
    until: date | None
    title: Mapping[Language, str]
    text: Mapping[Language, str]
    source: str


@dataclass(frozen=True, slots=True)
class BulletinItem:
    """In the reader's language. `id`: by which it is known that it was told."""

    on: date
    title: str
    text: str
    source: str
    id: str = ""


def bulletin_of(
    items: Iterable[Bulletin], monday: date, language: Language, told: Collection[str] = ()
) -> tuple[BulletinItem, ...]:
    """Of the week that begins on that day; the newest first. `told`: ids of what the customer has read."""
    new = [each for each in items if each.id not in told and _is_of(each, monday)]
    newest_first = sorted(new, key=lambda each: (each.on, each.id), reverse=True)
    return tuple(
        BulletinItem(each.on, each.title[language], each.text[language], each.source, each.id)
        for each in newest_first[:MOST_AT_ONCE]
    )


def _is_of(item: Bulletin, monday: date) -> bool:
    return item.on < monday + _WEEK and monday <= max(item.on, item.until or item.on)
