"""Files on disk, asked through the ports."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.blocklist import FeedFormat, FeedSource
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import NOT_LISTED, Answer, Outcome, Reply
from deliverwatch.feeds.resolver import FeedLookups
from deliverwatch.sandbox.clock import SteppedClock
from servers.lists import sample_list

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
IPV4, IPV6, DOMAIN = SubjectKind
POINTS = "127.0.0.2 :2:test\n"
LISTED = Subject(IPV4, "192.0.2.1")
CLEAR = Subject(IPV4, "192.0.2.9")


class World:
    def __init__(self, folder):
        self.clock = SteppedClock(NOON)
        self.folder = folder
        self.sources = ()

    def write(self, content, form=FeedFormat.IP4SET, kinds=(IPV4,), name="list"):
        file = self.folder / name
        file.write_text(content)
        os.utime(file, (NOON.timestamp(), NOON.timestamp()))
        self.sources = (*self.sources, FeedSource(file.as_uri(), form, frozenset(kinds), HOUR))
        return file

    @property
    def lookups(self):
        return FeedLookups(self.folder / "state", self.clock, lambda _blocklist, _kind, name: (name,), {})

    @property
    def blocklist(self):
        return sample_list(feeds=self.sources)

    async def ask_all(self, *subjects, stop=lambda answer: False):
        return await self.lookups.open("feed").ask_all(self.blocklist, subjects, stop)

    async def own_test(self, kind=IPV4):
        return await self.lookups.open("feed").own_test(self.blocklist, kind)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


async def test_an_answer_as_over_dns(world):
    world.write(POINTS + "192.0.2.0/29 :3:see $\n192.0.2.1 :10:first\n192.0.2.1 :2:second\n")
    resolver = world.lookups.open("feed")
    answer = await resolver.ask(world.blocklist, IPV4, "192.0.2.1")
    assert answer == Answer(Reply.ANSWER, ("127.0.0.3", "127.0.0.10", "127.0.0.2"), HOUR)
    assert await resolver.ask(world.blocklist, IPV4, "192.0.2.9") is NOT_LISTED
    assert await resolver.reason(world.blocklist, IPV4, "192.0.2.1") == "see 192.0.2.1; first; second"
    assert await resolver.reason(world.blocklist, IPV4, "192.0.2.9") is None
    assert resolver.path == "feed"


async def test_a_reason_is_as_long_as_any(world):
    world.write("192.0.2.1 :2:" + "a" * 250 + "\n192.0.2.1 :2:" + "b" * 250 + "\n192.0.2.1 :2:" + "c" * 250)
    reason = await world.lookups.open("feed").reason(world.blocklist, IPV4, "192.0.2.1")
    assert len(reason) == 512


async def test_all_files_of_a_list_are_one(world):
    world.write("192.0.2.1 :2:one\n", name="one")
    world.write("192.0.2.1 :3:two\n192.0.2.2 :3:two\n", name="two")
    world.write("2001:db8::/48\n", FeedFormat.IP6TRIE, [IPV6], name="six")
    answers = await world.ask_all(Subject(IPV6, "2001:db8::1"), LISTED, CLEAR, Subject(IPV4, "192.0.2.2"))
    assert [answer.values for answer in answers] == [("127.0.0.2",), ("127.0.0.2", "127.0.0.3"), (), ("127.0.0.3",)]


async def test_nothing_is_said_after_stop(world):
    world.write("192.0.2.1\n192.0.2.2\n")
    shown = []
    subjects = [CLEAR, LISTED, CLEAR, Subject(IPV4, "192.0.2.2")]
    answers = await world.ask_all(*subjects, stop=lambda answer: shown.append(answer) or True)
    assert len(shown) == 1
    assert [(answer.reply, answer.asked) for answer in answers] == [
        (Reply.NXDOMAIN, True),
        (Reply.ANSWER, True),
        (Reply.ANSWER, False),
        (Reply.ANSWER, False),
    ]


async def test_a_kind_without_a_file_is_not_asked(world):
    world.write("192.0.2.1\n")
    answers = await world.ask_all(LISTED, Subject(DOMAIN, "acme.example"))
    assert [(answer.reply, answer.asked) for answer in answers] == [(Reply.ANSWER, True), (Reply.NETWORK, False)]
    assert answers[1].detail == "no download of Sample list is for subjects of kind domain"


async def test_a_subject_is_looked_for_under_all_its_names(world):
    world.write(
        ":127.0.0.2:\n.acme.example :127.0.0.2:the domain\nnews.acme.example :127.0.0.3:the host\n",
        FeedFormat.DNSET,
        [DOMAIN],
    )
    names = {
        "news.acme.example": ("news.acme.example", "acme.example"),
        "a.acme.example": ("acme.example",),
        "b.acme.example": ("acme.example",),
    }
    lookups = FeedLookups(world.folder / "state", world.clock, lambda _list, _kind, name: names.get(name, (name,)), {})
    resolver = lookups.open("feed")
    subjects = [Subject(DOMAIN, name) for name in (*names, "clear.example")]
    answers = await resolver.ask_all(world.blocklist, subjects, lambda answer: False)
    assert [set(answer.values) for answer in answers] == [
        {"127.0.0.2", "127.0.0.3"},
        {"127.0.0.2"},
        {"127.0.0.2"},
        set(),
    ]
    assert answers[-1] is NOT_LISTED
    assert await resolver.reason(world.blocklist, DOMAIN, "news.acme.example") == "the host; the domain"
    assert await lookups.open("feed").reason(world.blocklist, DOMAIN, "a.acme.example") == "the domain"
    assert await resolver.reason(world.blocklist, DOMAIN, "clear.example") is None


async def test_what_is_no_address_is_not_asked(world):
    world.write("192.0.2.1\n")
    answer = await world.lookups.open("feed").ask(world.blocklist, IPV4, "rubbish")
    assert (answer.reply, answer.asked) == (Reply.NETWORK, False)


async def test_the_settings_name_other_files_than_the_catalogue(world, tmp_path):
    world.write("192.0.2.1\n")
    lookups = FeedLookups(tmp_path, world.clock, lambda *_: (), {"sample": world.sources, "off": ()})
    assert lookups.paths_for(sample_list()) == ("feed",)
    assert lookups.paths_for(sample_list(id="off", feeds=world.sources)) == ()
    assert lookups.paths_for(sample_list(id="other")) == ()
    assert lookups.paths_for(sample_list(id="other", feeds=world.sources)) == ("feed",)


# --- the list's own condition ---


async def test_a_young_whole_file_passes(world):
    world.write("192.0.2.1\n")  # without test points, as DROP is
    assert (await world.own_test()).passed


async def test_age(world):
    file = world.write("192.0.2.1\n")
    world.clock.advance(23 * HOUR)
    assert (await world.own_test()).passed
    world.clock.advance(3 * HOUR)
    result = await world.own_test()
    assert (result.outcome, result.detail) == (
        Outcome.UNREACHABLE,
        f"the download of file://{file} is 26 h old",
    )
    answers = await world.ask_all(LISTED, CLEAR)
    assert [(answer.reply, answer.asked, answer.detail) for answer in answers] == [
        (Reply.NETWORK, False, result.detail)
    ] * 2


async def test_a_file_that_is_renewed_seldom_may_be_older(world):
    file = world.write("192.0.2.1\n")
    world.sources = (FeedSource(file.as_uri(), FeedFormat.IP4SET, frozenset({IPV4}), 10 * HOUR),)
    world.clock.advance(39 * HOUR)
    assert (await world.own_test()).passed
    world.clock.advance(2 * HOUR)
    assert (await world.own_test()).outcome is Outcome.UNREACHABLE


async def test_a_file_that_is_not_there(world):
    file = world.write("192.0.2.1\n")
    file.unlink()
    result = await world.own_test()
    assert result.outcome is Outcome.UNREACHABLE
    assert result.detail == (
        f"there is no download of file://{file}: the last one cannot be read: No such file or directory"
    )


async def test_one_bad_file_of_two_spoils_the_list(world):
    world.write("192.0.2.1\n", name="one")
    bad = world.write("<html>\n" * 9, name="two")
    result = await world.own_test()
    assert result.outcome is Outcome.NONSENSE
    assert result.detail == f"the download of file://{bad} is of no use: 9 of its 9 lines cannot be read"
    assert {(answer.reply, answer.detail) for answer in await world.ask_all(LISTED, CLEAR)} == {
        (Reply.NONSENSE, result.detail)
    }


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (POINTS, None),
        (POINTS.replace(":2:", ":3:"), "test point 127.0.0.2 answered 127.0.0.3, expected 127.0.0.2"),
        (POINTS + "127.0.0.1\n", "test point 127.0.0.1 must not be listed and is: the list lists the world, or"),
        ("0/0\n!127.0.0.2\n", "test point 127.0.0.1 must not be listed and is: the download lists the world"),
        ("0/0\n", "test point 127.0.0.1 must not be listed and is: the list lists the world, or"),
    ],
)
async def test_test_points_in_the_file_are_judged(world, content, detail):
    world.write(content)
    result = await world.own_test()
    assert result.outcome is (Outcome.NONSENSE if detail else Outcome.CLEAR)
    assert (result.detail or "").startswith(detail or "")


async def test_test_points_of_domains(world):
    world.write("test.uribl.example\nacme.example\n", FeedFormat.DNSET, [DOMAIN])
    assert (await world.own_test(DOMAIN)).passed
    world.write(".example\n", FeedFormat.DNSET, [DOMAIN], name="world")
    assert (await world.own_test(DOMAIN)).outcome is Outcome.NONSENSE
