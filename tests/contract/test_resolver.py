"""What every resolver does, asked of real servers: the sandbox's strict nameserver and Debian's rbldnsd.

The first half runs on both servers, the second on the nameserver alone, since rbldnsd cannot be made to lie that way.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Protocol

import pytest

from deliverwatch.core.blocklist import AskedName, query_label
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import NOT_LISTED, Answer, Reply, judge
from deliverwatch.flows.ports import Lookups, Resolver
from deliverwatch.lookup.aiodns_resolver import IN_FLIGHT, AiodnsResolver
from deliverwatch.lookup.bulk_resolver import BulkResolver
from deliverwatch.lookup.dns_lookups import DnsLookups
from deliverwatch.sandbox.nameserver import Nameserver
from deliverwatch.sandbox.zones import Mode, Zone
from servers.lists import sample_list
from servers.ports import free_port
from servers.rbldnsd import Rbldnsd

V4, V6, DOMAIN = SubjectKind.IPV4, SubjectKind.IPV6, SubjectKind.DOMAIN
BL = sample_list()
FULL, BOTH = (sample_list(asked_name=asked_name) for asked_name in (AskedName.FULL, AskedName.BOTH))
NOBODY = "192.0.2.53:53"
DATASETS = {V4: "ip4set", V6: "generic", DOMAIN: "dnset"}
MANY_CODES = [f"127.0.0.{code}" for code in range(2, 62)]  # more than a datagram of 512 octets holds


class Server(Protocol):
    """A list's own server."""

    address: str

    def enter(self, kind: SubjectKind, name: str, *codes: str, txt: str = "") -> None: ...

    def asked(self) -> list[tuple[str, str]]: ...


class SandboxServer:
    def __init__(self, server: Nameserver, zone: str) -> None:
        self.address = server.address
        self._server = server
        self._zone = Zone(zone)
        server.add(self._zone)

    def enter(self, kind: SubjectKind, name: str, *codes: str, txt: str = "") -> None:
        self._zone.list(query_label(kind, name), *codes, txt=txt or None)

    def asked(self) -> list[tuple[str, str]]:
        return [(question.name, question.rdtype) for question in self._server.questions]


class RealServer:
    """Its sets of IPv6 networks pass over mapped addresses, so IPv6 entries are written as plain records."""

    def __init__(self, server: Rbldnsd, zone: str) -> None:
        self.address = server.address
        self._server = server
        self._zone = zone
        self._lines: dict[SubjectKind, list[str]] = {kind: [] for kind in SubjectKind}

    def enter(self, kind: SubjectKind, name: str, *codes: str, txt: str = "") -> None:
        if kind is V6:
            self._lines[kind] += [f"{query_label(kind, name)} A {code}" for code in codes]
        else:
            self._lines[kind] += [f"{name} :{code}:{txt}" for code in codes]
        self._server.write(self._zone, self._lines[kind], DATASETS[kind])

    def asked(self) -> list[tuple[str, str]]:
        return self._server.questions()


@pytest.fixture(params=["sandbox", "rbldnsd"])
async def serve(request: pytest.FixtureRequest) -> AsyncIterator[Callable[[str], Server]]:
    """serve("bl.example") -> the server of that zone"""
    if request.param == "rbldnsd":
        start = request.getfixturevalue("start_rbldnsd")
        yield lambda zone: RealServer(start({zone: DATASETS.values()}), zone)
    else:
        server = Nameserver()
        await server.start()
        yield lambda zone: SandboxServer(server, zone)
        await server.stop()


@pytest.fixture(params=[BulkResolver, AiodnsResolver], ids=["bulk", "aiodns"])
async def engine(request: pytest.FixtureRequest) -> type[BulkResolver | AiodnsResolver]:
    return request.param


@pytest.fixture
async def lookups_to(engine) -> Callable[..., Lookups]:
    """lookups_to(address) -> those that open this engine for it"""
    if engine is BulkResolver:
        return lambda address, **settings: DnsLookups([address], **settings)
    return lambda address, **settings: DnsLookups([NOBODY], [address], **settings)


