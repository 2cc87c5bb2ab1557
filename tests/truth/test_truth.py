"""Days of hourly rounds over 200 subjects and 30 lists in a bad network, held against the truth.

One exchange in ten is lost and one question in fifty answered SERVFAIL; three lists die, and one of three resolvers
lies. DELIVERWATCH_SEEDS (how many) and DELIVERWATCH_DAYS make it longer: `make soak` runs a month, and twenty seeds.
DELIVERWATCH_SEED is the first of them.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import structlog

from deliverwatch.sandbox.mailbox import Mailbox
from servers import rbldnsd
from truth.cast import OPERATOR, PARTIES
from truth.letters import Claim, is_report, read_letter
from truth.oracle import Oracle
from truth.simulation import Lived, Simulation
from truth.timeline import HOUR, Span, Timeline, draw
from truth.world import World, zones

FIRST = int(os.environ.get("DELIVERWATCH_SEED", "1"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("DELIVERWATCH_SEEDS", "1")))
DAYS = int(os.environ.get("DELIVERWATCH_DAYS", "3"))
TIMEOUT_MS = 500
EVERY, ROUNDED = HOUR, HOUR / 12

pytestmark = pytest.mark.timeout(DAYS * 300)


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed{seed}")
def history(request, tmp_path_factory) -> Iterator[tuple[Timeline, Lived]]:
    if rbldnsd.binary() is None:
        pytest.skip("rbldnsd is not installed (Debian package rbldnsd)")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    timeline = draw(request.param, DAYS)
    try:
        yield timeline, asyncio.run(_live(timeline, tmp_path_factory.mktemp("truth")))
    finally:
        structlog.reset_defaults()


async def _live(timeline, folder) -> Lived:
    server, mailbox = rbldnsd.Rbldnsd(zones()).start(), Mailbox()
    world = World(timeline, server)
    try:
        await mailbox.start()
        await world.start()
        return await Simulation(timeline, world, mailbox, folder, TIMEOUT_MS).live()
    finally:
        await world.stop()
        await mailbox.stop()
        server.stop()


def test_nothing_false_is_told_and_nothing_true_is_kept_back(history, capsys):
    oracle = Oracle(*history)
    complaints, figures = oracle.complaints(), oracle.figures()
    with capsys.disabled():
        print(f"\n{figures}, {len(complaints)} complaints")
    assert complaints == []
    assert figures.median_detection <= EVERY + ROUNDED
    assert figures.excused
    assert figures.corrected


def _only_letters(history, wanted: Callable) -> tuple[Timeline, Lived]:
    timeline, lived = history
    return timeline, replace(lived, mail=[each for each in lived.mail if is_report(each) or wanted(read_letter(each))])


def _an_opening(history):
    """Told to an account manager, of one subject alone, and ended since."""
    letters = Oracle(*history).of(Claim.LISTED)
    ended = {(each.list_name, each.subjects) for each in Oracle(*history).of(Claim.DELISTED)}
    return next(
        each
        for each in letters
        if len(each.subjects) == 1 and each.recipient != OPERATOR and (each.list_name, each.subjects) in ended
    )


def _about(each, opening) -> bool:
    return each.roll.name == opening.list_name and each.subject in opening.subjects


def _never_was(history):
    timeline, lived = history
    opening = _an_opening(history)
    rest = tuple(each for each in timeline.listings if not _about(each, opening))
    return replace(timeline, listings=rest), lived


def _lasted(history):
    timeline, lived = history
    opening = _an_opening(history)
    changed = tuple(
        replace(each, span=Span(each.span.begin, timeline.whole.end)) if _about(each, opening) else each
        for each in timeline.listings
    )
    return replace(timeline, listings=changed), lived


def _kept_back(history):
    message_id = _an_opening(history).message_id
    return _only_letters(history, lambda letter: letter is None or letter.message_id != message_id)


def _not_taken_back(history):
    return _only_letters(history, lambda letter: letter is None or letter.claim is not Claim.CORRECTION)


def _doubled(history):
    timeline, lived = history
    return timeline, replace(lived, mail=[*lived.mail, lived.mail[0]])


def _told_to_another(history):
    timeline, lived = history
    opening = _an_opening(history)
    others = (party.tam for party in PARTIES if party.tam != opening.recipient)
    other = next(tam for tam in others if not any(opening.subjects & p.subjects for p in PARTIES if p.tam == tam))
    return timeline, replace(
        lived,
        mail=[
            replace(each, recipient=other) if each.mail["Message-ID"] == opening.message_id else each
            for each in lived.mail
        ],
    )


@pytest.mark.parametrize(
    ("turn", "minded"),
    [
        (_never_was, {"false_openings", "false_listings"}),
        (_lasted, {"false_endings", "false_listings"}),
        (_kept_back, {"untold", "lost_or_doubled"}),
        (_not_taken_back, {"missing_corrections"}),
        (_doubled, {"lost_or_doubled"}),
        (_told_to_another, {"indiscretions", "untold"}),
    ],
)
def test_the_oracle_minds_what_is_wrong(history, turn, minded):
    found = {each.partition(":")[0] for each in Oracle(*turn(history)).complaints()}
    assert found >= minded
