"""An installation with warm-ups, as far as their flows go: a real store, mail that was read, days that pass."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from deliverwatch.core.delivery import FactCounts, FactKey, ReplyCounts, ReplyKey, SenderKey
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.receivers import Routing
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.service_hours import zone_of
from deliverwatch.core.warmup.plan import PlanBasis, PlanDays, Stage, WarmupPlan
from deliverwatch.core.warmup.policy import DEFAULT_GATES
from deliverwatch.flows import manage_warmups
from deliverwatch.flows.advance_warmups import advance_warmups
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.flows.load_days import WarmupDesk
from deliverwatch.flows.warmup_statuses import run_history
from deliverwatch.flows.warmup_weeks import run_weeks, runs_of_week
from deliverwatch.store import open_store
from flows.rounds import OPS, MovedClock, hold
from samples import INVENTORY, NOON, SAMPLE_LIST

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
IP = "192.0.2.10"
TODAY = NOON.date()
PLAN = WarmupPlan(
    "own",
    "Own plan",
    "the operator",
    PlanBasis.RESULT,
    tuple(Stage(volume) for volume in (200, 500, 1000, 2000, 5000)),
    "made for the tests",
    TODAY,
    days=PlanDays.UTC,
    gates=DEFAULT_GATES,
    platform="sparkpost",
)
DESK = WarmupDesk(
    Routing((OPS,)),
    counting=frozenset({"postfix", "exim", "stats"}),
    set_up=frozenset({"postfix"}),
    providers={"yahoo": "Yahoo", "google": "Gmail"},
    lists={SAMPLE_LIST.id: SAMPLE_LIST},
)


class World:
    """It is noon of the 18th; a batch that was read says so of now."""

    def __init__(self, store, desk=DESK):
        self.store, self.desk, self.clock = store, desk, MovedClock(NOON)

    @classmethod
    async def begin(cls, folder, **desk):
        store = open_store(f"sqlite:///{folder / 'store.db'}")
        await hold(store, INVENTORY)
        return cls(store, replace(DESK, **desk))

    async def start(self, on=TODAY, plan=PLAN, ip=IP, target=None, days=None):
        await manage_warmups.start(self.store, self.clock, self.desk, ip, plan, on, "ann", target, days)

    async def act(self, verb, *more, ip=IP, reason="because", by="ann"):
        await getattr(manage_warmups, verb)(self.store, self.clock, self.desk, ip, reason, by, *more)

    async def mail(self, delivered=0, deferred=0, bounced=0, *, on=TODAY, hour=9, blocked=0, provider="yahoo", ip=IP,
                   source="postfix", retries=0, told_until=None):  # fmt: skip
        """`told_until`: when the newest event of the batch was; else now."""
        at = datetime.combine(on, time(hour), UTC)
        counts = FactCounts(delivered + deferred + bounced, delivered, deferred, bounced, retries=retries)
        facts = {FactKey(source, ip, provider, "", "", "", "", at): counts}
        replies = {}
        if blocked:
            key = ReplyKey(source, ip, provider, "", ReplyClass.IP_BLOCK, "rule", "", "", at)
            replies[key] = ReplyCounts(0, blocked, 0, "550 refused")
        if not delivered + deferred + bounced:
            facts = {}
        now = self.clock.now()
        last_event_at = told_until or now
        await self.store.commit_ingest(
            IngestBatch(source, source, now, facts, replies, read=1, senders=_seen(facts), last_event_at=last_event_at)
        )

    async def next_day(self, delivered=0, deferred=0, bounced=0, **more):
        """Mail of today, read at noon of tomorrow, and judged."""
        on = self.clock.now().date()
        self.clock.advance(DAY)
        await self.mail(delivered, deferred, bounced, on=on, **more)
        return await self.advance()

    async def advance(self, ip=None):
        return await advance_warmups(self.store, self.clock, self.desk, ip)

    async def history(self, ip=IP):
        return await run_history(self.store, self.clock, self.desk, ip)

    async def status(self, ip=IP):
        return (await self.history(ip)).status

    async def week(self, customer, span):
        """The customer's runs of a week, among everybody's."""
        inventory = await self.store.inventory()
        zone = zone_of(inventory.customer(customer).service_time_zone)
        of_week = runs_of_week(await self.store.warmups(), Holdings(inventory.assets), span, zone)
        return await run_weeks(self.store, self.clock, self.desk, customer, of_week)

    async def days(self, ip=IP):
        return [
            (f"{day.result.on:%d}", str(day.result.state), day.after.stage) for day in (await self.history(ip)).days
        ]

    async def told(self):
        """Kinds of events that went out, and to whom."""
        found = {}
        for line in await self.store.outbox():
            found.setdefault(str(line.event_kind), []).append(line.notification.recipient)
        return {kind: sorted(recipients) for kind, recipients in found.items()}


def _seen(facts):
    return {SenderKey(key.source, "ip", key.ip): counts.attempted for key, counts in facts.items()}
