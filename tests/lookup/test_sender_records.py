"""The records of senders, asked of a real nameserver."""

from datetime import timedelta

import pytest

from deliverwatch.core.sender_dns import Found, RecordKind
from deliverwatch.core.sender_dns import Record as Watched
from deliverwatch.core.subjects import parse_subject
from deliverwatch.lookup.sender_records import SenderRecords
from deliverwatch.sandbox.zones import Mode, Record, Zone

SPF = Watched(RecordKind.SPF, "news.acme.example", parse_subject("news.acme.example"))
PTR = Watched(RecordKind.PTR, "192.0.2.10", parse_subject("192.0.2.10"))
PTR6 = Watched(RecordKind.PTR, "2001:db8::1", parse_subject("2001:db8::1"))
WAIT = timedelta(seconds=0.5)


@pytest.fixture
async def zones(start_nameserver):
    named = {name: Zone(name) for name in ("acme.example", "2.0.192.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa")}
    server = await start_nameserver(*named.values())
    return server, named


async def test_the_strings_of_a_record_are_one_text(zones):
    server, named = zones
    long = "v=spf1 " + " ".join(f"ip4:198.51.100.{number}" for number in range(40)) + " -all"
    named["acme.example"].records["news"] = Record((), txt=long)
    assert await SenderRecords([server.address], WAIT)(SPF) == Found((long,))


async def test_a_reverse_name_of_either_family(zones):
    server, named = zones
    named["2.0.192.in-addr.arpa"].records["10"] = Record((), ptr="out1.acme.example.")
    label = ".".join("1" + "0" * 23)
    named["8.b.d.0.1.0.0.2.ip6.arpa"].records[label] = Record((), ptr="out6.acme.example.")
    ask = SenderRecords([server.address], WAIT)
    assert await ask(PTR) == Found(("out1.acme.example",))
    assert await ask(PTR6) == Found(("out6.acme.example",))


async def test_where_a_name_leads(zones):
    server, named = zones
    named["acme.example"].records["out1"] = Record(("192.0.2.10", "192.0.2.11"))
    ask = SenderRecords([server.address], WAIT)
    assert set((await ask.addresses("out1.acme.example", ipv6=False)).values or ()) == {"192.0.2.10", "192.0.2.11"}
    assert await ask.addresses("out1.acme.example", ipv6=True) == Found(())
    assert await ask.addresses("out2.acme.example", ipv6=False) == Found(())
    assert (await ask.addresses("a..b", ipv6=False)).values is None
    named["acme.example"].mode = Mode.SERVFAIL
    assert await ask.addresses("out1.acme.example", ipv6=False) == Found(None, "SERVFAIL")


async def test_no_such_name_and_no_such_record_are_answers(zones):
    server, named = zones
    assert await SenderRecords([server.address], WAIT)(SPF) == Found(())
    named["acme.example"].records["news"] = Record(("192.0.2.1",))
    assert await SenderRecords([server.address], WAIT)(SPF) == Found(())


@pytest.mark.parametrize("mode", [Mode.SILENT, Mode.SERVFAIL, Mode.REFUSED, Mode.FORMERR, Mode.NOTIMP])
async def test_what_is_no_answer_leaves_it_unknown(zones, mode):
    server, named = zones
    named["acme.example"].mode = mode
    found = await SenderRecords([server.address], WAIT)(SPF)
    assert found.values is None
    assert found.detail


async def test_the_next_resolver_is_asked_when_one_does_not_answer(zones, start_nameserver):
    server, named = zones
    named["acme.example"].records["news"] = Record((), txt="v=spf1 -all")
    deaf = await start_nameserver(Zone("acme.example", mode=Mode.SERVFAIL))
    assert await SenderRecords([deaf.address, server.address], WAIT)(SPF) == Found(("v=spf1 -all",))


async def test_another_look_begins_with_another_resolver(zones, start_nameserver):
    server, named = zones
    named["acme.example"].records["news"] = Record((), txt="v=spf1 -all")
    liar = await start_nameserver(Zone("acme.example", mode=Mode.EMPTY))
    ask = SenderRecords([liar.address, server.address], WAIT)
    assert await ask(SPF, 0) == Found(())
    assert await ask(SPF, 1) == Found(("v=spf1 -all",))


async def test_without_a_resolver_nothing_is_known():
    assert (await SenderRecords([], WAIT)(SPF)).values is None
