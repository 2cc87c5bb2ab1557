"""What the flows may rely on of a store, on every database: each record counts once, and is never lost."""

import asyncio
import random
from dataclasses import replace
from datetime import UTC, date

import pytest
from sqlalchemy import Engine, event

from contract.store_values import DAY, HOUR, IPV4, IPV6, MINUTE, NOON
from deliverwatch.core.delivery import (
    Cluster,
    FactCounts,
    FactKey,
    Measure,
    Rejection,
    ReplyCounts,
    ReplyKey,
    SenderKey,
    Signal,
    SignalName,
)
from deliverwatch.core.errors import AlreadySeen, FenceLost
from deliverwatch.core.reply import ReplyClass
from deliverwatch.flows.delivery_ports import FileProgress, IngestBatch, RawBody, RejectionLine, SeenSender, SourceState

AT_NOON = NOON.replace(microsecond=0)
KEY = FactKey("kumomta", IPV4.value, "gmail", "news.acme.example", "bulk", "autumn", "", AT_NOON)
REPLY = ReplyKey("kumomta", IPV4.value, "gmail", "news.acme.example", ReplyClass.IP_BLOCK, "gmail/low", "", "", AT_NOON)
MEASURE = Measure(AT_NOON, DAY, ip=IPV4.value, provider="gmail", attempted=100, bounced=3, as_of=NOON)
SIGNAL = Signal(SignalName.SNDS_COLOUR, "microsoft", IPV4.value, date(2026, 11, 24), text="yellow")
PROGRESS = FileProgress("kumomta", "abc", 1024, "/var/log/kumo/1", 2**64 - 1, 1000, "d1", 10, 10, 8, 1, 1, NOON)
ANCIENT = NOON - 1000 * DAY


def batch(source="kumomta", **changes):
    return IngestBatch(source, source, **{"at": NOON, **changes})


def full_batch(**changes):
    """Something of everything."""
    parts = {
        "facts": {KEY: FactCounts(attempted=5, delivered=4, bounced=1)},
        "replies": {REPLY: ReplyCounts(0, 1, 0, "550 blocked", 1)},
        "clusters": [Cluster("550 no <host>", 2, True, NOON, NOON + MINUTE)],
        "measures": [MEASURE],
        "signals": [SIGNAL],
        "senders": {SenderKey("kumomta", "ip", IPV4.value): 5},
        "rejections": [Rejection(7, "no time")],
        "event_ids": {1, 2**63 - 1},
        "read": 10,
        "accepted": 8,
        "duplicates": 1,
        "rejected": 1,
        "last_event_at": NOON,
        "origin": "log-1",
        "progress": PROGRESS,
        "cursor": {"page": 2},
        "look_requests": [("zen", IPV4)],
    }
    return batch(**{**parts, **changes})


def raw(number=1, identity=None, at=NOON):
    return RawBody(0, "sparkpost", identity, at, {"x-batch": str(number)}, b'[{"n": %d}]' % number)


async def counted(store):
    """By key, what the events counted."""
    return dict(await store.facts(ANCIENT))


