"""kill -9 at random instants of a running daemon: nothing is lost, nothing has two identities.

The world is a fixed list of listings, each of which begins and ends while daemons are killed and started again. It is
the oracle: it knows nothing of the store. In the end every one of them was told as opened and as closed to everybody
concerned, and each such message has one Message-ID however often it was sent.
"""

import asyncio
import os
import random
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from deliverwatch.app import App
from deliverwatch.catalogue.blocklists import load_blocklists
from deliverwatch.catalogue.inventory import read_inventory
from deliverwatch.core.inventory_diff import plan_import
from deliverwatch.core.subjects import expand, parse_subject
from deliverwatch.sandbox.mailbox import Stage, Trouble
from deliverwatch.sandbox.zones import list_subject, unlist_subject, zone_for
from deliverwatch.settings import load_settings

KILLS = int(os.environ.get("DELIVERWATCH_KILLS", "30"))
SPEED = 7200
WORLD_BEGAN_AT = datetime(2026, 11, 16, tzinfo=UTC)
READERS = ("ops@esp.example", "robin@esp.example")
LISTS = ("psbl", "spamcop-scbl")
LIVES_AT_MOST_S = 1.5
SETTLES_WITHIN_S = 60
CONFIG = """\
[store]
url = "sqlite:///{folder}/deliverwatch.db"
[dns]
resolvers = ["{resolver}"]
timeout = "300ms"
[lists]
disable = ["uribl-multi", "mailspike-bl"]
every = "20m"
[requester]
mailbox = "ops@esp.example"
[mail]
host = "127.0.0.1"
port = {port}
from = "Deliverability <deliverability@esp.example>"
"""
INVENTORY = """\
customers:
  - id: acme
    name: Acme Ltd
    service_time_zone: eastern
    tam: {name: Robin Doe, email: robin@esp.example}
    contacts: []
    report: {enabled: false}
    pools:
      - {id: all, ips: [192.0.2.0/26]}
"""


@dataclass(frozen=True)
class Episode:
    """Begins in one life of the daemon and ends some lives later: enough of them for somebody to look twice."""

    address: str
    list_id: str
    begins: int
    ends: int


def episodes(rng):
    latest = max(KILLS - 8, 0)
    for number in range(max(24, min(KILLS, 50))):
        begins = rng.randint(0, latest)
        yield Episode(f"192.0.2.{10 + number}", rng.choice(LISTS), begins, begins + rng.randint(6, 8))


class World:
    """The lists, the mailbox and the time they live by."""

    def __init__(self, nameserver, mailbox, folder, rng):
        self.nameserver, self.mailbox, self.folder, self.rng = nameserver, mailbox, folder, rng
        self.blocklists = {each.id: each for each in load_blocklists() if each.id in LISTS}
        self.zones = {list_id: zone_for(blocklist) for list_id, blocklist in self.blocklists.items()}
        for zone in self.zones.values():
            zone.delay_for = timedelta(milliseconds=15)  # a round is nearly always running when the kill comes
            nameserver.add(zone)
        self.began_at_real = datetime.now(UTC)
        self.episodes = tuple(episodes(rng))
        self.config = folder / "deliverwatch.toml"
        self.config.write_text(CONFIG.format(folder=folder, resolver=nameserver.address, port=mailbox.port))

    def turn(self, life):
        """What the lists do in one life of the daemon; now and then the reply to a message is lost."""
        for each in self.episodes:
            zone, blocklist = self.zones[each.list_id], self.blocklists[each.list_id]
            act = list_subject if each.begins <= life < each.ends else unlist_subject
            act(zone, blocklist, parse_subject(each.address))
        if life % 3 == 0:
            self.mailbox.script(Stage.MESSAGE, Trouble.ACCEPT_AND_DROP)

    async def start_daemon(self):
        victim = str(Path(__file__).with_name("victim.py"))
        begun = self.began_at_real.isoformat(), WORLD_BEGAN_AT.isoformat(), str(SPEED)
        process = await asyncio.create_subprocess_exec(
            sys.executable, victim, str(self.config), *begun, stdout=asyncio.subprocess.PIPE
        )
        while b"daemon_started" not in (line := await process.stdout.readline()):
            assert line, "the daemon did not start"
        reading = asyncio.create_task(process.stdout.read())
        return process, reading

    async def settle(self):
        """Until everything that began has ended and was told; what never does, the assertions name."""
        app = App.open(load_settings(self.config, {}))
        for _ in range(SETTLES_WITHIN_S * 5):
            await asyncio.sleep(0.2)
            counts = await app.store.counts()
            ended = not await app.store.listings(open_only=True) and not await app.store.watch_states()
            if ended and counts["outbox_pending"] == 0:
                break
        await app.store.close()


async def take_stock(config, folder):
    inventory = folder / "customers.yaml"
    inventory.write_text(INVENTORY)
    wanted = read_inventory(inventory)
    app = App.open(load_settings(config, {}))
    change = plan_import(
        await app.store.inventory(), wanted.customers, wanted.assets, wanted.has_esp, WORLD_BEGAN_AT.date()
    )
    await app.store.apply_inventory(change, WORLD_BEGAN_AT)
    await app.store.close()


_SUBJECTS = re.compile(r"^Subjects +.*(?:\n +.*)*", re.MULTILINE)  # all of them, where the sentence counts the rest


def told(mailbox):
    """reader -> address -> {(subject, body): Message-IDs}. What opened in one round is told in one message."""
    found = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
    for received in mailbox.messages:
        mail = message_from_bytes(received.content, policy=default)
        words = mail["Subject"], mail.get_body(("plain",)).get_content()
        text = words[1].replace("\r", "")
        what = text.partition("\n\n")[0] + "".join(_SUBJECTS.findall(text))
        for name in set(re.findall(r"192\.0\.2\.\d+(?:/\d+)?", what)):
            for subject in expand(name):
                found[received.recipients[0]][subject.value][words].add(mail["Message-ID"])
    return found


@pytest.mark.timeout(120 + 10 * KILLS)
async def test_nothing_is_lost_and_nothing_has_two_identities(start_nameserver, start_mailbox, tmp_path):
    rng = random.Random(20261124)
    world = World(await start_nameserver(), await start_mailbox(), tmp_path, rng)
    await take_stock(world.config, tmp_path)
    for life in range(KILLS):
        process, reading = await world.start_daemon()
        await asyncio.sleep(rng.uniform(0, LIVES_AT_MOST_S / 2))
        world.turn(life)
        await asyncio.sleep(rng.uniform(0, LIVES_AT_MOST_S / 2))
        process.kill()
        await process.wait()
        await reading
    world.turn(life=KILLS + 8)
    process, reading = await world.start_daemon()
    await world.settle()
    process.terminate()
    assert await process.wait() == 0
    await reading

    app = App.open(load_settings(world.config, {}))
    listings = await app.store.listings()
    outbox = await app.store.outbox(limit=1000)
    await app.store.close()
    wanted = sorted((each.address, each.list_id, "delisted") for each in world.episodes)
    assert sorted((each.subject.value, each.list_id, each.ended) for each in listings) == wanted
    assert {line.state for line in outbox} == {"sent"}
    received = told(world.mailbox)
    for reader in READERS:
        for each in world.episodes:
            stories = received[reader][each.address]
            assert len(stories) == 2, f"{reader} heard {len(stories)} stories of {each.address}: {list(stories)}"
            assert all(len(ids) == 1 for ids in stories.values())
