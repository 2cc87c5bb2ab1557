"""Whatever is silenced, inhibited, joined, collected, doubted, sent or killed: in the end everybody knows what is true.

Random lives of a small world through a real store. At rest each reader's last word on each episode is the truth; nobody
hears the end of what they were not told, and nothing twice; and nothing is owed any more.
"""

import asyncio
import shutil

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.routing import Family
from deliverwatch.store import SqlStore, open_store
from deliverwatch.store.engine import read_url
from store.alert_world import PART, SUBJECTS, WHOLE, World

LISTS = st.sampled_from((WHOLE, WHOLE, PART))
SOME = st.sets(st.sampled_from(SUBJECTS), min_size=1).map(lambda some: sorted(some, key=str))
COVERS = st.sampled_from(
    (
        {"subject": "192.0.2.10"},
        {"subject": "192.0.2.0/27"},
        {"place": WHOLE},
        {"customer": "acme"},
        {"family": Family.LISTING},
    )
)
ACTIONS = st.one_of(
    st.tuples(st.just("open"), LISTS, SOME),
    st.tuples(st.just("open"), LISTS, SOME),
    st.tuples(st.just("close"), LISTS, SOME),
    st.tuples(st.just("close"), LISTS, SOME),
    st.tuples(st.just("change"), LISTS, SOME),
    st.tuples(st.just("doubt"), LISTS),
    st.tuples(st.just("confirm"), LISTS),
    st.tuples(st.just("silence"), st.integers(1, 4), COVERS),
    st.tuples(st.just("end_silence")),
    st.tuples(st.just("tick")),
    st.tuples(st.just("digest")),
    st.tuples(st.just("deliver"), st.integers(1, 9), st.booleans()),
)


WITHOUT_EXPLAINING = [phase for phase in Phase if phase is not Phase.explain]  # which takes minutes


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alerts")
    open_store(f"sqlite:///{folder / 'empty.db'}").shut()
    return folder / "empty.db"


@settings(max_examples=12, deadline=None, phases=WITHOUT_EXPLAINING, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTIONS, min_size=6, max_size=24))
def test_in_the_end_every_reader_knows_what_is_true(empty_store, actions):
    file = shutil.copy(empty_store, empty_store.with_name("life.db"))
    asyncio.run(live(f"sqlite:///{file}", actions))


async def live(url, actions):
    store = SqlStore(read_url(url))
    try:
        world = World(store)
        for name, *arguments in actions:
            if name == "silence":
                await world.silence(arguments[0], **arguments[1])
            else:
                await getattr(world, name)(*arguments)
        await world.come_to_rest()
        await world.check()
        owed = {line.notification.id: line.state for line in await store.outbox(1_000) if is_owed(line.state)}
        assert owed == {}
    finally:
        await store.close()


def is_owed(state):
    return state in (
        NotificationState.PENDING,
        NotificationState.HELD,
        NotificationState.SENDING,
        NotificationState.COLLECTED,
    )
