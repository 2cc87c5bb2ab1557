"""KumoMTA's log records, plain and compressed."""

import io
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import zstandard

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Rejection, Speaker
from deliverwatch.sources.kumomta import SOURCE
from sources.contract import SAMPLES, items_of, told

AT = datetime(2026, 11, 26, 10, tzinfo=UTC)
SAMPLE = (SAMPLES / "kumomta" / "mixed.jsonl").read_bytes()


def counted():
    return [item for item in items_of(SOURCE, SAMPLE) if isinstance(item, DeliveryEvent)]


def test_a_delivery_is_all_that_is_known_of_it():
    assert told(counted()[0]) == {
        "at": AT,
        "outcome": DeliveryOutcome.DELIVERED,
        "ip": "192.0.2.10",
        "recipient_domain": "example.com",
        "host": "mx1.example.com",
        "domain": "news.acme.example",
        "pool": "pool0",
        "campaign": "autumn",
        "subaccount": "acme",
        "speaker": Speaker.RECEIVER,
    }
    assert counted()[0].retry is False


def test_a_retry_a_proxy_and_a_reply_of_two_lines():
    deferred = counted()[1]
    assert (deferred.outcome, deferred.retry, deferred.ip) == (DeliveryOutcome.DEFERRED, True, "2001:db8::10")
    assert deferred.reply == "421 4.7.0 [TSS04] too many complaints\nabout 192.0.2.11"


def test_each_recipient_of_a_list_is_counted():
    bounced = counted()[2:4]
    assert [event.recipient_domain for event in bounced] == ["example.com", "example.net"]
    assert {(event.campaign, event.subaccount, event.host) for event in bounced} == {
        ("winter", "acme-2", "example.com")
    }
    assert {event.reply for event in bounced} == {"550 5.7.1 on our block list (S3150)"}


def test_own_words_expiry_and_an_emptied_queue():
    own, expired, silent, emptied = counted()[4:8]
    assert (own.speaker, own.outcome, own.ip) == (Speaker.OWN, DeliveryOutcome.DEFERRED, None)
    assert (expired.speaker, expired.expired) == (Speaker.RECEIVER, True)
    assert expired.reply == "421 4.7.0 [TSS04] too many complaints"
    assert (silent.speaker, silent.expired, silent.reply) == (Speaker.OWN, True, None)
    assert (emptied.speaker, emptied.expired) == (Speaker.SUPPRESSION, False)


def test_bounces_and_complaints_that_came_by_mail():
    out_of_band, complaint, without_address = counted()[8:]
    assert (out_of_band.outcome, out_of_band.reply) == (DeliveryOutcome.OUT_OF_BAND, "550 5.1.1 nobody here")
    assert out_of_band.host is None  # the peer is who sent the bounce
    assert told(complaint) == {
        "at": AT + timedelta(seconds=10),
        "outcome": DeliveryOutcome.COMPLAINED,
        "ip": "192.0.2.11",
        "recipient_domain": "mail.example",
        "domain": "news.acme.example",
        "speaker": Speaker.RECEIVER,
    }
    assert (without_address.ip, without_address.recipient_domain) == (None, "mail.example")


def test_what_is_no_attempt_counts_nothing():
    items = items_of(SOURCE, SAMPLE)
    assert sum(item == Ignored() for item in items) == 5
    assert not any(isinstance(item, Rejection) for item in items)


def test_the_source_names_an_address_where_the_record_has_none():
    assert items_of(SOURCE, SAMPLE, instances={"src99": "192.0.2.99"})[5].ip == "192.0.2.99"


def test_faults_are_named_by_line_and_the_rest_is_read():
    items = items_of(SOURCE, "faulty.jsonl")
    assert [item.line for item in items if isinstance(item, Rejection)] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert isinstance(items[-1], DeliveryEvent)


def packed(content):
    return zstandard.ZstdCompressor().compress(content)


def unpacked(content):
    with SOURCE.unpacked(io.BytesIO(content)) as stream:
        pieces = list(iter(lambda: stream.read(1000), b""))
        stream.seek(0)
        assert stream.read(10) == b"".join(pieces)[:10]
        return b"".join(pieces)


def test_frames_follow_one_another_and_plain_files_stay_as_they_are():
    middle = len(SAMPLE) // 2
    assert unpacked(packed(SAMPLE[:middle]) + packed(SAMPLE[middle:])) == SAMPLE
    assert unpacked(SAMPLE) == SAMPLE
    assert unpacked(b"") == b""


def test_what_an_unfinished_frame_gives_so_far_is_read():
    writer = zstandard.ZstdCompressor().compressobj()
    started = writer.compress(SAMPLE) + writer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    assert unpacked(packed(SAMPLE) + started) == SAMPLE * 2
    assert unpacked(packed(SAMPLE) + packed(SAMPLE * 100)[:20]).startswith(SAMPLE)


def test_damage_and_a_window_beyond_reason_are_said():
    noise = Random(1).randbytes(5000)
    with SOURCE.unpacked(io.BytesIO(packed(noise) + b"no frame at all" * 1000)) as stream:
        assert stream.read(1 << 20) == noise
        with pytest.raises(EOFError):
            stream.read(1)
    wide = zstandard.ZstdCompressionParameters.from_level(3, window_log=30, enable_ldm=True)
    writer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    with pytest.raises(EOFError):
        unpacked(writer.compress(b"x" * 1000) + writer.flush())
