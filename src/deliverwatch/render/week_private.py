"""A report that names no address and no domain: what goes to readers who must not see any ("private" in its settings).

The names of subjects are left out where sentences are made (`render.privacy`). Here the rest of the report is made
fit, before a word of it is written: text by other people (a note, a reason, what a check found, a pool's name) may hold
a name in any form, so that one with anything like it is left out as a whole, and that is said. Test points
(127.0.0.0/8, RFC 5782) are nobody's and stay, as do the names of lists and providers, and the customer's own. Addresses
of look-up pages go, as they may hold what is looked up. What is meant can be asked of the TAM.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from deliverwatch.core.week_listings import ReportedListing
from deliverwatch.core.week_places import PlaceWeek
from deliverwatch.core.week_practice import ReportedAdvice
from deliverwatch.core.week_warmups import ReportedWarmup
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.render.tongue import say
from deliverwatch.render.week_whys import LEFT_OUT

_TEST_POINT = re.compile(r"(?<![\w.:-])127(?:\.\d{1,3}){3}(?![\w:-]|\.\w)")
_LIKE_A_NAME = re.compile(
    r"(?:\d{1,3}\[?\.\]?){2}\d{1,3}(?!\d)"  # an IPv4 address, or the begin of one; no date with its year
    r"|(?:\d{1,3}[-_]){3}"  # the same as reverse names spell it
    r"|[0-9a-f]{0,4}::|(?:[0-9a-f]{1,4}:){3}"
    r"|[\w-]\[?[.\u3002\uff0e\uff61]\]?(?:[^\W\d_]{2,}|xn--|…)",
    re.IGNORECASE,
)
_NAME_NOTHING = frozenset({"bits", "days", "lists", "providers", "ratio", "replies"})
"""Facts of advice that are counts, days, or names of providers and lists."""
_OF_SUBJECTS = frozenset({"address", "domain", "subject"})
"""Facts whose place in a sentence takes the words for a subject."""


def without_names(report: WeeklyReport) -> WeeklyReport:
    """For the same report to be told `privately`."""
    texts = _Texts(report)
    practice = replace(report.practice, open=tuple(map(texts.advice, report.practice.open)))
    return replace(
        report,
        note=texts.said(report.note),
        listings=tuple(map(texts.listing, report.listings)),
        corrections=tuple(map(texts.listing, report.corrections)),
        blocks=tuple(replace(each, stream=texts.name(each.stream)) for each in report.blocks),
        places=tuple(map(texts.place, report.places)),
        drafts=tuple(replace(each, reference=texts.name(each.reference)) for each in report.drafts),
        unverified=tuple(replace(each, why=texts.why(each.why)) for each in report.unverified),
        unverified_watches=tuple(replace(each, why=texts.why(each.why)) for each in report.unverified_watches),
        warmups=tuple(map(texts.warmup, report.warmups)),
        practice=practice,
    )


class _Texts:
    """What may be told of a text or of what holds one."""

    def __init__(self, report: WeeklyReport) -> None:
        self._public = sorted(filter(None, _public_names(report)), key=len, reverse=True)

    def said(self, text: str) -> str:
        return say(LEFT_OUT) if self._may_name(text) else text

    def why(self, recorded: str | None) -> str | None:
        """In English still, as reasons are recorded."""
        return LEFT_OUT if recorded and self._may_name(recorded) else recorded

    def name(self, text: str | None) -> str | None:
        return _not_named() if text and self._may_name(text) else text

    def listing(self, each: ReportedListing) -> ReportedListing:
        meanings = tuple(map(self.said, each.meanings))
        return replace(
            each, stream=self.name(each.stream), pool=self.name(each.pool), meanings=meanings, lookup_url=None
        )

    def place(self, each: PlaceWeek) -> PlaceWeek:
        place = each.place
        return replace(each, place=place._replace(stream=self.name(place.stream), pool=self.name(place.pool)))

    def advice(self, each: ReportedAdvice) -> ReportedAdvice:
        facts = {name: value if name in _NAME_NOTHING else _instead_of(name) for name, value in each.facts.items()}
        subjects = tuple(name for name in each.subject_facts if name in _OF_SUBJECTS)
        others = dict.fromkeys(set(each.subject_facts).difference(subjects), _not_named())
        return replace(each, found=self.said(each.found), facts=facts | others, subject_facts=subjects)

    def warmup(self, each: ReportedWarmup) -> ReportedWarmup:
        """What colleagues wrote is not in it (`core.warmups_seen`)."""
        run, plan = each.status.run, each.status.run.plan
        run = replace(run, pool=self.name(run.pool), plan=replace(plan, name=self.said(plan.name)))
        return replace(each, status=replace(each.status, run=run))

    def _may_name(self, text: str) -> bool:
        rest = _TEST_POINT.sub(" ", text)
        for name in self._public:
            rest = rest.replace(name, " ")
        return _LIKE_A_NAME.search(rest) is not None


def _not_named() -> str:
    return say("(not named here)")


def _instead_of(fact: str) -> str:
    return say("some of your sending IPs") if fact == "addresses" else _not_named()


def _public_names(report: WeeklyReport) -> Iterator[str]:
    """Of lists and mailbox providers."""
    yield from (each.list_name for each in report.listings)
    yield from (each.list_name for each in report.unverified)
    yield from (each.list_name for each in report.not_watched)
    yield from (each.provider_name for each in report.blocks)
    for draft in report.drafts:
        yield from (draft.about, draft.addressee)
    for warmup in report.warmups:
        yield from warmup.names.values()