class TestCounting:
    async def test_nothing_is_known_at_first(self, store):
        assert await store.source_states() == {}
        assert await store.file_progress("kumomta", "abc") is None
        assert await store.next_raw() is None
        for found in (store.facts(ANCIENT), store.measures(ANCIENT), store.replies(ANCIENT), store.signals(ANCIENT)):
            assert await found == []

    async def test_what_is_committed_is_what_is_read(self, store):
        await store.commit_ingest(full_batch())
        hour, measured = await store.facts(ANCIENT)
        assert hour == (KEY, FactCounts(attempted=5, delivered=4, bounced=1))
        assert measured == (
            FactKey("kumomta", IPV4.value, "gmail", "", "", "", "", AT_NOON),
            FactCounts(attempted=100, bounced=3),
        )
        assert await store.measures(ANCIENT) == [("kumomta", MEASURE)]
        assert await store.replies(ANCIENT) == [(REPLY, ReplyCounts(0, 1, 0, "550 blocked", 1))]
        assert await store.signals(ANCIENT) == [SIGNAL]
        assert await store.clusters() == [Cluster("550 no <host>", 2, True, NOON, NOON + MINUTE)]
        assert await store.seen_senders(ANCIENT) == [
            SeenSender(SenderKey("kumomta", "ip", IPV4.value), 5, AT_NOON, NOON)
        ]
        assert await store.rejections() == [RejectionLine("kumomta", NOON, "log-1", 7, "no time")]
        assert await store.source_states() == {
            "kumomta": SourceState("kumomta", {"page": 2}, NOON, NOON, None, None, 10, 8, 1, 1)
        }
        assert await store.file_progress("kumomta", "abc") == PROGRESS
        assert await store.look_requests() == {"zen": (IPV4,)}

    async def test_two_commits_add(self, store):
        await store.commit_ingest(full_batch())
        await store.commit_ingest(
            full_batch(event_ids={3}, progress=None, cursor=None, last_event_at=NOON - DAY, measures=(), at=NOON + HOUR)
        )
        assert await counted(store) == {
            KEY: FactCounts(attempted=10, delivered=8, bounced=2),
            FactKey("kumomta", IPV4.value, "gmail", "", "", "", "", AT_NOON): FactCounts(attempted=100, bounced=3),
        }
        assert await store.replies(ANCIENT) == [(REPLY, ReplyCounts(0, 2, 0, "550 blocked", 2))]
        assert [each.replies for each in await store.clusters()] == [4]
        assert [each.count for each in await store.seen_senders(ANCIENT)] == [10]
        assert await store.source_states() == {
            "kumomta": SourceState("kumomta", {"page": 2}, NOON + HOUR, NOON, None, None, 20, 16, 2, 2)
        }

    async def test_what_was_not_measured_takes_nothing_away_and_is_no_zero(self, store):
        for counts in (FactCounts(attempted=1), FactCounts(delivered=2), FactCounts(attempted=3, delivered=0)):
            await store.commit_ingest(batch(facts={KEY: counts}))
        assert await counted(store) == {KEY: FactCounts(attempted=4, delivered=2)}

    async def test_facts_of_a_span(self, store):
        keys = [KEY._replace(hour_at=AT_NOON + n * HOUR) for n in range(4)]
        await store.commit_ingest(batch(facts={key: FactCounts(attempted=1) for key in reversed(keys)}))
        assert [key for key, _ in await store.facts(keys[1].hour_at)] == keys[1:]
        assert [key for key, _ in await store.facts(keys[1].hour_at, keys[3].hour_at)] == keys[1:3]
        assert all(key.hour_at.tzinfo is UTC for key, _ in await store.facts(ANCIENT))

    async def test_spans_of_clusters_and_senders_grow_both_ways(self, store):
        sender = SenderKey("kumomta", "dkim", "acme.example")
        for at in (NOON, NOON + DAY, NOON - DAY):
            await store.commit_ingest(
                batch(
                    clusters=[Cluster("550 <host>", 1, False, at, at)],
                    senders={sender: 0},
                    last_event_at=at,
                )
            )
        assert await store.clusters() == [Cluster("550 <host>", 3, False, NOON - DAY, NOON + DAY)]
        assert await store.seen_senders(NOON) == [SeenSender(sender, 0, NOON - DAY, NOON + DAY)]
        assert await store.seen_senders(NOON + 2 * DAY) == []

    async def test_a_sender_of_statements_is_seen_from_the_first_of_them_on(self, store):
        sender = SenderKey("kumomta", "ip", IPV4.value)
        stated = [MEASURE._replace(starts_at=AT_NOON + number * DAY) for number in range(3)]
        await store.commit_ingest(batch(measures=stated, senders={sender: 0}, last_event_at=AT_NOON + 3 * DAY))
        assert await store.seen_senders(ANCIENT) == [SeenSender(sender, 0, AT_NOON, AT_NOON + 3 * DAY)]

    async def test_clusters_that_look_like_blocks_come_first(self, store):
        made = [
            Cluster(name, n, block, NOON, NOON) for name, n, block in (("a", 9, False), ("b", 1, True), ("c", 2, True))
        ]
        await store.commit_ingest(batch(clusters=made))
        assert [each.template for each in await store.clusters()] == ["c", "b", "a"]
        assert [each.template for each in await store.clusters(1)] == ["c"]

    async def test_what_strangers_wrote_can_be_kept(self, store):
        odd = "x\x00y\ud800"
        whole = "x\ufffdy\ufffd"
        generator = random.Random(7)
        template = "".join(chr(generator.randrange(0x4E00, 0x9FFF)) for _ in range(4096))
        key = KEY._replace(campaign=odd, pool=odd)
        await store.commit_ingest(
            batch(
                facts={key: FactCounts(attempted=1)},
                replies={REPLY: ReplyCounts(1, 0, 0, odd)},
                clusters=[Cluster(template, 1, True, NOON, NOON), Cluster(odd, 1, False, NOON, NOON)],
                rejections=[Rejection(1, odd)],
                origin=odd,
                cursor={"next": odd},
            )
        )
        await store.keep_raw(replace(raw(), headers={"x": odd}, identity=odd))
        assert await counted(store) == {KEY._replace(campaign=whole, pool=whole): FactCounts(attempted=1)}
        assert [each.template for each in await store.clusters()] == [template, whole]
        assert [(each.origin, each.why) for each in await store.rejections()] == [(whole, whole)]
        assert (await store.next_raw()).headers == {"x": odd}


