"""What happens outside while daemons are killed and started again, by a plan that was made before.

Addresses are listed and delisted, a mailbox provider refuses a sender's mail and takes it again, a week ends. The plan
is the oracle, with the inboxes: it knows nothing of the store. It goes by the world's clock, which stands still between
two lives; nothing lasts less than some hours of it, so that a daemon that works off what is due cannot miss it.
"""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crash.inboxes import HelpDesk, Postbox
from crash.nursery import keep_time, kept_time
from deliverwatch.app import App
from deliverwatch.catalogue.blocklists import load_blocklists
from deliverwatch.catalogue.inventory import read_inventory
from deliverwatch.core.inventory_diff import plan_import
from deliverwatch.core.silences import Silence
from deliverwatch.core.subjects import parse_subject
from deliverwatch.sandbox.nameserver import Nameserver
from deliverwatch.sandbox.zones import list_subject, unlist_subject, zone_for
from deliverwatch.settings import load_settings
from servers.help_desk import help_desk

HOUR = timedelta(hours=1)
BEGINS_AT = datetime(2026, 11, 15, 12, tzinfo=UTC)  # a Sunday: the first reports are due the next morning
LAST_AT = BEGINS_AT + 32 * HOUR
"""When the last trouble has begun, and the reports of the week are out in all zones."""
ENDS_AT = BEGINS_AT + 72 * HOUR
"""When all of it is over and known: service hours have come to all zones since, and the last digest is out."""
WEEK = "9-15 Nov 2026"
SILENCE = Silence("s-1", BEGINS_AT + 8 * HOUR, BEGINS_AT + 22 * HOUR, "Alex Roe", "moving house", customer="bravo")
NOTICED_WITHIN = 6 * HOUR
"""How long it takes at most until a beginning or an end is believed."""
OPERATOR, ROBIN, ALEX, TICKETS = "ops@esp.example", "robin@esp.example", "alex@esp.example", "/tickets"
TAMS = {"192.0.2": ROBIN, "198.51.100": ALEX, "203.0.113": ALEX}
CONTACTS = {
    "Acme Ltd": ("postmaster@acme.example", "second@acme.example"),
    "Bravo": ("postmaster@bravo.example",),
    "Coast": ("postmaster@coast.example",),
    **{f"Quiet {number}": (f"postmaster@quiet-{number}.example",) for number in range(10)},
}
LISTS = ("psbl", "spamcop-scbl")
PROVIDER, MX = "hotmail.com", "hotmail-com.olc.protection.outlook.com[203.0.113.250]"
REFUSAL = (
    "550 5.7.1 Unfortunately, messages from [{ip}] weren't sent. Please contact your Internet service provider since "
    "part of their network is on our block list (S3140)."
)
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
name = "Deliverability team"
mailbox = "ops@esp.example"
[drafts]
webhook = "http://{desk}"
[alerts.channels]
tickets = {{kind = "webhook", url = "http://{tickets}", rhythm = "digest", inside = ["127.0.0.0/8"]}}
[[alerts.routes]]
name = "urgent"
urgent = true
to = ["tam", "operator"]
at_once = true
[[alerts.routes]]
name = "the rest"
to = ["tam", "operator", "tickets"]
[mail]
host = "127.0.0.1"
port = {port}
from = "Deliverability <deliverability@esp.example>"
[sources.postfix]
follow = ["{folder}/mail.log"]
"""
INVENTORY = """\
customers:
  - id: acme
    name: Acme Ltd
    service_time_zone: eastern
    tam: {name: Robin Doe, email: robin@esp.example}
    contacts: [postmaster@acme.example, second@acme.example]
    pools: [{id: acme-news, stream: newsletter, ips: [192.0.2.0/27]}]
  - id: bravo
    name: Bravo
    service_time_zone: uk
    tam: {name: Alex Roe, email: alex@esp.example}
    contacts: [postmaster@bravo.example]
    pools: [{id: bravo-news, stream: newsletter, ips: [198.51.100.0/28]}]
  - id: coast
    name: Coast
    service_time_zone: pacific
    tam: {name: Alex Roe, email: alex@esp.example}
    contacts: [postmaster@coast.example]
    pools: [{id: coast-news, stream: newsletter, ips: [203.0.113.0/29]}]
"""
QUIET = """\
  - id: quiet-{number}
    name: Quiet {number}
    service_time_zone: {zone}
    tam: {{name: Robin Doe, email: robin@esp.example}}
    contacts: [postmaster@quiet-{number}.example]
    pools: [{{id: quiet-{number}, stream: newsletter, ips: [203.0.113.{host}]}}]
