"""The store as the flows of remediation see it. All times are aware UTC; every method is one transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from deliverwatch.core.alerting import Notification
from deliverwatch.core.block import Episode
from deliverwatch.core.listing import Listing
from deliverwatch.core.practice import Advice, CheckResult
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import Draft, DraftState, DraftStep


class RemediationStore(Protocol):
    async def undrafted_listings(self) -> list[Listing]:
        """Open ones that no draft leads on, oldest first."""

    async def undrafted_blocks(self) -> list[Episode]:
        """Open episodes of kind BLOCK that no draft leads on, oldest first."""

    async def add_draft(
        self,
        draft: Draft,
        step: DraftStep,
        notifications: Sequence[Notification] = (),
        contents: Mapping[str, bytes] | None = None,
    ) -> bool:
        """A first request leads on its episodes; a follow-up (`follow_up_of`) does not. False, and nothing written, if
        another draft leads on one of them already, or the id is there. `contents`: by notification id."""

    async def move_draft(
        self,
        draft: Draft,
        step: DraftStep,
        notifications: Sequence[Notification] = (),
        contents: Mapping[str, bytes] | None = None,
        *,
        release: bool = False,
    ) -> None:
        """Writes `draft` over version `draft.version - 1`; raises DraftChanged when somebody was faster. Episodes that
        are new in it are led on by it. `release`: it leads on none any more, so that another may."""

    async def tell_of_draft(
        self, draft_id: str, notifications: Sequence[Notification], contents: Mapping[str, bytes]
    ) -> None:
        """Into the outbox, and nothing else; those that are there already are left as they are."""

    async def drafts(
        self,
        *,
        customer: str | None = None,
        state: DraftState | None = None,
        states: Collection[DraftState] = (),
        since: datetime | None = None,
    ) -> list[Draft]:
        """Newest first. `since`: those changed at that time or later."""

    async def draft(self, draft_id: str) -> Draft | None: ...

    async def draft_steps(self, draft_id: str) -> list[DraftStep]:
        """Oldest first."""

    async def keep_practice(
        self, customer: str, results: Sequence[CheckResult], advice: Sequence[Advice], complete: bool
    ) -> None:
        """Results replace those of the same check and subject; `complete`: those not among them are dropped. Advice is
        written over what is there of its id; when it was told, and who overruled it, is never unsaid."""

    async def practice(self, customer: str | None = None) -> Mapping[str, list[CheckResult]]:
        """The last results by customer."""

    async def advice(self, customer: str | None = None, *, open_only: bool = False) -> list[Advice]:
        """Newest first. `open_only`: what is not mended."""

    async def add_action_request(
        self,
        request: ActionRequest,
        draft: Draft,
        step: DraftStep,
        notifications: Sequence[Notification] = (),
        contents: Mapping[str, bytes] | None = None,
    ) -> None:
        """With the step it is on its draft (as `move_draft`). Advice it repeats is told from now on, if it was not."""

    async def answer_action_request(
        self,
        request: ActionRequest,
        draft: Draft,
        step: DraftStep,
        notifications: Sequence[Notification] = (),
        contents: Mapping[str, bytes] | None = None,
    ) -> None:
        """Writes the answers; an answer is never written over another's: raises NotPossible."""

    async def action_requests(self, *, customer: str | None = None) -> list[ActionRequest]:
        """Newest first."""
