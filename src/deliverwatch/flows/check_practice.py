"""Looks whether a customer follows best practice, keeps what was found, and leads the register of advice.

Load what was counted and what stands, look at DNS, and commit results and advice together. What a sample message showed
is kept until another one is read, since there is no looking at it again.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Cycle, Gap
from deliverwatch.core.delivery import FactCounts, FactKey, Measure, ReplyCounts, ReplyKey, Signal
from deliverwatch.core.errors import NotPossible, unknown_name
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Customer, Inventory
from deliverwatch.core.listing import Listing
from deliverwatch.core.own_counts import facts_of_days
from deliverwatch.core.practice import Advice, Check, CheckOutcome, CheckResult, holds, is_of_a_sample
from deliverwatch.core.practice_counts import bounces, complaints, mail_of, tls
from deliverwatch.core.practice_gmail import looked_back, spam_rates
from deliverwatch.core.practice_policy import POLICY, PracticePolicy
from deliverwatch.core.practice_register import register, void_since
from deliverwatch.core.practice_scope import Counted, PracticeScope, names_of, scope_of
from deliverwatch.core.practice_standing import ListsKnown, listings, warmups
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.told_twice import Spaces
from deliverwatch.core.visible import visible
from deliverwatch.core.warmup.status import RunStatus
from deliverwatch.flows.ports import Clock

_DAY = timedelta(days=1)
_LONGEST_REASON = 500


class PracticeStore(Protocol):
    """What of the store these flows use."""

    async def inventory(self) -> Inventory: ...

    async def traffic(
        self, since: datetime, names: Collection[str], until: datetime | None = None
    ) -> list[tuple[FactKey, FactCounts]]: ...

    async def measures(
        self, since: datetime, until: datetime | None = None, name: str | None = None
    ) -> list[tuple[str, Measure]]: ...

    async def verdicts(
        self,
        since: datetime,
        classes: Collection[ReplyClass],
        names: Collection[str] | None = None,
        until: datetime | None = None,
    ) -> list[tuple[ReplyKey, ReplyCounts]]: ...

    async def signals(self, since: datetime) -> list[Signal]: ...

    async def listings(self, *, open_only: bool = False, since: datetime | None = None) -> list[Listing]: ...

    async def last_cycles(self) -> Mapping[str, Cycle]: ...

    async def gaps(self, since: datetime, until: datetime) -> list[Gap]: ...

    async def keep_practice(
        self, customer: str, results: Sequence[CheckResult], advice: Sequence[Advice], complete: bool
    ) -> None: ...

    async def practice(self, customer: str | None = None) -> Mapping[str, list[CheckResult]]: ...

    async def advice(self, customer: str | None = None, *, open_only: bool = False) -> list[Advice]: ...


class Looks(Protocol):
    """What is published, and how a message looks (`practice.looks`)."""

    async def __call__(self, scope: PracticeScope, at: datetime) -> list[CheckResult]:
        """Never raises for anything the network does."""

    async def of_message(self, content: bytes, scope: PracticeScope, at: datetime) -> list[CheckResult]:
        """Raises NotPossible for what is no message of this customer's."""


@dataclass(frozen=True, slots=True)
class PracticeDesk:
    """`leading`: the lists that matter and are on. `providers`: names by id. `warmups`: where a customer's runs stand.
    `spaces`: see `core.told_twice`."""

    looks: Looks
    warmups: Callable[[str], Awaitable[Sequence[RunStatus]]]
    leading: tuple[Blocklist, ...]
    providers: Mapping[str, str]
    spaces: Spaces
    policy: PracticePolicy = field(default=POLICY)


class Kept(NamedTuple):
    """`advice`: newest first."""

    customer: Customer
    results: list[CheckResult]
    advice: list[Advice]


class _Loaded(NamedTuple):
    """`void`: when listings ended that never were, by their keys."""

    scope: PracticeScope
    mail: list[Counted]
    replies: list[tuple[ReplyKey, ReplyCounts]]
    signals: list[Signal]
    lists: ListsKnown
    void: Mapping[str, datetime]
    warmups: Sequence[RunStatus]


async def check_practice(store: PracticeStore, desk: PracticeDesk, clock: Clock, customer_id: str) -> list[CheckResult]:
    """All checks as of now, kept. Raises NotPossible for an unknown customer."""
    at, inventory = clock.now(), await store.inventory()
    _customer(inventory, customer_id)
    loaded = await _load(store, desk, at, customer_id, inventory)
    published = await desk.looks(loaded.scope, at)
    before = (await store.practice(customer_id)).get(customer_id, [])
    results = _with_samples([*published, *_standing(loaded, desk, at)], before, loaded.scope, at)
    advice = register(customer_id, await store.advice(customer_id), results, loaded.void)
    await store.keep_practice(customer_id, results, advice, complete=True)
    return results


async def check_message(
    store: PracticeStore, desk: PracticeDesk, clock: Clock, customer_id: str, content: bytes
) -> list[CheckResult]:
    """A sample message of theirs: its results are kept beside the others. Raises NotPossible."""
    at, inventory = clock.now(), await store.inventory()
    _customer(inventory, customer_id)
    scope = scope_of(customer_id, inventory, at.date(), desk.policy)
    results = await desk.looks.of_message(content, scope, at)
    advice = register(customer_id, await store.advice(customer_id), results)
    await store.keep_practice(customer_id, results, advice, complete=False)
    return results


