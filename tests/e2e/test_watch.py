"""The watch end to end: real rbldnsd, real SMTP, SQLite and PostgreSQL; only the clock is moved by hand."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from deliverwatch.app import App, Policy
from deliverwatch.catalogue.inventory import read_inventory
from deliverwatch.core.inventory_diff import plan_import
from deliverwatch.core.remediation.draft import DraftState
from deliverwatch.daemon import Daemon
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.settings import load_settings

HOUR = timedelta(hours=1)
SATURDAY = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ZONES = {
    "zen.spamhaus.org": ":127.0.0.2:listed by SBL",
    "bl.spamcop.net": ":127.0.0.2:Blocked - see https://spamcop.example/$",
    "psbl.surriel.com": ":127.0.0.2:Listed in PSBL",
    "bl.mailspike.net": ":127.0.0.2:Listed in Mailspike",
}
INVENTORY = """\
esp:
  pools:
    - {id: shared-1, ips: [203.0.113.0/30], customers: [acme, bravo]}
customers:
  - id: acme
    name: Acme Ltd
    service_time_zone: eastern
    tam: {name: Robin Doe, email: robin@esp.example}
    contacts: [postmaster@acme.example]
    pools:
      - {id: acme-news, stream: newsletter, ips: [192.0.2.8/29]}
  - id: bravo
    name: Bravo Learning
    service_time_zone: uk
    tam: {name: Sam Roe, email: sam@esp.example}
    contacts: [mail@bravo.example]
    pools:
      - {id: bravo-all, ips: [198.51.100.7]}
