"""`deliverwatch classify` as programs and people use it."""

import json
import random
from pathlib import Path

import pytest

from deliverwatch.core.reply import Action, ReplyClass

KEYS = {
    "class", "provider", "blocklist", "blocklist_cited", "subject", "subject_kind", "rule", "evidence", "confidence",
    "action", "action_for",
}  # fmt: skip
LISTED = "554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using bl.spamcop.net"
WORDINGS = Path(__file__).parents[1] / "replies" / "wordings.txt"


def objects(ran):
    return [json.loads(line) for line in ran.out.splitlines()]


@pytest.fixture
def written(tmp_path):
    def write(*lines):
        path = tmp_path / "replies"
        path.write_bytes(b"".join(line if isinstance(line, bytes) else f"{line}\n".encode() for line in lines))
        return path

    return write


async def test_one_object_per_line_in_order(deliverwatch, written):
    told = {
        "reply": "550-5.1.1 No such\n550 5.1.1 user",
        "mx": "mx1.comcast.net[192.0.2.1]:25",
        "recipient_domain": None,
    }
    ran = await deliverwatch("classify", written(LISTED, json.dumps(told), "", "550 Xyzzy 17"), "--json")
    listed, recipient, empty, unknown = objects(ran)
    assert ran.code == 0
    assert all(set(each) >= KEYS for each in (listed, recipient, empty, unknown))
    assert {key: listed[key] for key in KEYS - {"rule", "confidence"}} == {
        "class": "dnsbl_cited",
        "provider": None,
        "blocklist": "spamcop-scbl",
        "blocklist_cited": "bl.spamcop.net",
        "subject": "192.0.2.9",
        "subject_kind": "ipv4",
        "evidence": "blocked using bl.spamcop.net",
        "action": "draft",
        "action_for": "spamcop",
    }
    assert (recipient["class"], recipient["provider"], recipient["action"]) == ("unknown_recipient", "comcast", "none")
    assert empty["class"] == unknown["class"] == "unknown"
    assert (unknown["rule"], unknown["evidence"], unknown["confidence"]) == (None, None, 0.0)


async def test_people_read_sentences_and_nothing_raw(deliverwatch, written):
    ran = await deliverwatch("classify", written(LISTED, "550 \x1b[2Jxyzzy \u202e"))
    assert "dnsbl_cited" in ran.out
    assert "192.0.2.9" in ran.out
    assert "\\x1b[2Jxyzzy \\u202e" in ran.out
    assert "\x1b" not in ran.out


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"reply": "550 no"', "begins like a JSON object and is none"),
        ('{"text": "550 no"}', "'reply' is not text"),
        ('{"reply": 550}', "'reply' is not text"),
        ('{"reply": "550 no", "mx": 3}', "'mx' is not text"),
        ('{"reply": "550 no", "recipient_domain": []}', "'recipient_domain' is not text"),
        ('{"a":' * 100_000, "begins like a JSON object and is none"),
    ],
)
async def test_a_line_that_only_looks_like_an_object_is_named(deliverwatch, written, line, problem):
    path = written(LISTED, line, LISTED)
    ran = await deliverwatch("classify", path, "--json")
    assert ran.code == 2
    assert f"{path}: line 2: {problem}" in ran.err
    assert len(objects(ran)) == 1


async def test_a_host_that_is_longer_than_a_name_is_nobodys(deliverwatch, written):
    hosts = ("mx." + "a." * count + "mail.protection.outlook.com" for count in (10, 150))
    ran = await deliverwatch("classify", written(*(_asked_of(host) for host in hosts)), "--json")
    assert [each["provider"] is None for each in objects(ran)] == [False, True]


def _asked_of(host):
    return json.dumps({"reply": "550 no", "mx": host}).encode() + b"\n"


async def test_a_missing_file_is_a_sentence(deliverwatch, tmp_path):
    ran = await deliverwatch("classify", tmp_path / "missing")
    assert (ran.code, ran.out) == (2, "")
    assert "missing" in ran.err


async def test_bytes_that_are_no_text_and_lines_without_end_are_read(deliverwatch, written):
    ran = await deliverwatch(
        "classify",
        written(b"\xef\xbb\xbf550 No such user\r\n", b"550 \xff\xfe\n", b"x" * (3 << 20), b"\n550 spam"),
        "--json",
    )
    assert [each["class"] for each in objects(ran)] == ["unknown_recipient", "unknown", "unknown", "content_block"]


async def test_an_overlay_is_honoured(deliverwatch, written, tmp_path):
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "reply_rules.yaml").write_text(
        "source: ours\nchecked_on: 2026-11-26\nrules:\n"
        "  - {id: ours, class: policy, has: [xyzzy], example: 550 Xyzzy, twin: 550 Plugh}\n"
    )
    path = written("550 Xyzzy 17")
    ran = await deliverwatch("classify", path, "--json", DELIVERWATCH_CATALOGUE__OVERLAY=tmp_path / "ours")
    assert [(each["class"], each["rule"]) for each in objects(ran)] == [("policy", "ours")]


def spoilt(reply, chance):
    """Cut, doubled, shuffled, or with characters of all kinds put in."""
    begin, end = sorted(chance.randrange(len(reply) + 1) for _ in range(2))
    match chance.randrange(6):
        case 0:
            return reply[begin:end]
        case 1:
            return reply[:end] + reply[begin:]
        case 2:
            return (
                reply[:begin]
                + chr(chance.choice([0, 9, 27, 133, 0x202E, 0xD7FF, 0x1F4A9, 0x130])) * chance.randrange(1, 9)
                + reply[begin:]
            )
        case 3:
            return " ".join(chance.sample(words := reply.split(" "), len(words)))
        case 4:
            return (
                reply[:begin]
                + chance.choice(["@", '"', "\\n", "550-", "::", "[", "said: ", "<", "'", "..", "%40"])
                * chance.randrange(1, 99)
                + reply[end:]
            )
        case _:
            return reply.upper()[::-1] if chance.random() < 0.2 else reply * chance.randrange(1, 60)


async def test_ten_thousand_spoilt_replies_each_get_an_answer(deliverwatch, tmp_path):
    chance = random.Random(20261126)
    replies = [line.partition(": ")[2] for line in WORDINGS.read_text(encoding="utf-8").splitlines() if ": " in line]
    some = [spoilt(chance.choice(replies), chance) for _ in range(10_000)]
    path = tmp_path / "spoilt"
    path.write_text("".join(json.dumps({"reply": reply}) + "\n" for reply in some))
    ran = await deliverwatch("classify", path, "--json")
    found = objects(ran)
    assert ran.code == 0
    assert len(found) == len(some)
    assert {each["class"] for each in found} <= set(ReplyClass)
    assert {each["action"] for each in found} <= set(Action)
    assert all((each["rule"] is None) == (each["class"] == "unknown") for each in found)
