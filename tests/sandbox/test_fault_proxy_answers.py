"""What the proxy says in the nameserver's place, as a resolver in trouble does."""

import asyncio
from contextlib import asynccontextmanager

import dns.asyncquery
import dns.message
import dns.rcode
import pytest

from deliverwatch.sandbox.fault_proxy import FaultProxy, Faults, Lie
from deliverwatch.sandbox.zones import Zone

NAME = "2.0.0.127.bl.example"


@pytest.fixture
async def upstream(start_nameserver):
    zone = Zone("bl.example")
    zone.list("2.0.0.127", "127.0.0.4", txt="listed")
    return await start_nameserver(zone)


@asynccontextmanager
async def proxy_before(upstream, **faults):
    proxy = FaultProxy(upstream.address, Faults(**faults))
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()


async def ask(proxy, name=NAME, rdtype="A"):
    """The code and the values. dnspython holds id, question and flags against what it asked."""
    host, port = proxy.address.split(":")
    reply = await dns.asyncquery.udp(dns.message.make_query(name, rdtype), host, port=int(port), timeout=5)
    return dns.rcode.to_text(reply.rcode()), [record.to_text() for rrset in reply.answer for record in rrset]


async def test_everything_exists_that_a_liar_is_asked_for(upstream):
    async with proxy_before(upstream, lie=Lie.EVERYTHING) as proxy:
        assert await ask(proxy) == ("NOERROR", ["127.0.0.2"])
        assert await ask(proxy, "never.example") == ("NOERROR", ["127.0.0.2"])
        assert await ask(proxy, rdtype="TXT") == ("NOERROR", [])
        assert proxy.passed.asked == 0


async def test_nothing_exists_that_the_other_liar_is_asked_for(upstream):
    async with proxy_before(upstream, lie=Lie.NOTHING) as proxy:
        assert await ask(proxy) == ("NXDOMAIN", [])
        assert proxy.passed.asked == 0


async def test_faults_come_and_go_while_it_runs(upstream):
    async with proxy_before(upstream) as proxy:
        assert await ask(proxy) == ("NOERROR", ["127.0.0.4"])
        proxy.change(Faults(lie=Lie.NOTHING))
        assert await ask(proxy) == ("NXDOMAIN", [])
        proxy.change(Faults(dead_zones=("bl.example",)))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask(proxy), 0.2)
        proxy.change(Faults())
        assert await ask(proxy) == ("NOERROR", ["127.0.0.4"])


async def test_so_many_questions_are_answered_servfail(upstream):
    async with proxy_before(upstream, servfail_ratio=0.2, seed=7) as proxy:
        codes = [(await ask(proxy))[0] for _ in range(500)]
        assert 70 <= codes.count("SERVFAIL") <= 130
        assert codes.count("NOERROR") == 500 - codes.count("SERVFAIL")


async def test_it_lies_as_often_as_it_is_told_to(upstream):
    async with proxy_before(upstream, lie=Lie.NOTHING, lie_ratio=0.2, seed=7) as proxy:
        codes = [(await ask(proxy))[0] for _ in range(500)]
        assert 70 <= codes.count("NXDOMAIN") <= 130
        assert codes.count("NOERROR") == 500 - codes.count("NXDOMAIN")


async def test_what_it_says_itself_is_lost_like_any_answer(upstream):
    async with proxy_before(upstream, lie=Lie.NOTHING, loss_back_ratio=1) as proxy:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask(proxy), 0.2)
        assert proxy.passed.lost == 1


def test_a_share_beyond_one_is_refused():
    with pytest.raises(ValueError, match="SERVFAIL"):
        Faults(servfail_ratio=1.1)
