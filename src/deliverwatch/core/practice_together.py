"""One matter of several subjects: what was found alike of each, at one time, is told once, under their ranges.

A listing of a range fails the check of every address in it. Each of them is advice of its own, opened and mended by
itself; whoever reads of it, or sets it aside, has to do with one thing. The words of what was found are compared
without the subject, so that what is then said of one is true of all.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from deliverwatch.core.incidents import ranges
from deliverwatch.core.practice import Advice
from deliverwatch.core.practice_listed import listings_in
from deliverwatch.core.subjects import parse_subject

SUBJECT = "\0"
"""Where the subject stood in words that are true of several."""
_KEYS_OF_EPISODES = "listings"


@dataclass(frozen=True, slots=True)
class AdviceGroup:
    """Never empty. `names`: of its subjects, as ranges; of the customer as a whole: none. `found`: with SUBJECT in the
    place of each."""

    members: tuple[Advice, ...]
    names: tuple[str, ...]
    found: str

    @property
    def first(self) -> Advice:
        return self.members[0]

    @property
    def facts(self) -> Mapping[str, str]:
        """Of all: where one is named, all are."""
        names, subject = ", ".join(self.names), self.first.subject
        return {name: names if value == subject else value for name, value in self.first.facts.items()}


def together(advice: Iterable[Advice]) -> list[AdviceGroup]:
    """In the order of their first ones."""
    groups: dict[Hashable, list[Advice]] = defaultdict(list)
    for each in advice:
        groups[_matter(each)].append(each)
    return [
        AdviceGroup(tuple(some), tuple(names_of(each.subject for each in some if each.subject)), _found(some[0]))
        for some in groups.values()
    ]


def _matter(advice: Advice) -> Hashable:
    """Equal for what is alike in all that is shown of it."""
    times = (advice.opened_at, advice.told_at, advice.mended_at, advice.overruled_at)
    told = (*(minute(at) for at in times), advice.overruled_by, advice.overruled_because)
    return advice.check, advice.problem, _found(advice), _lists(advice), _facts(advice), told


def _found(advice: Advice) -> str:
    return without_subject(advice.subject, advice.found)


def _lists(advice: Advice) -> tuple[Hashable, ...]:
    return tuple((each.list_id, minute(each.since)) for each in listings_in(advice.facts))


def _facts(advice: Advice) -> frozenset[tuple[str, str]]:
    """Without the subject, and without the keys of episodes, which name it as well."""
    beside = ((name, value) for name, value in advice.facts.items() if value != advice.subject)
    return frozenset((name, value) for name, value in beside if name != _KEYS_OF_EPISODES)


def minute(at: datetime | None) -> datetime | None:
    return at.replace(second=0, microsecond=0) if at is not None else None


def without_subject(subject: str, found: str) -> str:
    """Only where it stands as a whole: 192.0.2.1 is not in 192.0.2.10."""
    return re.sub(rf"(?<![\w.:-]){re.escape(subject)}(?![\w-]|[.:]\w)", SUBJECT, found) if subject else found


def names_of(subjects: Iterable[str]) -> list[str]:
    """Addresses as ranges; whatever is no subject of its own, such as a selector's name, as it is."""
    others, parsed = [], []
    for each in subjects:
        try:
            parsed.append(parse_subject(each))
        except ValueError:
            others.append(each)
    return [*ranges(parsed), *others]