@pytest.fixture
async def resolver_to(lookups_to: Callable[..., Lookups]) -> AsyncIterator[Callable[..., Resolver]]:
    """resolver_to(address) -> an open resolver, closed at the end"""
    async with AsyncExitStack() as stack:

        def open_one(address: str, **settings: object) -> Resolver:
            lookups = lookups_to(address, **settings)
            resolver = lookups.open(address)
            stack.push_async_callback(resolver.close)
            return resolver

        yield open_one


async def test_each_engine_is_opened_where_it_belongs(engine, resolver_to):
    assert type(resolver_to("127.0.0.1:53")) is engine


# --- on every server


async def test_what_is_not_there_is_nxdomain(serve, resolver_to):
    server = serve("bl.example")
    assert await resolver_to(server.address).ask(BL, V4, "192.0.2.1") == Answer(Reply.NXDOMAIN)
    assert server.asked() == [("1.2.0.192.bl.example", "A")]


async def test_all_addresses_of_a_listing_come_back_sorted_with_their_time_to_live(serve, resolver_to):
    server = serve("bl.example")
    server.enter(V4, "192.0.2.1", "127.0.0.10", "127.0.0.3", "127.0.0.2")
    answer = await resolver_to(server.address).ask(BL, V4, "192.0.2.1")
    assert answer == Answer(Reply.ANSWER, ("127.0.0.2", "127.0.0.3", "127.0.0.10"), timedelta(minutes=5))


async def test_an_ipv6_address_is_asked_for_by_its_nibbles(serve, resolver_to):
    server = serve("bl.example")
    server.enter(V6, "2001:db8::1", "127.0.0.3")
    answer = await resolver_to(server.address).ask(BL, V6, "2001:db8::1")
    assert answer.values == ("127.0.0.3",)
    assert server.asked() == [("1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.bl.example", "A")]


async def test_the_mapped_test_points_of_ipv6_lists_stay_ipv6(serve, resolver_to):
    server = serve("bl.example")
    server.enter(V6, "0:0:0:0:0:ffff:7f00:2", "127.0.0.2")
    resolver = resolver_to(server.address)
    assert (await resolver.ask(BL, V6, "::ffff:7f00:2")).values == ("127.0.0.2",)
    assert (await resolver.ask(BL, V6, "::ffff:7f00:1")).reply is Reply.NXDOMAIN
    assert {len(name.split(".")) for name, _ in server.asked()} == {32 + 2}


async def test_a_domain_is_asked_for_as_it_is(serve, resolver_to):
    server = serve("bl.example")
    server.enter(DOMAIN, "news.acme.example", "127.0.0.2")
    resolver = resolver_to(server.address)
    assert (await resolver.ask(FULL, DOMAIN, "news.acme.example")).values == ("127.0.0.2",)
    assert (await resolver.ask(FULL, DOMAIN, "acme.example")).reply is Reply.NXDOMAIN


@pytest.mark.parametrize("entry", ["news.acme.example", "acme.example"])
async def test_a_list_of_hosts_and_registered_domains_is_asked_for_both(entry, serve, resolver_to):
    server = serve("bl.example")
    server.enter(DOMAIN, entry, "127.0.0.2", txt="why")
    resolver = resolver_to(server.address)
    assert (await resolver.ask(BOTH, DOMAIN, "news.acme.example")).values == ("127.0.0.2",)
    assert await resolver.ask(BOTH, DOMAIN, "news.other.example") is NOT_LISTED
    assert sorted(name for name, _ in server.asked()) == [
        f"{name}.bl.example" for name in ("acme.example", "news.acme.example", "news.other.example", "other.example")
    ]
    assert await resolver.reason(BOTH, DOMAIN, "news.acme.example") == "why"
    assert await resolver.reason(BOTH, DOMAIN, "news.other.example") is None


async def test_what_host_and_registered_domain_are_listed_for_is_told_together(serve, resolver_to):
    server = serve("bl.example")
    server.enter(DOMAIN, "news.acme.example", "127.0.0.3", txt="the host")
    server.enter(DOMAIN, "acme.example", "127.0.0.2", txt="the domain")
    resolver = resolver_to(server.address)
    assert set((await resolver.ask(BOTH, DOMAIN, "news.acme.example")).values) == {"127.0.0.2", "127.0.0.3"}
    assert await resolver.reason(BOTH, DOMAIN, "news.acme.example") == "the host; the domain"


