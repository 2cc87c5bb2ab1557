"""Mail that several sources told of, counted once.

The events of a platform and the log of the MTA behind it, the mails of a feedback loop and the platform's complaints:
two sources may tell of the same mail, and nothing says which record of one is which of the other. So that one of them
counts which saw most; to add them up would count mail twice. Sources that share the ids of their events (their *space*:
webhooks, and the API that repairs their gaps) are one here, since what either told is not counted from the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from deliverwatch.core.mail_share import Attempts

Spaces = Mapping[str, str]
"""The space of a source's event ids, by source; one that is not in it has its own."""


def most(counted: Iterable[tuple[str, int | None]]) -> str | None:
    """Whichever counted most in all; None: nobody counted."""
    sums: dict[str, int] = defaultdict(int)
    for name, count in counted:
        if count is not None:
            sums[name] += count
    return max(sums, key=lambda name: (sums[name], name), default=None)


def once(attempts: Iterable[Attempts], spaces: Spaces) -> list[Attempts]:
    """Of each sender and mailbox provider what one space saw; the complaints may be another's than the mail."""
    by_sender: dict[tuple[str, str], list[Attempts]] = defaultdict(list)
    for each in attempts:
        by_sender[each.ip or each.domain, each.provider].append(each)
    return [each for some in by_sender.values() for each in _of_one(some, spaces)]


def _of_one(some: list[Attempts], spaces: Spaces) -> Iterable[Attempts]:
    named = [(spaces.get(each.source, each.source), each) for each in some]
    mail = most((space, _mail(each)) for space, each in named)
    complaints = most((space, each.complaints) for space, each in named)
    for space, each in named:
        if space == mail:
            yield each if space == complaints else each._replace(complaints=None)
        elif space == complaints:
            yield each._replace(attempted=None, delivered=None, deferred=None)


def _mail(each: Attempts) -> int | None:
    return each.delivered if each.attempted is None else each.attempted
