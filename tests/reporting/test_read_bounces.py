"""The maildir in which the bounces of reports arrive."""

import os

import pytest

from deliverwatch.core.errors import NotPossible
from deliverwatch.flows.contacts import restore_contact
from deliverwatch.flows.read_bounces import BounceReader
from deliverwatch.flows.report_ports import ContactState
from deliverwatch.sources.report_bounces import report_bounces
from reporting.values import DESK, FIRST, HOUR
from sources.test_report_bounces import BOUNCE


@pytest.fixture
def maildir(tmp_path, clock):
    folder = tmp_path / "bounces"
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    return folder


@pytest.fixture
def drop(maildir, clock, sent):
    """drop("1.mail", part="new") -> a bounce of the first contact lies there"""

    def lay(name, part="new", id_=sent.id, days_ago=0):
        path = maildir / part / name
        path.write_text(BOUNCE.replace("postmaster@acme.example", FIRST).format(id=id_))
        at = clock.now().timestamp() - days_ago * 86_400
        os.utime(path, (at, at))
        return path

    return lay


def reader(store, maildir):
    return BounceReader(store, DESK.routing, maildir, report_bounces)


@pytest.mark.parametrize("part", ["new", "cur"])
async def test_a_bounce_loses_the_contact_it_names(store, clock, maildir, drop, part):
    path = drop("1.mail", part)
    assert await reader(store, maildir).catch_up(clock) == 1
    (contact,) = await store.contacts()
    assert (contact.address, contact.state, contact.why) == (FIRST, ContactState.BOUNCED, "550 5.1.1 no such user")
    assert path.exists()


async def test_each_is_read_once_also_when_it_is_moved_and_after_a_start(store, clock, maildir, drop):
    path, first = drop("1.mail"), reader(store, maildir)
    await first.catch_up(clock)
    path.rename(maildir / "cur" / "1.mail:2,S")
    clock.advance(HOUR)
    await restore_contact(store, clock, "acme", FIRST)
    assert await first.catch_up(clock) == 0
    assert await reader(store, maildir).catch_up(clock) == 0
    assert [each.state for each in await store.contacts()] == [ContactState.WELL]


async def test_bounces_of_other_mail_and_old_ones_lose_nobody(store, clock, maildir, drop):
    drop("1.mail", id_="00000000-0000-0000-0000-000000000000")
    drop("2.mail", days_ago=31)
    assert await reader(store, maildir).catch_up(clock) == 0
    assert await store.contacts() == []


async def test_what_is_no_maildir_is_said(store, clock, tmp_path):
    with pytest.raises(NotPossible, match="expected a maildir"):
        await reader(store, tmp_path / "nothing").catch_up(clock)