class TestStatements:
    async def test_those_of_one_sender_in_a_span_are_found(self, store):
        others = [MEASURE._replace(ip="192.0.2.77"), MEASURE._replace(ip=None, domain="acme.example")]
        await store.commit_ingest(batch(measures=[MEASURE, *others, MEASURE._replace(starts_at=AT_NOON + DAY)]))
        assert await store.measures(AT_NOON, AT_NOON + DAY, IPV4.value) == [("kumomta", MEASURE)]
        assert await store.measures(ANCIENT, None, "acme.example") == [("kumomta", others[1])]
        assert len(await store.measures(AT_NOON, AT_NOON + DAY)) == 3

    async def test_a_newer_one_replaces_the_older(self, store):
        newer = MEASURE._replace(attempted=120, bounced=None, as_of=NOON + HOUR)
        for each in (MEASURE, newer):
            await store.commit_ingest(batch(measures=[each]))
        assert await store.measures(ANCIENT) == [("kumomta", newer)]

    async def test_an_older_one_comes_too_late(self, store):
        for as_of in (NOON, NOON - HOUR):
            await store.commit_ingest(batch(measures=[MEASURE._replace(attempted=as_of.hour, as_of=as_of)]))
        assert await store.measures(ANCIENT) == [("kumomta", MEASURE._replace(attempted=12))]

    async def test_one_without_a_time_is_as_fresh_as_it_comes(self, store):
        undated = MEASURE._replace(attempted=1, as_of=None)
        for each in (MEASURE, undated):
            await store.commit_ingest(batch(measures=[each]))
        assert await store.measures(ANCIENT) == [("kumomta", undated)]
        await store.commit_ingest(batch(measures=[MEASURE]))
        assert await store.measures(ANCIENT) == [("kumomta", MEASURE)]

    async def test_spans_and_sources_are_told_apart(self, store):
        hour = MEASURE._replace(lasts_for=HOUR, attempted=5)
        await store.commit_ingest(batch(measures=[MEASURE, hour]))
        await store.commit_ingest(batch("snds", measures=[MEASURE]))
        found = await store.measures(ANCIENT)
        assert sorted(found, key=str) == sorted([("kumomta", MEASURE), ("kumomta", hour), ("snds", MEASURE)], key=str)
        assert await store.measures(AT_NOON + MINUTE) == []

    async def test_a_signal_replaces_that_of_its_day(self, store):
        red = SIGNAL._replace(text="red")
        silent = SIGNAL._replace(on=date(2026, 11, 25), text=None)
        rate = Signal(SignalName.SPAM_RATE, "gmail", "acme.example", date(2026, 11, 24), 0.003)
        await store.commit_ingest(batch("snds", signals=[SIGNAL, silent, rate]))
        await store.commit_ingest(batch("snds", signals=[red, rate._replace(value=None)]))
        assert set(await store.signals(NOON)) == {red, silent, rate._replace(value=None)}
        assert await store.signals(NOON + DAY) == [silent]


