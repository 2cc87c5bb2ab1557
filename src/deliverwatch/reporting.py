"""Wiring of the weekly reports: settings, calendars and templates become what their flows take as arguments.

The daemon, the command line, the pages and the sandbox act through `Reporting`. It shows reports to the TAM before they
go, makes and archives them, and sees to the contacts who cannot or will not get them.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, urlsplit

from deliverwatch.catalogue.bulletin import load_bulletin
from deliverwatch.core.bulletin import Bulletin, BulletinItem, bulletin_of
from deliverwatch.core.errors import ConfigError, Fault, NotPossible
from deliverwatch.core.inventory import Customer, Language, ServiceZone
from deliverwatch.core.provider import MailboxProvider
from deliverwatch.core.receivers import Routing
from deliverwatch.core.service_hours import (
    ServiceCalendar,
    report_due_at,
    subtract_service_time,
    week_of,
    week_span,
    zone_of,
)
from deliverwatch.core.told_twice import Spaces
from deliverwatch.core.warmup.status import RunWeek
from deliverwatch.core.week_warmups import ReportedWarmup, reported_warmups
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.flows.archive_reports import archive_reports, forget_archived
from deliverwatch.flows.contacts import (
    bounced,
    reachable,
    restore_contact,
    see_to_contact,
    token_digest,
    unsubscribe,
)
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.ports import Clock, Delivery, Words
from deliverwatch.flows.read_bounces import BounceReader
from deliverwatch.flows.report_ports import Contact, WeekPlan
from deliverwatch.flows.report_words import ReportWords, skip_what_was_held_too_long
from deliverwatch.flows.send_reports import LATE_AT_MOST, ReportDesk, send_due_reports
from deliverwatch.flows.show_reports import show_reports
from deliverwatch.flows.warmup_weeks import RunsOfWeek
from deliverwatch.in_use import Catalogue
from deliverwatch.render.look import MARK, PLAIN, Logo, Look, for_reader
from deliverwatch.render.mail import Mailing, compose
from deliverwatch.render.weekly import render_weekly
from deliverwatch.settings import Settings
from deliverwatch.sources.report_bounces import report_bounces

UNSUBSCRIBE = "/unsubscribe/"
_TOKEN_BYTES = 24
_MOST_LOGO = 20 << 10
_IMAGES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF87a": "gif", b"GIF89a": "gif"}
DaysOfWeek = Callable[[str, RunsOfWeek], Awaitable[list[RunWeek]]]
"""A customer's warm-ups, with their days of a week."""


