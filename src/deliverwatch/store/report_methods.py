"""The store as the life of reports sees it (`flows.report_ports.ReportStore`)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from deliverwatch.core.alerting import Notification
from deliverwatch.core.events import Event
from deliverwatch.flows.ports import Claim, ReportRun
from deliverwatch.flows.report_ports import Contact, ReportWord, Unarchived
from deliverwatch.store import report_archive, report_contacts, reports
from deliverwatch.store.database import Database


class ReportMethods(Database):
    async def commit_report(
        self,
        claim: Claim | None,
        run: ReportRun,
        notifications: Sequence[Notification],
        contents: Mapping[str, bytes],
        tokens: Mapping[str, str] | None = None,
    ) -> bool:
        return await self._run(reports.commit, claim, run, notifications, contents, tokens or {})

    async def reports(self, *, customer: str | None = None, week: str | None = None) -> list[ReportRun]:
        return await self._run(reports.reports, customer, week)

    async def report(self, report_id: str) -> ReportRun | None:
        return await self._run(reports.report, report_id)

    async def reported(self, week: str) -> frozenset[str]:
        return await self._run(reports.reported, week)

    async def told_bulletins(self, customer: str) -> frozenset[str]:
        return await self._run(reports.told_bulletins, customer)

    async def report_words(self, *, customer: str | None = None, week: str | None = None) -> list[ReportWord]:
        return await self._run(reports.words, customer, week)

    async def keep_report_word(
        self, word: ReportWord, events: Sequence[Event] = (), notifications: Sequence[Notification] = ()
    ) -> bool:
        return await self._run(reports.keep_word, word, events, notifications)

    async def contacts(self, *, customer: str | None = None) -> list[Contact]:
        return await self._run(report_contacts.contacts, customer)

    async def contact_lost(
        self, contact: Contact, known: Collection[str], event: Event, notifications: Sequence[Notification]
    ) -> bool | None:
        return await self._run(report_contacts.lost, contact, known, event, notifications)

    async def keep_contact(self, contact: Contact) -> None:
        await self._run(report_contacts.keep, contact)

    async def token_owner(self, digest: str) -> tuple[str, str] | None:
        return await self._run(report_contacts.token_owner, digest)

    async def unarchived(self, limit: int) -> list[Unarchived]:
        return await self._run(report_archive.unarchived, limit)

    async def archived(self, report_id: str, now: datetime) -> None:
        await self._run(report_archive.archived, report_id, now)