class TestOnce:
    async def test_one_event_that_is_there_keeps_everything_out(self, store, count_rows):
        await store.commit_ingest(batch(event_ids={2}))
        before = count_rows(), await store.source_states()
        with pytest.raises(AlreadySeen, match="1 of 2"):
            await store.commit_ingest(full_batch(event_ids={1, 2}))
        assert (count_rows(), await store.source_states()) == before
        assert await store.seen_events("kumomta", {1, 2, 3}) == {2}
        await store.commit_ingest(full_batch(event_ids={1}))

    async def test_ids_are_told_apart_by_space(self, store):
        largest = 2**63 - 1
        await store.commit_ingest(batch("kumomta", event_ids=[0, largest]))
        await store.commit_ingest(batch("postmark", event_ids=[0]))
        assert await store.seen_events("kumomta", [largest, 0, 5]) == {0, largest}
        assert await store.seen_events("postmark", [largest, 0, 5]) == {0}
        assert await store.seen_events("ses", []) == set()

    async def test_more_ids_than_a_statement_has_parameters(self, store):
        many = range(0, 80_000, 2)
        await store.commit_ingest(batch(event_ids=many))
        assert await store.seen_events("kumomta", range(80_000)) == set(many)

    @pytest.mark.parametrize("table", ["fact_hour", "source_state", "seen_sender", "look_request"])
    async def test_a_commit_that_breaks_leaves_nothing(self, store, count_rows, table):
        await store.keep_raw(raw())
        before = count_rows()

        def break_off(_connection, _cursor, statement, *_):
            if statement.startswith(f"INSERT INTO {table}"):
                raise RuntimeError("killed")

        made = full_batch(raw_id=(await store.next_raw()).id)
        event.listen(Engine, "before_cursor_execute", break_off)
        try:
            with pytest.raises(RuntimeError):
                await store.commit_ingest(made)
        finally:
            event.remove(Engine, "before_cursor_execute", break_off)
        assert count_rows() == before
        assert (await store.next_raw()).id == made.raw_id
        await store.commit_ingest(made)
        assert count_rows()["fact_hour"] == 1

    async def test_two_workers_count_an_event_once(self, start_store):
        stores = [start_store(), start_store()]

        async def work(store, seed):
            order = random.Random(seed).sample(range(60), 60)
            won = 0
            for begin in range(0, 60, 3):
                wanted = set(order[begin : begin + 3])
                for _ in range(10):
                    new = wanted - await store.seen_events("kumomta", wanted)
                    try:
                        await store.commit_ingest(
                            batch(facts={KEY: FactCounts(attempted=len(new))}, event_ids=new, accepted=len(new))
                        )
                    except AlreadySeen:
                        continue
                    won += len(new)
                    break
            return won

        assert sum(await asyncio.gather(*(work(store, seed) for seed, store in enumerate(stores)))) == 60
        assert (await counted(stores[0]))[KEY].attempted == 60
        assert (await stores[1].source_states())["kumomta"].accepted == 60


class TestFiles:
    async def test_a_file_goes_on_from_where_it_stood(self, store):
        await store.commit_ingest(batch(read=10, progress=PROGRESS))
        on = replace(PROGRESS, offset=1500, lines=15, read=14, accepted=12, digest="d2", path="/var/log/kumo/1.old")
        await store.commit_ingest(batch(read=4, progress=on))
        assert await store.file_progress("kumomta", "abc") == on
        assert await store.followed_progress("kumomta", "/var/log/kumo/1") == []
        assert await store.followed_progress("kumomta", "/var/log/kumo/1.old") == [on]

    @pytest.mark.parametrize(
        ("offset", "read_in_all", "read"),
        [(1500, 14, 14), (1500, 14, 3), (900, 10, 0), (1500, 10, 10), (1000, 10, 10)],
        ids=["from the beginning", "from before", "behind", "all anew", "the same part again"],
    )
    async def test_a_part_that_somebody_else_has_read_is_given_up(self, store, count_rows, offset, read_in_all, read):
        await store.commit_ingest(batch(read=10, progress=PROGRESS))
        before = count_rows(), await store.source_states()
        late = replace(PROGRESS, offset=offset, read=read_in_all)
        with pytest.raises(FenceLost, match="/var/log/kumo/1"):
            await store.commit_ingest(full_batch(progress=late, read=read))
        assert (count_rows(), await store.source_states()) == before
        assert await store.file_progress("kumomta", "abc") == PROGRESS

    async def test_a_file_that_is_not_known_begins_at_its_beginning(self, store):
        with pytest.raises(FenceLost):
            await store.commit_ingest(batch(read=2, progress=PROGRESS))
        assert await store.file_progress("kumomta", "abc") is None

    async def test_files_of_one_name_newest_first(self, store):
        older = replace(PROGRESS, head="old", at=NOON - DAY, inode=None)
        for each in (PROGRESS, older):
            await store.commit_ingest(batch(read=10, progress=each))
        await store.commit_ingest(batch("postfix", read=10, progress=replace(PROGRESS, source="postfix")))
        assert await store.followed_progress("kumomta", PROGRESS.path) == [PROGRESS, older]


