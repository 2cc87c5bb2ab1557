"""What the contract suite cannot ask of every engine: the secrecy of keys, and life behind a real resolver."""

import asyncio
import logging
from datetime import timedelta

import pytest

from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import NOT_LISTED, Answer, Reply, judge
from deliverwatch.lookup.aiodns_resolver import AiodnsResolver
from deliverwatch.lookup.pacing import Bucket
from deliverwatch.sandbox.nameserver import Nameserver
from deliverwatch.sandbox.zones import Mode, Zone
from servers.lists import sample_list

V4, V6, DOMAIN = SubjectKind.IPV4, SubjectKind.IPV6, SubjectKind.DOMAIN
CANARY = "c4n4ryk3y"
KEYED = sample_list(keyed_zone="{key}.dq.example")


def unbounded(_):
    """No budget."""


@pytest.mark.parametrize("mode", Mode)
async def test_a_key_appears_in_nothing_but_the_question(mode, start_nameserver, caplog):
    """Debug logs, representations, answers, verdicts and reasons, whatever the list does."""
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    asyncio.get_running_loop().slow_callback_duration = 0  # logs every callback
    zone = Zone(f"{CANARY}.dq.example", mode=mode)
    zone.list("1.2.0.192", "127.0.0.2", txt=f"1.2.0.192.{CANARY.upper()}.dq.example is listed")
    server = await start_nameserver(zone)
    resolver = AiodnsResolver(server.address, {"sample": CANARY}, timedelta(seconds=0.3), unbounded)
    seen: list[object] = [resolver]
    for kind, name in [(V4, "192.0.2.1"), (V4, "192.0.2.2"), (DOMAIN, "two words"), (DOMAIN, "a." * 130 + "example")]:
        answer = await resolver.ask(KEYED, kind, name)
        seen += [answer, judge(KEYED, answer), await resolver.reason(KEYED, kind, name)]
    await resolver.close()
    assert any(CANARY in question.name for question in server.questions)
    assert "Executing" in caplog.text
    assert CANARY not in f"{seen!r} {caplog.text}".lower()


class _Listening(Nameserver):
    """Keeps what came in."""

    def __init__(self, *zones: Zone) -> None:
        super().__init__(zones)
        self.wires: list[bytes] = []

    async def reply(self, wire: bytes, over: str) -> bytes | None:
        self.wires.append(wire)
        return await super().reply(wire, over)


async def test_a_question_asks_for_recursion_and_brings_no_edns():
    server = _Listening(Zone("bl.example"))
    await server.start()
    await ask(server.address, "192.0.2.1")
    await server.stop()
    (wire,) = server.wires
    assert wire[2:12] == b"\x01\x00" + b"\x00\x01" + bytes(6)  # RD; one question, and nothing else


async def test_closing_ends_what_is_still_asked(start_nameserver):
    server = await start_nameserver(Zone("bl.example", mode=Mode.SILENT))
    resolver = AiodnsResolver(server.address, {}, timedelta(seconds=5), unbounded)
    asking = asyncio.create_task(resolver.ask(sample_list(), V4, "192.0.2.1"))
    while not server.questions:  # noqa: ASYNC110 - servers on this loop set no event
        await asyncio.sleep(0)
    await resolver.close()
    assert await asking == Answer(Reply.NETWORK, detail="ARES_ECANCELLED")


# --- budgets


class Watched(Bucket):
    """Counts what is taken out of it, and gives nothing while it is shut."""

    def __init__(self) -> None:
        super().__init__(10_000)
        self.taken = 0
        self.shut = False
        self.waiting = 0

    def wait_s(self, now: float) -> float:
        self.waiting += self.shut
        return 0.001 if self.shut else super().wait_s(now)

    def take(self, now: float) -> None:
        self.taken += 1
        super().take(now)


