"""Microsoft SNDS: its tables, and the link they come by."""

from datetime import UTC, date, timedelta

import pytest

from deliverwatch.core.delivery import Rejection, Signal, SignalName
from deliverwatch.core.errors import ConfigError, SourceFailed
from deliverwatch.sources.snds import SOURCE
from sources.receiver_server import start_server
from sources.receivers import NOW, SAMPLES, read

KEY = "k3y-of-the-link"


def told(signal):
    return signal.subject, signal.name.value, signal.value, signal.text


def test_a_line_is_colour_complaints_and_traps_and_what_is_empty_is_not_told():
    assert [told(signal) for signal in read(SOURCE, "data.csv")] == [
        ("192.0.2.10", "snds_colour", None, "green"),
        ("192.0.2.10", "snds_complaint_ratio", 0.001, "< 0.1%"),
        ("192.0.2.10", "snds_trap_hits", 0.0, None),
        ("192.0.2.11", "snds_colour", None, "yellow"),
        ("192.0.2.11", "snds_complaint_ratio", 0.003, "0.3%"),
        ("192.0.2.11", "snds_trap_hits", 2.0, None),
        ("192.0.2.12", "snds_colour", None, "red"),
        ("192.0.2.12", "snds_complaint_ratio", 0.05, "> 5%"),
    ]
    assert {signal.on for signal in read(SOURCE, "data.csv")} == {date(2026, 11, 24)}


def test_a_blocked_range_is_told_address_by_address_unless_it_is_wide():
    signals = [item for item in read(SOURCE, "status.csv") if isinstance(item, Signal)]
    assert [signal.subject for signal in signals] == ["192.0.2.10", "192.0.2.11", "198.51.0.0-198.51.255.255"]
    assert {(signal.name, signal.on) for signal in signals} == {(SignalName.SNDS_BLOCKED, NOW.date())}
    assert signals[2].text == "E-mail address harvesting"


def test_faulty_lines_are_named_and_the_others_read():
    assert [item.line for item in read(SOURCE, "faulty.csv") if isinstance(item, Rejection)] == [1, 2, 3, 4, 5, 6]
    assert [item.line for item in read(SOURCE, "status.csv") if isinstance(item, Rejection)] == [4, 5]


def test_nothing_is_nothing_and_a_login_page_is_one_rejection():
    assert read(SOURCE, "empty.csv") == []
    assert read(SOURCE, "login.html") == [
        Rejection(1, "a web page, no table: expected the CSV of SNDS; its link may have expired")
    ]


def test_no_sample_of_helo_or_sender_gets_past_the_reader():
    assert "person" not in repr([read(SOURCE, path.name) for path in (SAMPLES / "snds").iterdir()])


def test_a_reason_that_names_a_person_is_masked():
    (signal,) = read(SOURCE, b"192.0.2.1,192.0.2.1,Yes,mail of person.secret@shop.example")
    assert "person" not in signal.text


async def fetched(server, **settings):
    poller = SOURCE.poller({"key": KEY, "url": server.url, **settings})
    try:
        return [page async for page in poller.pages(None, NOW)]
    finally:
        await poller.close()


async def test_both_tables_are_fetched_with_the_key():
    table = (SAMPLES / "snds/data.csv").read_bytes()
    answers = {f"/snds/data.aspx?key={KEY}": (200, table), f"/snds/ipStatus.aspx?key={KEY}": (200, b"")}
    with start_server(lambda method, path, headers, body: answers.get(path, (400, b""))) as server:
        pages = await fetched(server)
    assert [page.body for page in pages] == [table, b""]
    assert pages[-1].cursor == {"read_at": NOW.astimezone(UTC).isoformat()}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((404, b""), "the link has expired"),
        ((200, b"\r\n<html>Sign in</html>"), "the link has probably expired"),
        ((403, b""), "check [sources.snds] key"),
        ((302, b""), "HTTP status 302"),
    ],
)
async def test_a_link_that_no_longer_works_is_said_without_the_key(answer, words):
    with start_server(lambda *asked: answer) as server, pytest.raises(SourceFailed) as failed:
        await fetched(server)
    assert words in str(failed.value)
    assert KEY not in str(failed.value)
    assert failed.value.__suppress_context__ or KEY not in repr(failed.value.__context__)


def test_a_missing_key_is_named():
    with pytest.raises(ConfigError, match=r"\[sources\.snds\] key: is missing"):
        SOURCE.poller({})


async def test_how_often_is_the_operators_to_say():
    poller = SOURCE.poller({"key": KEY, "every": timedelta(hours=3)})
    assert poller.every == timedelta(hours=3)
    await poller.close()
