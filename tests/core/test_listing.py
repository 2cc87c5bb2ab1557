"""The listing fold: what opens, what closes, and that nothing else ever does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.blocklist import Impact, Polarity
from deliverwatch.core.events import Ending, EventKind
from deliverwatch.core.listing import ListingPolicy, ListingState, Look, Phase, Watch, end, fold, from_the_future
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.verdict import Outcome, Verdict

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
WATCH = Watch("zen", parse_subject("192.0.2.10"))
POLICY = ListingPolicy()
ANSWERS = {
    "L": Verdict(Outcome.LISTED, ("127.0.0.2",), ("SBL",), Impact.CRITICAL, polarity=Polarity.BLOCK),
    "M": Verdict(Outcome.LISTED, ("127.0.0.4",), ("XBL",), Impact.CRITICAL, polarity=Polarity.BLOCK),
    "a": Verdict(Outcome.LISTED, ("127.0.0.1",), ("good",), Impact.INFO, polarity=Polarity.ALLOW),
    "c": Verdict(Outcome.CLEAR),
    "r": Verdict(Outcome.REFUSED),
    "u": Verdict(Outcome.UNREACHABLE),
    "n": Verdict(Outcome.NONSENSE),
}


def look(answer, minutes, path="a", ttl_minutes=0, verifiable=True):
    return Look(
        START + timedelta(minutes=minutes), path, ANSWERS[answer], timedelta(minutes=ttl_minutes), None, verifiable
    )


def story(looks, state=None):
    state, events = state or ListingState(), []
    for each in looks:
        state, happened = fold(state, WATCH, each, POLICY)
        events += happened
    return state, events


def hourly(answers):
    return [look(answer, 60 * hour) for hour, answer in enumerate(answers)]


def kinds(events):
    return [event.kind for event in events]


def test_one_look_opens_nothing():
    state, events = story(hourly("L"))
    assert (state.phase, events) == (Phase.SUSPECTED, [])


def test_a_second_path_confirms_at_once():
    state, events = story([look("L", 0, "a", ttl_minutes=60), look("L", 1, "b", ttl_minutes=60)])
    assert state.phase is Phase.LISTED
    assert kinds(events) == [EventKind.LISTING_OPENED]
    assert state.opened_at == START
    assert events[0].facts["confirmed_at"] == (START + timedelta(minutes=1)).isoformat()


@pytest.mark.parametrize(("minutes", "opened"), [(1, False), (59, False), (60, True), (90, True)])
def test_the_same_path_confirms_only_after_the_time_to_live(minutes, opened):
    _, events = story([look("L", 0, "a", ttl_minutes=60), look("L", minutes, "a", ttl_minutes=60)])
    assert bool(events) is opened


def test_a_clear_look_dispels_the_suspicion():
    state, events = story(hourly("LcL"))
    assert (state.phase, events) == (Phase.SUSPECTED, [])


@pytest.mark.parametrize("between", ["", "r", "u", "n", "runrun"])
def test_inconclusive_looks_neither_confirm_nor_dispel(between):
    _, events = story(hourly("L" + between + "L"))
    assert kinds(events) == [EventKind.LISTING_OPENED]
    assert events[0].facts["opened_at"] == START.isoformat()


def test_three_clear_looks_over_two_hours_close():
    state, events = story(hourly("LLccc"))
    assert state.phase is Phase.CLEAR
    assert kinds(events) == [EventKind.LISTING_OPENED, EventKind.LISTING_CLOSED]
    assert events[1].facts["ended"] == Ending.DELISTED


def test_many_clear_looks_within_two_hours_do_not_close():
    looks = [*hourly("LL"), *(look("c", 120 + 10 * step) for step in range(12))]
    state, events = story(looks)
    assert state.phase is Phase.LISTED
    state, events = story([look("c", 240)], state)
    assert kinds(events) == [EventKind.LISTING_CLOSED]


def test_a_listed_look_starts_the_closing_anew():
    state, _ = story(hourly("LLccLcc"))
    assert state.phase is Phase.LISTED


def test_inconclusive_looks_do_not_count_towards_closing():
    state, _ = story(hourly("LLcunrcunr"))
    assert state.phase is Phase.LISTED
    state, events = story([look("c", 60 * 20)], state)
    assert kinds(events) == [EventKind.LISTING_CLOSED]


def test_an_answer_that_accuses_nobody_opens_nothing_and_closes_like_a_clear_one():
    assert story(hourly("aa"))[0].phase is Phase.CLEAR
    assert kinds(story(hourly("LLaaa"))[1]) == [EventKind.LISTING_OPENED, EventKind.LISTING_CLOSED]


def test_a_new_code_set_is_a_change():
    _, events = story(hourly("LLM"))
    assert kinds(events) == [EventKind.LISTING_OPENED, EventKind.LISTING_CHANGED]
    assert events[1].facts["codes_before"] == ["127.0.0.2"]
    assert events[1].facts["codes"] == ["127.0.0.4"]


def test_an_unverifiable_list_opens_and_closes_nothing():
    state, events = story([look("L", minute, verifiable=False) for minute in range(0, 300, 60)])
    assert (state, events) == (ListingState(), [])


def test_ending_for_another_reason():
    opened, _ = story(hourly("LL"))
    state, events = end(opened, WATCH, START + timedelta(days=1), Ending.WITHDRAWN)
    assert state.phase is Phase.CLEAR
    assert events[0].facts["ended"] == Ending.WITHDRAWN
    assert end(ListingState(), WATCH, START, Ending.WITHDRAWN)[1] == ()


# --- doubted: what opened while the list was lying


def doubted():
    state, _ = story(hourly("LL"))
    return replace(state, doubted=True)


def test_a_doubted_listing_that_is_seen_again_is_real():
    state, events = story([look("L", 180)], doubted())
    assert (state.phase, state.doubted, events) == (Phase.LISTED, False, [])


def test_a_doubted_listing_that_is_not_there_never_was():
    looks = [look("c", minutes) for minutes in (180, 240, 300)]
    assert story(looks[:2], doubted())[0].doubted
    (event,) = story(looks, doubted())[1]
    assert (event.kind, event.facts["ended"]) == (EventKind.LISTING_CLOSED, Ending.VOID)


@pytest.mark.parametrize("ending", [Ending.LIST_ENDED, Ending.WITHDRAWN])
def test_what_ends_while_it_is_doubted_is_void(ending):
    """A liar's word is all there is, and nobody can be asked any more."""
    assert end(doubted(), WATCH, START + timedelta(days=1), ending)[1][0].facts["ended"] == Ending.VOID


