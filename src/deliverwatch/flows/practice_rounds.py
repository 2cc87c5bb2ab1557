"""Best practice is looked at again by itself: daily, and every six hours for those whose drafts wait for a person.

A look is a slot of the ledger, so that one worker makes it and a restart repeats none.
"""

from datetime import datetime, timedelta
from typing import Protocol

from deliverwatch.core.practice import CheckResult, is_of_a_sample
from deliverwatch.core.remediation.draft import WAITING
from deliverwatch.flows.check_practice import PracticeDesk, PracticeStore, check_practice
from deliverwatch.flows.ports import Clock, Ledger
from deliverwatch.flows.remediation_ports import RemediationStore

_EVERY, _EVERY_WITH_DRAFTS = timedelta(days=1), timedelta(hours=6)


class RoundsStore(PracticeStore, RemediationStore, Ledger, Protocol):
    """What these look-ups are kept in."""


async def check_due(store: RoundsStore, desk: PracticeDesk, clock: Clock, lease_for: timedelta) -> list[str]:
    """The customers looked at."""
    waited_for = {draft.customer for draft in await store.drafts(states=tuple(WAITING))}
    kept = await store.practice()
    looked_at = []
    for customer in (await store.inventory()).customers:
        every = _EVERY_WITH_DRAFTS if customer.id in waited_for else _EVERY
        if _is_due(kept.get(customer.id, []), every, clock.now()) and await _look(
            store, desk, clock, customer.id, every, lease_for
        ):
            looked_at.append(customer.id)
    return looked_at


def _is_due(results: list[CheckResult], every: timedelta, now: datetime) -> bool:
    looked_at = (result.at for result in results if not is_of_a_sample(result))
    return now - max(looked_at, default=now - every) >= every


async def _look(
    store: RoundsStore, desk: PracticeDesk, clock: Clock, customer_id: str, every: timedelta, lease_for: timedelta
) -> bool:
    now = clock.now()
    job, key = f"practice/{customer_id}", _slot(now, every)
    await store.add_slot(job, key, now)
    claim = await store.claim_slot(job, key, now, lease_for)
    if claim is None:
        return False
    await check_practice(store, desk, clock, customer_id)
    await store.finish_slot(claim, clock.now())
    return True


def _slot(now: datetime, every: timedelta) -> str:
    """One within each stretch: a customer without any results is not looked at all the time."""
    hours = every // timedelta(hours=1)
    return f"{now.replace(hour=now.hour // hours * hours):%Y-%m-%dT%H}/{hours}h"
