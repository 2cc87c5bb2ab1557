"""What becomes of the news of an end, by what its reader was owed of the episode; and what is part of what."""

from datetime import UTC, datetime

import pytest

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inhibition import Surroundings, ill_resolvers, inhibitor_of
from deliverwatch.core.joining import Earlier, Fate, Part, episode_of, fate, part_of, this_time
from deliverwatch.core.subjects import parse_subject

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
OPENED_AT = NOON.isoformat()
LISTING = f"listing_opened/zen/192.0.2.10/{OPENED_AT}"
BLOCK = f"block_opened/microsoft/192.0.2.10/ip_block/{OPENED_AT}"
PENDING, SENT, HELD = NotificationState.PENDING, NotificationState.SENT, NotificationState.HELD
SILENCED, INHIBITED, JOINED = NotificationState.SILENCED, NotificationState.INHIBITED, NotificationState.JOINED
CLOSED = Event("c", EventKind.LISTING_CLOSED, NOON, "zen", parse_subject("192.0.2.10"), {"opened_at": OPENED_AT})


def earlier(state, attempts=0, whole=True, id_="b"):
    return Earlier(id_, state, attempts, "s-1", whole)


@pytest.mark.parametrize(
    ("before", "decided"),
    [
        ([], Fate()),
        ([earlier(SENT, 1)], Fate()),
        ([earlier(PENDING)], Fate(joins=("b",))),
        ([earlier(HELD), earlier(PENDING, id_="c")], Fate(joins=("b", "c"))),
        ([earlier(PENDING, 1)], Fate()),
        ([earlier(PENDING, whole=False)], Fate()),
        ([earlier(SENT, 1), earlier(PENDING, id_="c")], Fate()),
        ([earlier(JOINED)], Fate()),
        ([earlier(SILENCED)], Fate(kept_back=earlier(SILENCED))),
        ([earlier(INHIBITED), earlier(SILENCED, id_="c")], Fate(kept_back=earlier(SILENCED, id_="c"))),
        ([earlier(SILENCED), earlier(SENT, 1, id_="c")], Fate()),
        ([earlier(SILENCED), earlier(PENDING, id_="c")], Fate(joins=("c",))),
    ],
)
def test_an_end_follows_its_beginning(before, decided):
    assert fate(CLOSED, before) == decided


def test_a_change_joins_nothing_and_follows_what_is_kept_back():
    changed = Event("g", EventKind.LISTING_CHANGED, NOON, "zen", parse_subject("192.0.2.10"), {"opened_at": OPENED_AT})
    assert fate(changed, [earlier(PENDING)]) == Fate()
    assert fate(changed, [earlier(SILENCED)]) == Fate(kept_back=earlier(SILENCED))


def event(kind, key="k", list_id="zen", **facts):
    return Event(key, kind, NOON, list_id, parse_subject("192.0.2.10"), facts)