async def test_hosts_of_one_registered_domain_are_one_question(serve, resolver_to):
    server = serve("bl.example")
    server.enter(DOMAIN, "acme.example", "127.0.0.2")
    names = ["a.acme.example", "clear.example", "b.acme.example", "acme.example"]
    answers = await resolver_to(server.address).ask_all(BL, [Subject(DOMAIN, name) for name in names], lambda _: False)
    assert [answer.values for answer in answers] == [("127.0.0.2",), (), ("127.0.0.2",), ("127.0.0.2",)]
    assert sorted(name for name, _ in server.asked()) == ["acme.example.bl.example", "clear.example.bl.example"]


async def test_a_list_of_registered_domains_is_asked_for_those_and_for_its_test_points_as_they_are(serve, resolver_to):
    server = serve("bl.example")
    server.enter(DOMAIN, "acme.co.uk", "127.0.0.2")
    server.enter(DOMAIN, "test.uribl.example", "127.0.0.2")
    registered = sample_list(asked_name=AskedName.REGISTERED)
    resolver = resolver_to(server.address)
    assert (await resolver.ask(registered, DOMAIN, "news.acme.co.uk")).values == ("127.0.0.2",)
    assert (await resolver.ask(registered, DOMAIN, "test.uribl.example")).values == ("127.0.0.2",)
    assert [name for name, _ in server.asked()] == ["acme.co.uk.bl.example", "test.uribl.example.bl.example"]


async def test_the_key_joins_the_name_of_the_list_it_belongs_to(serve, resolver_to):
    server = serve("s3cr3t.dq.example")
    server.enter(V4, "192.0.2.1", "127.0.0.2")
    keyed = sample_list(keyed_zone="{key}.dq.example")
    resolver = resolver_to(server.address, keys={"sample": "s3cr3t", "other": "k3y"})
    assert (await resolver.ask(keyed, V4, "192.0.2.1")).values == ("127.0.0.2",)
    keyless = sample_list(id="without", zone="s3cr3t.dq.example", keyed_zone="{key}.elsewhere.example")
    assert (await resolver.ask(keyless, V4, "192.0.2.1")).values == ("127.0.0.2",)


async def test_the_reason_is_the_text_of_the_listing(serve, resolver_to):
    server = serve("bl.example")
    server.enter(V4, "192.0.2.1", "127.0.0.2", txt="Listed, see https://bl.example/192.0.2.1")
    resolver = resolver_to(server.address)
    assert await resolver.reason(BL, V4, "192.0.2.1") == "Listed, see https://bl.example/192.0.2.1"
    assert await resolver.reason(BL, V4, "192.0.2.9") is None


async def test_a_name_that_the_server_does_not_serve_is_refused(serve, resolver_to):
    server = serve("bl.example")
    elsewhere = sample_list(zone="other.example")
    assert await resolver_to(server.address).ask(elsewhere, V4, "192.0.2.1") == Answer(Reply.REFUSED)
    assert len(server.asked()) == 1  # and not asked again at once


async def test_a_fresh_resolver_asks_again(serve, lookups_to):
    server = serve("bl.example")
    lookups = lookups_to(server.address)
    for _ in range(2):
        resolver = lookups.open(server.address)
        await resolver.ask(BL, V4, "192.0.2.1")
        await resolver.close()
    assert server.asked() == [("1.2.0.192.bl.example", "A")] * 2


@pytest.mark.parametrize("variable", ["LOCALDOMAIN", "RES_OPTIONS", "HOSTALIASES"])
async def test_names_are_absolute_whatever_the_environment_wants_to_add(
    serve, resolver_to, variable, monkeypatch, tmp_path
):
    aliases = tmp_path / "aliases"
    aliases.write_text("invalid.bl.example alias.example\n")
    values = {"LOCALDOMAIN": "lan.example", "RES_OPTIONS": "ndots:15", "HOSTALIASES": str(aliases)}
    monkeypatch.setenv(variable, values[variable])
    server = serve("bl.example")
    assert (await resolver_to(server.address).ask(BL, DOMAIN, "invalid")).reply is Reply.NXDOMAIN
    assert server.asked() == [("invalid.bl.example", "A")]


