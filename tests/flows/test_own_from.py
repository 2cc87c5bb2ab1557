"""Our own From domain is looked at with the rest; listed, it is urgent and says so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.subjects import DomainRole, SubjectKind, parse_subject
from deliverwatch.flows.held import HeldCache, with_own_domains
from deliverwatch.sandbox.zones import list_subject, zone_for
from deliverwatch.store import open_store
from flows.rounds import MovedClock, Worker, hold, lookups_through
from samples import NOON, customer
from servers.lists import sample_list

OWN = "deliverability.example"
NAMES = sample_list(id="names", zone="names.example", kinds=frozenset({SubjectKind.DOMAIN}))
HELD = Inventory((customer("acme"),), (Asset("news.acme.example", "acme", roles=(DomainRole.FROM,)),))


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/deliverwatch.db")
    await hold(store, HELD)
    yield store
    await store.close()


async def test_a_listing_of_it_is_told_as_our_own(store, start_nameserver):
    zone = zone_for(NAMES)
    list_subject(zone, NAMES, parse_subject(OWN))
    list_subject(zone, NAMES, parse_subject("news.acme.example"))
    server = await start_nameserver(zone)
    worker = Worker(store, lookups_through(server), MovedClock(), NAMES)
    worker.held = HeldCache(store, (OWN,))
    worker.watchlist = replace(worker.watchlist, own_domains=(OWN,))
    await worker.hours(3)
    opened = {event.subject.value: event.facts for event in await store.events((EventKind.LISTING_OPENED,))}
    assert {name: facts.get("own_from", False) for name, facts in opened.items()} == {
        OWN: True,
        "news.acme.example": False,
    }


def test_a_domain_that_somebody_holds_stays_theirs_and_none_is_none():
    mine = Asset("news.acme.example", "acme")
    assert with_own_domains(Inventory((), (mine,)), ("news.acme.example",), NOON.date()) == Inventory((), (mine,))
    assert with_own_domains(Inventory(), (), NOON.date()) == Inventory()
    gone = Asset(OWN, "acme", until_on=NOON.date() - timedelta(days=1))
    assert len(with_own_domains(Inventory((), (gone,)), (OWN,), NOON.date()).assets) == 2
