"""Wiring of Tier 1 remediation: forms, settings and look-ups become what its flows take as arguments.

The daemon, the command line and the sandbox act through `Remediation`. It prepares, renews, follows up and closes
drafts, checks best practice, and asks customers what only they know; it sends nothing to an addressee.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from deliverwatch.catalogue.forms import load_forms, load_letters
from deliverwatch.core.alerting import Audience, Notification, notification_id
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.inventory import Customer, Language, ServiceZone
from deliverwatch.core.practice import Advice, CheckResult
from deliverwatch.core.provider import MailboxProvider, ProviderDirectory
from deliverwatch.core.remediation.addressee import FormDirectory, MailHosts
from deliverwatch.core.remediation.customer_word import ActionRequest, Said
from deliverwatch.core.remediation.draft import Draft, DraftStep
from deliverwatch.core.remediation.no_request import NoRequest
from deliverwatch.flows.ask_customers import ask_customer, keep_answer
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.draft_desk import DraftDesk
from deliverwatch.flows.follow_up_drafts import follow_up_drafts
from deliverwatch.flows.ports import Clock, Words
from deliverwatch.flows.prepare_drafts import prepare_drafts
from deliverwatch.flows.renew_drafts import close_overtaken, renew_all, tell_of_void
from deliverwatch.flows.tell_help_desk import webhook_notification
from deliverwatch.flows.without_draft import without_draft
from deliverwatch.flows.work_drafts import Desk, find
from deliverwatch.lookup.sender_records import SenderRecords
from deliverwatch.render.action_request import action_request_words
from deliverwatch.render.draft_document import document
from deliverwatch.render.draft_evidence import evidence_file
from deliverwatch.render.drafts import Letters
from deliverwatch.render.practice_words import repair
from deliverwatch.settings import Settings

_RENEWED_EVERY = timedelta(hours=1)

Message = Callable[[str, Words, str, datetime, str | None], bytes]
"""(recipient, words, message id, at, reply to) -> a message."""


class Remediation:
    """The remediation of one installation. `providers`, `blocklists`: by id. `message` makes a mail of ours."""

    def __init__(
        self,
        settings: Settings,
        store: WholeStore,
        clock: Clock,
        providers: Mapping[str, MailboxProvider],
        blocklists: Mapping[str, Blocklist],
        records: SenderRecords,
        due_at: Callable[[tuple[ServiceZone, ...], datetime], datetime | None],
        message: Message,
    ) -> None:
        self._settings, self._store, self._clock, self._records = settings, store, clock, records
        self._providers, self._blocklists = providers, blocklists
        self._due_at, self._message = due_at, message
        self._renewed_at: timedelta | None = None

    @cached_property
    def forms(self) -> FormDirectory:
        """Those that are shipped, and the operator's own. Raises CatalogueError."""
        return FormDirectory.of(load_forms(overlay=self._settings.catalogue.overlay))

    @cached_property
    def endings(self) -> dict[str, str]:
        """When what goes by a form ends by itself, in words, by the form's id."""
        return {id_: form.expires.words for id_, form in self.forms.forms.items() if form.expires is not None}

    @cached_property
    def _desk(self) -> DraftDesk:
        letters = load_letters(overlay=self._settings.catalogue.overlay)
        return DraftDesk(
            self.forms,
            self._blocklists,
            ProviderDirectory.of(self._providers.values()),
            self._settings.requester,
            Letters(self.forms.forms.values(), letters),
            _repair_in_english,
            self._mail_hosts,
            self._due_at,
            self._tell,
        )

    async def prepare(self) -> int:
        """Closes what is over, drafts what is new, follows up what is due. Returns how many drafts were made."""
        if self._settings.drafts.webhook is not None:
            await tell_of_void(self._store, self._desk, self._clock)
        await close_overtaken(self._store, self._desk, self._clock)
        made = await prepare_drafts(self._store, self._desk, self._clock)
        made += len(await follow_up_drafts(self._store, self._desk, self._clock))
        await self._renew_hourly()
        return made

    async def _renew_hourly(self) -> None:
        now = self._clock.monotonic()
        if self._renewed_at is None or now - self._renewed_at >= _RENEWED_EVERY:
            self._renewed_at = now
            await self.renew()

    async def renew(self) -> int:
        return await renew_all(self._store, self._desk, self._clock)

    def check(self) -> None:
        """Raises CatalogueError for forms and letters that cannot be used."""
        assert self._desk

    def desk(self, by: str, version: int | None = None) -> Desk:
        """The work of one person. `version`: of the draft that it is done to, or not at all."""
        return Desk(self._store, self._desk, self._clock, by, version)

    async def without_draft(self) -> list[NoRequest]:
        return await without_draft(self._store, self._desk, self._clock)

    async def evidence(self, draft_id: str) -> str:
        """All that was collected about a draft, as one file, for whoever mediates beyond the standard form."""
        draft, steps = await find(self._store, draft_id), await self._store.draft_steps(draft_id)
        about, everything = set(draft.episodes), await self._store.drafts(customer=draft.customer)
        mine = [
            each
            for each in everything
            if about & set(each.episodes) and each.id != draft.id and each.customer == draft.customer
        ]
        if draft.customer is None:
            return evidence_file(draft, steps, mine, (), ())
        ids = {draft.id, *(each.id for each in mine)}
        requests = [each for each in await self._store.action_requests(customer=draft.customer) if each.draft in ids]
        return evidence_file(draft, steps, mine, requests, await self._store.advice(draft.customer))

    async def ask_customer(self, draft_id: str, by: str, version: int | None = None) -> ActionRequest:
        return await ask_customer(self._store, self._desk, self._clock, draft_id, by, self._questions, version)

    async def keep_answer(self, draft_id: str, by: str, said: Said, version: int | None = None) -> Draft:
        return await keep_answer(self._store, self._desk, self._clock, draft_id, by, said, version)

    async def _mail_hosts(self, domain: str) -> MailHosts:
        found = await self._records.mail_hosts(domain)
        return MailHosts(domain, found.values, found.detail)

    def _tell(self, draft: Draft, step: DraftStep, now: datetime) -> tuple[Sequence[Notification], Mapping[str, bytes]]:
        host = self._settings.drafts.webhook_host
        if host is None:
            return (), {}
        note, content = webhook_notification(draft, step, host, now, document)
        return (note,), {note.id: content}

    def _questions(
        self, request: ActionRequest, draft: Draft, customer: Customer, advice: Sequence[Advice]
    ) -> tuple[Sequence[Notification], Mapping[str, bytes]]:
        repairs = [repair(each.problem, each.facts, customer.language) for each in advice]
        words = action_request_words(request, draft, customer, draft.subjects, repairs)
        notes = [self._question(request, customer, contact) for contact in request.sent_to]
        at, tam = request.asked_at, customer.tam.email
        return notes, {note.id: self._message(note.recipient, words, note.message_id, at, tam) for note in notes}

    def _question(self, request: ActionRequest, customer: Customer, contact: str) -> Notification:
        identity = notification_id("action-request", request.id, contact)
        at = request.asked_at
        return Notification(identity, identity, Audience.CUSTOMER, "email", contact, (customer.id,), at)


def _repair_in_english(result: CheckResult) -> str:
    return repair(result.problem or "", result.facts, Language.EN)