async def test_the_longest_name_that_dns_carries_is_asked_and_a_longer_one_is_not(serve, resolver_to):
    label = "l" * 60
    longest = ".".join([label] * 3 + ["l" * (253 - len("bl.example") - 1 - 3 * 61)])
    server = serve("bl.example")
    server.enter(DOMAIN, longest, "127.0.0.2")
    resolver = resolver_to(server.address)
    assert (await resolver.ask(FULL, DOMAIN, longest)).values == ("127.0.0.2",)
    too_long = await resolver.ask(FULL, DOMAIN, longest + "l")
    assert too_long.reply is Reply.NETWORK
    assert too_long.detail == "not asked: the name to ask for has 254 characters, more than the 253 of DNS"
    assert await resolver.reason(FULL, DOMAIN, longest + "l") is None
    assert len(server.asked()) == 1


@pytest.mark.parametrize(
    "name", ["two words.example", "a..example", "", "l" * 64 + ".example", "ö.example", "a\\b.example"]
)
async def test_a_name_that_dns_cannot_carry_is_an_answer_and_no_exception(serve, resolver_to, name):
    server = serve("bl.example")
    resolver = resolver_to(server.address)
    answer = await resolver.ask(BL, DOMAIN, name)
    detail = "not asked: the name to ask for has a label that DNS host names do not allow"
    assert answer == Answer(Reply.NETWORK, detail=detail, asked=False)
    assert await resolver.reason(BL, DOMAIN, name) is None
    assert server.asked() == []


async def test_many_subjects_are_answered_in_their_order(serve, resolver_to):
    server = serve("bl.example")
    listed = [Subject(V4, f"192.0.2.{octet}") for octet in range(3, 250, 20)]
    for subject in listed:
        server.enter(V4, subject.value, "127.0.0.3")
    subjects = [Subject(V4, f"192.0.2.{octet}") for octet in range(250)]
    answers = await resolver_to(server.address).ask_all(BL, subjects, never)
    assert [subject for subject, answer in zip(subjects, answers, strict=True) if answer.values] == listed
    assert sum(answer is NOT_LISTED for answer in answers) == 250 - len(listed)


async def test_subjects_of_all_kinds_may_come_together(serve, resolver_to):
    server = serve("bl.example")
    server.enter(V6, "2001:db8::1", "127.0.0.2")
    server.enter(DOMAIN, "acme.example", "127.0.0.3")
    subjects = [Subject(V4, "192.0.2.1"), Subject(V6, "2001:db8::1"), Subject(DOMAIN, "acme.example")]
    subjects += [Subject(DOMAIN, "no name"), Subject(V6, "2001:db8::2")]
    answers = await resolver_to(server.address).ask_all(BL, subjects, never)
    assert [answer.values for answer in answers] == [(), ("127.0.0.2",), ("127.0.0.3",), (), ()]
    assert [answer.asked for answer in answers] == [True, True, True, False, True]


async def test_nobody_to_ask_about_is_no_question(serve, resolver_to):
    server = serve("bl.example")
    assert list(await resolver_to(server.address).ask_all(BL, [], never)) == []
    assert server.asked() == []


def never(_: Answer) -> bool:
    return False


# --- on the nameserver alone


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.SILENT])
async def test_what_the_list_does_has_one_outcome_for_all_who_ask(mode, start_nameserver, resolver_to):
    """Both engines meet the same expectation here, so what one says the other says."""
    zone = Zone("bl.example", mode=mode)
    zone.list("1.2.0.192", "127.0.0.3")
    zone.list("2.2.0.192", *[f"127.0.1.{code}" for code in range(70)])
    zone.list("3.2.0.192", "127.255.255.254")
    server = await start_nameserver(zone)
    subjects = [Subject(V4, f"192.0.2.{octet}") for octet in range(5)]
    answers = await resolver_to(server.address).ask_all(BL, subjects, never)
    outcomes = [judge(BL, answer).outcome for answer in answers]
    expected = {
        Mode.NORMAL: ["clear", "listed", "nonsense", "refused", "clear"],
        Mode.LISTS_THE_WORLD: ["listed"] * 5,
        Mode.EMPTY: ["clear"] * 5,
        Mode.REFUSED: ["refused"] * 5,
        Mode.NODATA: ["nonsense"] * 5,
        Mode.OUTSIDE: ["nonsense"] * 5,
    }
    assert outcomes == expected.get(mode, ["unreachable"] * 5)


