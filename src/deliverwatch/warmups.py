"""Wiring of the warm-ups: plans, settings and look-ups become what their flows take as arguments.

The command line, the pages, the report and the sandbox act through `Warmups`. Where runs stand is shown when what there
is to judge was judged, so that it is right without a daemon; an act judges its own IP's. Nothing here changes anything
at a sending platform.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Any

from deliverwatch.catalogue.warmup_plans import load_warmup_plans
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.errors import NotPossible, unknown_name
from deliverwatch.core.provider import MailboxProvider
from deliverwatch.core.receivers import Routing
from deliverwatch.core.warmup.days import counts_mail
from deliverwatch.core.warmup.plan import PlanDays, WarmupPlan
from deliverwatch.core.warmup.pools import PoolStatus, pool_statuses
from deliverwatch.core.warmup.status import RunStatus, RunWeek, StartWarning
from deliverwatch.flows import manage_warmups as manage
from deliverwatch.flows.advance_warmups import advance_warmups
from deliverwatch.flows.advance_when_new import Advancer
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.load_days import WarmupDesk
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.see_warmups import Picture, history_seen, statuses_seen, waiting_seen
from deliverwatch.flows.source_ports import Source
from deliverwatch.flows.start_warnings import NameLookup, start_warnings
from deliverwatch.flows.warmup_ports import RunHistory
from deliverwatch.flows.warmup_statuses import run_history, run_statuses
from deliverwatch.flows.warmup_weeks import RunsOfWeek, run_weeks
from deliverwatch.settings import Settings

_TELLS_THE_ADDRESS = ("ip", "instances")


def _streams(source: Source, told: Mapping[str, Any]) -> bool:
    """A log that is followed, mails as they come in, or webhooks; an API is asked for all that was."""
    takes_calls = source.receiver is not None and any(name in told for name in source.receiver.secrets)
    return "follow" in told or "maildir" in told or takes_calls


class Warmups:
    """The warm-ups of one installation. `sources`, `providers`, `blocklists`: by id. `names`: looks reverse ones up.
    `picture`: the inventory that is shared by all who ask."""

    def __init__(
        self,
        settings: Settings,
        store: WholeStore,
        clock: Clock,
        routing: Routing,
        sources: Mapping[str, Source],
        providers: Mapping[str, MailboxProvider],
        blocklists: Mapping[str, Blocklist],
        names: NameLookup,
        picture: Callable[[], Awaitable[Picture]],
    ) -> None:
        self._overlay = settings.catalogue.overlay
        self._store, self._clock, self._names, self._picture = store, clock, names, picture
        set_up = {id_: each.plain() for id_, each in settings.sources.items()}
        given = {id_ for id_, told in set_up.items() if any(told.get(name) for name in _TELLS_THE_ADDRESS)}
        self._desk = WarmupDesk(
            routing,
            {id_: source.space for id_, source in sources.items()},
            frozenset(id_ for id_, each in sources.items() if id_ in given or counts_mail(each.not_measured)),
            frozenset(set_up),
            frozenset(id_ for id_, told in set_up.items() if id_ in sources and _streams(sources[id_], told)),
            {id_: each.name for id_, each in providers.items()},
            blocklists,
        )
        self._advancer = Advancer(store, clock, self._desk)

    @cached_property
    def plans(self) -> tuple[WarmupPlan, ...]:
        """Those that are shipped, and the operator's own. Raises CatalogueError."""
        return load_warmup_plans(overlay=self._overlay)

    def plan(self, plan_id: str) -> WarmupPlan:
        """Raises NotPossible for an id that is none."""
        by_id = {plan.id: plan for plan in self.plans}
        if plan_id not in by_id:
            raise NotPossible(unknown_name("warm-up plan", plan_id, by_id))
        return by_id[plan_id]

    async def advance(self) -> int:
        """Judges what days of all open runs there are to judge; returns how many."""
        return await advance_warmups(self._store, self._clock, self._desk)

    async def advance_when_new(self) -> int:
        """The same, if anything can have changed since."""
        return await self._advancer.advance()

    async def start(
        self,
        ip: str,
        plan: WarmupPlan,
        on: date,
        by: str,
        *,
        target: int | None = None,
        days: PlanDays | None = None,
    ) -> RunStatus:
        """`target`: messages a day, at which the plan ends. `days`: whose days it counts, if not as the plan says.
        Raises NotPossible."""
        await manage.start(self._store, self._clock, self._desk, ip, plan, on, by, target, days)
        return await self._now(ip)

    async def start_warnings(self, ip: str, on: date) -> tuple[StartWarning, ...]:
        """What speaks against starting one on that IP on that day; mail since then is its own."""
        before = min(datetime.combine(on, time(), UTC), self._clock.now())
        return await start_warnings(self._store, self._names, self._desk, manage.address(ip), before)

    async def hold(self, ip: str, reason: str, by: str, provider: str | None = None) -> RunStatus:
        """As all acts: raises NotPossible."""
        await manage.hold(self._store, self._clock, self._desk, ip, reason, by, provider)
        return await self._now(ip)

    async def release(self, ip: str, reason: str, by: str) -> RunStatus:
        await manage.release(self._store, self._clock, self._desk, ip, reason, by)
        return await self._now(ip)

    async def step_back(self, ip: str, reason: str, by: str, stage: int | None = None) -> RunStatus:
        await manage.step_back(self._store, self._clock, self._desk, ip, reason, by, stage)
        return await self._now(ip)

    async def finish(self, ip: str, reason: str, by: str) -> RunStatus:
        await manage.finish(self._store, self._clock, self._desk, ip, reason, by)
        return await self._now(ip)

    async def amend(self, ip: str, plan: WarmupPlan, reason: str, by: str) -> RunStatus:
        await manage.amend(self._store, self._clock, self._desk, ip, reason, by, plan)
        return await self._now(ip)

    async def statuses(
        self, customer: str | None = None, ip: str | None = None, *, ended: bool = False
    ) -> list[RunStatus]:
        """By customer, pool and IP. `ended`: all that ever were; else those that ended lately at most."""
        wanted = manage.address(ip).value if ip is not None else None
        await advance_warmups(self._store, self._clock, self._desk, wanted)
        return await run_statuses(self._store, self._clock, self._desk, customer, wanted, ended=ended)

    async def pools(self, customer: str | None = None) -> list[PoolStatus]:
        return pool_statuses(await self.statuses(customer))

    async def history(self, ip: str) -> RunHistory:
        """Of its newest run. Raises NotPossible when it never had one."""
        wanted = manage.address(ip).value
        await advance_warmups(self._store, self._clock, self._desk, wanted)
        return await run_history(self._store, self._clock, self._desk, wanted)

    async def seen_by(self, customers: Collection[str] | None, *, ended: bool = False) -> list[RunStatus]:
        """As `statuses`, for whoever sees these customers only (None: all there are): of addresses that concern others
        as well, what is theirs to know. Judged is what is new, since pages are opened often."""
        await self.advance_when_new()
        picture = await self._picture()
        return await statuses_seen(self._store, self._clock, self._desk, customers, picture, ended=ended)

    async def waiting_for(self, customers: Collection[str] | None) -> list[RunStatus]:
        """Of `seen_by` those that are held, or ready to be released."""
        await self.advance_when_new()
        return await waiting_seen(self._store, self._clock, self._desk, customers, await self._picture())

    async def history_seen(self, ip: str, customers: Collection[str] | None) -> RunHistory | None:
        """As `history`, for them; None: there never was one, or it concerns none of these customers."""
        await self.advance_when_new()
        wanted, picture = manage.address(ip).value, await self._picture()
        return await history_seen(self._store, self._clock, self._desk, wanted, customers, picture)

    async def histories_of(self, customer: str) -> list[RunHistory]:
        """Of all addresses that ever were warmed up for them, the newest run of each."""
        runs = await self.seen_by([customer], ended=True)
        found = [await self.history_seen(ip, [customer]) for ip in dict.fromkeys(each.run.ip for each in runs)]
        return [each for each in found if each is not None]

    async def days_of_week(self, customer: str, of_week: RunsOfWeek) -> list[RunWeek]:
        """The runs of a customer, with the days whose dates lie in the week, as far as they were judged (`advance`): of
        all customers at once, and not once for each."""
        return await run_weeks(self._store, self._clock, self._desk, customer, of_week)

    async def _now(self, ip: str) -> RunStatus:
        return (await self.history(ip)).status
