"""Wiring: settings and adapters become the flows' arguments. The only place that knows all rooms.

`App` is one installation, opened. The daemon, the command line, the pages and the sandbox act through it. `Policy`
holds the numbers that are not settings: production's are the defaults, the sandbox brings its own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from deliverwatch.calendars import service_calendar
from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers
from deliverwatch.channels.registry import CHANNELS
from deliverwatch.clock import SystemClock
from deliverwatch.core.alerting import SENDER_EVENTS, AlertView, Audience, RetryPolicy
from deliverwatch.core.block import Episode
from deliverwatch.core.coverage import Cycle, Span
from deliverwatch.core.episodes_seen import of_these_customers
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.events import Event
from deliverwatch.core.incidents import ranges
from deliverwatch.core.inventory import Customer, Holdings, Inventory, ServiceZone
from deliverwatch.core.resolver_health import ResolverFault
from deliverwatch.core.service_hours import (
    ServiceCalendar,
    add_service_time,
    report_due_at,
    week_of,
    week_span,
    zone_of,
)
from deliverwatch.core.subjects import Subject, expand
from deliverwatch.core.week_warmups import ReportedWarmup, reported_warmups
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.flows.check_practice import PracticeDesk
from deliverwatch.flows.check_resolvers import watch_resolvers
from deliverwatch.flows.close_by_hand import close_by_hand
from deliverwatch.flows.deliver_alerts import deliver_next
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.held import Held, HeldCache
from deliverwatch.flows.judge import JudgingDesk
from deliverwatch.flows.judge_when_new import Judge
from deliverwatch.flows.ports import Channel, Clock, Delivery, Lookups, OutgoingMail, Words
from deliverwatch.flows.practice_rounds import check_due
from deliverwatch.flows.rounds import RoundPolicy
from deliverwatch.flows.run_rounds import DueRound, Watchlist, due_rounds, run_round
from deliverwatch.flows.send_reports import LATE_AT_MOST, ReportDesk, send_due_reports
from deliverwatch.flows.sweep_watches import sweep_watches
from deliverwatch.flows.watch_dns import watch_dns
from deliverwatch.in_use import Catalogue, make_lookups
from deliverwatch.intake import Intake
from deliverwatch.lookup.names import registered_domain
from deliverwatch.lookup.resolver_probe import ResolverProbe
from deliverwatch.lookup.sender_records import SenderRecords
from deliverwatch.practice.looks import PracticeLooks
from deliverwatch.remediation import Remediation
from deliverwatch.render.alerts import render_alert
from deliverwatch.render.mail import compose
from deliverwatch.render.weekly import render_weekly
from deliverwatch.settings import Settings
from deliverwatch.warmups import Warmups


@dataclass(frozen=True, slots=True)
class Policy:
    """How rounds, messages and reports are timed."""

    round: RoundPolicy = field(default_factory=RoundPolicy)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    slot_lease_for: timedelta = timedelta(minutes=15)
    sweep_every: timedelta = timedelta(hours=1)
    report_jitter_for: timedelta = timedelta(hours=1)


class App:
    """One installation. `store`, `clock` and `settings` are for those who read; what acts is a method."""

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        store: WholeStore,
        lookups: Lookups,
        channels: Mapping[str, Channel],
        clock: Clock,
        policy: Policy,
    ) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.store = store
        self.clock = clock
        self.policy = policy
        self._opened = clock.monotonic()
        lists_on = [each.id for each in catalogue.on]
        self.intake = Intake(settings, store, clock, lists_on, self.operators, policy.slot_lease_for)
        self._records = SenderRecords(lookups.paths, settings.dns.timeout_for)
        self._held = HeldCache(store)
        self._lookups = lookups
        self._probe = ResolverProbe(settings.dns.timeout_for)
        self._channels = channels
        self._blocklists = {blocklist.id: blocklist for blocklist in catalogue.all}
        self.providers = {each.id: each for each in load_mailbox_providers(overlay=settings.catalogue.overlay)}
        self.spaces = {id_: source.space for id_, source in self.intake.sources.items()}
        unmeasured = {id_: source.not_measured for id_, source in self.intake.sources.items()}
        self._judging = JudgingDesk(self.providers, self.operators, self.spaces, unmeasured)
        self._judge = Judge(store, clock, self._judging)
        self.warmups = Warmups(
            settings,
            store,
            clock,
            self.operators,
            self.intake.sources,
            self.providers,
            self._blocklists,
            self._records,
        )
        self._calendars = {zone: service_calendar(zone, settings.calendar_changes) for zone in ServiceZone}
        self.remediation = Remediation(
            settings,
            store,
            clock,
            self.providers,
            self._blocklists,
            self._records,
            self._draft_due_at,
            self._message,
        )

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None, policy: Policy | None = None) -> "App":
        """Raises ConfigError or StoreError with what to do about it."""
        from deliverwatch.store import open_store  # half of the start-up time, and `check` and `lists` need no store

        catalogue = Catalogue.load(settings)
        clock = clock or SystemClock()
        lookups: Lookups = make_lookups(settings, clock=clock)
        mail = settings.mail
        password = mail.password.get_secret_value() if mail.password is not None else None
        channels = {"email": CHANNELS["email"](mail.host, mail.port, mail.username, password, mail.starttls)}
        if settings.drafts.webhook is not None:
            secret = settings.drafts.webhook_secret
            url, signed = settings.drafts.webhook.get_secret_value(), secret.get_secret_value() if secret else None
            channels["webhook"] = CHANNELS["webhook"](url, signed, clock.now)
        store: WholeStore = open_store(settings.store.url.get_secret_value())
        return cls(settings, catalogue, store, lookups, channels, clock, policy or Policy())

    @property
    def watchlist(self) -> Watchlist:
        every = {blocklist.id: self.settings.lists.interval_for(blocklist.id) for blocklist in self.catalogue.on}
        return Watchlist(
            self.catalogue.on,
            every,
            self.operators,
            self.policy.round,
            self.policy.slot_lease_for,
            self.catalogue.on_trial,
            registered_domain,
        )

    @property
    def operators(self) -> tuple[str, ...]:
        requester = self.settings.requester.mailbox
        return self.settings.alerts.to or ((requester,) if requester else ())

    @property
    def report_desk(self) -> ReportDesk:
        return ReportDesk(
            lists_on=self.catalogue.live,
            lists_off=self.catalogue.not_live,
            every=self.watchlist.every,
            week_span=lambda customer, week: week_span(week, zone_of(customer.service_time_zone)),
            weeks_until=self._weeks_until,
            zone_name=lambda customer: zone_of(customer.service_time_zone).key,
            warmups=self._reported_warmups,
            words=self._report_words,
            message=self._report_message,
            lease_for=self.policy.slot_lease_for,
            provider_names={id_: provider.name for id_, provider in self.providers.items()},
            endings=self.remediation.endings,
        )

    async def due_rounds(self, started: Mapping[str, timedelta]) -> list[DueRound]:
        return await due_rounds(self.store, self.watchlist, self.clock, await self._held_now(), started)

    async def run_round(self, due: DueRound) -> Cycle | None:
        return await run_round(self.store, self._lookups, self.clock, self.watchlist, await self._held_now(), due)

    async def sweep(self) -> int:
        running_for = self.clock.monotonic() - self._opened
        return await sweep_watches(self.store, self.clock, self.watchlist, await self._held_now(), running_for)

    async def watch_resolvers(self) -> list[ResolverFault] | None:
        """None: it was not the time to."""
        held = await self._held_now()
        return await watch_resolvers(self.store, self._lookups, self._probe, self.clock, self.watchlist, held)

    async def _held_now(self) -> Held:
        return await self._held.on(self.clock.now().date())

    async def judge(self, since: datetime | None = None) -> int:
        """Blocks, throttles, findings and warnings, if anything new was taken in; how many changed. `since`: of an old
        file, which would be left out otherwise."""
        return await self._judge.judge(since)

    async def close_episode(self, id_: str, reason: str) -> Episode:
        """One that is over, as a person says. Raises NotPossible."""
        return await close_by_hand(self.store, self.clock, self._judging, id_, reason)

    async def watch_dns(self) -> int | None:
        """The records our senders stand on; None: it was not the time to."""
        return await watch_dns(self.store, self._records, self.clock, self.policy.slot_lease_for)

    @property
    def practice_desk(self) -> PracticeDesk:
        names = {id_: provider.name for id_, provider in self.providers.items()}
        looks = PracticeLooks(self._lookups.paths, self.settings.dns.timeout_for, registered_domain)
        leading = tuple(each for each in self.catalogue.live if each.leads and each.accuses)
        return PracticeDesk(looks, self.warmups.statuses, leading, names, self.spaces)

    async def watch_practice(self) -> list[str]:
        """The customers whose best practice was looked at; drafts that wait are renewed by what was found."""
        looked_at = await check_due(self.store, self.practice_desk, self.clock, self.policy.slot_lease_for)
        if looked_at:
            await self.remediation.renew()
        return looked_at

    async def send_reports(self) -> int:
        await self.warmups.advance_when_new()
        return await send_due_reports(self.store, self.report_desk, self.clock)

    async def deliver_all(self) -> int:
        """Everything that is due now; returns how many were tried."""
        tried = 0
        while await deliver_next(self.store, self._channels, self.compose, self.clock, self.policy.retry):
            tried += 1
        return tried

    def compose(self, delivery: Delivery, inventory: Inventory) -> OutgoingMail:
        """What was made once is taken as it was. Raises ChannelFailed when it cannot be made safely."""
        note = delivery.notification
        content = delivery.content if delivery.content is not None else self._alert_message(delivery, inventory)
        return OutgoingMail(self.settings.mail.sender, note.recipient, note.message_id, content)

    def report_files(self, report: WeeklyReport) -> dict[str, bytes]:
        """report.html, report.txt and report.eml, as they would be sent."""
        words = self._report_words(report)
        recipient = (report.customer.contacts or (report.customer.tam.email,))[0]
        message = self._report_message(report, words, recipient, f"preview.{report.customer.id}.{report.week}")
        return {
            "report.html": (words.html or "").encode(),
            "report.txt": words.text.encode(),
            "report.eml": message,
        }

    def week_or_last(self, customer: Customer, week: str | None, *, over: bool = False) -> str:
        """`week` checked, or the last complete one of the customer's zone. `over`: it must be complete.

        Raises ConfigError for what is no week, NotPossible for one that has not come yet.
        """
        zone, now = zone_of(customer.service_time_zone), self.clock.now()
        if week is None:
            return week_of(week_of(now, zone)[1].begin - timedelta(hours=1), zone)[0]
        span = week_span(week, zone)
        if now < (span.end if over else span.begin):
            raise NotPossible(f"the week {week} {'is not over' if over else 'has not begun'} in {zone.key}")
        return week

    def _weeks_until(self, customer: Customer, now: datetime) -> list[tuple[str, datetime]]:
        """Complete weeks whose report may still be due, newest first: a holiday can delay it, an outage too."""
        zone, calendar = zone_of(customer.service_time_zone), self._calendars[customer.service_time_zone]
        weeks: list[tuple[str, datetime]] = []
        begin = week_of(now, zone)[1].begin
        while begin > now - LATE_AT_MOST - timedelta(days=14):
            week, span = week_of(begin - timedelta(hours=1), zone)
            weeks.append((week, report_due_at(customer.id, week, calendar, self.policy.report_jitter_for)))
            begin = span.begin
        return weeks

    def _draft_due_at(self, zones: tuple[ServiceZone, ...], now: datetime) -> datetime | None:
        """The earliest of the zones concerned; UK hours for what is the ESP's own."""
        first_look_for = self.settings.drafts.first_look
        calendars: list[ServiceCalendar] = [self._calendars[zone] for zone in zones or (ServiceZone.UK,)]
        return min(add_service_time(calendar, now, first_look_for) for calendar in calendars)

    def _alert_message(self, delivery: Delivery, inventory: Inventory) -> bytes:
        note, event = delivery.notification, delivery.event
        assert event is not None, "an alert is made from an event"
        holdings, day = Holdings(inventory.assets), event.at.date()
        if note.corrects is not None:  # whoever held it then was told, and reads now that it was not so
            day = datetime.fromisoformat(event.facts["opened_at"]).date()
        members = _members(event, holdings, day, note.customers, note.audience)
        if note.audience is not Audience.OPERATOR and event.kind in SENDER_EVENTS:
            event = of_these_customers(event, note.customers, holdings)
        assets = dict.fromkeys(asset for subject in members for asset in holdings.on(subject, day))
        view = AlertView(
            event,
            note.audience,
            self._blocklists.get(event.list_id),
            tuple(customer for customer in inventory.customers if customer.id in note.customers),
            tuple(asset for asset in assets if asset.holder is None or asset.holder in note.customers),
            self.settings.web.public_url,
            tuple(ranges(members)) if event.facts.get("members") else (),
            note.corrects,
        )
        corrects = note.corrects.message_id if note.corrects is not None else None
        return self._message(note.recipient, render_alert(view), note.message_id, note.created_at, corrects=corrects)

    async def _reported_warmups(self, customer: Customer, span: Span) -> tuple[ReportedWarmup, ...]:
        """`span`: a week in the customer's zone, of which a run in another one has the days of the same dates."""
        first = span.begin.astimezone(zone_of(customer.service_time_zone)).date()
        names = {id_: provider.name for id_, provider in self.providers.items()}
        return reported_warmups(await self.warmups.days_of_week(customer.id, span), first, self.clock.now(), names)

    def _report_words(self, report: WeeklyReport) -> Words:
        return render_weekly(report)

    def _report_message(self, report: WeeklyReport, words: Words, recipient: str, message_id: str) -> bytes:
        return self._message(recipient, words, message_id, report.made_at, report.customer.tam.email)

    def _message(
        self,
        recipient: str,
        words: Words,
        message_id: str,
        at: datetime,
        reply_to: str | None = None,
        corrects: str | None = None,
    ) -> bytes:
        sender = self.settings.mail.from_
        return compose(sender, recipient, words.subject, words.text, words.html, message_id, at, reply_to, corrects)


def _members(
    event: Event, holdings: Holdings, day: date, customers: Collection[str], audience: Audience
) -> list[Subject]:
    """What of an incident a reader may see: all of it as an operator, else one's customers' part. Of an event about one
    subject, that one."""
    if event.subject is None:
        return []
    members = [subject for name in event.facts.get("members", ()) for subject in expand(name)] or [event.subject]
    if audience is Audience.OPERATOR or len(members) == 1:
        return members
    return [each for each in members if not set(customers).isdisjoint(holdings.parties(each, day))]
