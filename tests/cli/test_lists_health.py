"""`lists health` and `lists ask-now`: lists and resolvers as they are now, and what the daemon knows of them."""

import pytest

from deliverwatch.core.blocklist import AccessTerms
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.zone_health import Health, ZoneState
from deliverwatch.flows.ports import RoundResult
from deliverwatch.sandbox.zones import Mode
from deliverwatch.store import open_store
from samples import NOON


@pytest.fixture
def health(deliverwatch, lists):
    async def run(*arguments):
        return await deliverwatch("lists", "health", *arguments, "--resolver", lists[0].address)

    return run


async def test_all_well_is_0_and_a_matrix(health, lists, start_nameserver):
    second = await start_nameserver(*lists[1].values())
    ran = await health("psbl", "spamcop-scbl", "--resolver", second.address)
    assert ran.code == 0
    head, *rows = ran.out.splitlines()
    assert head.split() == ["list", second.address, lists[0].address]
    assert [row.split() for row in rows] == [["psbl", "healthy", "healthy"], ["spamcop-scbl", "healthy", "healthy"]]


async def test_a_list_that_is_ill_on_one_resolver(health, lists, start_nameserver, catalogue):
    well = lists[1]["psbl"]
    empty = type(well)(well.name, mode=Mode.EMPTY)
    second = await start_nameserver(empty)
    ran = await health("--list", "psbl", "--resolver", second.address, "--json")
    assert ran.code == 1
    pairs = {each["resolver"]: each for each in ran.document}
    assert pairs[lists[0].address]["health"] == "healthy"
    assert pairs[lists[0].address]["resolver_faults"] == []
    assert pairs[second.address]["health"] == "failing"
    (fault,) = pairs[second.address]["resolver_faults"]
    assert (fault["trouble"], fault["lists"]) == ("disagrees", ["psbl"])
    told = await health("psbl", "--resolver", second.address)
    assert told.code == 1
    assert f"The resolver {second.address} answers otherwise than {lists[0].address}" in told.out
    assert f"psbl on {second.address}: test point 127.0.0.2 must be listed and is not" in told.out


async def test_a_resolver_that_is_not_there_is_named_with_what_to_do(deliverwatch, lists):
    ran = await deliverwatch("lists", "health", "psbl", "--resolver", "127.0.0.1:9")
    assert ran.code == 1
    assert "The resolver 127.0.0.1:9 does not answer: see that a resolver runs there" in ran.out


async def test_an_unverifiable_list_is_no_fault(health, catalogue):
    unverifiable = next(
        each.id
        for each in catalogue.values()
        if each.access.terms is AccessTerms.OPEN and not each.test_points and each.zone
    )
    ran = await health(unverifiable, "psbl", "--json")
    assert (ran.code, ran.document[0]["health"]) == (0, "unverifiable")


# --- what the daemon knows


async def keep(folder, path, state):
    """As a round of the daemon leaves it."""
    store = open_store(f"sqlite:///{folder}/state.db")
    await store.add_slot("scan/psbl", "000001", NOON)
    claim = await store.claim_slot("scan/psbl", "000001", NOON, NOON - NOON)
    cycle = Cycle("psbl", path, NOON, NOON, verified=False, kinds_verified=(), full=True, vouches_until=NOON, due=0)
    await store.commit_round(RoundResult(claim, cycle, {path: state}, {}))
    await store.close()


async def test_a_stop_is_shown_and_can_be_lifted(deliverwatch, health, lists, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/state.db"\n')
    nothing = await deliverwatch("lists", "ask-now", "psbl")
    assert (nothing.code, nothing.out) == (0, "psbl was stopped nowhere: nothing to lift.\n")
    assert (await health("psbl")).code == 0
    assert not (tmp_path / "state.db").exists()
    stopped = ZoneState(Health.FAILING, NOON, stopped_at=NOON, ask_again_at=NOON.replace(year=2099))
    await keep(tmp_path, lists[0].address, stopped)
    ran = await health("psbl", "--json")
    assert ran.code == 1
    (pair,) = ran.document
    assert (pair["health"], pair["stopped_since"]) == ("healthy", "2026-11-18T12:00:00Z")
    assert "healthy, stopped since 11-18 12:00" in (await health("psbl")).out
    lifted = await deliverwatch("lists", "ask-now", "psbl")
    assert lifted.code == 0
    assert lifted.out == "psbl was stopped on 1 resolver; it is asked again in its next round.\n"
    assert (await deliverwatch("lists", "ask-now", "psbl", "--json")).document["list"] == "psbl"
    (pair,) = (await health("psbl", "--json")).document
    assert pair["asked_again_at"] < "2099"


async def test_a_quarantine_is_shown(health, lists, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/state.db"\n')
    await keep(tmp_path, lists[0].address, ZoneState(Health.QUARANTINED, NOON))
    ran = await health("psbl", "--json")
    assert (ran.code, ran.document[0]["quarantined_since"]) == (1, "2026-11-18T12:00:00Z")


async def test_a_database_that_cannot_be_read_does_not_keep_it_from_asking(health, tmp_path):
    (tmp_path / "state.db").write_text("no database")
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/state.db"\n')
    ran = await health("psbl", "--json")
    assert (ran.code, ran.document[0]["health"]) == (0, "healthy")
    assert "What the daemon knows of the lists is not shown" in ran.err
