"""The daemon looks at its resolvers by itself, and tells the operators once a day, however often it is restarted."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.daemon import Daemon
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.sandbox.zones import Mode, Zone
from deliverwatch.serve import only_daemon
from deliverwatch.settings import load_settings
from samples import INVENTORY

MORNING = datetime(2026, 11, 18, 6, tzinfo=UTC)
CONFIG = """\
[store]
url = "sqlite:///{folder}/deliverwatch.db"
[dns]
resolvers = ["{resolver}"]
timeout = "300ms"
[alerts]
to = ["ops@esp.example"]
[mail]
host = "127.0.0.1"
port = {port}
from = "Deliverability <deliverability@esp.example>"
"""


@pytest.fixture
async def installed(tmp_path, start_nameserver, start_mailbox):
    """A resolver that knows no list, and has an address for every name below `invalid`."""
    lost = Zone("invalid", mode=Mode.LISTS_THE_WORLD)
    server, mailbox = await start_nameserver(lost, Zone("example.com")), await start_mailbox()
    config = tmp_path / "deliverwatch.toml"
    config.write_text(CONFIG.format(folder=tmp_path, resolver=server.address, port=mailbox.port))
    return load_settings(config, {}), server, mailbox


async def run(settings, at, ticks=2):
    """One life of a daemon; what it left in the store."""
    async with only_daemon(settings, SteppedClock(at)) as app:
        if not (await app.store.inventory()).customers:
            change = InventoryChange(customers_added=INVENTORY.customers, assets_added=INVENTORY.assets)
            await app.store.apply_inventory(change, at)
        daemon = Daemon(app)
        for _ in range(ticks):
            await daemon.start_due()
            await daemon.settle()
        return await app.store.events([EventKind.RESOLVER_TROUBLE])


def mails_about_it(mailbox):
    read = [(each.recipients, message_from_bytes(each.content, policy=default)) for each in mailbox.messages]
    return [(to, mail["Subject"]) for to, mail in read if mail["Subject"].startswith("RESOLVER")]


async def test_a_trouble_is_told_once_in_a_day_across_restarts(installed):
    settings, server, mailbox = installed
    told = (("ops@esp.example",), f"RESOLVER: {server.address} rewrites answers")
    for hours in (0, 0, 3, 6):
        (event,) = await run(settings, MORNING + timedelta(hours=hours))
        assert (event.facts["trouble"], event.facts["path"], event.list_id) == ("rewrites", server.address, "")
        assert mails_about_it(mailbox) == [told]
    assert len(await run(settings, MORNING + timedelta(hours=27))) == 2
    assert mails_about_it(mailbox) == [told, told]
