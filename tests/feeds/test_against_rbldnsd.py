"""The same file, served by the real rbldnsd and read here: the same answers."""

import asyncio
import ipaddress
import random
from datetime import timedelta

import dns.asyncquery
import dns.message
import pytest

from deliverwatch.clock import SystemClock
from deliverwatch.core.blocklist import FeedFormat, FeedSource, query_label
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import Answer, Reply, judge
from deliverwatch.feeds.resolver import FeedLookups
from servers.lists import sample_list

ZONE = "bl.example"
IP4 = """
1.2.3.4
192.0.2.1
192.0.2.2 :3:
192.0.2.3 :3
192.0.2.4 :127.0.0.10:own text about $
192.0.2.5 only a text, $$ and $ and $1 and $7
192.0.2.6 # a comment
192.0.2.7;a comment
192.0.2.8#a comment
192.0.2.9:5:close text
192.0.2.10\t:127.3:tab, $2
192.0.2.11 :0:zero
192.0.2.12 :300:too much
192.0.2.13 :4 rubbish
192.0.2.14 =no base
192.0.2.15 :1.2.3.4:outside
192.0.2.16\x20\x20
\x20192.0.2.17
192.0.02.018
192.0.2.19.
192.0.2.20.1
192.0.2.256
192.0.2.21x
192.0.2.22\r
!192.0.2.23
192.0.2.23 :4:excluded and listed
192.0.2.24 :4:first
192.0.2.24 :6:second
192.0.2.24 :4:first
198.51.100/24 :3:a /24
198.51.100.64/26 :4:a /26
198.51.100.80 :5:an address
!198.51.100.81
! 198.51.100.96/28
198.51.100.7/24 host bits
198.51.100.0/33
198.51.100.0/
203.0.113
10/8 :6:ten
10.1/16 :7:ten one
10.1.2/24 :8:ten one two
!10.1.3/24
10.1.3.9 :9:back again
!10.2/16
11 bare
12/8
$MAXRANGE4 /16
13/8
13.1/16 :2:as large as allowed
:127.0.0.3:the new default for $
192.0.2.100
192.0.2.101 its own text
192.0.2.106 :6
192.0.2.107 :7:
:5
192.0.2.102
:rubbish
192.0.2.103
:127.0.0.9:
192.0.2.104
192.0.2.105 long """ + "x" * 300 + """
#$1 variable one
:$2 variable $ two
;$1 ignored
"""  # fmt: skip
RANGES = """
172.16.0.5-172.16.0.9 :3:range
172.16.1.0-9 :4:short range
172.16.1-2 :5:of prefixes
172.16.3.250-172.16.5.3 :6:over the edges
172.16.6-172.16.7 :7:whole
172.17-172.18 :8:big
172.16.0.9-172.16.0.5 :9:backwards
172.16-172.16.9.9 :9:mixed
!172.17.4.4-172.17.4.6
172.20.0.0-172.22.255.255 :10:three
172.21.0.0-172.21.0.255 :11:inside
"""
BASE = """
$= around "$=" ($) $1
$1 one
192.0.2.1 entry text
192.0.2.2
192.0.2.3 =no base for $
192.0.2.4 :3:
"""
IP6 = """
2001:db8::1
2001:db8:1::/48 :3:a /48 $
2001:db8:1:2::/64 :4:a /64
!2001:db8:1:2::5
2001:db8:2:3 :5:four words
2001:db8:3/48 :6:three words
2001:db8:4::/47 :7:host bits? no
2001:db8:5::/47 :8:host bits
2001:DB8:6::A :9:upper case
::1
::ffff:7f00:2 :2:test point
2001:db8:0:7:0:0:0:1 :10:all the words
2001:db8:0:7:0:0:0:2:11:close text
2001:db8:0:7:0:0:0:3:1
2001:db8:0:8::00001
2001:db8:0:8::10000
2001:db8::9::1
2001:db8:0:9:
2001:db8:0:a::192.0.2.1
2001 bare
2001:db8:b::/129
2002:c000:201::/48 :12:six to four
:127.0.0.20:new default $
2001:db8:c::/64
2001:db8:c::/64 :21:a second time
2001:db8:d::1:
"""
IP6_PLAIN = """
2001:db8:1:1
2001:db8:1:2 ignored
2001:db8:1:3::
2001:db8:1
!2001:db8:1:1::7
!2001:db8:1:1:0:0:0:8
!2001:db8:1:2
2001:DB8:1:9
:127.0.0.4:the first default, for $
:127.0.0.5:a second one
2001:db8:1:4
"""
DOMAINS = """
plain.example
*.below.example :3:below $
.both.example :4:both $
a.both.example :5:deeper
!b.both.example
!.c.both.example
d.c.both.example :6:back again $
UPPER.Example :7:upper $
dotted.example. :8:final dot
a..b.example :9:two dots
esc\\097ped.example :10:escape $
twice.example :3:one
twice.example :4:two
!gone.example
gone.example :3:gone
commented.example#x
commented2.example # x
. :3:all
*. :3:all
*.*.star.example
x""" + "x" * 63 + """.example
:127.0.0.11:new default $
later.example
2.0.0.127 :2:reversed address
*.113.0.203 :3:reversed network
"""  # fmt: skip
COMBINED = """
$1 common variable
$DATASET ip4set:one @ sub
:3:set $ $1
192.0.2.1
192.0.2.2
$DATASET ip4trie:two sub
:4:elsewhere
192.0.2.3
$dataset dnset @ # a comment
:5:domain $ $1
$1 not the first
.dom.example
$DATASET ip4trie:three @
$1 never the first
192.0.2.2 :6:trie $ $1
192.0.2.4
$DATASET ip6trie @
2001:db8::1 :7:six
$DATASET generic:g @
5.2.0.192 A 127.0.0.8
5.2.0.192 TXT "raw $ text"
6.2.0.192 300 IN A 127.0.0.9
gen.example A 127.0.0.10
gen.example 1h TXT unquoted
www A 127.0.0.11
$DATASET ip4set
192.0.2.7
"""