async def test_once_the_list_refuses_nothing_more_is_sent(start_nameserver, resolver_to):
    server = await start_nameserver(Zone("bl.example", mode=Mode.REFUSED))
    subjects = [Subject(V4, f"192.0.2.{octet}") for octet in range(250)]
    shown: list[Answer] = []
    answers = await resolver_to(server.address).ask_all(BL, subjects, lambda answer: not shown.append(answer))
    assert shown[0] == Answer(Reply.REFUSED)
    assert len(server.questions) <= IN_FLIGHT
    assert set(answers[IN_FLIGHT:]) == {Answer(Reply.REFUSED, asked=False)}
    assert sum(answer.asked for answer in answers) == len(server.questions)


@pytest.fixture
async def bad_day(start_nameserver) -> tuple[Nameserver, Zone]:
    zone = Zone("bl.example")
    zone.list("1.2.0.192", "127.0.0.2", txt="listed")
    return await start_nameserver(zone), zone


@pytest.mark.parametrize(
    ("mode", "answer"),
    [
        (Mode.SERVFAIL, Answer(Reply.SERVFAIL)),
        (Mode.REFUSED, Answer(Reply.REFUSED)),
        (Mode.FORMERR, Answer(Reply.FORMERR)),
        (Mode.NOTIMP, Answer(Reply.NOTIMP)),
        (Mode.NODATA, Answer(Reply.EMPTY)),
        (Mode.EMPTY, Answer(Reply.NXDOMAIN)),
        (Mode.LISTS_THE_WORLD, Answer(Reply.ANSWER, ("127.0.0.2",), timedelta(minutes=5))),
        (Mode.OUTSIDE, Answer(Reply.ANSWER, ("203.0.113.7",), timedelta(minutes=5))),
    ],
)
async def test_each_way_to_fail_stays_apart_and_is_asked_once(bad_day, resolver_to, engine, mode, answer):
    """SERVFAIL alone is asked again, by the engine that can wait a moment first."""
    server, zone = bad_day
    zone.mode = mode
    assert await resolver_to(server.address).ask(BL, V4, "192.0.2.1") == answer
    again = mode is Mode.SERVFAIL and engine is BulkResolver
    assert server.times_asked("1.2.0.192.bl.example") == 1 + again


async def test_silence_is_a_timeout(bad_day, resolver_to, engine):
    server, zone = bad_day
    zone.mode = Mode.SILENT
    resolver = resolver_to(server.address, timeout_for=timedelta(seconds=0.4))
    assert await resolver.ask(BL, V4, "192.0.2.1") == Answer(Reply.TIMEOUT)
    assert await resolver.reason(BL, V4, "192.0.2.1") is None
    assert server.times_asked("1.2.0.192.bl.example") == (3 if engine is BulkResolver else 2)


async def test_a_resolver_that_is_not_there_is_unreachable(resolver_to):
    resolver = resolver_to(f"127.0.0.1:{free_port()}", timeout_for=timedelta(seconds=1))
    assert (await resolver.ask(BL, V4, "192.0.2.1")).reply in (Reply.NETWORK, Reply.TIMEOUT)


async def test_an_answer_too_long_for_a_datagram_is_fetched_over_tcp(bad_day, resolver_to):
    server, zone = bad_day
    zone.list("1.2.0.192", *MANY_CODES)
    answer = await resolver_to(server.address).ask(BL, V4, "192.0.2.1")
    assert list(answer.values) == MANY_CODES
    assert [question.over for question in server.questions] == ["udp", "tcp"]