class TestRawBodies:
    async def test_some_are_passed_over(self, store):
        for number in (1, 2, 3):
            await store.keep_raw(raw(number, str(number)))
        first = await store.next_raw()
        second = await store.next_raw([first.id])
        assert (first.identity, second.identity) == ("1", "2")
        assert (await store.next_raw({first.id, second.id})).identity == "3"

    async def test_the_oldest_comes_first_until_it_is_counted(self, store):
        for number in (1, 2):
            assert await store.keep_raw(raw(number))
        first = await store.next_raw()
        assert first == replace(raw(1), id=first.id)
        await store.commit_ingest(batch("sparkpost", raw_id=first.id))
        second = await store.next_raw()
        assert second.body == raw(2).body
        await store.commit_ingest(batch("sparkpost", raw_id=second.id))
        assert await store.next_raw() is None

    async def test_one_identity_is_kept_once_for_a_source(self, store, count_rows):
        assert await store.keep_raw(raw(1, "b1"))
        assert not await store.keep_raw(raw(2, "b1"))
        assert await store.keep_raw(replace(raw(2, "b1"), source="bird"))
        assert await store.keep_raw(raw(3))
        assert await store.keep_raw(raw(3))
        assert count_rows()["raw_body"] == 4
        assert (await store.next_raw()).body == raw(1).body

    async def test_what_was_counted_is_not_counted_again(self, store, count_rows):
        await store.keep_raw(raw())
        body = await store.next_raw()
        await store.commit_ingest(batch("sparkpost", raw_id=body.id))
        before = count_rows()
        with pytest.raises(FenceLost):
            await store.commit_ingest(full_batch(raw_id=body.id))
        assert count_rows() == before
        await store.fail_raw(body.id, "too late")
        assert await store.rejections() == []

    async def test_what_cannot_be_read_is_kept_and_shown(self, store, count_rows):
        await store.keep_raw(raw())
        body = await store.next_raw()
        for _ in range(2):
            await store.fail_raw(body.id, "not JSON")
        assert await store.next_raw() is None
        assert count_rows()["raw_body"] == 1
        assert await store.rejections("sparkpost") == [RejectionLine("sparkpost", NOON, "webhook", 0, "not JSON")]
        assert await store.source_states() == {"sparkpost": SourceState("sparkpost", read=1, rejected=1)}

    async def test_bodies_are_kept_small(self, store_url, store, tmp_path):
        await store.keep_raw(replace(raw(), body=b"recipient" * 1_000_000))
        assert (await store.next_raw()).body == b"recipient" * 1_000_000
        if store_url.startswith("sqlite"):
            assert sum(each.stat().st_size for each in tmp_path.iterdir()) < 3_000_000


