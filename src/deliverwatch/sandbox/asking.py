"""What the sandbox's account manager does with one draft: the block of Delta's new IP at Outlook.

The request needs what only Delta knows, so Delta is asked first, and answers. It is sent, and denied, as the first
answer there often is. The follow-up that Microsoft expects, within the same ticket, then waits to be sent.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from deliverwatch.app import App
from deliverwatch.core.errors import DraftChanged
from deliverwatch.core.inventory import Language
from deliverwatch.core.remediation.customer_word import Said
from deliverwatch.core.remediation.draft import WAITING, Draft, DraftKind, RequestOutcome
from deliverwatch.flows.ports import Clock
from deliverwatch.sandbox import warming

_TAM = "Robin Doe"
_TICKET = "SRX0000000001ID"
_HOUR = timedelta(hours=1)
_SAID = Said(
    {
        "cause": "the first mailing from this address went to an old part of the list",
        "what_changed": "6,200 addresses without an opening in the last year were taken out",
    },
    "Kim Lee",
    Language.EN,
)

Tell = Callable[[datetime, str], None]
_Done = TypeVar("_Done")


async def ask_outlook(app: App, clock: Clock, tell: Tell) -> None:
    """From the day on which the draft is there until its follow-up is."""
    draft, desk = await _when_prepared(app, clock), app.remediation.desk(_TAM)
    await _ask_delta(app, clock, draft, tell)
    await _undisturbed(lambda: desk.pull(draft.id))
    await clock.sleep(_HOUR)
    await _undisturbed(lambda: desk.submit(draft.id, _TICKET))
    tell(clock.now(), f"{_TAM} sends the form about {warming.REFUSED} to Outlook (draft {draft.id}, ticket {_TICKET})")
    await clock.sleep(2 * _HOUR)
    note = "not qualified for mitigation"
    _, follow_up = await _undisturbed(lambda: desk.answer(draft.id, RequestOutcome.DENIED, note))
    prepared = f"; the follow-up within its ticket is prepared ({follow_up.id})" if follow_up is not None else ""
    tell(clock.now(), f"Outlook's first answer: {note}{prepared}")


async def _ask_delta(app: App, clock: Clock, draft: Draft, tell: Tell) -> None:
    await _undisturbed(lambda: app.remediation.ask_customer(draft.id, _TAM))
    tell(clock.now(), f"{_TAM} asks Delta what was changed: the request ({draft.id}) needs it")
    await clock.sleep(2 * _HOUR)
    await _undisturbed(lambda: app.remediation.keep_answer(draft.id, _TAM, _SAID))
    tell(clock.now(), f"{_SAID.by} of Delta answers, and {_TAM} writes it down: {_SAID.answers['what_changed']}")


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
