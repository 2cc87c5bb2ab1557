"""What was changed, only the customer knows: they are asked in their language, and what they say is kept.

Exactly what the form needs and nobody has said yet is asked. The answer goes into the draft as it was given, with name
and time; it is never written over.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from deliverwatch.core.alerting import Notification
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.inventory import Customer
from deliverwatch.core.practice import TOLD_ELSEWHERE, Advice
from deliverwatch.core.remediation.customer_word import ActionRequest, Said
from deliverwatch.core.remediation.draft import WAITING, Action, Draft, DraftState, DraftStep
from deliverwatch.core.remediation.facts import FROM_CUSTOMER, QUESTIONS
from deliverwatch.core.remediation.form import Form
from deliverwatch.flows.case_files import CaseFiles
from deliverwatch.flows.draft_desk import CaseStore, DraftDesk
from deliverwatch.flows.load_cases import load_case_files
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.renew_drafts import handed_over, renewed_draft
from deliverwatch.flows.work_drafts import find

_LONGEST_ANSWER = 2000

Mails = Callable[[ActionRequest, Draft, Customer, Sequence[Advice]], tuple[Sequence[Notification], Mapping[str, bytes]]]
"""The messages that ask, one for each contact, and their contents by id."""


def questions_for(form: Form, draft: Draft) -> tuple[str, ...]:
    """What the form needs of the customer and the draft does not have."""
    wanted = {field.fact for field in form.fields} | {each.field for each in draft.missing}
    return tuple(each for each in FROM_CUSTOMER if each in wanted and each not in draft.facts)


async def ask_customer(
    store: CaseStore, desk: DraftDesk, clock: Clock, draft_id: str, by: str, mails: Mails, version: int | None = None
) -> ActionRequest:
    """Raises NotPossible when there is nothing to ask, or nobody."""
    draft, customer = await _of_customer(store, draft_id, version)
    if draft.state is DraftState.CLOSED:
        raise NotPossible(f"draft {draft_id} is closed: nothing more is asked for it")
    files = await load_case_files(store, desk, clock.now())
    _refuse_if_moved(files, draft)
    questions = questions_for(desk.forms.form(draft.form), draft)
    if not questions:
        raise NotPossible(f"draft {draft_id}: its form needs nothing more of the customer")
    if not customer.contacts:
        raise NotPossible(f"customer {customer.id} has no contacts: ask another way, and keep it with `drafts told`")
    advice = [each for each in await store.advice(customer.id, open_only=True) if each.check not in TOLD_ELSEWHERE]
    request = ActionRequest(
        _request_id(draft),
        customer.id,
        draft.id,
        clock.now(),
        by,
        customer.language,
        questions,
        customer.contacts,
        tuple(each.id for each in advice),
    )
    files.requests = [request, *files.requests]
    at = draft.next_at(clock.now())
    asked = replace(await _renewed(files, draft), changed_at=at)
    step = DraftStep(
        at, draft.state, by, ", ".join(map(QUESTIONS.__getitem__, questions)), Action.ASKED, {"request": request.id}
    )
    questions_asked, mail = mails(request, asked, customer, advice)
    told, documents = desk.tell(asked, step, step.at)
    await store.add_action_request(request, asked, step, (*questions_asked, *told), {**mail, **documents})
    return request


async def keep_answer(
    store: CaseStore, desk: DraftDesk, clock: Clock, draft_id: str, by: str, said: Said, version: int | None = None
) -> Draft:
    """The answer to what was asked last, or to what was asked by other means; the draft with it. What several share has
    no customer to be asked, and `said.by` is whoever knows."""
    draft, now = await find(store, draft_id, version), clock.now()
    _check(said, now)
    asked = [each for each in await store.action_requests(customer=draft.customer) if each.draft == draft.id]
    open_one = next((each for each in asked if each.answered_at is None), None)
    request = open_one or ActionRequest(
        _request_id(draft), draft.customer, draft.id, now, by, said.language, tuple(sorted(said.answers))
    )
    request = replace(
        request,
        answers={name: " ".join(words.split()) for name, words in said.answers.items()},
        answer_language=said.language,
        answered_at=now,
        answered_by=said.by,
        kept_by=by,
    )
    files = await load_case_files(store, desk, now)
    _refuse_if_moved(files, draft)
    files.requests = [request, *(each for each in files.requests if each.id != request.id)]
    at = draft.next_at(now)
    after = replace(await _renewed(files, draft), changed_at=at)
    step = DraftStep(at, draft.state, by, f"{said.by} said so", Action.TOLD, {"answers": dict(request.answers)})
    keep = store.answer_action_request if open_one is not None else store.add_action_request
    await keep(request, after, step, *desk.tell(after, step, at))
    return after


def _check(said: Said, now: datetime) -> None:
    """Raises NotPossible for what cannot be kept as a statement of somebody."""
    if not said.by.strip():
        raise NotPossible("nobody is named who said so: give --said-by NAME")
    for name, words in said.answers.items():
        if len(words) > _LONGEST_ANSWER:
            raise NotPossible(f"{name}: {len(words):,} characters; {_LONGEST_ANSWER:,} at most go into a request")
    if (said.answers.get("changed_on") or "") > (now + timedelta(days=1)).date().isoformat():
        raise NotPossible(f"{said.answers['changed_on']} has not come yet: expected the day on which it was changed")


def _refuse_if_moved(files: CaseFiles, draft: Draft) -> None:
    if (why := handed_over(files, draft)) is not None:
        raise NotPossible(f"draft {draft.id}: {why}; its former holder is asked nothing more")


async def _renewed(files: CaseFiles, draft: Draft) -> Draft:
    """What was sent already is not made anew."""
    fresh = await renewed_draft(files, draft) if draft.state in WAITING else None
    return fresh or replace(draft, version=draft.version + 1)


async def _of_customer(store: CaseStore, draft_id: str, version: int | None) -> tuple[Draft, Customer]:
    draft = await find(store, draft_id, version)
    customer = (await store.inventory()).customer(draft.customer) if draft.customer is not None else None
    if customer is None:
        raise NotPossible(f"draft {draft_id} is about what no single customer holds: there is nobody to ask")
    return draft, customer


def _request_id(draft: Draft) -> str:
    return "a-" + sha256(f"{draft.id}/{draft.version}".encode()).hexdigest()[:13]