async def test_addresses_and_texts_are_counted(start_nameserver):
    server = await start_nameserver(Zone("bl.example"))
    bucket = Watched()
    resolver = AiodnsResolver(server.address, {}, timedelta(seconds=5), lambda _: bucket)
    await resolver.ask_all(sample_list(), [Subject(V4, f"192.0.2.{last}") for last in range(9)], lambda _: False)
    assert bucket.taken == len(server.questions) == 9
    await resolver.reason(sample_list(), V4, "192.0.2.1")
    assert bucket.taken == len(server.questions) == 10
    await resolver.close()


async def test_what_is_asked_once_more_is_counted_once_more(start_nameserver):
    server = await start_nameserver(Zone("bl.example", mode=Mode.SILENT))
    bucket = Watched()
    resolver = AiodnsResolver(server.address, {}, timedelta(seconds=0.3), lambda _: bucket)
    assert (await resolver.ask(sample_list(), V4, "192.0.2.1")).reply is Reply.TIMEOUT
    assert bucket.taken == len(server.questions) == 2
    await resolver.close()


async def test_a_question_waits_for_its_turn_and_closing_ends_that_too(start_nameserver):
    server = await start_nameserver(Zone("bl.example"))
    bucket = Watched()
    resolver = AiodnsResolver(server.address, {}, timedelta(seconds=5), lambda _: bucket)
    for closes in (False, True):
        bucket.shut, bucket.waiting = True, 0
        asking = asyncio.create_task(resolver.ask(sample_list(), V4, "192.0.2.1"))
        while bucket.waiting < 3:  # noqa: ASYNC110 - a bucket sets no event
            await asyncio.sleep(0)
        if closes:
            await resolver.close()
        bucket.shut = False
        closed = Answer(Reply.NETWORK, detail="not asked: closed", asked=False)
        assert await asking == (closed if closes else NOT_LISTED)
    assert len(server.questions) == 1


# --- behind a real resolver


@pytest.fixture
def listed(start_rbldnsd):
    server = start_rbldnsd({"bl.example": ["ip4set"]})
    server.write("bl.example", ["127.0.0.2 :127.0.0.2:test", "192.0.2.1 :127.0.0.3:see $"])
    return server


async def ask(address: str, name: str) -> Answer:
    resolver = AiodnsResolver(address, {}, timedelta(seconds=5), unbounded)
    try:
        return await resolver.ask(sample_list(), V4, name)
    finally:
        await resolver.close()


async def test_a_resolver_in_between_passes_the_answers_on(listed, start_unbound):
    unbound = start_unbound({"bl.example": listed.address})
    assert (await ask(unbound.address, "192.0.2.1")).values == ("127.0.0.3",)
    assert (await ask(unbound.address, "192.0.2.2")).reply is Reply.NXDOMAIN


async def test_a_second_look_through_the_same_resolver_is_its_memory(listed, start_unbound):
    """Why an independent look needs another way, or the time to live to run out."""
    unbound = start_unbound({"bl.example": listed.address})
    await ask(unbound.address, "192.0.2.1")
    listed.write("bl.example", [])
    assert (await ask(unbound.address, "192.0.2.1")).values == ("127.0.0.3",)
    assert (await ask(listed.address, "192.0.2.1")).reply is Reply.NXDOMAIN


async def test_a_resolver_that_filters_private_addresses_makes_a_listing_an_empty_answer(listed, start_unbound):
    """127/8 counts as private for many a hardened resolver (unbound.conf(5), private-address)."""
    unbound = start_unbound({"bl.example": listed.address}, "private-address: 127.0.0.0/8")
    assert (await ask(unbound.address, "192.0.2.1")) == Answer(Reply.EMPTY)


async def test_a_list_whose_server_is_gone_is_a_failure_and_not_clear(listed, start_unbound):
    unbound = start_unbound({"bl.example": "127.0.0.1:9"})
    assert (await ask(unbound.address, "192.0.2.1")).reply in (Reply.SERVFAIL, Reply.TIMEOUT)
