"""The week of `week_plan` as it happens: lists that say what the plan says by now, and a mailbox with a clock."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property

from crash.inboxes import Postbox
from crash.nursery import keep_time, kept_time
from crash.week_plan import (
    BEGINS_AT,
    ENDS_AT,
    FAILS_AT,
    HOUR,
    IP_LISTS,
    LISTS,
    SENDERS,
    WEEKS,
    WELL_AT,
    WITHOUT_REPORT,
    plan,
)
from deliverwatch.app import App
from deliverwatch.catalogue.blocklists import load_blocklists
from deliverwatch.catalogue.inventory import read_inventory
from deliverwatch.core.inventory_diff import plan_import
from deliverwatch.core.subjects import parse_subject
from deliverwatch.sandbox.nameserver import Nameserver
from deliverwatch.sandbox.zones import Mode, list_subject, unlist_subject, zone_for
from deliverwatch.settings import load_settings

STEPS_AT_MOST = 12
CONFIG = """\
[store]
url = "sqlite:///{folder}/state/deliverwatch.db"
[dns]
resolvers = ["{resolver}"]
confirm_resolvers = ["{second_resolver}"]
[lists]
disable = [{others}]
[requester]
company = "Example ESP"
mailbox = "ops@esp.example"
[mail]
host = "127.0.0.1"
port = {port}
from = "Deliverability <deliverability@esp.example>"
"""


class DatedPostbox(Postbox):
    """`arrived_at`: by the world's clock, copy by copy."""

    def __init__(self, time_file):
        super().__init__()
        self.arrived_at = []
        self._time_file = time_file

    async def keep(self, received):
        await super().keep(received)
        self.arrived_at.append(kept_time(self._time_file))


class WeekWorld:
    """As `crash.test_kill.Lives` wants it. `kill_hours`: from when on a life is killed, one after the other: while
    reports are made, and while they are not."""

    def __init__(self, folder, rng, mailbox, kills):
        self.folder, self.rng, self.mailbox = folder, rng, mailbox
        self.listed = plan(rng)
        blocklists = [each for each in load_blocklists() if each.id in LISTS]
        self.blocklists = {each.id: each for each in blocklists}
        self.zones = {each.id: zone_for(each) for each in blocklists}
        self.database = folder / "state" / "deliverwatch.db"
        reports = [week.report_at + HOUR for week in WEEKS.values()]
        others = [BEGINS_AT + rng.randrange(1, 200) * HOUR for _ in range(kills - len(reports))]
        self.report_hours, self.kill_hours = frozenset(reports), sorted([*reports, *others])

    @property
    def now(self):
        return kept_time(self.folder / "time")

    @cached_property
    def _turns(self):
        """When something becomes otherwise."""
        listed = {at for each in self.listed for at in (each.begins_at, each.ends_at)}
        return sorted(listed | {FAILS_AT, WELL_AT, ENDS_AT, *self.report_hours, *self.kill_hours})

    @property
    def quiet_hours(self):
        """How many hours from now on nothing becomes otherwise."""
        hour = self.now.replace(minute=0, second=0, microsecond=0)
        return min((next(at for at in self._turns if at > hour) - hour) // HOUR, STEPS_AT_MOST)

    def turn(self, life):
        """All that has happened by now. While reports go out, the reply to a message is lost."""
        self.mailbox.life, now = life, self.now
        for each in self.listed:
            act = list_subject if each.is_on(now) else unlist_subject
            act(self.zones[each.list_id], self.blocklists[each.list_id], parse_subject(each.subject))
        self.zones[IP_LISTS[0]].mode = Mode.SERVFAIL if FAILS_AT <= now < WELL_AT else Mode.NORMAL
        if any(at <= now < at + HOUR for at in self.report_hours):
            self.mailbox.lose_an_answer()

    async def take_in(self):
        """What a process that is dead had sent."""
        while talks := [talk for talk in self.mailbox.talks if not talk.done()]:
            await asyncio.wait(talks)


@asynccontextmanager
async def week_at(folder, rng, kills):
    async with AsyncExitStack() as stack:
        mailbox = DatedPostbox(folder / "time")
        await mailbox.start()
        stack.push_async_callback(mailbox.stop)
        world = WeekWorld(folder, rng, mailbox, kills)
        servers = [Nameserver(world.zones.values()) for _ in range(2)]
        for server in servers:
            await server.start()
            stack.push_async_callback(server.stop)
        resolver, second_resolver = (server.address for server in servers)
        others = ", ".join(f'"{each.id}"' for each in load_blocklists() if each.on_by_default and each.id not in LISTS)
        config = CONFIG.format(
            folder=folder, others=others, port=mailbox.port, resolver=resolver, second_resolver=second_resolver
        )
        (folder / "deliverwatch.toml").write_text(config)
        keep_time(folder / "time", BEGINS_AT)
        await _take_stock(folder)
        yield world


async def _take_stock(folder):
    rows = [sender.row for sender in (*SENDERS, WITHOUT_REPORT)]
    (folder / "customers.yaml").write_text(json.dumps({"customers": rows}))
    wanted = read_inventory(folder / "customers.yaml")
    app = App.open(load_settings(folder / "deliverwatch.toml", {}))
    change = plan_import(await app.store.inventory(), wanted.customers, wanted.assets, wanted.has_esp, BEGINS_AT.date())
    await app.store.apply_inventory(change, BEGINS_AT)
    await app.store.close()
