"""What a person says of a report before it goes: a note for its readers, hold it, let it go, skip it.

Only the last word counts, and none counts once the report was made. A report that is held waits for its release, for
as long as it may be late; after that it is skipped, and the TAM is told so. What was skipped is never made up.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Customer
from deliverwatch.core.visible import visible
from deliverwatch.flows.ports import Clock, Store
from deliverwatch.flows.report_ports import ReportStore, ReportWord, WeekPlan
from deliverwatch.flows.send_reports import LATE_AT_MOST, ReportDesk
from deliverwatch.flows.tell import notify

OURSELVES = "deliverwatch"
_LONGEST_NOTE = 1000
_LONGEST_REASON = 300


class WordStore(Store, ReportStore, Protocol):
    """What the flows of words read and write."""


class ReportWords:
    """What one person says of one report. Each act raises NotPossible for a report that went, or was skipped."""

    def __init__(
        self, store: WordStore, desk: ReportDesk, clock: Clock, customer: Customer, week: str, by: str
    ) -> None:
        self._store, self._desk, self._clock = store, desk, clock
        self._customer, self._week, self._by = customer, week, by

    async def note(self, text: str) -> ReportWord:
        """An empty one takes the note away."""
        note = _said(text, "the note", _LONGEST_NOTE) if text.strip() else ""
        return await self._keep(replace(await self._before(), note=note))

    async def hold(self, reason: str) -> ReportWord:
        why = _said(reason, "the reason", _LONGEST_REASON)
        return await self._keep(replace(await self._before(), plan=WeekPlan.HELD, reason=why))

    async def release(self) -> ReportWord:
        before = await self._before()
        if before.plan is not WeekPlan.HELD:
            raise NotPossible(f"the report of {self._customer.id} for {self._week} is not held")
        return await self._keep(replace(before, plan=WeekPlan.SENT, reason=""))

    async def skip(self, reason: str) -> ReportWord:
        why = _said(reason, "the reason", _LONGEST_REASON)
        return await self._keep(replace(await self._before(), plan=WeekPlan.SKIPPED, reason=why))

    async def _before(self) -> ReportWord:
        said = await self._store.report_words(customer=self._customer.id, week=self._week)
        nothing = ReportWord(self._customer.id, self._week, WeekPlan.SENT, "", "", self._by, self._clock.now())
        before = said[0] if said else nothing
        if before.plan is WeekPlan.SKIPPED:
            raise NotPossible(
                f"the report of {before.customer} for {before.week} was skipped by {before.by} ({before.reason}): "
                "it is not made any more"
            )
        self._refuse_if_late()
        return before

    def _refuse_if_late(self) -> None:
        """A week that is not among those that may be due lies far ahead, or is over for good."""
        due = dict(self._desk.weeks_until(self._customer, self._clock.now()))
        if self._week not in due or self._clock.now() > due[self._week] + LATE_AT_MOST:
            raise NotPossible(
                f"the report of {self._customer.id} for {self._week} is neither due nor next: a word can be said of "
                f"the running week, and of those that are at most {LATE_AT_MOST.days} days late"
            )

    async def _keep(self, word: ReportWord) -> ReportWord:
        said = replace(word, by=self._by, at=self._clock.now())
        if not await self._store.keep_report_word(said):
            raise NotPossible(
                f"the report of {said.customer} for {said.week} was made already: `deliverwatch report list` shows it"
            )
        return said


async def skip_what_was_held_too_long(store: WordStore, desk: ReportDesk, clock: Clock) -> int:
    """Returns how many."""
    held = [word for word in await store.report_words() if word.plan is WeekPlan.HELD]
    if not held:
        return 0
    customers = {customer.id: customer for customer in (await store.inventory()).customers}
    return sum([await _skip_if_late(store, desk, clock, word, customers) for word in held])


async def _skip_if_late(
    store: WordStore, desk: ReportDesk, clock: Clock, word: ReportWord, customers: Mapping[str, Customer]
) -> bool:
    now, customer = clock.now(), customers[word.customer]
    due_at = dict(desk.weeks_until(customer, now)).get(word.week)
    if due_at is not None and now <= due_at + LATE_AT_MOST:
        return False
    why = f"held by {word.by} ({word.reason}), and not released within {LATE_AT_MOST.days} days"
    event = _too_late(word, customer, now)
    after = replace(word, plan=WeekPlan.SKIPPED, reason=why, by=OURSELVES, at=now)
    return await store.keep_report_word(after, [event], notify([event], [customer], desk.routing))


def _too_late(word: ReportWord, customer: Customer, now: datetime) -> Event:
    kind = EventKind.REPORT_WAITS
    facts = {
        "customer": customer.id,
        "parties": [customer.id],
        "week": word.week,
        "goes_at": None,
        "held_by": word.by,
        "reason": word.reason,
    }
    return Event(f"{kind}/{customer.id}/{word.week}/too late", kind, now, "", None, facts)


def _said(text: str, what: str, longest: int) -> str:
    """One line, as a person typed it."""
    line = " ".join(text.split())
    if not line:
        raise NotPossible(f"{what} is empty: say it in a few words")
    if len(visible(line, longest + 1)) > longest:
        raise NotPossible(f"{what} has {len(line):,} characters: {longest:,} at most")
    return line
