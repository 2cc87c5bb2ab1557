"""Wiring: settings and adapters become the flows' arguments. The only place that knows all rooms.

`App` is one installation, opened. The daemon, the command line, the pages and the sandbox act through it. `Policy`
holds the numbers that are not settings: production's are the defaults, the sandbox brings its own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from deliverwatch.access import Access
from deliverwatch.calendars import service_calendar
from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers
from deliverwatch.clock import SystemClock
from deliverwatch.core.alerting import Notification, RetryPolicy
from deliverwatch.core.block import Episode
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.errors import NotPossible, unknown_name
from deliverwatch.core.inventory import Inventory, ServiceZone
from deliverwatch.core.mail_share import MailShares
from deliverwatch.core.practice import Advice
from deliverwatch.core.resolver_health import ResolverFault
from deliverwatch.core.route_doubts import route_doubts
from deliverwatch.core.service_hours import ServiceCalendar, add_service_time
from deliverwatch.core.silences import Cover, Silence
from deliverwatch.core.told_twice import once
from deliverwatch.customers import Customers
from deliverwatch.desk import TamDesk
from deliverwatch.flows.access_ports import SessionPolicy
from deliverwatch.flows.alert_ports import DigestDue
from deliverwatch.flows.check_practice import PracticeDesk, overrule_these
from deliverwatch.flows.check_resolvers import watch_resolvers
from deliverwatch.flows.close_by_hand import close_by_hand
from deliverwatch.flows.deliver_alerts import deliver_next
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.held import Held, HeldCache
from deliverwatch.flows.judge import JudgingDesk
from deliverwatch.flows.judge_when_new import Judge
from deliverwatch.flows.keep_silences import keep_silence
from deliverwatch.flows.ports import Channel, Clock, Delivery, Lookups, OutgoingMail, Words
from deliverwatch.flows.practice_rounds import check_due
from deliverwatch.flows.remind import ReminderDesk, remind
from deliverwatch.flows.rounds import RoundPolicy
from deliverwatch.flows.run_rounds import DueRound, Watchlist, due_rounds, run_round
from deliverwatch.flows.see_warmups import Picture
from deliverwatch.flows.send_digests import send_digests
from deliverwatch.flows.settle_silences import settle_silences
from deliverwatch.flows.sweep_watches import sweep_watches
from deliverwatch.flows.watch_channels import watch_channels
from deliverwatch.flows.watch_dns import watch_dns
from deliverwatch.in_use import Catalogue, make_lookups
from deliverwatch.intake import Intake
from deliverwatch.lookup.names import registered_domain
from deliverwatch.lookup.resolver_probe import ResolverProbe
from deliverwatch.lookup.sender_records import SenderRecords
from deliverwatch.practice.looks import PracticeLooks
from deliverwatch.remediation import Remediation
from deliverwatch.render.mail import compose
from deliverwatch.reporting import Reporting
from deliverwatch.settings import Settings
from deliverwatch.telling import Telling, open_channels
from deliverwatch.warmups import Warmups

log = structlog.get_logger()

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """How rounds, messages and reports are timed."""

    round: RoundPolicy = field(default_factory=RoundPolicy)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    slot_lease_for: timedelta = timedelta(minutes=15)
    sweep_every: timedelta = timedelta(hours=1)
    report_jitter_for: timedelta = timedelta(hours=1)
    session: SessionPolicy = field(default_factory=SessionPolicy)


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
        self._blocklists = {blocklist.id: blocklist for blocklist in catalogue.all}
        self.calendars = {zone: service_calendar(zone, settings.calendar_changes) for zone in ServiceZone}
        self.telling = Telling(settings, self._blocklists, self.calendars)
        routing = self.telling.routing
        lists_on = [each.id for each in catalogue.on]
        self.intake = Intake(settings, store, clock, lists_on, routing, policy.slot_lease_for)
        self.access = Access(store, clock, policy.session)
        self._records = SenderRecords(lookups.paths, settings.dns.timeout_for)
        self._held = HeldCache(store, self.telling.own_domains)
        self._lookups = lookups
        self._probe = ResolverProbe(settings.dns.timeout_for)
        self._channels = channels
        self.providers = {each.id: each for each in load_mailbox_providers(overlay=settings.catalogue.overlay)}
        self.spaces = {id_: source.space for id_, source in self.intake.sources.items()}
        self.desk = TamDesk(store, clock, self.spaces)
        unmeasured = {id_: source.not_measured for id_, source in self.intake.sources.items()}
        self._judging = JudgingDesk(self.providers, routing, self.spaces, unmeasured)
        self._judge = Judge(store, clock, self._judging)
        self.warmups = Warmups(
            settings,
            store,
            clock,
            routing,
            self.intake.sources,
            self.providers,
            self._blocklists,
            self._records,
            self._picture,
        )
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
        self.reporting = Reporting(
            settings,
            store,
            clock,
            routing,
            catalogue,
            self.calendars,
            self.providers,
            lambda: self.remediation.endings,
            self.warmups.days_of_week,
            self.warmups.advance_when_new,
            policy.report_jitter_for,
            policy.slot_lease_for,
            self.spaces,
        )

        self.customers = Customers(store, clock, self.warmups.histories_of, self.reporting.forget)

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None, policy: Policy | None = None) -> "App":
        """Raises ConfigError or StoreError with what to do about it."""
        from deliverwatch.store import open_store  # half of the start-up time, and `check` and `lists` need no store

        catalogue = Catalogue.load(settings)
        clock = clock or SystemClock()
        lookups: Lookups = make_lookups(settings, clock=clock)
        channels = open_channels(settings, clock)
        store: WholeStore = open_store(settings.store.url.get_secret_value())
        return cls(settings, catalogue, store, lookups, channels, clock, policy or Policy())

    @property
    def watchlist(self) -> Watchlist:
        every = {blocklist.id: self.settings.lists.interval_for(blocklist.id) for blocklist in self.catalogue.on}
        return Watchlist(
            self.catalogue.on,
            every,
            self.telling.routing,
            self.policy.round,
            self.policy.slot_lease_for,
            self.catalogue.on_trial,
            registered_domain,
            self.mail_shares,
            self.telling.own_domains,
        )

    @property
    def operators(self) -> tuple[str, ...]:
        return self.telling.routing.operators

    async def route_doubts(self) -> list[str]:
        customers = (customer.id for customer in (await self.store.inventory()).customers)
        return list(route_doubts(self.telling.routing, customers))

    async def _picture(self) -> Picture:
        snapshot = await self.desk.snapshot()
        return Picture(snapshot.inventory, snapshot.holdings)

    async def mail_shares(self) -> MailShares:
        """Of the mail of the last 24 hours."""
        now, inventory = self.clock.now(), await self.store.inventory()
        attempts = once(await self.store.attempts(now - _DAY, now), self.spaces)
        return MailShares(attempts, inventory.holdings, now.date())

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

    async def silence(self, by: str, reason: str, until_at: datetime, cover: Cover) -> Silence:
        """Raises NotPossible."""
        if cover.customer is not None and (await self.store.inventory()).customer(cover.customer) is None:
            raise NotPossible(f"there is no customer {cover.customer!r}")
        known = {*self._blocklists, *self.providers}
        if cover.place is not None and cover.place not in known:
            raise NotPossible(unknown_name("list or mailbox provider", cover.place, known))
        return await keep_silence(self.store, cover, until_at, by, reason, self.clock.now())

    async def ask_list_now(self, list_id: str) -> int:
        """A list that refuses us, without waiting for the hour to pass; on how many paths it was stopped."""
        self.catalogue.pick([list_id])
        return await self.store.lift_stop(list_id, self.clock.now())

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

    async def overrule_advice(self, customer: str, ids: Collection[str], reason: str, by: str) -> list[Advice]:
        """Takes what these pieces of advice are about off the way of requests. Raises NotPossible."""
        return await overrule_these(self.store, self.clock, customer, ids, reason, by)

    async def remind(self) -> int | None:
        """Of listings and blocks that go on; None: it was not the time to."""
        desk = ReminderDesk(
            self.telling.routing,
            {blocklist.id: blocklist for blocklist in self.catalogue.on},
            self.providers,
            self.policy.slot_lease_for,
            self.mail_shares,
        )
        return await remind(self.store, self.clock, desk)

    async def deliver_all(self) -> int:
        """Everything that is due now, with what silences and digests have let go; returns how many were tried."""
        await settle_silences(self.store, self.clock)
        try:
            await send_digests(self.store, self._digest, self.clock)
        finally:
            tried = await self._deliver_due()
        for event in await watch_channels(self.store, self.clock, self.telling.routing):
            log.warning(event.kind, **{name: event.facts.get(name) for name in ("channel", "since", "why")})
        return tried

    async def _deliver_due(self) -> int:
        tried, lost = 0, self.reporting.no_such_reader
        while await deliver_next(self.store, self._channels, self.compose, self.clock, self.policy.retry, lost):
            tried += 1
        return tried

    def _digest(self, due: DigestDue, note: Notification, inventory: Inventory) -> bytes:
        return self.telling.digest(note, due.parts, inventory)

    def compose(self, delivery: Delivery, inventory: Inventory) -> OutgoingMail:
        """What was made once is taken as it was. Raises ChannelFailed when it cannot be made safely."""
        note = delivery.notification
        content = delivery.content if delivery.content is not None else self.telling.content(delivery, inventory)
        sender = self.settings.mail.sender if note.report_id is None else self.reporting.sender
        return OutgoingMail(sender, note.recipient, note.message_id, content)

    def _draft_due_at(self, zones: tuple[ServiceZone, ...], now: datetime) -> datetime | None:
        """The earliest of the zones concerned; UK hours for what is the ESP's own."""
        first_look_for = self.settings.drafts.first_look
        calendars: list[ServiceCalendar] = [self.calendars[zone] for zone in zones or (ServiceZone.UK,)]
        return min(add_service_time(calendar, now, first_look_for) for calendar in calendars)

    def _message(
        self, recipient: str, words: Words, message_id: str, at: datetime, reply_to: str | None = None
    ) -> bytes:
        sender = self.settings.mail.from_
        return compose(sender, recipient, words.subject, words.text, words.html, message_id, at, reply_to)
