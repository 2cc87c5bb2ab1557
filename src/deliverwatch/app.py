"""Wiring: settings and adapters become the flows' arguments. The only place that knows all rooms.

`App` is one installation, opened. The daemon, the command line, the pages and the sandbox act through it. `Policy`
holds the numbers that are not settings: production's are the defaults, the sandbox brings its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from deliverwatch.calendars import service_calendar
from deliverwatch.catalogue.blocklists import load_blocklists
from deliverwatch.catalogue.forms import load_forms
from deliverwatch.channels.registry import CHANNELS
from deliverwatch.clock import SystemClock
from deliverwatch.core.alerting import AlertView, RetryPolicy
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.errors import ConfigError, Fault, NotPossible
from deliverwatch.core.inventory import Customer, Holdings, Inventory, ServiceZone
from deliverwatch.core.remediation import Form
from deliverwatch.core.service_hours import (
    ServiceCalendar,
    add_service_time,
    report_due_at,
    week_of,
    week_span,
    zone_of,
)
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.flows.check_blocklists import RoundPolicy
from deliverwatch.flows.deliver_alerts import deliver_next
from deliverwatch.flows.ports import Channel, Clock, Delivery, Lookups, OutgoingMail, Store, Words
from deliverwatch.flows.prepare_drafts import DraftDesk, prepare_drafts
from deliverwatch.flows.run_rounds import DueRound, Watchlist, due_rounds, run_round
from deliverwatch.flows.send_reports import LATE_AT_MOST, ReportDesk, send_due_reports
from deliverwatch.flows.sweep_watches import sweep_watches
from deliverwatch.lookup.aiodns_resolver import AiodnsLookups
from deliverwatch.render.alerts import render_alert
from deliverwatch.render.drafts import render_draft
from deliverwatch.render.mail import compose
from deliverwatch.render.weekly import render_weekly
from deliverwatch.settings import Settings, check_list_ids

FORM = "list-operator"


@dataclass(frozen=True, slots=True)
class Policy:
    """`first_look_for`: service time until a draft should have been looked at; ours, never shown as a promise."""

    round: RoundPolicy = field(default_factory=RoundPolicy)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    slot_lease_for: timedelta = timedelta(minutes=15)
    sweep_every: timedelta = timedelta(hours=1)
    report_jitter_for: timedelta = timedelta(hours=1)
    first_look_for: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All blocklists of the installation, and which of them are on."""

    all: tuple[Blocklist, ...]
    on: tuple[Blocklist, ...]

    @property
    def off(self) -> tuple[Blocklist, ...]:
        return tuple(blocklist for blocklist in self.all if blocklist not in self.on)

    @classmethod
    def load(cls, settings: Settings, file: Path | None = None) -> "Catalogue":
        """`file` replaces the shipped catalogue and the overlay. Raises ConfigError with every fault."""
        everything = load_blocklists(file, None if file else settings.catalogue.overlay)
        faults = check_list_ids(settings, [blocklist.id for blocklist in everything])
        if faults and file is None:
            raise ConfigError(*faults)
        return cls(everything, tuple(blocklist for blocklist in everything if _is_on(settings, blocklist)))

    def pick(self, ids: Sequence[str]) -> tuple[Blocklist, ...]:
        """Those lists, on or off. Raises ConfigError for an id that is not in the catalogue."""
        by_id = {blocklist.id: blocklist for blocklist in self.all}
        unknown = [wanted for wanted in ids if wanted not in by_id]
        if unknown:
            known = ", ".join(by_id)
            raise ConfigError(
                *(Fault("", wanted, f"no such list in the catalogue, which has {known}") for wanted in unknown)
            )
        return tuple(by_id[wanted] for wanted in dict.fromkeys(ids))


def _is_on(settings: Settings, blocklist: Blocklist) -> bool:
    """Off wins over on; a key turns its list on."""
    if blocklist.id in settings.lists.disable:
        return False
    return blocklist.on_by_default or blocklist.id in settings.lists.enable or blocklist.id in settings.keys


def make_lookups(settings: Settings, resolvers: Sequence[str] | None = None) -> AiodnsLookups:
    """`resolvers`: instead of the configured ones. Raises ConfigError for one that cannot be."""
    keys = {list_id: key.get_secret_value() for list_id, key in settings.keys.items()}
    try:
        return AiodnsLookups(
            resolvers or settings.dns.resolvers,
            () if resolvers else settings.dns.confirm_resolvers,
            keys,
            settings.dns.timeout_for,
        )
    except ValueError as fault:
        raise ConfigError(Fault("", "resolver", str(fault))) from None


