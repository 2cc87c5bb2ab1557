"""Asks for the names under which a list may hold its subjects, instead of the subjects' own.

One subject may be two names, and several subjects one: three hosts of a registered domain are one question to a list of
registered domains, and each of them is told its answer. Which names is decided in `names`. Addresses are always asked
as they are (RFC 5782 §2.1, §2.4), a hundred thousand at a time, and pass untouched.
"""

from collections.abc import Awaitable, Callable, Sequence
from operator import attrgetter

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import Answer, joined
from deliverwatch.lookup.names import asked_names

Ask = Callable[[Sequence[Subject]], Awaitable[Sequence[Answer]]]
_kind_of = attrgetter("kind")


async def ask_by_name(blocklist: Blocklist, subjects: Sequence[Subject], ask: Ask) -> Sequence[Answer]:
    """One answer for each subject. `ask` is given each name once, as if it were a subject."""
    if SubjectKind.DOMAIN not in map(_kind_of, subjects):
        return await ask(subjects)
    names = [_names(blocklist, subject) for subject in subjects]
    asked = list(dict.fromkeys(name for some in names for name in some))
    answers = dict(zip(asked, await ask(asked), strict=True))
    return [joined([answers[name] for name in some]) for some in names]


def _names(blocklist: Blocklist, subject: Subject) -> list[Subject]:
    return [Subject(subject.kind, name) for name in asked_names(blocklist, subject.kind, subject.value)]
