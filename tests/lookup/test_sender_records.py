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


async def test_who_takes_the_mail_of_a_domain_most_preferred_first(zones):
    server, named = zones
    named["acme.example"].records["news"] = Record(
        (), mx=("100 backup.acme.example.", "9 MX2.esp.example.", "10 mx1.esp.example.")
    )
    ask = SenderRecords([server.address], WAIT)
    hosts = ("mx2.esp.example", "mx1.esp.example", "backup.acme.example")
    assert await ask.mail_hosts("news.acme.example") == Found(hosts)


async def test_a_domain_that_takes_no_mail_is_an_answer(zones):
    server, named = zones
    ask = SenderRecords([server.address], WAIT)
    assert await ask.mail_hosts("news.acme.example") == Found(())
    named["acme.example"].records["news"] = Record(("192.0.2.1",), txt="v=spf1 -all")
    assert await ask.mail_hosts("news.acme.example") == Found(())
    named["acme.example"].records["null"] = Record((), mx=("0 .",))
    assert await ask.mail_hosts("null.acme.example") == Found((".",))


@pytest.mark.parametrize("mode", [Mode.SILENT, Mode.SERVFAIL, Mode.REFUSED])
async def test_mail_hosts_without_an_answer_are_not_known(zones, start_nameserver, mode):
    server, named = zones
    named["acme.example"].mode = mode
    named["acme.example"].records["news"] = Record((), mx=("10 mx1.esp.example.",))
    found = await SenderRecords([server.address], WAIT).mail_hosts("news.acme.example")
    assert (found.values, bool(found.detail)) == (None, True)
    well = Zone("acme.example", {"news": Record((), mx=("10 mx1.esp.example.",))})
    next_one = await start_nameserver(well)
    both = SenderRecords([server.address, next_one.address], WAIT)
    assert await both.mail_hosts("news.acme.example") == Found(("mx1.esp.example",))


async def test_what_cannot_be_asked_is_not_known(zones):
    server, _ = zones
    assert (await SenderRecords([server.address], WAIT).mail_hosts("a..b")).values is None
    assert (await SenderRecords([], WAIT).mail_hosts("news.acme.example")).values is None