def own_ip4():
    chance = random.Random(4)
    texts = [f"192.0.2.{last}" for last in range(256)] + [f"198.51.100.{last}" for last in range(60, 130)]
    texts += [
        "1.2.3.4",
        "1.2.3.5",
        "203.0.113.0",
        "203.0.113.255",
        "203.0.112.255",
        "203.0.114.0",
        "0.0.0.0",
        "255.255.255.255",
    ]
    texts += [
        "10.0.0.1",
        "10.1.0.0",
        "10.1.2.3",
        "10.1.3.8",
        "10.1.3.9",
        "10.2.0.1",
        "10.255.255.255",
        "11.0.0.0",
        "12.9.9.9",
        "13.0.0.1",
    ]
    texts += ["13.1.0.0", "13.1.255.255", "127.0.0.2", "127.0.0.1", "0.0.0.11", "172.15.255.255"]
    texts += [f"172.16.{third}.{last}" for third in range(10) for last in (0, 3, 4, 5, 9, 10, 249, 250, 255)]
    texts += [
        f"172.{second}.{third}.{last}" for second in range(17, 24) for third in (0, 4, 255) for last in (0, 5, 255)
    ]
    texts += [str(ipaddress.ip_address(chance.getrandbits(32))) for _ in range(50)]
    return [Subject(SubjectKind.IPV4, text) for text in dict.fromkeys(texts)]


def own_ip6():
    heads = [
        "2001:db8::",
        "2001:db8:1::",
        "2001:db8:1:1::",
        "2001:db8:1:2::",
        "2001:db8:1:3::",
        "2001:db8:1:4::",
        "2001:db8:1:9::",
        "2001::",
        "2002:c000:201::",
    ]
    heads += [f"2001:db8:{third:x}::" for third in range(2, 15)] + [
        f"2001:db8:0:{fourth:x}::" for fourth in range(1, 12)
    ]
    heads += ["2001:db8:2:3::", "::", "2001:db8:1:5::", "2001:db8:1:ffff::"]
    texts = [f"{head}{last:x}" for head in heads for last in (0, 1, 2, 3, 5, 7, 8, 10)]
    texts += ["::ffff:7f00:2", "::ffff:7f00:1", "::ffff:c000:201", "2001:db8:1:2:ffff:ffff:ffff:ffff"]
    return [Subject(SubjectKind.IPV6, str(ipaddress.ip_address(text))) for text in dict.fromkeys(texts)]


def own_domains():
    names = [
        "plain",
        "below",
        "both",
        "a.both",
        "x.a.both",
        "b.both",
        "x.b.both",
        "c.both",
        "d.c.both",
        "e.c.both",
        "f.d.c.both",
        "upper",
        "dotted",
        "a.b",
    ]
    names += [
        "escaped",
        "twice",
        "gone",
        "later",
        "x.plain",
        "x.below",
        "y.x.below",
        "x.both",
        "commented",
        "commented2",
        "x.star",
        "dom",
        "x.dom",
        "gen",
    ]
    names += ["commented.example#x".removesuffix("#x").removesuffix(".example"), "x" * 63, "www", "other", "x.later"]
    return [Subject(SubjectKind.DOMAIN, f"{name}.example") for name in dict.fromkeys(names)]