async def test_a_slow_list_behind_fast_answers_is_not_taken_for_a_dead_one(bad_day, resolver_to):
    """c-ares would give it five times the average so far and then call it dead."""
    server, zone = bad_day
    resolver = resolver_to(server.address)
    zone.delay_for = timedelta(milliseconds=5)
    for octet in range(1, 9):
        await resolver.ask(BL, V4, f"198.51.100.{octet}")
    zone.delay_for = timedelta(seconds=1.2)
    answers = await asyncio.gather(*(resolver.ask(BL, V4, f"203.0.113.{octet}") for octet in range(20)))
    assert Counter(answer.reply for answer in answers) == {Reply.NXDOMAIN: 20}


@pytest.mark.parametrize("kept", [12, 20], ids=["no question", "cut in its question"])
async def test_a_reply_that_cannot_be_read_harms_no_neighbour(resolver_to, kept):
    server = _Malformed([Zone("bl.example")], "66.2.0.192.bl.example", kept)
    await server.start()
    try:
        resolver = resolver_to(server.address)
        answers = await asyncio.gather(*(resolver.ask(BL, V4, f"192.0.2.{octet}") for octet in range(60, 80)))
        again = await resolver.ask(BL, V4, "192.0.2.80")
    finally:
        await server.stop()
    assert server.spoilt
    assert answers.pop(6).reply is Reply.NETWORK
    assert Counter(answer.reply for answer in [*answers, again]) == {Reply.NXDOMAIN: 20}


class _Malformed(Nameserver):
    """Answers one name with what is no message, before all others: they wait until it has been sent."""

    def __init__(self, zones: list[Zone], name: str, kept: int) -> None:
        super().__init__(zones)
        self._name, self._kept = name, kept
        self.spoilt = asyncio.Event()

    async def reply(self, wire: bytes, over: str) -> bytes | None:
        answer = await super().reply(wire, over)
        if self.questions[-1].name != self._name:
            await self.spoilt.wait()
            return answer
        self.spoilt.set()
        return wire[:2] + b"\x81\x80" + bytes(8) if self._kept == 12 else answer and answer[: self._kept]


async def test_the_time_to_live_is_that_of_the_zone(bad_day, resolver_to):
    server, zone = bad_day
    zone.ttl_for = timedelta(seconds=77)
    assert (await resolver_to(server.address).ask(BL, V4, "192.0.2.1")).ttl_for == timedelta(seconds=77)


async def test_a_long_reason_is_cut_and_a_hostile_one_comes_as_it_is(bad_day, resolver_to):
    server, zone = bad_day
    zone.list("1.2.0.192", txt="x" * 2000)
    zone.list("2.2.0.192", txt="<b>\x1b[31m\r\nBcc: you")
    resolver = resolver_to(server.address)
    assert await resolver.reason(BL, V4, "192.0.2.1") == "x" * 512
    assert await resolver.reason(BL, V4, "192.0.2.2") == "<b>\x1b[31m\r\nBcc: you"


async def test_no_more_questions_are_in_flight_than_promised(resolver_to):
    """Real lists ban those who flood them, and rbldnsd's buffer holds about 170 questions."""
    server = _Gate([Zone("bl.example")])
    await server.start()
    try:
        resolver = resolver_to(server.address)
        asking = asyncio.gather(*(resolver.ask(BL, V4, f"192.0.2.{octet}") for octet in range(3 * IN_FLIGHT)))
        await server.full.wait()
        server.opened.set()
        assert {answer.reply for answer in await asking} == {Reply.NXDOMAIN}
        assert server.most == IN_FLIGHT
    finally:
        await server.stop()


class _Gate(Nameserver):
    """Holds every answer back until it is opened, and counts the names that wait."""

    def __init__(self, zones: list[Zone]) -> None:
        super().__init__(zones)
        self.full, self.opened = asyncio.Event(), asyncio.Event()
        self.most = 0
        self._waiting: set[bytes] = set()

    async def reply(self, wire: bytes, over: str) -> bytes | None:
        name = wire[12:]
        self._waiting.add(name)
        self.most = max(self.most, len(self._waiting))
        if len(self._waiting) >= IN_FLIGHT:
            self.full.set()
        await self.opened.wait()
        self._waiting.discard(name)
        return await super().reply(wire, over)