async def kept_practice(store: PracticeStore, customer_id: str) -> Kept:
    """What was found last, and the register, without looking. Raises NotPossible for an unknown customer."""
    customer = _customer(await store.inventory(), customer_id)
    results = (await store.practice(customer_id)).get(customer_id, [])
    return Kept(customer, results, await store.advice(customer_id))


async def overrule(
    store: PracticeStore, clock: Clock, customer_id: str, check: Check, subject: str | None, reason: str, by: str
) -> list[Advice]:
    """Takes what failed off the way of requests; all subjects of a check when none is named. Raises NotPossible."""
    in_the_way = await _in_the_way(store, customer_id)
    advice = [each for each in in_the_way if each.check is check and subject in (None, each.subject)]
    if not advice:
        of = f" of {visible(subject, 80)}" if subject else ""
        raise NotPossible(f"nothing to overrule: {check}{of} does not fail, or is overruled already; see `--kept`")
    return await _overruled(store, clock, advice, reason, by)


async def overrule_these(
    store: PracticeStore, clock: Clock, customer_id: str, ids: Collection[str], reason: str, by: str
) -> list[Advice]:
    """The same of these pieces of advice, and of nothing that came beside them since. Raises NotPossible."""
    advice = [each for each in await _in_the_way(store, customer_id) if each.id in ids]
    if not advice:
        raise NotPossible("nothing to overrule: it does not fail any more, or is overruled already")
    return await _overruled(store, clock, advice, reason, by)


async def _in_the_way(store: PracticeStore, customer_id: str) -> list[Advice]:
    _customer(await store.inventory(), customer_id)
    return [each for each in await store.advice(customer_id, open_only=True) if each.overruled_at is None]


async def _overruled(
    store: PracticeStore, clock: Clock, advice: Sequence[Advice], reason: str, by: str
) -> list[Advice]:
    """`advice`: of one customer, never empty."""
    if not reason.strip():
        raise NotPossible("expected a reason: whoever reads of it next wants to know")
    because, name = visible(reason.strip(), _LONGEST_REASON), visible(by, 80)
    at = clock.now()
    overruled = [replace(each, overruled_by=name, overruled_at=at, overruled_because=because) for each in advice]
    await store.keep_practice(advice[0].customer, [], overruled, complete=False)
    return overruled


async def _load(
    store: PracticeStore, desk: PracticeDesk, now: datetime, customer_id: str, inventory: Inventory
) -> _Loaded:
    since = (now - desk.policy.counted_for).replace(minute=0, second=0, microsecond=0)
    names = names_of(customer_id, inventory, now.date())
    told = await store.traffic(since, names, now)
    stated = [
        each
        for each in await store.measures(since, now)
        if (each[1].ip in names or each[1].domain in names) and each[1].provider in desk.providers
    ]
    listed = await store.listings(since=void_since(await store.advice(customer_id), now))
    return _Loaded(
        scope_of(customer_id, inventory, now.date(), desk.policy, told),
        [*told, *facts_of_days(stated, told, now, desk.spaces)],
        await store.verdicts(since, [ReplyClass.POLICY], names),
        await store.signals(now - looked_back(desk.policy)),
        ListsKnown(
            desk.leading,
            [each for each in listed if each.closed_at is None],
            await store.last_cycles(),
            await store.gaps(now - _DAY, now),
        ),
        {each.key: each.closed_at for each in listed if each.closed_at is not None and each.ended is Ending.VOID},
        await desk.warmups(customer_id),
    )


def _standing(loaded: _Loaded, desk: PracticeDesk, at: datetime) -> list[CheckResult]:
    mail = mail_of(loaded.mail, loaded.scope, desk.spaces)
    return [
        tls(mail, loaded.replies, loaded.scope, at, desk.policy),
        complaints(mail, desk.providers, at, desk.policy),
        *spam_rates(loaded.signals, loaded.scope, at, desk.policy),
        bounces(mail, at, desk.policy),
        *warmups(loaded.warmups, at),
        *listings(loaded.lists, loaded.scope, at),
    ]


def _with_samples(
    results: Sequence[CheckResult], before: Sequence[CheckResult], scope: PracticeScope, at: datetime
) -> list[CheckResult]:
    """What was seen in a message says more than the inventory, for as long as it says anything; and less than what
    fails today."""
    samples = {
        (each.check, each.subject): each
        for each in before
        if is_of_a_sample(each) and holds(each, at) and scope.has_domain(each.subject)
    }
    for each in results:
        if each.outcome is CheckOutcome.FAIL:
            samples.pop((each.check, each.subject), None)
    found = "no sample message has been read: `deliverwatch practice --customer ID --message FILE` does"
    waiting = [
        CheckResult(Check.ONE_CLICK, domain, CheckOutcome.UNKNOWN, found, at, "no message")
        for domain in scope.from_domains
    ]
    fresh = {(each.check, each.subject): each for each in (*results, *waiting)}
    return sorted((fresh | samples).values(), key=lambda each: (list(Check).index(each.check), each.subject))


def _customer(inventory: Inventory, customer_id: str) -> Customer:
    customer = inventory.customer(customer_id)
    if customer is None:
        raise NotPossible(unknown_name("customer", customer_id, [each.id for each in inventory.customers]))
    return customer
