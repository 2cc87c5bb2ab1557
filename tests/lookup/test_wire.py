"""The reader of replies, against real ones and two hundred thousand spoilt ones (as many as DELIVERWATCH_MUTATIONS)."""

import os
import random
import struct
from collections import Counter
from datetime import timedelta

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verdict import NOT_LISTED, Answer, Reply
from deliverwatch.lookup.questions import TYPE_A, TYPE_TXT, Questions
from deliverwatch.lookup.wire import NOT_ITS_OWN, TRUNCATED, UNREADABLE, read_reply
from servers.lists import sample_list

NAME = "1.2.0.192.bl.example."
A = Questions(sample_list(), None, TYPE_A).make(SubjectKind.IPV4, "192.0.2.1")
TXT = Questions(sample_list(), None, TYPE_TXT).make(SubjectKind.IPV4, "192.0.2.1")
SOA = "bl.example. 300 IN SOA ns.invalid. hostmaster.invalid. 1 600 300 86400 300"
MUTATIONS = int(os.environ.get("DELIVERWATCH_MUTATIONS", "200000"))


def reply(*lines: str, rcode: int = 0, flags: int = 0, question: bytes = A, authority: str = "") -> bytes:
    """As a real library writes it, compression and all. Each line: "name ttl class type data"."""
    query = dns.message.from_wire(b"\x12\x34\x01\x00\x00\x01" + bytes(6) + question)
    response = dns.message.make_response(query)
    response.set_rcode(rcode)
    response.flags |= flags
    response.answer = [dns.rrset.from_text(*line.split(" ", 4)) for line in lines]
    response.authority = [dns.rrset.from_text(*authority.split(" ", 4))] if authority else []
    return response.to_wire()


def raw(answers: bytes, count: int, code: int = 0) -> bytes:
    return b"\x12\x34\x81" + bytes([0x80 | code]) + struct.pack("!4H", 1, count, 0, 0) + A + answers


def record(owner: bytes, data: bytes, rdtype: int = 1, ttl: int = 300) -> bytes:
    return owner + struct.pack("!HHIH", rdtype, 1, ttl, len(data)) + data


LISTED = reply(f"{NAME} 300 IN A 127.0.0.10", f"{NAME} 60 IN A 127.0.0.2")
ALIASED = reply(f"{NAME} 30 IN CNAME x.other.example.", "x.other.example. 600 IN A 127.0.0.2")
CLEAR = reply(rcode=dns.rcode.NXDOMAIN, authority=SOA)
POINTER = b"\xc0\x0c"


def test_all_addresses_come_sorted_with_the_lowest_time_to_live():
    assert read_reply(LISTED, A) == Answer(Reply.ANSWER, ("127.0.0.2", "127.0.0.10"), timedelta(seconds=60))


def test_a_plain_nxdomain_is_the_one_object_for_it():
    assert read_reply(CLEAR, A) is NOT_LISTED


def test_an_alias_is_followed_and_its_time_to_live_counts():
    assert read_reply(ALIASED, A) == Answer(Reply.ANSWER, ("127.0.0.2",), timedelta(seconds=30))


def test_an_alias_to_a_name_that_does_not_exist_is_plain():
    assert read_reply(reply(f"{NAME} 30 IN CNAME x.other.example.", rcode=3), A) is NOT_LISTED


def test_nxdomain_with_an_address_contradicts_itself():
    answer = read_reply(reply(f"{NAME} 300 IN A 127.0.0.2", rcode=3), A)
    assert answer == Answer(Reply.NONSENSE, detail="answered that there is no such name, and 127.0.0.2 for it")


def test_nxdomain_with_an_address_of_another_name_is_plain():
    assert read_reply(reply("2.2.0.192.bl.example. 300 IN A 127.0.0.2", rcode=3), A) is NOT_LISTED


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("2.2.0.192.bl.example. 300 IN A 127.0.0.2",),
        (f"{NAME} 300 CH A 127.0.0.2",),
        (f"{NAME} 300 IN TXT listed",),
        (f"{NAME} 300 IN CNAME x.other.example.",),
        (f"{NAME} 300 IN CNAME {NAME}",),
        (f"{NAME} 300 IN CNAME x.other.example.", f"{NAME} 300 IN A 127.0.0.2"),
    ],
)
def test_without_an_address_where_the_question_leads_the_answer_is_empty(lines):
    if any(" CH " in line for line in lines):
        packet = raw(POINTER + struct.pack("!HHIH", 1, 3, 300, 4) + bytes([127, 0, 0, 2]), 1)
    else:
        packet = reply(*lines)
    assert read_reply(packet, A) == Answer(Reply.EMPTY)


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (1, Answer(Reply.FORMERR)),
        (2, Answer(Reply.SERVFAIL)),
        (4, Answer(Reply.NOTIMP)),
        (5, Answer(Reply.REFUSED)),
        *(
            (code, Answer(Reply.NETWORK, detail=f"the server answered with response code {code}"))
            for code in (6, 9, 15)
        ),
    ],
)
def test_response_codes_stay_apart(code, answer):
    assert read_reply(raw(b"", 0, code), A) == answer