class App:
    """One installation. `store`, `clock` and `settings` are for those who read; what acts is a method."""

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        store: Store,
        lookups: Lookups,
        channel: Channel,
        clock: Clock,
        policy: Policy,
    ) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.store = store
        self.clock = clock
        self.policy = policy
        self._opened = clock.monotonic()
        self._lookups = lookups
        self._channel = channel
        self._form = _find_form(load_forms(overlay=settings.catalogue.overlay))
        self._blocklists = {blocklist.id: blocklist for blocklist in catalogue.all}
        self._calendars = {zone: service_calendar(zone, settings.calendar_changes) for zone in ServiceZone}

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None, policy: Policy | None = None) -> "App":
        """Raises ConfigError or StoreError with what to do about it."""
        from deliverwatch.store import open_store  # half of the start-up time, and `check` and `lists` need no store

        catalogue = Catalogue.load(settings)
        lookups: Lookups = make_lookups(settings)
        mail = settings.mail
        password = mail.password.get_secret_value() if mail.password is not None else None
        channel: Channel = CHANNELS["email"](mail.host, mail.port, mail.username, password, mail.starttls)
        store: Store = open_store(settings.store.url.get_secret_value())
        return cls(settings, catalogue, store, lookups, channel, clock or SystemClock(), policy or Policy())

    @property
    def watchlist(self) -> Watchlist:
        every = {blocklist.id: self.settings.lists.interval_for(blocklist.id) for blocklist in self.catalogue.on}
        return Watchlist(self.catalogue.on, every, self.operators, self.policy.round, self.policy.slot_lease_for)

    @property
    def operators(self) -> tuple[str, ...]:
        requester = self.settings.requester.mailbox
        return self.settings.alerts.to or ((requester,) if requester else ())

    @property
    def draft_desk(self) -> DraftDesk:
        return DraftDesk(self._form, self._blocklists, self.settings.requester, render_draft, self._draft_due_at)

    @property
    def report_desk(self) -> ReportDesk:
        return ReportDesk(
            lists_on=self.catalogue.on,
            lists_off=self.catalogue.off,
            every=self.watchlist.every,
            week_span=lambda customer, week: week_span(week, zone_of(customer.service_time_zone)),
            weeks_until=self._weeks_until,
            zone_name=lambda customer: zone_of(customer.service_time_zone).key,
            words=self._report_words,
            message=self._report_message,
            lease_for=self.policy.slot_lease_for,
        )

    async def due_rounds(self, started: Mapping[str, timedelta]) -> list[DueRound]:
        return await due_rounds(self.store, self.watchlist, self.clock, started)

    async def run_round(self, due: DueRound) -> Cycle | None:
        return await run_round(self.store, self._lookups, self.clock, self.watchlist, due)

    async def sweep(self) -> int:
        running_for = self.clock.monotonic() - self._opened
        return await sweep_watches(self.store, self.clock, self.watchlist, running_for)

    async def prepare_drafts(self) -> int:
        return await prepare_drafts(self.store, self.draft_desk, self.clock)

    async def send_reports(self) -> int:
        return await send_due_reports(self.store, self.report_desk, self.clock)

    async def deliver_all(self) -> int:
        """Everything that is due now; returns how many were tried."""
        tried = 0
        while await deliver_next(self.store, self._channel, self.compose, self.clock, self.policy.retry):
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
        calendars: list[ServiceCalendar] = [self._calendars[zone] for zone in zones or (ServiceZone.UK,)]
        return min(add_service_time(calendar, now, self.policy.first_look_for) for calendar in calendars)

    def _alert_message(self, delivery: Delivery, inventory: Inventory) -> bytes:
        note, event = delivery.notification, delivery.event
        assert event is not None, "an alert is made from an event"
        holdings = Holdings(inventory.assets)
        assets = holdings.on(event.subject, event.at.date()) if event.subject is not None else ()
        view = AlertView(
            event,
            note.audience,
            self._blocklists.get(event.list_id),
            tuple(customer for customer in inventory.customers if customer.id in note.customers),
            tuple(asset for asset in assets if asset.holder is None or asset.holder in note.customers),
            self.settings.web.public_url,
        )
        words = render_alert(view)
        return self._message(note.recipient, words, note.message_id, note.created_at)

    def _report_words(self, report: WeeklyReport) -> Words:
        return render_weekly(report)

    def _report_message(self, report: WeeklyReport, words: Words, recipient: str, message_id: str) -> bytes:
        return self._message(recipient, words, message_id, report.made_at, report.customer.tam.email)

    def _message(
        self, recipient: str, words: Words, message_id: str, at: datetime, reply_to: str | None = None
    ) -> bytes:
        sender = self.settings.mail.from_
        return compose(sender, recipient, words.subject, words.text, words.html, message_id, at, reply_to)


def _find_form(forms: Sequence[Form]) -> Form:
    return next(form for form in forms if form.id == FORM)