"""
"""Nothing happens to them, and they have reports as well."""


@dataclass(frozen=True)
class Trouble:
    """For a while an address is on a list or, without one, a mailbox provider refuses its mail."""

    address: str
    begins_at: datetime
    ends_at: datetime
    list_id: str | None

    @property
    def readers(self):
        return OPERATOR, TAMS[self.address.rpartition(".")[0]], TICKETS

    def is_on(self, at):
        return self.begins_at <= at < self.ends_at

    @property
    def may_be_silenced(self):
        """Where nobody had heard of it when the silence began, and it was over when that ended."""
        within = SILENCE.begins_at - NOTICED_WITHIN < self.begins_at and self.ends_at < SILENCE.until_at
        return within and self.address.startswith("198.51.100.")

    @property
    def must_be_silenced(self):
        within = SILENCE.begins_at < self.begins_at and self.ends_at + NOTICED_WITHIN < SILENCE.until_at
        return within and self.may_be_silenced


def plan(rng):
    """No address twice: what is told of one is told of its one trouble."""
    yield Trouble("198.51.100.15", SILENCE.begins_at + HOUR, SILENCE.begins_at + 6 * HOUR, "psbl")
    hosts = {"192.0.2": 32, "198.51.100": 15, "203.0.113": 8}
    addresses = [f"{net}.{number}" for net, size in hosts.items() for number in range(1, size)]
    rng.shuffle(addresses)
    for number, address in enumerate(addresses[:29]):
        begins_at = BEGINS_AT + rng.randrange(1, 30) * HOUR
        list_id = rng.choice(LISTS) if number < 23 else None
        yield Trouble(address, begins_at, begins_at + rng.randint(5, 10) * HOUR, list_id)


class World:
    """`written`: how many attempts are in the mail server's log."""

    def __init__(self, folder, rng, mailbox, desk):
        self.folder, self.rng, self.mailbox, self.desk = folder, rng, mailbox, desk
        self.troubles = tuple(plan(rng))
        self.blocklists = {each.id: each for each in load_blocklists() if each.id in LISTS}
        self.zones = {list_id: zone_for(blocklist) for list_id, blocklist in self.blocklists.items()}
        self.names = {list_id: blocklist.name for list_id, blocklist in self.blocklists.items()} | {None: "Outlook.com"}
        self.database = folder / "state" / "deliverwatch.db"
        self.written = 0
        self._logged_until = BEGINS_AT
        self._log = (folder / "mail.log").open("a", buffering=1)

    @property
    def now(self):
        return kept_time(self.folder / "time")

    @property
    def share_over(self):
        return (self.now - BEGINS_AT) / (LAST_AT - BEGINS_AT)

    @property
    def copies(self):
        return [*self.mailbox.copies, *self.desk.copies]

    def turn(self, life):
        """All that has happened by now, before the next life; now and then the reply to a message will be lost."""
        self.mailbox.life = self.desk.life = life
        now = self.now
        for each in self.troubles:
            if each.list_id is not None:
                act = list_subject if each.is_on(now) else unlist_subject
                act(self.zones[each.list_id], self.blocklists[each.list_id], parse_subject(each.address))
        while self._logged_until + HOUR <= now:
            self._log_hour(self._logged_until)
            self._logged_until += HOUR
        if self.rng.random() < 0.05:
            self.mailbox.lose_an_answer()

    def _log_hour(self, hour):
        for each in self.troubles:
            if each.list_id is None and each.begins_at - 2 * HOUR <= hour < each.ends_at + 6 * HOUR:
                for minute in range(0, 60, 10):
                    self._attempt(each, hour + minute * HOUR / 60, refused=each.is_on(hour))

    def _attempt(self, trouble, at, *, refused):
        self.written += 1
        said = f"host {MX} said: {REFUSAL.format(ip=trouble.address)} (in reply to RCPT TO command)"
        self._log.write(
            f"{at:%Y-%m-%dT%H:%M:%S.%f}+00:00 mx1 postfix-{trouble.address}/smtp[4711]: {self.written:010X}A: "
            f"to=<person{self.written}@{PROVIDER}>, relay={MX}:25, delay=1, delays=0/0/0/1, dsn=2.0.0, "
            f"status={f'bounced ({said})' if refused else 'sent (250 2.0.0 OK)'}\n"
        )

    async def take_in(self):
        """What a process that is dead had sent; a connection it had opened is a talk after some turns of the loop."""
        for _ in range(10):
            await asyncio.sleep(0)
        while talks := [talk for talk in (*self.mailbox.talks, *self.desk.talks) if not talk.done()]:
            await asyncio.wait(talks)


@asynccontextmanager
async def world_at(folder, rng):
    async with AsyncExitStack() as stack:
        mailbox = Postbox()
        await mailbox.start()
        stack.push_async_callback(mailbox.stop)
        desk, address = await stack.enter_async_context(help_desk(HelpDesk()))
        world = World(folder, rng, mailbox, desk)
        stack.callback(world._log.close)
        servers = [Nameserver(world.zones.values()) for _ in range(2)]
        for server in servers:
            await server.start()
            stack.push_async_callback(server.stop)
        resolvers = {"resolver": servers[0].address, "second_resolver": servers[1].address}
        others = ", ".join(f'"{each.id}"' for each in load_blocklists() if each.on_by_default and each.id not in LISTS)
        host = address.rpartition("@")[2].partition("/")[0]
        desks = {"desk": f"{host}/drafts", "tickets": f"{host}/tickets"}
        names = {"folder": folder, "others": others, "port": mailbox.port, **desks}
        (folder / "deliverwatch.toml").write_text(CONFIG.format(**names, **resolvers))
        keep_time(folder / "time", BEGINS_AT)
        await take_stock(folder)
        yield world


async def take_stock(folder):
    zones = ("uk", "eastern", "pacific")
    quiet = [QUIET.format(number=number, zone=zones[number % 3], host=100 + number) for number in range(10)]
    (folder / "customers.yaml").write_text(INVENTORY + "".join(quiet))
    wanted = read_inventory(folder / "customers.yaml")
    app = App.open(load_settings(folder / "deliverwatch.toml", {}))
    change = plan_import(await app.store.inventory(), wanted.customers, wanted.assets, wanted.has_esp, BEGINS_AT.date())
    await app.store.apply_inventory(change, BEGINS_AT)
    await app.store.keep_silence(SILENCE)
    await app.store.close()