class Reporting:
    """The reports of one installation. `providers`: by id. `endings`: when what goes by a form ends by itself, by the
    form's id. `judge_warmups`: what there is to judge of them, before a report tells of it. `spaces`: see
    `core.told_twice`."""

    def __init__(
        self,
        settings: Settings,
        store: WholeStore,
        clock: Clock,
        routing: Routing,
        catalogue: Catalogue,
        calendars: Mapping[ServiceZone, ServiceCalendar],
        providers: Mapping[str, MailboxProvider],
        endings: Callable[[], Mapping[str, str]],
        days_of_week: DaysOfWeek,
        judge_warmups: Callable[[], Awaitable[int]],
        jitter_for: timedelta,
        lease_for: timedelta,
        spaces: Spaces,
    ) -> None:
        self._settings, self._store, self._clock, self._routing = settings, store, clock, routing
        self._catalogue, self._calendars = catalogue, calendars
        self._names = {id_: provider.name for id_, provider in providers.items()}
        self._endings, self._days_of_week, self._judge_warmups = endings, days_of_week, judge_warmups
        self._jitter_for, self._lease_for, self._spaces = jitter_for, lease_for, spaces

    @property
    def desk(self) -> ReportDesk:
        live = self._catalogue.live
        return ReportDesk(
            lists_on=live,
            lists_off=self._catalogue.not_live,
            every={each.id: self._settings.lists.interval_for(each.id) for each in self._catalogue.on},
            week_span=lambda customer, week: week_span(week, zone_of(customer.service_time_zone)),
            weeks_until=self._weeks_until,
            zone_name=lambda customer: zone_of(customer.service_time_zone).key,
            warmups=self._warmups,
            words=self._words,
            message=self._message,
            lease_for=self._lease_for,
            new_token=lambda: secrets.token_urlsafe(_TOKEN_BYTES),
            routing=self._routing,
            shown_at=self._shown_at,
            bulletin=self._news,
            provider_names=self._names,
            endings=self._endings(),
            spaces=self._spaces,
        )

    @cached_property
    def look(self) -> Look:
        """Raises ConfigError for a logo that cannot be used."""
        told, page = self._settings.reports, self._unsubscribe_page
        return Look(
            told.brand or PLAIN.brand,
            told.colour,
            read_logo(told.logo) if told.logo is not None else None,
            told.footer or "",
            told.private,
            page + MARK if page is not None else None,
        )

    def check(self) -> None:
        """Raises ConfigError for a logo, CatalogueError for items of the bulletin that cannot be used."""
        assert self.look
        assert self._bulletin is not None

    async def show(self) -> int:
        """Those that are due soon, to their TAM; returns how many."""
        await skip_what_was_held_too_long(self._store, self.desk, self._clock)
        if self._settings.reports.preview is None:
            return 0
        await self._judge_warmups()
        return await show_reports(self._store, self.desk, self._clock)

    async def send_due(self) -> int:
        await self._judge_warmups()
        return await send_due_reports(self._store, self.desk, self._clock)

    async def archive(self) -> int:
        """What was made and is not in the archive yet; returns how many."""
        folder = self._settings.reports.archive
        return await archive_reports(self._store, self._clock, folder) if folder is not None else 0

    async def forget(self, customer_id: str) -> None:
        """What the archive has of a customer."""
        if (folder := self._settings.reports.archive) is not None:
            await asyncio.to_thread(forget_archived, folder, customer_id)

    async def read_bounces(self) -> int:
        return await self._bounces.catch_up(self._clock) if self._bounces is not None else 0

    async def no_such_reader(self, delivery: Delivery, why: str) -> None:
        """The relay refuses a recipient for good: a contact who is a reader of reports gets no more."""
        note = delivery.notification
        if note.report_id is not None:
            await bounced(self._store, self._routing, self._clock, note.report_id, note.recipient, why)

    @property
    def brand(self) -> str:
        return self.look.brand

    async def language_of(self, token: str) -> Language | None:
        """Of the reader whose unsubscribe token it is."""
        owner = await self._store.token_owner(token_digest(token))
        customer = (await self._store.inventory()).customer(owner[0]) if owner is not None else None
        return customer.language if customer is not None else None

    async def unsubscribe(self, token: str) -> bool:
        """False: it is none of ours."""
        return await unsubscribe(self._store, self._routing, self._clock, token)

    async def restore_contact(self, customer: Customer, address: str) -> Contact:
        """They get reports again. Raises NotPossible for whom nobody lost."""
        return await restore_contact(self._store, self._clock, customer.id, address)

    async def see_to_contact(self, customer: Customer, address: str) -> Contact:
        """The TAM has done with it; they go on getting none. Raises NotPossible."""
        return await see_to_contact(self._store, self._clock, customer.id, address)

    async def refuse_by_hand(self, customer: Customer, week: str) -> None:
        """Raises NotPossible, with what to do, where no report of the week is to be sent."""
        said = await self._store.report_words(customer=customer.id, week=week)
        if said and said[0].plan is WeekPlan.HELD:
            raise NotPossible(f"the report of {customer.id} for {week} is held by {said[0].by}: release it")
        if said and said[0].plan is WeekPlan.SKIPPED:
            raise NotPossible(f"the report of {customer.id} for {week} was skipped by {said[0].by}: it is not made")
        if not await reachable(self._store, customer):
            raise NotPossible(
                f"{customer.id} has no contacts to send a report to: `deliverwatch report contacts` shows who was lost"
            )

    async def next_week(self, customer: Customer) -> str:
        """That of the oldest report which is to come, or may still be late."""
        now = self._clock.now()
        waiting = [week for week, due_at in self._weeks_until(customer, now) if now <= due_at + LATE_AT_MOST]
        for week in reversed(waiting):
            said = await self._store.report_words(customer=customer.id, week=week)
            skipped = bool(said) and said[0].plan is WeekPlan.SKIPPED
            if not skipped and customer.id not in await self._store.reported(week):
                return week
        return waiting[0]

    def words_of(self, customer: Customer, week: str, by: str) -> ReportWords:
        return ReportWords(self._store, self.desk, self._clock, customer, week, by)

    @property
    def sender(self) -> str:
        """Of the envelope."""
        return self._settings.reports.sender or self._settings.mail.sender

    def files(self, report: WeeklyReport) -> dict[str, bytes]:
        """report.html, report.txt and report.eml, as they would be sent."""
        words = self._words(report)
        recipient = (report.customer.contacts or (report.customer.tam.email,))[0]
        message = self._message(report, words, recipient, f"preview.{report.customer.id}.{report.week}", MARK)
        return {
            "report.html": (words.html or "").encode(),
            "report.txt": words.text.encode(),
            "report.eml": message,
        }

    def week_or_last(self, customer: Customer, week: str | None, *, over: bool = False) -> str:
        """`week` checked, or the last complete one of the customer's zone. `over`: it must be complete.

        Raises ConfigError for what is no week, NotPossible for one that has not come yet.
        """
        zone, now = zone_of(customer.service_time_zone), self._clock.now()
        if week is None:
            return week_of(week_of(now, zone)[1].begin - timedelta(hours=1), zone)[0]
        span = week_span(week, zone)
        if now < (span.end if over else span.begin):
            raise NotPossible(f"the week {week} {'is not over' if over else 'has not begun'} in {zone.key}")
        return week

    def _weeks_until(self, customer: Customer, now: datetime) -> list[tuple[str, datetime]]:
        """The running week, and complete ones whose report may still be due: a holiday can delay it, an outage too."""
        zone, calendar = zone_of(customer.service_time_zone), self._calendars[customer.service_time_zone]
        weeks: list[tuple[str, datetime]] = []
        begin = week_of(now, zone)[1].end
        while begin > now - LATE_AT_MOST - timedelta(days=14):
            week, span = week_of(begin - timedelta(hours=1), zone)
            weeks.append((week, report_due_at(customer.id, week, calendar, self._jitter_for)))
            begin = span.begin
        return weeks

    def _shown_at(self, customer: Customer, due_at: datetime) -> datetime | None:
        preview_for = self._settings.reports.preview
        if preview_for is None:
            return None
        return subtract_service_time(self._calendars[customer.service_time_zone], due_at, preview_for)

    async def _warmups(self, customer: Customer, of_week: RunsOfWeek) -> Iterable[ReportedWarmup]:
        weeks = await self._days_of_week(customer.id, of_week)
        return reported_warmups(weeks, of_week.first, self._clock.now(), self._names)

    def _news(self, customer: Customer, week: str, told: Collection[str]) -> tuple[BulletinItem, ...]:
        zone = zone_of(customer.service_time_zone)
        monday = week_span(week, zone).begin.astimezone(zone).date()
        return bulletin_of(self._bulletin, monday, customer.language, told)

    @cached_property
    def _bulletin(self) -> tuple[Bulletin, ...]:
        return load_bulletin(overlay=self._settings.catalogue.overlay)

    @cached_property
    def _bounces(self) -> BounceReader | None:
        folder = self._settings.reports.bounces
        return BounceReader(self._store, self._routing, folder, report_bounces) if folder is not None else None

    @property
    def _unsubscribe_page(self) -> str | None:
        """Without the token. One click needs https (RFC 8058 §3.1): a token that goes in the clear is everybody's."""
        public = self._settings.web.public_url
        return public + UNSUBSCRIBE if public is not None and urlsplit(public).scheme == "https" else None

    def _words(self, report: WeeklyReport) -> Words:
        return render_weekly(report, self.look)

    def _message(self, report: WeeklyReport, words: Words, recipient: str, message_id: str, token: str) -> bytes:
        sender, tam = self._settings.reports.from_ or self._settings.mail.from_, report.customer.tam.email
        said, logo = for_reader(words, token), self.look.logo
        mailing = Mailing(f"weekly-report.{report.customer.id}", self._unsubscribe_at(tam, token))
        at = report.made_at
        return compose(sender, recipient, said.subject, said.text, said.html, message_id, at, tam, None, mailing, logo)

    def _unsubscribe_at(self, tam: str, token: str) -> tuple[str, ...]:
        page, mailbox = self._unsubscribe_page, self._settings.reports.unsubscribe or tam
        by_mail = f"mailto:{quote(mailbox, safe='@')}?subject=unsubscribe"
        return (by_mail,) if page is None else (page + token, by_mail)


def read_logo(path: Path) -> Logo:
    """Raises ConfigError."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_LOGO + 1)
    except OSError as failure:
        raise ConfigError(Fault(str(path), "[reports] logo", f"cannot be read: {failure.strerror}")) from None
    kind = next((kind for begin, kind in _IMAGES.items() if content.startswith(begin)), None)
    if kind is None:
        raise ConfigError(Fault(str(path), "[reports] logo", "is no PNG, JPEG or GIF image"))
    if len(content) > _MOST_LOGO:
        raise ConfigError(
            Fault(str(path), "[reports] logo", f"is larger than {_MOST_LOGO >> 10} KiB: it is in each mail")
        )
    return Logo(content, kind)
