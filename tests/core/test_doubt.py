"""What a list said before it was caught lying."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.doubt import doubt, doubted_since
from deliverwatch.core.listing import ListingState, Phase
from deliverwatch.core.subjects import SubjectKind, parse_subject
from samples import NOON

HOUR = timedelta(hours=1)
V4 = frozenset({SubjectKind.IPV4})
SUBJECTS = [parse_subject(f"192.0.2.{number}") for number in range(20)]


def opened(hours_ago, phase=Phase.LISTED, **more):
    at = NOON - hours_ago * HOUR
    return ListingState(phase, at, at, ("127.0.0.2",), **more)


def test_the_last_verified_round_but_one_or_what_caches_repeat_is_the_limit():
    assert doubted_since((NOON - 4 * HOUR, NOON - 8 * HOUR), NOON) == NOON - 8 * HOUR
    assert doubted_since((NOON - 4 * HOUR,), NOON) == NOON - 4 * HOUR
    assert doubted_since((NOON - HOUR, NOON - 2 * HOUR), NOON) == NOON - 3 * HOUR
    assert doubted_since((), NOON) < NOON - 10_000 * HOUR


def test_what_is_listed_is_doubted_and_what_is_suspected_forgotten():
    states = {SUBJECTS[0]: opened(1), SUBJECTS[1]: opened(1, Phase.SUSPECTED)}
    after = doubt(states, V4, NOON - HOUR, NOON)
    assert (after[SUBJECTS[0]].phase, after[SUBJECTS[0]].doubted) == (Phase.LISTED, True)
    assert after[SUBJECTS[1]] == ListingState(as_of=NOON)


def test_looks_before_the_doubt_count_for_nothing():
    counted = opened(1, clear_count=2, clear_since=NOON - HOUR)
    (after,) = doubt({SUBJECTS[0]: counted}, V4, NOON - HOUR, NOON).values()
    assert (after.clear_count, after.clear_since, after.as_of) == (0, None, NOON)


def test_other_kinds_are_left_alone():
    six = parse_subject("2001:db8::1")
    assert doubt({six: opened(1)}, V4, NOON - HOUR, NOON) == {}


states_st = st.dictionaries(
    st.sampled_from(SUBJECTS),
    st.builds(opened, st.integers(0, 99), st.sampled_from([Phase.LISTED, Phase.SUSPECTED]), doubted=st.booleans()),
)


@given(states=states_st, hours=st.integers(0, 99))
def test_it_never_touches_what_opened_before_and_never_twice(states, hours):
    since = NOON - hours * HOUR
    after = doubt(states, V4, since, NOON)
    assert after.keys() == {
        subject for subject, state in states.items() if state.opened_at >= since and not state.doubted
    }
    assert doubt({**states, **after}, V4, since, NOON) == {}


@given(states=states_st, hours=st.integers(0, 99))
def test_it_ends_no_listing_and_opens_none(states, hours):
    after = {**states, **doubt(states, V4, NOON - hours * HOUR, NOON)}
    for subject, state in states.items():
        if state.phase is Phase.LISTED:
            assert (after[subject].phase, after[subject].opened_at) == (Phase.LISTED, state.opened_at)
        else:
            assert after[subject].phase is not Phase.LISTED
