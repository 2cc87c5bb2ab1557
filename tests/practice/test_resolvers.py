"""Who is asked, how often, and what becomes of a thread that waits when the program ends."""

import asyncio
from datetime import timedelta

from deliverwatch.practice.resolvers import GIVEN_UP, Resolvers
from deliverwatch.sandbox.zones import Mode
from practice.dns_world import WAIT

LONG = timedelta(minutes=5)


async def test_each_name_is_asked_for_once_however_it_is_written(world):
    world.texts("acme.example", "one", "two")
    resolvers = Resolvers([world.server.address], WAIT)
    answers = await asyncio.gather(*(resolvers.ask(name, "TXT") for name in ("acme.example", "ACME.example.")))
    assert [answer.values for answer in answers] == [("one", "two")] * 2
    assert world.server.times_asked("acme.example", "TXT") == 1


async def test_what_is_no_name_has_no_records_and_asks_nobody(world):
    resolvers = Resolvers([world.server.address], WAIT)
    for name in ("a..example", "x" * 64 + ".example", "\udcff.example"):
        assert (await resolvers.ask(name, "A")).values == ()
    assert not world.server.questions


async def test_when_the_program_ends_a_waiting_thread_gives_up_and_asks_no_more(world):
    world.example.mode = Mode.SILENT
    resolvers = Resolvers([world.server.address], LONG)
    waiting = asyncio.create_task(asyncio.to_thread(resolvers.ask_from_thread, "a.example", "TXT", 300))
    while not world.server.questions:  # noqa: ASYNC110  # it tells nobody
        await asyncio.sleep(0)
    for task in asyncio.all_tasks() - {asyncio.current_task(), waiting}:
        task.cancel()
    assert await waiting == GIVEN_UP
    assert await asyncio.to_thread(resolvers.ask_from_thread, "b.example", "TXT", 300) == GIVEN_UP
    assert world.server.times_asked("b.example", "TXT") == 0