"""
CONFIG = """\
[store]
url = "{store}"
[dns]
resolvers = ["{resolver}"]
timeout = "500ms"
[lists]
enable = ["spamhaus-zen"]
disable = ["uribl-multi", "uceprotect-1", "gbudb-truncate"]
[requester]
company = "Example ESP"
mailbox = "ops@esp.example"
[mail]
host = "127.0.0.1"
port = {port}
from = "Deliverability <deliverability@esp.example>"
[[alerts.routes]]
name = "all of it, on a Saturday as well"
to = ["tam", "operator"]
at_once = true
"""


class Installation:
    """An installation whose hours are passed by hand."""

    def __init__(self, app, clock, servers, mailbox):
        self.app, self.clock, self.servers, self.mailbox = app, clock, servers, mailbox
        self._daemon = Daemon(app)
        for zone in ZONES:
            self.put(zone)

    async def tick(self):
        """What is due at this instant, and then what that made due."""
        for _ in range(2):
            await self._daemon.start_due()
            await self._daemon.settle()

    async def hours(self, count):
        for _ in range(count):
            self.clock.advance(HOUR)
            await self.tick()

    async def until(self, moment):
        while self.clock.now() < moment:
            await self.hours(1)

    async def open_listings(self):
        return {(each.list_id, each.subject.value) for each in await self.app.store.listings(open_only=True)}

    def mail(self, recipient):
        received = [each for each in self.mailbox.messages if recipient in each.recipients]
        return [message_from_bytes(each.content, policy=default) for each in received]

    def put(self, zone, *addresses):
        self.servers[zone].write(zone, [ZONES[zone], "127.0.0.2", *addresses])


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state' / 'deliverwatch.db'}"
    return request.getfixturevalue("postgresql").new_database()


@pytest.fixture
async def installed(tmp_path, store_url, start_rbldnsd, start_unbound, start_mailbox):
    """Each list has its own rbldnsd; one unbound, which remembers nothing (its clock cannot be moved), asks them."""
    servers = {zone: start_rbldnsd({zone: ["ip4set"]}) for zone in ZONES}
    stubs = {zone: server.address for zone, server in servers.items()}
    resolver = start_unbound(stubs, "cache-max-ttl: 0", "cache-max-negative-ttl: 0", "infra-host-ttl: 0")
    mailbox = await start_mailbox()
    config = tmp_path / "deliverwatch.toml"
    config.write_text(CONFIG.format(store=store_url, resolver=resolver.address, port=mailbox.port))
    inventory = tmp_path / "customers.yaml"
    inventory.write_text(INVENTORY)
    clock = SteppedClock(SATURDAY)
    app = App.open(load_settings(config, {}), clock, Policy(report_jitter_for=timedelta(minutes=1)))
    wanted = read_inventory(inventory)
    change = plan_import(await app.store.inventory(), wanted.customers, wanted.assets, wanted.has_esp, SATURDAY.date())
    await app.store.apply_inventory(change, clock.now())
    yield Installation(app, clock, servers, mailbox)
    await app.store.close()


async def test_a_listing_is_alerted_drafted_reported_and_closed(installed):
    await installed.hours(2)
    assert await installed.open_listings() == set()
    assert installed.mailbox.messages == []

    installed.put("psbl.surriel.com", "192.0.2.10")
    await installed.hours(3)
    assert await installed.open_listings() == {("psbl", "192.0.2.10")}
    (alert,) = installed.mail("robin@esp.example")
    assert "192.0.2.10" in alert["Subject"]
    assert "Acme Ltd" in alert.get_body(("plain",)).get_content()
    assert len(installed.mail("ops@esp.example")) == 1
    assert installed.mail("sam@esp.example") == []
    (draft,) = await installed.app.store.drafts()
    assert (draft.customer, draft.provider, draft.subjects) == ("acme", "psbl", ("192.0.2.10",))

    installed.put("psbl.surriel.com")
    await installed.hours(4)
    assert await installed.open_listings() == set()
    (listing,) = await installed.app.store.listings()
    assert listing.ended == "delisted"
    assert [mail["Subject"].split()[0] for mail in installed.mail("robin@esp.example")] == ["LISTED", "DELISTED:"]
    (draft,) = await installed.app.store.drafts()
    assert draft.state is DraftState.CLOSED

    await installed.until(datetime(2026, 11, 23, 15, tzinfo=UTC))
    (report,) = installed.mail("postmaster@acme.example")
    text = report.get_body(("plain",)).get_content()
    assert "192[.]0[.]2[.]10" in text or "192.0.2.10" in text
    (other,) = installed.mail("mail@bravo.example")
    assert "192.0.2.10" not in other.get_body(("plain",)).get_content()
    assert "Acme" not in str(other)


async def test_lists_that_lie_or_fall_silent_move_nothing_and_are_named(installed):
    """One lists the world, one goes empty, one stops answering, each with a listing open on it."""
    for zone in ("psbl.surriel.com", "bl.spamcop.net", "bl.mailspike.net"):
        installed.put(zone, "192.0.2.10")
    await installed.hours(3)
    before = await installed.open_listings()
    assert before == {("psbl", "192.0.2.10"), ("spamcop-scbl", "192.0.2.10"), ("mailspike-bl", "192.0.2.10")}
    told = len(installed.mail("robin@esp.example"))

    installed.servers["psbl.surriel.com"].write("psbl.surriel.com", [":127.0.0.2:Listed", "0.0.0.0/1", "128.0.0.0/1"])
    installed.servers["bl.spamcop.net"].write("bl.spamcop.net", [])
    installed.servers["bl.mailspike.net"].freeze()
    await installed.until(datetime(2026, 11, 23, 15, tzinfo=UTC))

    assert await installed.open_listings() == before
    assert len(await installed.app.store.listings()) == 3
    assert len(installed.mail("robin@esp.example")) == told
    text = installed.mail("postmaster@acme.example")[0].get_body(("plain",)).get_content()
    unverified = text[text.lower().index("could not check") :]
    for name in ("Passive Spam Block List", "SpamCop", "Mailspike"):
        assert name in unverified
    assert "all clear" not in text.lower()


async def test_a_restart_asks_nothing_again_and_repeats_nothing(installed):
    installed.put("psbl.surriel.com", "203.0.113.1")
    await installed.hours(3)
    sent = [each.content for each in installed.mailbox.messages]
    assert sent
    cycles = len(await installed.app.store.cycles(SATURDAY, installed.clock.now()))
    installed._daemon = Daemon(installed.app)
    await installed.tick()
    assert [each.content for each in installed.mailbox.messages] == sent
    assert len(await installed.app.store.cycles(SATURDAY, installed.clock.now())) == cycles
