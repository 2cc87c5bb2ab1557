"""A zone file of rbldnsd(8): special entries, comments, and the lines of one dataset or several.

A `combined` file holds datasets one after the other, each for some subzones of the zone ("@" is the zone itself); an
answer of the zone is the union of its datasets. A list is asked at its zone, so what a file holds for other subzones is
passed over. A line outside of any dataset, or a dataset of unknown type, spoils the whole file: what else was meant to
be in it is unknown. So it is with rbldnsd. (rbldnsd(8), "combined Dataset", version 1.0~20210120, checked 2026-11-24.)
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from deliverwatch.core.blocklist import FeedFormat
from deliverwatch.core.subjects import Subject
from deliverwatch.feeds.datasets import Dataset, Marks, Match
from deliverwatch.feeds.dnset import DomainSet
from deliverwatch.feeds.generic import Generic
from deliverwatch.feeds.ip4set import Ip4PlainSet, Ip4Set
from deliverwatch.feeds.ip6tset import Ip6PlainSet
from deliverwatch.feeds.lines import BadFeed
from deliverwatch.feeds.own import own_ip4, own_ip6
from deliverwatch.feeds.specials import is_special, read_special, special_of
from deliverwatch.feeds.trie import Ip4Trie, Ip6Trie
from deliverwatch.feeds.values import BLANK, COMMENT, expand

Asked = Mapping[Subject, str]

_MAKERS: Mapping[str, Callable[[Asked, Marks], Dataset]] = {
    FeedFormat.IP4SET: lambda asked, marks: Ip4Set(own_ip4(asked), marks),
    FeedFormat.IP4TSET: lambda asked, _: Ip4PlainSet(own_ip4(asked)),
    FeedFormat.IP4TRIE: lambda asked, marks: Ip4Trie(own_ip4(asked), marks),
    FeedFormat.IP6TRIE: lambda asked, _: Ip6Trie(own_ip6(asked)),
    FeedFormat.IP6TSET: lambda asked, _: Ip6PlainSet(own_ip6(asked)),
    FeedFormat.DNSET: lambda asked, _: DomainSet(asked),
    "generic": lambda asked, _: Generic(asked),
}
_MARKED = f"$:{COMMENT}"
_MAX_SECTIONS = 100  # each costs a place for our subjects
_MAX_SHOWN = 60


class ZoneFile:
    def __init__(self, form: FeedFormat, asked: Asked, at: datetime) -> None:
        self._asked = asked
        self._at = at
        self._combined = form is FeedFormat.COMBINED
        self._sections: list[tuple[Dataset, Marks]] = []
        self._read: Callable[[str], bool] = _outside
        self.marks = Marks()
        self.entries = 0
        self.unreadable = 0
        if not self._combined:
            self._begin(_MAKERS[form], self.marks)

    def take(self, lines: list[str]) -> None:
        """Raises BadFeed."""
        if self._sections and not (self._combined and any("$" in line for line in lines)):  # all of one dataset
            worth = self._sections[-1][0].worth_reading(lines)
            self.entries += len(lines) - len(worth)
            lines = worth
        for raw in lines:
            line = raw.strip(BLANK)
            if not line:
                continue
            if line[0] in _MARKED and is_special(line):
                self.unreadable += not self._special(line)
            elif line[0] not in COMMENT:
                good = self._read(line)
                self.entries += good
                self.unreadable += not good

    def all_marks(self) -> list[Marks]:
        return [self.marks, *(marks for _, marks in self._sections)]

    def matches(self) -> Iterator[tuple[Match, Mapping[str, str]]]:
        """With the variables that their texts are to be expanded with."""
        for dataset, marks in self._sections:
            for match in dataset.matches():
                yield match, marks.variables

    def _begin(self, maker: Callable[[Asked, Marks], Dataset], marks: Marks) -> None:
        dataset = maker(self._asked, marks)
        self._sections.append((dataset, marks))
        self._read = dataset.read

    def _special(self, line: str) -> bool:
        word, rest = special_of(line)
        if word == "dataset" and self._combined:
            return self._section(rest)
        current = self._sections[-1][1] if self._sections else self.marks
        return read_special(line, current, self._at)

    def _section(self, written: str) -> bool:
        words = _without_comment(written).split()
        if not words:
            return False
        kind = words[0].partition(":")[0]
        if kind not in _MAKERS:
            raise BadFeed(f"it holds a dataset of unknown type {kind[:20]!r}")
        if len(self._sections) == _MAX_SECTIONS:
            raise BadFeed(f"it holds more than {_MAX_SECTIONS} datasets")
        last = self._sections[-1][1] if self._sections else self.marks
        marks = replace(self.marks, variables=dict(self.marks.variables), max_range=last.max_range)
        self._begin(_MAKERS[kind] if "@" in words[1:] else _elsewhere(_MAKERS[kind]), marks)
        return True


def texts_of(match: Match, variables: Mapping[str, str]) -> list[str]:
    """What DNS would carry as TXT; bytes that are not UTF-8 are replaced."""
    texts = (expand(value.text, match.entry, variables) for value in match.values)
    return [text.encode("latin-1", "replace").decode(errors="replace") for text in texts if text]


def _elsewhere(maker: Callable[[Asked, Marks], Dataset]) -> Callable[[Asked, Marks], Dataset]:
    """A dataset of another subzone: read, so that what cannot be read is counted, and without our subjects."""
    return lambda _, marks: maker({}, marks)


def _outside(line: str) -> bool:
    raise BadFeed(f"it has an entry before the first $DATASET line: {line[:_MAX_SHOWN]!r}")


def _without_comment(written: str) -> str:
    """A "#" or ";" at the beginning of a word starts one."""
    words = written.replace("\t", " ").split(" ")
    end = next((index for index, word in enumerate(words) if word[:1] and word[0] in COMMENT), len(words))
    return " ".join(words[:end])