@pytest.mark.parametrize(
    ("ttl", "seconds"), [(0, 0), (86_400, 86_400), (86_401, 86_400), (2**31, 86_400), (2**32 - 1, 86_400)]
)
def test_a_time_to_live_is_capped_at_a_day(ttl, seconds):
    packet = raw(record(POINTER, bytes([127, 0, 0, 2]), ttl=ttl), 1)
    assert read_reply(packet, A).ttl_for == timedelta(seconds=seconds)


def test_texts_come_in_order_and_bad_bytes_are_replaced():
    packet = reply(f'{NAME} 300 IN TXT "one " "line"', f'{NAME} 300 IN TXT "caf\\233"', question=TXT)
    assert read_reply(packet, TXT).values == ("one line", "caf\N{REPLACEMENT CHARACTER}")


def test_what_is_truncated_is_neither_listed_nor_clear():
    assert read_reply(reply(flags=dns.flags.TC), A) is TRUNCATED
    assert read_reply(reply(f"{NAME} 300 IN A 127.0.0.2", flags=dns.flags.TC), A) is TRUNCATED
    assert read_reply(reply(rcode=3, flags=dns.flags.TC), A) is TRUNCATED


@pytest.mark.parametrize("packet", [LISTED, CLEAR, reply(authority=SOA)], ids=["listed", "clear", "empty"])
def test_of_a_lists_own_server_only_what_it_knows_itself_counts(packet):
    assert read_reply(packet, A, authoritative=True) is NOT_ITS_OWN
    own = packet[:2] + bytes([packet[2] | 0x04]) + packet[3:]
    assert read_reply(own, A, authoritative=True) == read_reply(packet, A)


def test_letters_of_the_question_may_come_back_in_another_case():
    assert read_reply(LISTED[:12] + LISTED[12:].replace(b"bl\x07example", b"BL\x07Example"), A).values


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\x12\x34",
        LISTED[:11],
        LISTED[: 12 + len(A) - 1],
        LISTED[:2] + b"\x01" + LISTED[3:],
        LISTED[:2] + b"\xa1" + LISTED[3:],
        LISTED[:4] + b"\x00\x00" + LISTED[6:],
        LISTED[:4] + b"\x00\x02" + LISTED[6:],
        reply(f"{NAME} 300 IN A 127.0.0.2", question=TXT),
        LISTED.replace(b"\x011\x012\x010", b"\x012\x012\x010"),
    ],
    ids=["empty", "id only", "half a header", "half a question", "a question", "a notify", "no question",
         "two questions", "another type", "another name"],
)  # fmt: skip
def test_what_does_not_repeat_the_question_is_no_reply(packet):
    assert read_reply(packet, A) is UNREADABLE


@pytest.mark.parametrize(
    "packet",
    [
        LISTED[:-1],
        LISTED[:6] + b"\xff\xff" + LISTED[8:],
        LISTED[:6] + b"\x00\x03" + LISTED[8:],
        raw(record(POINTER, bytes([127, 0, 0])), 1),
        raw(record(POINTER, bytes([127, 0, 0, 2, 0])), 1),
        raw(record(POINTER, b"\x03abc", 5), 1),
        raw(record(POINTER, b"\x00\x00", 5), 1),
        raw(record(b"\xc0" + bytes([12 + len(A)]), bytes([127, 0, 0, 2])), 1),
        raw(record(b"\xc0\xff", bytes([127, 0, 0, 2])), 1),
        raw(record(b"\x80\x0c", bytes([127, 0, 0, 2])), 1),
        raw(record(b"\x3f" + b"a" * 63 + b"\x3f" + b"a" * 63 + b"\x3f" + b"a" * 63 + b"\x3f" + b"a" * 63 + b"\x00",
                   bytes([127, 0, 0, 2])), 1),
    ],
    ids=["cut", "too many records", "one record too many", "a short address", "a long address", "an alias cut",
         "an alias with more behind it", "a pointer to itself", "a pointer ahead", "a reserved label", "a long name"],
)  # fmt: skip
def test_what_cannot_be_read_says_nothing(packet):
    assert read_reply(packet, A) is UNREADABLE


