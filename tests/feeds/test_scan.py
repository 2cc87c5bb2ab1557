"""Files read line by line, against oracles and against chance."""

import ipaddress
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deliverwatch.core.blocklist import FeedFormat, query_label
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.feeds.scan import Listed, scan

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIRST = int(ipaddress.ip_address("10.0.254.0"))
OWN = [Subject(SubjectKind.IPV4, str(ipaddress.ip_address(FIRST + step))) for step in range(0, 1024, 3)]
MIXED = [
    *OWN[:9],
    Subject(SubjectKind.IPV4, "127.0.0.2"),
    Subject(SubjectKind.IPV6, "2001:db8::1"),
    Subject(SubjectKind.IPV6, "::ffff:7f00:2"),
    Subject(SubjectKind.DOMAIN, "news.acme.example"),
]


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    file = tmp_path_factory.mktemp("feeds") / "list"

    def read(form, content, own=MIXED):
        file.write_bytes(content if isinstance(content, bytes) else content.encode("latin-1"))
        return scan(file, form, {subject: query_label(subject.kind, subject.value) for subject in own}, NOON)

    return read


# --- the set of IPv4 ranges, against every address written out ---

steps = st.integers(0, 1023)
ranges = st.tuples(steps, steps, st.sampled_from([None, 2, 3, 4])).map(lambda at: (min(at[:2]), max(at[:2]), at[2]))


def written(first, last, value):
    ends = "-".join(str(ipaddress.ip_address(FIRST + step)) for step in (first, last))
    return f"!{ends}" if value is None else f"{ends} :{value}:text {value}"


def expected(entries, step):
    """Single addresses go before whole /24s (the span holds four, and nothing wider)."""
    block = step // 256 * 256
    singles, blocks = [], []
    for first, last, value in entries:
        if first <= step <= last:
            whole = first <= block and block + 255 <= last
            (blocks if whole else singles).append(value)
    found = singles or blocks
    return set() if None in found else {f"127.0.0.{value}" for value in found}


@given(st.lists(ranges, min_size=1, max_size=6))
@example([(0, 255, 2), (0, 254, 3)])
@example([(0, 1023, 2), (256, 511, None), (300, 300, 4)])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_ip4set_agrees_with_every_address_written_out(read, entries):
    found = read(FeedFormat.IP4SET, "\n".join(written(*entry) for entry in entries), OWN)
    for step, subject in zip(range(0, 1024, 3), OWN, strict=True):
        assert set(found.listed.get(subject, Listed((), ())).values) == expected(entries, step), subject


# --- the tries, against the library's own networks ---

networks = st.tuples(st.integers(0, 1023), st.integers(20, 32), st.sampled_from([None, 2, 3]))


@given(st.lists(networks, min_size=1, max_size=8))
@settings(deadline=None)
def test_the_longest_network_answers(read, entries):
    nets = {}
    for step, bits, value in entries:
        nets.setdefault(ipaddress.ip_network((FIRST + step, bits), strict=False), value)
    lines = [f"{'!' if value is None else ''}{net} :{value or 2}" for net, value in nets.items()]
    found = read(FeedFormat.IP4TRIE, "\n".join(lines), OWN)
    for subject in OWN:
        around = [net for net in nets if ipaddress.ip_address(subject.value) in net]
        value = nets[max(around, key=lambda net: net.prefixlen)] if around else None
        assert found.listed.get(subject, Listed((), ())).values == (() if value is None else (f"127.0.0.{value}",))


# --- chance ---

ADDRESSES = ["1", "255", "256", "9" * 21, "10.0.254.0", "127.0.0.2", "2001:db8::1", "::", "news.acme.example"]
SIGNS = [*'!:;#$*./-=+\\ \t\r\n\n\n{}[]",\xff', "/24", "/0", "@", " A ", " TXT ", "+9w", "2026:11:24"]
WORDS = ["$DATASET ", "ip4set ", "dnset ", "generic ", "$TIMESTAMP ", "$MAXRANGE4 ", "$= "]
OBJECTS = ['{"cidr":"10.0.0.0/8"}', '{"type":"metadata"}', "null"]
pieces = st.sampled_from([*ADDRESSES, *SIGNS, *WORDS, *OBJECTS])


@pytest.mark.parametrize("form", list(FeedFormat))
@given(
    content=st.one_of(st.lists(pieces, max_size=60).map("".join).map(lambda text: text.encode("latin-1")), st.binary())
)
@settings(deadline=None, max_examples=300)
def test_no_file_raises(read, form, content):
    found = read(form, content)
    assert found.fault is None or not found.listed
    assert all(listed.values for listed in found.listed.values())


# --- the whole file ---

