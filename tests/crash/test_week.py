"""A week, more than a thousand times as fast, with kill -9 in it: each report comes once, on its day, and is right.

Hour by hour, 168 rounds over each list and more. What each report must say follows from the plan of `week_plan` alone;
what it said is read from the mail as it arrived, in four languages, and from what the store keeps of it.
"""

import random
import re
from collections import defaultdict
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from signal import SIGKILL
from typing import NamedTuple

import pytest

from crash.oracle import check_copies
from crash.test_kill import lives_in
from crash.week_plan import (
    BELIEVED_AT,
    ENDS_AT,
    FAILS_AT,
    HOUR,
    LISTS,
    SENDERS,
    THE_WEEK,
    WEEK_BEFORE,
    WEEKS,
    WITHOUT_REPORT,
)
from crash.week_world import week_at
from deliverwatch.store import open_store

KILLS = 10
LIVES_AT_MOST_S = 0.15
LATE_AT_MOST = HOUR + timedelta(minutes=10)
"""The minutes of a customer, up to the next full hour; and a second for each life."""
LOST_BEFORE_THE_FIRST = 0.0001
"""Of the time: the first round begins some seconds after the senders are known."""
KEPT = ("open_at_end", "opened", "closed", "watch_hours", "verified_ratio")
_FIGURE = re.compile(r"  \S.*? {3,}([\d.,]+)(\s?%)?(?: \((.*)\))?")
_NUMBER = re.compile(r"\d[\d.,]*")


class Figures(NamedTuple):
    """`verified`: the ratio."""

    open_at_end: int
    opened: int
    closed: int
    watch_hours: int
    verified: float


class Received(NamedTuple):
    """`arrived_at`: by the world's clock."""

    identity: str
    mail: EmailMessage
    arrived_at: datetime


@pytest.fixture
async def lives(tmp_path):
    async with week_at(tmp_path, random.Random(20270322), KILLS) as world, lives_in(world) as lives:
        yield lives


@pytest.mark.timeout(600)
async def test_a_week_of_twenty_customers(lives):
    await live_the_week(lives)
    assert len(lives.harmed) == KILLS
    await check_the_week(lives)


async def live_the_week(lives):
    world, killed = lives.world, 0
    while world.now < ENDS_AT:
        if killed < KILLS and world.now >= world.kill_hours[killed]:
            killed += await lives.live(1, signal=SIGKILL, after_s=world.rng.uniform(0, LIVES_AT_MOST_S))
        else:
            await lives.live(world.quiet_hours)


async def check_the_week(lives):
    copies = lives.world.mailbox.copies
    check_copies(copies, lives.harmed)
    reports = reports_in(lives.world)
    assert {id_ for id_, _, _ in reports} == {sender.id for sender in SENDERS}
    kept = await kept_figures(lives.world)
    for sender in SENDERS:
        for week in (WEEK_BEFORE, THE_WEEK):
            copies = [reports.pop((sender.id, week, contact)) for contact in sender.contacts]
            check_report(sender, week, copies, expected(sender, week, lives.world.listed), kept.pop((sender.id, week)))
    assert not reports
    assert not kept


def reports_in(world):
    """By customer, week and contact, however often they arrived; what came is nothing else, and to nobody else."""
    senders = {contact: sender for sender in SENDERS for contact in sender.contacts}
    found = defaultdict(list)
    for copy, arrived_at in zip(world.mailbox.copies, world.mailbox.arrived_at, strict=True):
        assert copy.recipient not in WITHOUT_REPORT.contacts
        if sender := senders.get(copy.recipient):
            mail = message_from_bytes(copy.content, policy=default)
            week = re.search(r"20\d\d-W\d\d", mail.get_body(("plain",)).get_content())[0]
            found[sender.id, week, copy.recipient].append(Received(copy.identity, mail, arrived_at))
    assert any(len(same) > 1 for same in found.values()), "none came twice: it is not seen under which identity"
    return {key: first_of(same) for key, same in found.items()}


def first_of(same):
    assert len({each.identity for each in same}) == 1, f"one report under several identities: {same}"
    return same[0]


async def kept_figures(world):
    """By customer and week. And each list was asked, every hour."""
    store = open_store(f"sqlite:///{world.database}")
    runs = await store.reports()
    begin, end = WEEKS[THE_WEEK, "pacific"][:2]
    rounds = [cycle.list_id for cycle in await store.cycles(begin, end) if cycle.full]
    await store.close()
    assert {list_id: rounds.count(list_id) for list_id in LISTS} == dict.fromkeys(LISTS, 168)
    assert len({(run.customer, run.week) for run in runs}) == len(runs)
    return {(run.customer, run.week): Figures(*(run.figures[name] for name in KEPT)) for run in runs}


def expected(sender, week, listed):
    span = WEEKS[week, sender.zone]
    mine = [each for each in listed if each.sender == sender]
    seen = [each for each in mine if each.opened_at < span.ends_at and each.closed_at >= span.begins_at]
    is_open = [each.closed_at >= span.ends_at for each in seen]
    hours = (span.ends_at - span.begins_at) // HOUR
    watch_hours = hours * len(sender.watches)
    silent_for = (BELIEVED_AT - FAILS_AT) // HOUR * len(sender.ips) if week == THE_WEEK else 0
    opened = sum(each.opened_at >= span.begins_at for each in seen)
    return Figures(is_open.count(True), opened, is_open.count(False), watch_hours, 1 - silent_for / watch_hours)


def check_report(sender, week, copies, right, kept):
    """`copies`: one for each contact, of the same report."""
    assert len({copy.identity for copy in copies}) == 1, f"{sender.id} {week}: {copies}"
    due_at = WEEKS[week, sender.zone].report_at
    about = f"{sender.id} ({sender.zone}, {sender.language}) {week}"
    assert kept[:4] == right[:4], about
    assert right.verified - LOST_BEFORE_THE_FIRST < kept.verified <= right.verified, about
    for copy in copies:
        text = copy.mail.get_body(("plain",)).get_content()
        assert due_at <= copy.mail["Date"].datetime < due_at + LATE_AT_MOST, f"{about}: {copy.mail['Date']}"
        assert due_at <= copy.arrived_at < due_at + 2 * LATE_AT_MOST, f"{about}: {copy.arrived_at}"
        assert f'lang="{sender.language}"' in copy.mail.get_body(("html",)).get_content(), about
        assert f"Customer {sender.number}" in text.partition("\n\n")[0], about
        assert figures_in(text) == kept._replace(verified=int(kept.verified * 1000) / 10), f"{about}: {text}"


def figures_in(text):
    """By their place, whatever the language: three counts, and the share that was verified, in per cent, of the
    watch-hours."""
    found = [match for line in text.splitlines() if (match := _FIGURE.fullmatch(line))][:4]
    assert [match[2] is not None for match in found] == [False, False, False, True], text
    counts = [_count(match[1]) for match in found[:3]]
    return Figures(*counts, _count(_NUMBER.search(found[3][3])[0]), float(found[3][1].replace(",", ".")))


def _count(number):
    return int(re.sub(r"[.,]", "", number))