def test_two_pointers_that_lead_to_each_other_end():
    first = 12 + len(A)
    packet = raw(record(b"\xc0" + bytes([first + 2]) + b"\xc0" + bytes([first]), b""), 1)
    assert read_reply(packet, A) is UNREADABLE


def mutate(packet: bytes, dice: random.Random) -> bytes:
    spoilt = bytearray(packet)
    for _ in range(dice.randint(1, 4)):
        if not spoilt:
            break
        place = dice.randrange(len(spoilt))
        match dice.randrange(7):
            case 0:
                spoilt[place] ^= 1 << dice.randrange(8)
            case 1:
                del spoilt[place:]
            case 2:
                other = dice.randrange(len(spoilt))
                spoilt[place], spoilt[other] = spoilt[other], spoilt[place]
            case 3:
                start = dice.choice([4, 6, 8, 10])
                spoilt[start : start + 2] = dice.choice([b"\x00\x00", b"\x00\x02", b"\xff\xff", dice.randbytes(2)])
            case 4:
                spoilt[place : place + 2] = bytes([0xC0 | place >> 8, dice.choice([place, place + 1, 12, 0]) & 0xFF])
            case 5:
                spoilt[place:place] = dice.randbytes(dice.randint(1, 12))
            case _:
                spoilt[place] = dice.randrange(256)
    return bytes(spoilt)


GENUINE = [
    LISTED,
    ALIASED,
    CLEAR,
    reply(f"{NAME} 30 IN CNAME x.other.example.", rcode=3, authority=SOA),
    reply(*[f"{NAME} 300 IN A 127.0.0.{code}" for code in range(2, 40)]),
    reply(authority=SOA),
    reply(rcode=5),
]


def test_no_spoilt_reply_crashes_the_reader_or_speaks_for_another_question():
    """RFC 9267 lists what malformed compression did to others. Seeded: a failure comes again."""
    dice = random.Random(20261124)
    seen: Counter[Reply] = Counter()
    for number in range(MUTATIONS):
        packet = mutate(GENUINE[number % len(GENUINE)], dice)
        answer = read_reply(packet, A)
        assert isinstance(answer, Answer)
        seen[answer.reply] += 1
        if answer.reply in (Reply.ANSWER, Reply.NXDOMAIN):
            assert packet[2] & 0xFA == 0x80
            assert packet[4:6] == b"\x00\x01"
            assert packet[12 : 12 + len(A)].lower() == A.lower()
    assert min(seen[reply] for reply in (Reply.ANSWER, Reply.NXDOMAIN, Reply.NETWORK)) > MUTATIONS // 20


def test_no_spoilt_text_crashes_the_reader():
    dice = random.Random(1)
    packet = reply(f'{NAME} 300 IN TXT "one" "two"', f'{NAME} 300 IN TXT "three"', question=TXT)
    for _ in range(20_000):
        assert isinstance(read_reply(mutate(packet, dice), TXT), Answer)


@pytest.mark.parametrize(("code", "expected"), [(5, Reply.REFUSED), (2, Reply.SERVFAIL), (1, Reply.FORMERR)])
def test_a_bare_header_may_refuse(code, expected):
    """All that unbound sends to whom its access-control refuses."""
    bare = b"\x12\x34\x81" + bytes([0x80 | code]) + bytes(8)
    assert read_reply(bare, A) == Answer(expected)


@pytest.mark.parametrize("code", [0, 3])
def test_a_bare_header_says_nothing_conclusive(code):
    assert read_reply(b"\x12\x34\x81" + bytes([0x80 | code]) + bytes(8), A) is UNREADABLE


def test_a_name_through_ever_more_pointers_is_not_followed():
    """Sixty-five thousand of them in one message over TCP would keep everybody waiting."""
    start = 12 + len(A)
    chain = [b"\x00\x00"] + [struct.pack("!H", 0xC000 | start + 2 * number) for number in range(200)]
    packet = raw(b"".join(chain) + record(struct.pack("!H", 0xC000 | start + 2 * 200), bytes([127, 0, 0, 2])), 1)
    assert read_reply(packet, A) is UNREADABLE


def test_a_thousand_records_are_no_answer():
    assert read_reply(raw(record(POINTER, bytes([127, 0, 0, 2])) * 1000, 1000), A) is UNREADABLE
