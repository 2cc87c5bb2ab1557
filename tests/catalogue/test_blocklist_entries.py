"""Every entry of the shipped catalogue, served by the strict fake nameserver and asked over UDP.

What it promises of its test points, codes and refusals is what a look-up then says.
"""

import dns.asyncquery
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from deliverwatch.catalogue.answers import BITS
from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.core.blocklist import CodeStyle, Impact, Polarity
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import Answer, Outcome, Reply, is_listing, judge, matches
from deliverwatch.core.zone_health import judge_test_points
from deliverwatch.lookup.names import query_name
from deliverwatch.sandbox.zones import list_subject, zone_for

LISTS = load_lists()
ASKED = [blocklist for blocklist in LISTS.usable if blocklist.shown_zone]
KEY = "samplekey"
NAMES = {SubjectKind.IPV4: "192.0.2.{}", SubjectKind.IPV6: "2001:db8::{}", SubjectKind.DOMAIN: "sample{}.example"}
each_list = pytest.mark.parametrize("blocklist", ASKED, ids=lambda blocklist: blocklist.id)


@pytest.fixture
def served(start_nameserver):
    return lambda blocklist: Served(blocklist, start_nameserver)


class Served:
    """One list with the zone it has in the catalogue; subjects are added as a test needs them."""

    def __init__(self, blocklist, start_nameserver):
        self.blocklist = blocklist
        self.key = KEY if blocklist.zone is None else None
        self.zone = zone_for(blocklist, self.key)
        self._start = start_nameserver
        self._nameserver = None

    async def ask(self, kind, name):
        if self._nameserver is None:
            self._nameserver = await self._start(self.zone)
        host, port = self._nameserver.address.rsplit(":", 1)
        query = dns.message.make_query(query_name(self.blocklist, kind, name, self.key), "A")
        reply = await dns.asyncquery.udp(query, host, port=int(port), timeout=5)
        if reply.rcode() == dns.rcode.NXDOMAIN:
            return Answer(Reply.NXDOMAIN)
        assert reply.rcode() == dns.rcode.NOERROR
        records = [rdata.address for rrset in reply.answer if rrset.rdtype == dns.rdatatype.A for rdata in rrset]
        return Answer(Reply.ANSWER, tuple(records)) if records else Answer(Reply.EMPTY)

    async def verdict(self, kind, *values):
        """Of a subject that is answered with these values."""
        subject = Subject(kind, NAMES[kind].format(len(self.zone.records) + 1))
        if values:
            list_subject(self.zone, self.blocklist, subject, *values)
        return judge(self.blocklist, await self.ask(kind, subject.value))


def answers_for(value):
    """The outermost answers that a value of the catalogue stands for."""
    if value in BITS:
        return [f"127.0.0.{value}"]
    octets = [(octet.replace("*", "0-255").split("-") * 2)[:2] for octet in value.split(".")]
    return sorted({".".join(first for first, _ in octets), ".".join(last for _, last in octets)})


def explained_by(blocklist, code):
    """Answers for which this code is the first that counts."""
    if blocklist.style is CodeStyle.BITMASK:
        return answers_for(code.value)
    before = [*blocklist.refusals, *(each.value for each in blocklist.codes[: blocklist.codes.index(code)])]
    return [answer for answer in answers_for(code.value) if not any(matches(each, answer) for each in before)]


@each_list
async def test_its_test_points_pass(blocklist, served):
    server = served(blocklist)
    for kind in blocklist.kinds:
        points = blocklist.points_for(kind)
        answers = {point: await server.ask(kind, point.name) for point in points}
        assert judge_test_points(blocklist, [kind], answers).passed is blocklist.verifiable(kind)
        for point, answer in answers.items():
            found = judge(blocklist, answer)
            assert found.outcome is (Outcome.LISTED if point.expect else Outcome.CLEAR), point
            assert not found.unexplained or blocklist.style is CodeStyle.BITMASK, point


@each_list
async def test_each_code_is_a_listing_as_documented_and_nothing_is_clear(blocklist, served):
    server = served(blocklist)
    for kind in blocklist.kinds:
        assert (await server.verdict(kind)).outcome is Outcome.CLEAR
        for code in blocklist.codes:
            answers = explained_by(blocklist, code)
            assert answers, f"{code.value} is never reached"
            for answer in answers:
                found = await server.verdict(kind, answer)
                assert (found.outcome, found.unexplained) == (Outcome.LISTED, ()), found
                assert found.impact is code.impact
                assert found.polarity is (code.polarity or blocklist.polarity)
                assert found.scope is (code.scope or blocklist.scope)
                assert found.removal is (code.removal or blocklist.removal.way)
                assert found.meanings[0].startswith(code.meaning)


@each_list
async def test_each_refusal_is_one_even_beside_a_listing(blocklist, served):
    server = served(blocklist)
    kind = min(blocklist.kinds)
    listing = explained_by(blocklist, blocklist.codes[0])[0]
    for value, why in blocklist.refusals.items():
        for answer in answers_for(value):
            found = await server.verdict(kind, answer)
            assert found.outcome is Outcome.REFUSED, found
            assert why in found.detail
            assert (await server.verdict(kind, answer, listing)).outcome is Outcome.REFUSED
    assert (await server.verdict(kind, "127.255.255.254")).outcome is Outcome.REFUSED


@each_list
async def test_an_answer_that_it_does_not_document_is_told_as_such(blocklist, served):
    server = served(blocklist)
    found = await server.verdict(min(blocklist.kinds), "127.99.99.99")
    assert (found.outcome, found.unexplained, found.impact) == (Outcome.LISTED, ("127.99.99.99",), Impact.LOW)


def test_allow_and_reputation_lists_accuse_only_with_a_code_that_says_so():
    accusing = {
        blocklist.id: {code.value for code in blocklist.codes if is_listing(_said(blocklist, code))}
        for blocklist in LISTS.usable
        if blocklist.polarity is not Polarity.BLOCK
    }
    assert {list_id for list_id, codes in accusing.items() if codes} == {"mailspike-rep"}
    assert accusing["mailspike-rep"] == {"127.0.0.10", "127.0.0.11", "127.0.0.12"}
    hostkarma = next(blocklist for blocklist in LISTS.usable if blocklist.id == "hostkarma")
    assert {code.value for code in hostkarma.codes if is_listing(_said(hostkarma, code))} == {"127.0.0.2"}


def _said(blocklist, code):
    return judge(blocklist, Answer(Reply.ANSWER, (explained_by(blocklist, code)[0],)))
