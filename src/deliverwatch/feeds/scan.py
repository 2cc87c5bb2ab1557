"""One pass over a file: what it says about our subjects, and whether it can be believed.

A file whose own marks do not fit (cut short, expired, from the future) says nothing, and neither does one with more
than a few lines that cannot be read: it is something else under the list's name. A few are skipped, as rbldnsd(8) does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from deliverwatch.core.blocklist import FeedFormat
from deliverwatch.core.subjects import Subject
from deliverwatch.feeds.drop import DropFile
from deliverwatch.feeds.lines import BadFeed, blocks
from deliverwatch.feeds.specials import check_expiry
from deliverwatch.feeds.zonefile import ZoneFile, texts_of

_UNREADABLE_BORNE = 5
_UNREADABLE_BORNE_IN = 100  # one in so many entries, on top


class Listed(NamedTuple):
    """What DNS would answer. `texts`: foreign."""

    values: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """`listed`: those of the subjects that are in the file. `fault`: why nothing in it may be believed, to follow
    "the download of ...:"."""

    listed: Mapping[Subject, Listed] = field(default_factory=dict)
    entries: int = 0
    unreadable: int = 0
    fault: str | None = None


def scan(path: Path, form: FeedFormat, asked: Mapping[Subject, str], at: datetime) -> Scan:
    """`asked`: the subjects, with what would stand in front of the zone for each. Raises OSError."""
    try:
        with path.open("rb") as stream:
            return _drop(stream, asked, at) if form is FeedFormat.DROP else _zone_file(stream, form, asked, at)
    except BadFeed as fault:
        return Scan(fault=str(fault))


def _drop(stream: BinaryIO, asked: Mapping[Subject, str], at: datetime) -> Scan:
    file = DropFile(asked, at)
    for lines in blocks(stream):
        file.take(lines)
    file.check_whole()
    _check_readable(file.entries, 0)
    listed = {
        match.subject: Listed((match.values[0].a,), tuple(value.text for value in match.values if value.text))
        for match in file.matches()
    }
    return Scan(listed, file.entries)


def _zone_file(stream: BinaryIO, form: FeedFormat, asked: Mapping[Subject, str], at: datetime) -> Scan:
    file = ZoneFile(form, asked, at)
    for lines in blocks(stream):
        file.take(lines)
    for marks in file.all_marks():
        check_expiry(marks, at)
    _check_readable(file.entries, file.unreadable)
    return Scan(_listed(file), file.entries, file.unreadable)


def _listed(file: ZoneFile) -> dict[Subject, Listed]:
    found: dict[Subject, Listed] = {}
    for match, variables in file.matches():
        before = found.get(match.subject, Listed((), ()))
        values = [value.a for value in match.values if value.a]
        texts = texts_of(match, variables)
        found[match.subject] = Listed(
            tuple(dict.fromkeys((*before.values, *values))), tuple(dict.fromkeys((*before.texts, *texts)))
        )
    return {subject: listed for subject, listed in found.items() if listed.values}


def _check_readable(entries: int, unreadable: int) -> None:
    if unreadable > _UNREADABLE_BORNE + entries // _UNREADABLE_BORNE_IN:
        raise BadFeed(f"{unreadable:,} of its {entries + unreadable:,} lines cannot be read")
    if not entries:
        raise BadFeed("it holds no entry")
