"""The store as the flows of remediation see it (`flows.remediation_ports.RemediationStore`)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from deliverwatch.core.alerting import Notification
from deliverwatch.core.block import Episode
from deliverwatch.core.listing import Listing
from deliverwatch.core.practice import Advice, CheckResult
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import Draft, DraftState, DraftStep
from deliverwatch.store import action_requests, drafts, practice, undrafted
from deliverwatch.store.database import Database


class RemediationMethods(Database):
    async def undrafted_listings(self) -> list[Listing]:
        return await self._run(undrafted.listings)

    async def undrafted_blocks(self) -> list[Episode]:
        return await self._run(undrafted.blocks)

    async def add_draft(
        self,
        draft: Draft,
        step: DraftStep,
        notifications: Sequence[Notification] = (),
        contents: Mapping[str, bytes] | None = None,
    ) -> bool:
        return await self._run(drafts.add, draft, step, notifications, contents)

    async def move_draft(
        self,
        draft: Draft,
        step: DraftStep,
        notifications: Sequence[Notification] = (),
        contents: Mapping[str, bytes] | None = None,
        *,
        release: bool = False,
    ) -> None:
        await self._run(drafts.move, draft, step, notifications, contents, release)

    async def tell_of_draft(
        self, draft_id: str, notifications: Sequence[Notification], contents: Mapping[str, bytes]
    ) -> None:
        await self._run(drafts.tell, draft_id, notifications, contents)

    async def drafts(
        self,
        *,
        customer: str | None = None,
        state: DraftState | None = None,
        states: Collection[DraftState] = (),
        since: datetime | None = None,
    ) -> list[Draft]:
        wanted = {*states} if state is None else {*states, state}
        return await self._run(drafts.drafts, customer, wanted, since)

    async def draft(self, draft_id: str) -> Draft | None:
        return await self._run(drafts.find, draft_id)

    async def draft_steps(self, draft_id: str) -> list[DraftStep]:
        return await self._run(drafts.steps, draft_id)

    async def keep_practice(
        self, customer: str, results: Sequence[CheckResult], advice: Sequence[Advice], complete: bool
    ) -> None:
        await self._run(practice.keep, customer, results, advice, complete)

    async def practice(self, customer: str | None = None) -> Mapping[str, list[CheckResult]]:
        return await self._run(practice.results, customer)

    async def advice(self, customer: str | None = None, *, open_only: bool = False) -> list[Advice]:
        return await self._run(practice.advice, customer, open_only)

    async def add_action_request(
        self,
        request: ActionRequest,
        draft: Draft,
        step: DraftStep,
        notifications: Sequence[Notification] = (),
        contents: Mapping[str, bytes] | None = None,
    ) -> None:
        await self._run(action_requests.add, request, draft, step, notifications, contents)

    async def answer_action_request(
        self,
        request: ActionRequest,
        draft: Draft,
        step: DraftStep,
        notifications: Sequence[Notification] = (),
        contents: Mapping[str, bytes] | None = None,
    ) -> None:
        await self._run(action_requests.answer, request, draft, step, notifications, contents)

    async def action_requests(self, *, customer: str | None = None) -> list[ActionRequest]:
        return await self._run(action_requests.requests, customer)
