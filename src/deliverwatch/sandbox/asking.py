"""What the sandbox's account manager does with one draft: the block of Delta's new IP at Outlook.

It is sent at once, without a word of what was changed, and denied, as the first answer there often is. For the
follow-up that Microsoft expects, within the same ticket, Delta is asked what only Delta knows.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from deliverwatch.app import App
from deliverwatch.core.errors import DraftChanged
from deliverwatch.core.remediation.draft import WAITING, Draft, DraftKind, RequestOutcome
from deliverwatch.flows.ports import Clock
from deliverwatch.sandbox import warming

_TAM = "Robin Doe"
_TICKET = "SRX0000000001ID"
_HOUR = timedelta(hours=1)

Tell = Callable[[datetime, str], None]
_Done = TypeVar("_Done")


async def ask_outlook(app: App, clock: Clock, tell: Tell) -> None:
    """From the day on which the draft is there until its follow-up is."""
    draft, desk = await _when_prepared(app, clock), app.remediation.desk(_TAM)
    await _undisturbed(lambda: desk.pull(draft.id))
    await clock.sleep(_HOUR)
    await _undisturbed(lambda: desk.submit(draft.id, _TICKET))
    tell(clock.now(), f"{_TAM} sends the form about {warming.REFUSED} to Outlook (draft {draft.id}, ticket {_TICKET})")
    await clock.sleep(2 * _HOUR)
    note = "not qualified for mitigation"
    _, follow_up = await _undisturbed(lambda: desk.answer(draft.id, RequestOutcome.DENIED, note))
    tell(clock.now(), f"Outlook's first answer: {note}")
    if follow_up is not None:
        await _undisturbed(lambda: app.remediation.ask_customer(follow_up.id, _TAM))
        tell(clock.now(), f"{_TAM} asks Delta what was changed: the follow-up ({follow_up.id}) needs it")


async def _when_prepared(app: App, clock: Clock) -> Draft:
    while True:
        for draft in await app.store.drafts(states=WAITING):
            if draft.kind is DraftKind.BLOCK and warming.REFUSED in draft.subjects:
                return draft
        await clock.sleep(_HOUR)


async def _undisturbed(work: Callable[[], Awaitable[_Done]]) -> _Done:
    """The program may renew a draft while a person works on it: then the person tries again."""
    while True:
        try:
            return await work()
        except DraftChanged:
            continue