@pytest.mark.parametrize(
    ("happened", "part", "episode"),
    [
        (event(EventKind.LISTING_OPENED, LISTING, opened_at=OPENED_AT), Part.BEGINS, LISTING),
        (event(EventKind.LISTING_CHANGED, opened_at=OPENED_AT), Part.CHANGES, LISTING),
        (event(EventKind.LISTING_HANDED_OVER, opened_at=OPENED_AT), Part.CHANGES, LISTING),
        (event(EventKind.LISTING_CLOSED, opened_at=OPENED_AT), Part.ENDS, LISTING),
        (event(EventKind.STILL_LISTED, f"reminder/{LISTING}/2"), Part.CHANGES, LISTING),
        (event(EventKind.LISTING_UNSTABLE, "u"), Part.BEGINS, "u"),
        (
            event(EventKind.LISTING_SETTLED, listed=True, opened_at=OPENED_AT, unstable_since=OPENED_AT),
            Part.BEGINS,
            LISTING,
        ),
        (
            event(EventKind.LISTING_SETTLED, listed=False, unstable_since=OPENED_AT),
            Part.ENDS,
            f"listing_unstable/zen/192.0.2.10/{OPENED_AT}",
        ),
        (event(EventKind.BLOCK_OPENED, BLOCK), Part.BEGINS, BLOCK),
        (event(EventKind.BLOCK_OPENED, f"{BLOCK}/told"), Part.BEGINS, BLOCK),
        (event(EventKind.BLOCK_CLOSED, f"block_closed/{BLOCK}"), Part.ENDS, BLOCK),
        (event(EventKind.STILL_BLOCKED, f"reminder/{BLOCK}/1"), Part.CHANGES, BLOCK),
        (event(EventKind.LIST_BLIND, path="p"), Part.BEGINS, "health/zen/p"),
        (event(EventKind.LIST_RECOVERED, path="p"), Part.ENDS, "health/zen/p"),
        (event(EventKind.CHANNEL_FAILING, channel="chat"), Part.BEGINS, "channel/chat"),
        (event(EventKind.CHANNEL_WELL, channel="chat"), Part.ENDS, "channel/chat"),
        (event(EventKind.RESOLVER_TROUBLE, path="p", trouble="dead"), Part.BEGINS, "resolver/p/dead"),
        (event(EventKind.RESOLVER_WELL, path="p", trouble="dead"), Part.ENDS, "resolver/p/dead"),
        (event(EventKind.WARMUP_HELD, "warmup_held/r/x"), Part.BEGINS, "warmup_held/r/x"),
        (event(EventKind.WARMUP_READY, "warmup_ready/r/x"), Part.CHANGES, "warmup_held/r/x"),
        (event(EventKind.LIST_STALE), Part.ALONE, None),
        (event(EventKind.WARMUP_NOTICE), Part.ALONE, None),
    ],
)
def test_every_event_knows_its_episode(happened, part, episode):
    assert (part_of(happened), episode_of(happened)) == (part, episode)


def test_what_was_ill_before_is_another_time():
    names = [EventKind.LIST_BLIND, EventKind.LIST_RECOVERED, EventKind.LIST_BLIND, EventKind.LIST_RECOVERED]
    history = [event(kind, str(number), path="p") for number, kind in enumerate(names)]
    assert this_time(history[:3]) == history[2:3]
    assert this_time(history, "3") == history[2:3]
    assert this_time(history, "1") == history[:1]
    assert this_time(history) == []


def trouble(path, at=NOON):
    return Event(f"t/{path}", EventKind.RESOLVER_TROUBLE, at, "", facts={"path": path, "trouble": "dead"})


def test_a_stale_list_is_so_by_its_resolvers_only_if_all_of_its_ill_paths_are():
    stale, one = event(EventKind.LIST_STALE), {"p": trouble("p")}
    assert inhibitor_of(stale, Surroundings(one, ["p"])) == one["p"]
    assert inhibitor_of(stale, Surroundings(one, ["p", "q"])) is None
    assert inhibitor_of(stale, Surroundings(one, [])) is None


def test_a_resolver_makes_lists_ill_on_its_own_path_alone():
    one = {"p": trouble("p")}
    assert inhibitor_of(event(EventKind.LIST_BLIND, path="p"), Surroundings(one)) == one["p"]
    assert inhibitor_of(event(EventKind.LIST_BLIND, path="q"), Surroundings(one)) is None


def test_a_part_is_told_by_the_whole():
    whole = event(EventKind.LISTING_OPENED, "w")
    around = Surroundings(on_whole=whole)
    assert inhibitor_of(event(EventKind.LISTING_OPENED, list_id="sbl", part_of="zen"), around) == whole
    assert inhibitor_of(event(EventKind.LISTING_OPENED, list_id="sbl"), around) is None
    assert inhibitor_of(event(EventKind.LISTING_CLOSED, list_id="sbl", part_of="zen"), around) is None


def test_trouble_that_was_not_renewed_for_a_day_is_over():
    old, new = trouble("p", NOON.replace(hour=0)), trouble("q")
    assert ill_resolvers([new, old], NOON.replace(day=25, hour=3)) == {"q": new}