class TestSources:
    async def test_a_failure_lasts_until_something_is_read(self, store):
        await store.commit_ingest(batch(cursor={"page": 1}))
        await store.source_failed("kumomta", "429", NOON + HOUR)
        await store.source_failed("kumomta", "401: the key is wrong", NOON + 2 * HOUR)
        state = (await store.source_states())["kumomta"]
        assert (state.failed_since, state.failure) == (NOON + HOUR, "401: the key is wrong")
        assert (state.cursor, state.last_ingest_at) == ({"page": 1}, NOON)
        await store.commit_ingest(batch(at=NOON + 3 * HOUR))
        state = (await store.source_states())["kumomta"]
        assert (state.failed_since, state.failure, state.last_ingest_at) == (None, None, NOON + 3 * HOUR)

    async def test_one_that_never_worked_is_failing(self, store):
        await store.source_failed("snds", "404", NOON)
        assert await store.source_states() == {"snds": SourceState("snds", failed_since=NOON, failure="404")}

    async def test_the_newest_rejections_of_each_source_are_kept(self, store):
        await store.commit_ingest(batch("ses", rejections=[Rejection(1, "other")]))
        for begin in (0, 700):
            lines = [Rejection(begin + n, "no time") for n in range(1, 701)]
            await store.commit_ingest(batch(rejections=lines, rejected=700))
        found = await store.rejections("kumomta", limit=5000)
        assert [each.line for each in found] == list(range(1400, 400, -1))
        assert [each.line for each in await store.rejections(limit=2)] == [1400, 1399]
        assert [each.why for each in await store.rejections("ses")] == ["other"]
        assert (await store.source_states())["kumomta"].rejected == 1400
        await store.commit_ingest(batch(rejections=[Rejection(n, "no time") for n in range(3000)]))
        assert [each.line for each in await store.rejections("kumomta", 5000)] == list(range(2999, 1999, -1))

    async def test_a_look_is_asked_for_once_until_it_is_done(self, store):
        await store.commit_ingest(batch(look_requests=[("zen", IPV4), ("sbl", IPV6), ("zen", IPV4)]))
        await store.commit_ingest(batch(look_requests=[("zen", IPV4), ("zen", IPV6)], at=NOON - HOUR))
        assert await store.look_requests() == {"zen": (IPV6, IPV4), "sbl": (IPV6,)}
        await store.look_done("zen", [IPV4, IPV6])
        await store.look_done("zen", [])
        assert await store.look_requests() == {"sbl": (IPV6,)}
        await store.commit_ingest(batch(look_requests=[("zen", IPV4)]))
        assert await store.look_requests() == {"zen": (IPV4,), "sbl": (IPV6,)}


class TestPruning:
    async def test_what_is_older_goes_and_the_rest_stays(self, store, count_rows):
        def of(at):
            return full_batch(
                at=at,
                facts={KEY._replace(hour_at=at): FactCounts(attempted=1)},
                replies={REPLY._replace(hour_at=at): ReplyCounts(1, 0, 0, "s")},
                clusters=[Cluster(at.isoformat(), 1, True, at, at)],
                measures=[MEASURE._replace(starts_at=at)],
                signals=[SIGNAL._replace(on=at.date())],
                senders={SenderKey("kumomta", "ip", at.isoformat()): 1},
                event_ids={int(at.timestamp())},
                last_event_at=at,
                progress=None,
                rejections=(),
            )

        for at in (NOON - 3 * DAY, NOON):
            await store.commit_ingest(of(at))
            await store.keep_raw(raw(at=at))
            await store.commit_ingest(batch("sparkpost", raw_id=(await store.next_raw()).id))
        await store.commit_ingest(batch(read=10, progress=replace(PROGRESS, at=NOON - 3 * DAY)))
        tables = ("fact_hour", "reply_hour", "reply_cluster", "measure", "signal", "seen_sender")
        await store.prune_ingest(NOON - 9 * DAY, NOON - 9 * DAY, NOON - 9 * DAY)
        assert {count_rows()[name] for name in (*tables, "raw_body", "seen_event")} == {2}
        await store.prune_ingest(NOON, NOON - 9 * DAY, NOON - 9 * DAY)
        assert [count_rows()[name] for name in ("raw_body", "seen_event", "fact_hour")] == [1, 2, 2]
        await store.prune_ingest(NOON, NOON, NOON)
        assert {count_rows()[name] for name in (*tables, "raw_body", "seen_event")} == {1}
        assert await store.seen_events("kumomta", [int(NOON.timestamp())]) == {int(NOON.timestamp())}
        assert [each.key.name for each in await store.seen_senders(ANCIENT)] == [NOON.isoformat()]
        assert await store.file_progress("kumomta", "abc") is not None

    async def test_a_call_that_was_never_read_is_named_when_it_goes(self, store, count_rows):
        await store.keep_raw(raw(at=NOON - DAY))
        await store.prune_ingest(NOON, NOON, NOON)
        assert count_rows()["raw_body"] == 0
        (line,) = await store.rejections("sparkpost")
        assert (line.at, line.origin) == (NOON - DAY, "webhook")
        assert "expired" in line.why
        assert (await store.source_states())["sparkpost"].rejected == 1