@pytest.mark.parametrize("answers", ["r", "u", "n", "runrun"])
def test_silence_decides_no_doubt(answers):
    looks = [look(answer, 180 + 60 * hour) for hour, answer in enumerate(answers)]
    assert story(looks, doubted()) == (doubted(), [])


histories = st.lists(
    st.tuples(st.sampled_from("LMacrun"), st.integers(1, 90), st.sampled_from("ab"), st.integers(0, 120)), max_size=60
)


def as_looks(history):
    minutes = 0
    for answer, gap, path, ttl in history:
        minutes += gap
        yield look(answer, minutes, path, ttl)


@given(histories)
def test_inconclusive_looks_never_alter_the_story(history):
    looks = list(as_looks(history))
    conclusive = [each for each in looks if each.verdict.outcome.conclusive]
    assert story(looks) == story(conclusive)


@given(histories)
def test_inconclusive_looks_alone_never_open_or_close(history):
    silent = [each for each in as_looks(history) if not each.verdict.outcome.conclusive]
    for start in (ListingState(), story(hourly("L"))[0], story(hourly("LL"))[0], doubted()):
        assert story(silent, start) == (start, [])


@given(histories)
def test_replays_are_no_ops(history):
    looks = list(as_looks(history))
    twice = [each for each in looks for _ in range(2)]
    assert story(twice) == story(looks)
    state, _ = story(looks)
    assert story(looks, state) == (state, [])


@given(histories)
def test_opened_and_closed_strictly_alternate(history):
    _, events = story(as_looks(history))
    edges = [event.kind for event in events if event.kind is not EventKind.LISTING_CHANGED]
    assert edges == [EventKind.LISTING_OPENED, EventKind.LISTING_CLOSED] * (len(edges) // 2) + edges[: len(edges) % 2]


@given(histories)
def test_the_state_agrees_with_the_last_event(history):
    state, events = story(as_looks(history))
    is_open = bool(events) and events[-1].kind is not EventKind.LISTING_CLOSED
    assert (state.phase is Phase.LISTED) is is_open
    if is_open:
        assert list(state.codes) == events[-1].facts["codes"]


@given(histories)
def test_event_keys_are_unique(history):
    _, events = story(as_looks(history))
    assert len({event.key for event in events}) == len(events)


def test_a_clock_that_was_ahead_does_not_silence_a_watch():
    """Opened by a clock a year ahead, which is then put right."""
    opened, _ = story(hourly("LL"))
    put_right = START - timedelta(days=365)
    state = from_the_future(opened, put_right)
    assert (state.phase, state.opened_at) == (Phase.LISTED, opened.opened_at)
    assert state.as_of is not None
    assert state.as_of < put_right
    back = [look("c", minutes - 365 * 24 * 60) for minutes in (0, 60, 120)]
    assert kinds(story(back, state)[1]) == [EventKind.LISTING_CLOSED]
    suspected, _ = story(hourly("L"))
    then = START - timedelta(days=1)
    assert from_the_future(suspected, then) == ListingState(as_of=then - timedelta(microseconds=1))
    assert from_the_future(suspected, START) is suspected


def test_nothing_closes_before_the_test_points_that_vouched_for_it_have_run_out():
    """A list that went empty looks well for as long as a cache repeats them, six hours here."""
    opened, _ = story(hourly("LL"))
    clears = [replace(look("c", 60 * hour), test_ttl_for=timedelta(hours=9 - hour)) for hour in range(3, 10)]
    state, events = story(clears[:-1], opened)
    assert (state.phase, events) == (Phase.LISTED, [])
    _, events = story(clears[-1:], state)
    assert kinds(events) == [EventKind.LISTING_CLOSED]
