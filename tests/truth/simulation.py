"""Lives through a timeline, hour by hour, with everything real but the clock: store, look-ups, SMTP.

Nothing is asked between two steps, so what the world changes in between shows at the next step as it would have done at
its time. A step in the middle of the hour is made only while something waits for it (a second look, a message).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from deliverwatch.app import App, Policy
from deliverwatch.catalogue.inventory import read_inventory
from deliverwatch.channels.registry import CHANNELS
from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.inventory_diff import plan_import
from deliverwatch.core.listing import Listing, Phase
from deliverwatch.daemon import Daemon, Pace
from deliverwatch.flows.ports import OutboxLine
from deliverwatch.in_use import Catalogue, make_lookups
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.sandbox.mailbox import Mailbox
from deliverwatch.settings import load_settings
from deliverwatch.store import open_store
from truth.cast import OPERATOR, ROLLS, catalogue, inventory
from truth.timeline import Timeline
from truth.world import World

_STEPS = (timedelta(minutes=7), timedelta(minutes=25), timedelta(minutes=28, seconds=2))
"""An hour, and the seconds by which a tick is late. The last step ends in the rounds."""
_IN_THE_MIDDLE_S = 0.05
_CONFIG = """\
[store]
url = "sqlite:///{folder}/deliverwatch.db"
[dns]
resolvers = ["{first}", "{second}"]
confirm_resolvers = ["{third}"]
timeout = "{timeout_ms}ms"
[requester]
company = "Example ESP"
mailbox = "{operator}"
[mail]
host = "127.0.0.1"
port = {port}
from = "Deliverability <deliverability@esp.example>"
[[alerts.routes]]
name = "at once: how soon it is known is measured"
to = ["tam", "operator"]
at_once = true
"""


@dataclass(frozen=True)
class Arrived:
    """A message, and when it reached its reader."""

    at: datetime
    recipient: str
    mail: EmailMessage


@dataclass(frozen=True)
class Lived:
    """All that came of it."""

    mail: Sequence[Arrived]
    listings: Sequence[Listing]
    outbox: Sequence[OutboxLine]
    cycles: Sequence[Cycle]
    ended_at: datetime


class Simulation:
    def __init__(self, timeline: Timeline, world: World, mailbox: Mailbox, folder: Path, timeout_ms: int) -> None:
        self._timeline = timeline
        self._world = world
        self._mailbox = mailbox
        self._clock = SteppedClock(timeline.whole.begin)
        self._app = self._open(folder, timeout_ms)
        self._daemon = Daemon(self._app, Pace(lists_at_once=len(ROLLS)))
        self._moments = timeline.moments()
        self._arrived: list[Arrived] = []

    async def live(self) -> Lived:
        await self._take_stock()
        try:
            while self._clock.now() < self._timeline.whole.end:
                await self._hour()
            return await self._lived()
        finally:
            await self._app.store.close()

    def _open(self, folder: Path, timeout_ms: int) -> App:
        """As `App.open` does, with a catalogue of its own."""
        first, second, third = (resolver.address for resolver in self._world.resolvers)
        (folder / "deliverwatch.toml").write_text(
            _CONFIG.format(
                folder=folder,
                first=first,
                second=second,
                third=third,
                timeout_ms=timeout_ms,
                operator=OPERATOR,
                port=self._mailbox.port,
            )
        )
        (folder / "blocklists.yaml").write_text(catalogue())
        (folder / "customers.yaml").write_text(inventory())
        self._inventory = folder / "customers.yaml"
        settings = load_settings(folder / "deliverwatch.toml", {})
        return App(
            settings,
            Catalogue.load(settings, folder / "blocklists.yaml"),
            open_store(settings.store.url.get_secret_value()),
            make_lookups(settings, clock=self._clock),
            {"email": CHANNELS["email"](settings.mail.host, settings.mail.port, None, None, False)},
            self._clock,
            Policy(),
        )

    async def _take_stock(self) -> None:
        wanted = read_inventory(self._inventory)
        now = self._clock.now()
        store = self._app.store
        change = plan_import(await store.inventory(), wanted.customers, wanted.assets, wanted.has_esp, now.date())
        await store.apply_inventory(change, now)

    async def _hour(self) -> None:
        *between, last = _STEPS
        for step in between:
            await self._pass(step)
            if await self._something_waits():
                await self._tick()
        await self._pass(last)
        await self._tick()

    async def _pass(self, step: timedelta) -> None:
        """The lists change at once; the resolvers, some time after the next rounds have begun."""
        before = self._clock.now()
        self._clock.advance(step)
        now = self._clock.now()
        self._changes = any(before < moment <= now for moment in self._moments)
        if self._changes:
            self._world.show(now)

    async def _something_waits(self) -> bool:
        states = await self._app.store.watch_states()
        suspected = any(state.phase is Phase.SUSPECTED for state in states.values())
        return suspected or (await self._app.store.counts())["outbox_pending"] > 0

    async def _tick(self) -> None:
        """What is due, and then what that made due. A resolver turns in the middle of the rounds."""
        await self._daemon.start_due()
        await asyncio.sleep(_IN_THE_MIDDLE_S if self._changes else 0)
        self._world.lie(self._clock.now())
        await self._daemon.settle()
        await self._daemon.start_due()
        await self._daemon.settle()
        self._take_mail()

    def _take_mail(self) -> None:
        now = self._clock.now()
        for received in self._mailbox.messages[len(self._arrived) :]:
            mail = message_from_bytes(received.content, policy=default)
            (recipient,) = received.recipients
            self._arrived.append(Arrived(now, recipient, mail))

    async def _lived(self) -> Lived:
        store, begin, end = self._app.store, self._timeline.whole.begin, self._clock.now()
        return Lived(
            tuple(self._arrived),
            await store.listings(),
            await store.outbox(1_000_000),
            await store.cycles(begin, end),
            end,
        )


NEVER_SENT = (NotificationState.DROPPED, NotificationState.INHIBITED, NotificationState.JOINED)
"""What is told by another message, or by none: that a list looks ill is what its resolver's trouble says."""


def unsent(outbox: Sequence[OutboxLine]) -> list[OutboxLine]:
    return [line for line in outbox if line.state not in (NotificationState.SENT, *NEVER_SENT)]