GOOD = "10.0.254.0\n" * 20
FUTURE = "it says that it was made at 2026-11-24 12:00 UTC, which is in the future"


def expired(at):
    return f"it says that it is not to be believed after {at} UTC"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("$TIMESTAMP 2026:11:24:12:00:01\n" + GOOD, FUTURE),
        ("$TIMESTAMP 20261124 20261124115959\n" + GOOD, expired("2026-11-24 11:59")),
        (";$timestamp 2026-11-23 +2d\n$TIMESTAMP 0 -\n" + GOOD, None),
        ("$TIMESTAMP 2026:11:23 +35h\n" + GOOD, expired("2026-11-24 11:00")),
        ("$TIMESTAMP 2026:11:23 +37h\n$TIMESTAMP 2026:11:23 +35h\n" + GOOD, expired("2026-11-24 11:00")),
        ("$TIMESTAMP 2026:11:24:11:59 +2w\n" + GOOD, None),
        ("$TIMESTAMP rubbish\n" + GOOD, None),
        (GOOD + "rubbish\n" * 5, None),
        (GOOD + "rubbish\n" * 6, "6 of its 26 lines cannot be read"),
        (GOOD + "192.0.2.7/24\n" * 6, "6 of its 26 lines cannot be read"),
        ("# nothing\n", "it holds no entry"),
        ("10.0.254.0\0\n", "it holds binary data: expected a text file, not compressed"),
        ("10.0.254.0 " + "x" * 33_000 + "\n" + GOOD, "it has a line of more than 32,768 bytes"),
    ],
)  # fmt: skip
def test_a_file_that_fails_its_own_marks_says_nothing(read, content, fault):
    found = read(FeedFormat.IP4SET, content)
    assert found.fault == fault
    assert bool(found.listed) == (fault is None)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("10.0.254.0\n", "it has an entry before the first $DATASET line: '10.0.254.0'"),
        ("$DATASET ip4set @\n10.0.254.0\n" * 100, None),
        ("$DATASET ip4set @\n10.0.254.0\n" * 101, "it holds more than 100 datasets"),
        ("$DATASET acl @\n10.0.254.0\n", "it holds a dataset of unknown type 'acl'"),
        ("$DATASET combined @\n10.0.254.0\n", "it holds a dataset of unknown type 'combined'"),
        ("$DATASET ip4set @\n$TIMESTAMP 2026:11:23 2026:11:24\n" + GOOD, expired("2026-11-24 00:00")),
    ],
)  # fmt: skip
def test_a_combined_file_is_whole_or_nothing(read, content, fault):
    assert read(FeedFormat.COMBINED, content).fault == fault


def test_a_long_file_is_cut_at_line_ends_alone(read):
    lines = [f"10.{number >> 16}.{number >> 8 & 255}.{number & 255} :3:entry {number}" for number in range(70_000)]
    own = [Subject(SubjectKind.IPV4, line.split()[0]) for line in lines[::97]]
    found = read(FeedFormat.IP4SET, "\n".join(lines), own)
    assert found.entries == 70_000
    assert [found.listed[subject].texts for subject in own] == [(f"entry {number}",) for number in range(0, 70_000, 97)]


def test_drop(read):
    content = (
        '{"cidr":"10.0.254.0/24","sblid":"SBL1","rir":"none"}\n{"cidr":"10.0.0.0/8","sblid":"SBL2"}\n'
        '{"cidr":"2001:db8::/32","sblid":"SBL\\u00e9"}\n{"type":"metadata","timestamp":1764000000,"records":3}\n'
    )
    found = read(FeedFormat.DROP, content)
    assert found.listed[OWN[0]] == Listed(("127.0.0.9",), ("SBL1", "SBL2"))
    assert found.listed[MIXED[10]] == Listed(("127.0.0.9",), ("SBLé",))
    assert set(found.listed) == {*OWN[:9], MIXED[10]}
    assert read(FeedFormat.DROP, content.replace("1764000000", "1964000000")).fault.endswith("which is in the future")


@pytest.mark.parametrize(
    ("form", "line"),
    [
        (FeedFormat.IP4SET, "10.0.254.0 :2:{}"),
        (FeedFormat.DNSET, "news.acme.example :2:{}"),
        (FeedFormat.COMBINED, "0.254.0.10 A 127.0.0.2\n0.254.0.10 TXT {}"),
    ],
)
def test_a_file_that_goes_on_about_one_subject_is_borne(read, form, line):
    head = "$DATASET generic @\n" if form is FeedFormat.COMBINED else ""
    found = read(form, head + "\n".join(line.format(number) for number in range(30_000)))
    assert [len(listed.texts) for listed in found.listed.values()] in ([64], [65])