OWN = {
    FeedFormat.DNSET: [*own_domains(), *own_ip4()[-60:], *own_ip4()[:5]],
    FeedFormat.IP6TRIE: [*own_ip6(), *own_ip4()[:2]],
    FeedFormat.IP6TSET: [*own_ip6(), *own_ip4()[:2]],
    FeedFormat.COMBINED: [*own_domains(), *own_ip4()[:12], *own_ip6()[:20], *own_ip6()[-4:]],
}
OWN_IP4 = [*own_ip4(), *own_ip6()[-4:], *own_ip6()[64:72], *own_domains()[:3]]


async def by_dns(server, subject):
    """(Answer, texts)"""
    name = f"{query_label(subject.kind, subject.value)}.{ZONE}."
    found = []
    for rdtype in ("A", "TXT"):
        reply = await dns.asyncquery.udp(dns.message.make_query(name, rdtype), "127.0.0.1", port=server.port, timeout=9)
        found.append((reply.rcode(), [record for rrset in reply.answer for record in rrset]))
    (rcode, records), (_, texts) = found
    values = tuple(record.address for record in records)
    answer = Answer(Reply.ANSWER, values) if values else Answer(Reply.NXDOMAIN if rcode == 3 else Reply.EMPTY)
    return answer, {text.strings[0].decode(errors="replace") for text in texts} - {""}


@pytest.mark.parametrize(
    ("form", "lines"),
    [
        (FeedFormat.IP4SET, IP4 + RANGES),
        (FeedFormat.IP4SET, BASE),
        (FeedFormat.IP4TSET, IP4),
        (FeedFormat.IP4TSET, ":3:the first, for $\n192.0.2.1\n:4:never\n192.0.2.9 :5:ignored\n192.0.3/24\n"),
        (FeedFormat.IP4TRIE, IP4 + RANGES),
        (FeedFormat.IP4TRIE, BASE),
        (FeedFormat.IP6TRIE, IP6),
        (FeedFormat.IP6TSET, IP6_PLAIN),
        (FeedFormat.DNSET, DOMAINS),
        (FeedFormat.COMBINED, COMBINED),
    ],
)
async def test_the_same_answers(form, lines, start_rbldnsd, tmp_path):
    # what cannot be read is a part of the test, and must not be so much that the file is refused
    filler = {
        FeedFormat.DNSET: [f"filler{number}.test" for number in range(4000)],
        FeedFormat.IP6TRIE: [f"fd00:{number:x}::/32" for number in range(4000)],
        FeedFormat.IP6TSET: [f"fd00:{number:x}:0:1" for number in range(4000)],
        FeedFormat.COMBINED: [],
    }.get(form, [f"100.{number // 250}.{number % 250}.9" for number in range(4000)])
    written = [line for line in [*lines.split("\n"), *filler] if line]
    server = start_rbldnsd({ZONE: [form]})
    server.write(ZONE, written)
    file = tmp_path / "list"
    file.write_text("\n".join(written), newline="\n")
    kinds = frozenset(SubjectKind)
    blocklist = sample_list(feeds=(FeedSource(file.as_uri(), form, kinds, timedelta(hours=1)),), zone=ZONE)
    resolver = FeedLookups(tmp_path, SystemClock(), lambda _blocklist, _kind, name: (name,), {}).open("feed")

    own = OWN.get(form, OWN_IP4)

    got = await resolver.ask_all(blocklist, own, lambda answer: False)

    wanted = []
    for start in range(0, len(own), 50):
        wanted += await asyncio.gather(*(by_dns(server, subject) for subject in own[start : start + 50]))
    differing = []
    for subject, answer, (expected, texts) in zip(own, got, wanted, strict=True):
        reason = await resolver.reason(blocklist, subject.kind, subject.value) if answer.values else None
        expected_reason = {"; ".join(sorted(texts))[:512]} if texts else {""}
        told = "; ".join(sorted(resolver._listed[blocklist.id, subject].texts)) if reason else ""
        if judge(blocklist, answer) != judge(blocklist, expected) or {told[:512]} != expected_reason:
            differing.append((str(subject), answer.values, expected.values or expected.reply, told, texts))
    assert not differing
    assert sum(bool(answer.values) for answer in got) > 3
