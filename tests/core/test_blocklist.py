"""The outcome table: what an answer says, and above all what it does not say."""

import ipaddress
from datetime import timedelta

import dns.reversename
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.blocklist import CodeStyle, Impact, Polarity, RemovalWay, ReturnCode, Scope, query_label
from deliverwatch.core.subjects import DomainRole, SubjectKind
from deliverwatch.core.verdict import (
    MAX_CODES,
    Answer,
    Outcome,
    Reply,
    Verdict,
    is_listing,
    judge,
    matches,
    weighed,
)
from servers.lists import sample_list

V4, V6, DOMAIN = SubjectKind.IPV4, SubjectKind.IPV6, SubjectKind.DOMAIN
EXACT = sample_list(refusals={"127.0.0.1": "the resolver is blocked"})
BITMASK = sample_list(
    style=CodeStyle.BITMASK,
    codes=(
        ReturnCode("2", "grey", Impact.INFO),
        ReturnCode("8", "phishing", Impact.CRITICAL),
        ReturnCode("64", "abuse", Impact.HIGH),
    ),
    refusals={"1": "too many queries"},
)


def answer(*values: str) -> Answer:
    return Answer(Reply.ANSWER, values, timedelta(minutes=5))


WITHOUT_VALUES = {
    Reply.ANSWER: Outcome.NONSENSE,
    Reply.EMPTY: Outcome.NONSENSE,
    Reply.NXDOMAIN: Outcome.CLEAR,
    Reply.REFUSED: Outcome.REFUSED,
    Reply.SERVFAIL: Outcome.UNREACHABLE,
    Reply.FORMERR: Outcome.UNREACHABLE,
    Reply.NOTIMP: Outcome.UNREACHABLE,
    Reply.TIMEOUT: Outcome.UNREACHABLE,
    Reply.NETWORK: Outcome.UNREACHABLE,
    Reply.NONSENSE: Outcome.NONSENSE,
}


@pytest.mark.parametrize("reply", Reply)
def test_each_reply_without_a_value_has_its_outcome(reply):
    verdict = judge(EXACT, Answer(reply))
    assert verdict.outcome is WITHOUT_VALUES[reply]
    assert bool(verdict.detail) is not verdict.outcome.conclusive
    assert (verdict.codes, verdict.meanings, verdict.impact) == ((), (), None)


def test_the_outcomes_that_conclude_are_two():
    assert [outcome for outcome in Outcome if outcome.conclusive] == [Outcome.LISTED, Outcome.CLEAR]


def test_the_trouble_of_the_network_is_told():
    assert judge(EXACT, Answer(Reply.NETWORK, detail="no route")).detail == "the network failed (no route)"


def test_what_was_not_asked_is_not_told_as_a_failure_of_the_network():
    verdict = judge(EXACT, Answer(Reply.TIMEOUT, detail="not asked: the budget is used up", asked=False))
    assert (verdict.outcome, verdict.detail) == (Outcome.UNREACHABLE, "not asked: the budget is used up")


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        (["127.0.0.2"], Outcome.LISTED),
        (["127.0.0.1"], Outcome.REFUSED),
        (["127.255.255.254"], Outcome.REFUSED),
        (["127.255.255.0"], Outcome.REFUSED),
        (["127.255.254.255"], Outcome.LISTED),
        (["203.0.113.7"], Outcome.NONSENSE),
        (["126.255.255.255"], Outcome.NONSENSE),
        (["128.0.0.0"], Outcome.NONSENSE),
        (["127.0.0.0"], Outcome.LISTED),
        (["127.0.0.2", "127.0.0.1"], Outcome.REFUSED),
        (["127.0.0.2", "127.255.255.255"], Outcome.REFUSED),
        (["127.0.0.2", "203.0.113.7"], Outcome.NONSENSE),
        (["127.255.255.255", "203.0.113.7"], Outcome.NONSENSE),
    ],
)
def test_the_whole_set_of_values_is_judged_and_the_worst_doubt_wins(values, outcome):
    for ordered in (values, values[::-1]):
        verdict = judge(EXACT, answer(*ordered))
        assert verdict.outcome is outcome
        assert set(verdict.codes) == set(values)


def test_codes_are_sorted_by_number_each_once_and_all_meanings_are_told():
    verdict = judge(EXACT, answer("127.0.0.10", "127.0.0.2", "127.0.0.10"))
    assert verdict == Verdict(
        Outcome.LISTED,
        ("127.0.0.2", "127.0.0.10"),
        ("spam source", "policy"),
        Impact.CRITICAL,
        polarity=Polarity.BLOCK,
        scope=Scope.ADDRESS,
        removal=RemovalWay.SELF_SERVICE,
    )


def test_an_answer_with_an_absurd_number_of_values_is_nonsense_and_not_a_listing():
    most = [f"127.0.0.{number}" for number in range(2, 2 + MAX_CODES)]
    assert judge(EXACT, answer(*most, most[0])).outcome is Outcome.LISTED
    verdict = judge(EXACT, answer(*most, *(f"127.0.7.{number}" for number in range(200))))
    assert (verdict.outcome, verdict.impact, verdict.meanings) == (Outcome.NONSENSE, None, ())
    assert verdict.detail == f"answered 264 addresses for one name: at most {MAX_CODES} are taken for a listing"
    assert verdict.codes == tuple(most[:8])


def test_a_value_nobody_has_explained_is_a_listing_of_low_impact_and_says_so():
    verdict = judge(EXACT, answer("127.0.0.77"))
    assert (verdict.outcome, verdict.impact) == (Outcome.LISTED, Impact.LOW)
    assert verdict.unexplained == ("127.0.0.77",)
    assert verdict.meanings == ("127.0.0.77: not explained by the catalogue",)


def test_an_explained_value_beside_it_keeps_its_weight():
    verdict = judge(EXACT, answer("127.0.0.77", "127.0.0.2"))
    assert (verdict.impact, verdict.unexplained) == (Impact.HIGH, ("127.0.0.77",))


def test_a_refusal_tells_why_and_carries_no_weight():
    verdict = judge(EXACT, answer("127.0.0.1", "127.0.0.2"))
    assert verdict.detail == "127.0.0.1: the resolver is blocked"
    assert (verdict.impact, verdict.meanings, verdict.unexplained) == (None, (), ())


def test_a_catalogue_may_explain_a_refusal_in_the_range_of_refusals():
    blocklist = sample_list(refusals={"127.255.255.254": "a public resolver"})
    assert judge(blocklist, answer("127.255.255.254")).detail == "127.255.255.254: a public resolver"
    assert judge(blocklist, answer("127.255.255.9")).outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    ("value", "meanings", "impact", "unexplained"),
    [
        ("127.0.0.2", ("grey",), Impact.INFO, False),
        ("127.0.0.10", ("grey", "phishing"), Impact.CRITICAL, False),
        ("127.0.0.74", ("grey", "phishing", "abuse"), Impact.CRITICAL, False),
        ("127.0.0.6", ("grey", "127.0.0.6: not explained by the catalogue"), Impact.LOW, True),
        ("127.0.0.16", ("127.0.0.16: not explained by the catalogue",), Impact.LOW, True),
        ("127.0.0.0", ("127.0.0.0: not explained by the catalogue",), Impact.LOW, True),
        ("127.0.1.2", ("127.0.1.2: not explained by the catalogue",), Impact.LOW, True),
    ],
)
def test_the_last_octet_of_a_bitmask_is_a_sum(value, meanings, impact, unexplained):
    verdict = judge(BITMASK, answer(value))
    assert (verdict.outcome, verdict.meanings, verdict.impact) == (Outcome.LISTED, meanings, impact)
    assert bool(verdict.unexplained) is unexplained


def test_a_bit_of_refusal_refuses_the_whole_answer():
    verdict = judge(BITMASK, answer("127.0.0.9"))
    assert (verdict.outcome, verdict.detail) == (Outcome.REFUSED, "127.0.0.9: too many queries")


def test_a_listing_on_an_allow_list_accuses_nobody():
    listed = judge(EXACT, answer("127.0.0.2"))
    assert is_listing(listed)
    assert not is_listing(judge(sample_list(polarity=Polarity.ALLOW), Answer(Reply.ANSWER, ("127.0.0.2",))))
    assert not is_listing(judge(EXACT, Answer(Reply.NXDOMAIN)))


# --- patterns, scores, and codes that differ from their list


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("127.0.0.4", "127.0.0.4", True),
        ("127.0.0.4", "127.0.0.40", False),
        ("127.0.*.0-3", "127.0.200.3", True),
        ("127.0.*.0-3", "127.0.200.4", False),
        ("127.0.*.0-3", "127.1.200.3", False),
        ("127.0.0.10-20", "127.0.0.9", False),
        ("127.0.0.10-20", "127.0.0.10", True),
        ("127.0.0.10-20", "127.0.0.20", True),
        ("*.*.*.*", "127.9.9.9", True),
    ],
)
def test_an_octet_of_a_pattern_is_a_number_a_range_or_a_star(pattern, value, fits):
    assert matches(pattern, value) is fits


@given(low=st.integers(0, 255), high=st.integers(0, 255), octet=st.integers(0, 255))
def test_a_range_holds_its_ends_and_what_is_between(low, high, octet):
    assert matches(f"127.0.*.{low}-{high}", f"127.0.7.{octet}") is (low <= octet <= high)


SCORE = sample_list(
    style=CodeStyle.SCORE,
    codes=(
        ReturnCode("127.0.4.0-69", "reputation", Impact.HIGH),
        ReturnCode("127.0.4.70-100", "reputation", Impact.INFO, polarity=Polarity.REPUTATION),
    ),
)


@pytest.mark.parametrize(("value", "impact", "listing"), [(12, Impact.HIGH, True), (95, Impact.INFO, False)])
def test_a_score_is_shown_and_its_band_decides(value, impact, listing):
    verdict = judge(SCORE, answer(f"127.0.4.{value}"))
    assert (verdict.meanings, verdict.impact) == ((f"reputation ({value})",), impact)
    assert is_listing(verdict) is listing


def test_a_score_outside_all_bands_is_unexplained():
    assert judge(SCORE, answer("127.0.4.200")).unexplained == ("127.0.4.200",)


def test_the_exact_value_comes_before_the_pattern_that_holds_it_too():
    codes = (ReturnCode("127.0.0.4", "exploit", Impact.CRITICAL), ReturnCode("127.0.0.2-9", "other", Impact.LOW))
    assert judge(sample_list(codes=codes), answer("127.0.0.4")).meanings == ("exploit",)


MIXED = sample_list(
    codes=(
        ReturnCode("127.0.0.1", "good", Impact.CRITICAL, polarity=Polarity.ALLOW),
        ReturnCode("127.0.0.2", "bad", Impact.MEDIUM, scope=Scope.NETWORK, removal=RemovalWay.NETWORK_OWNER),
        ReturnCode("127.0.0.3", "odd", Impact.LOW),
    ),
)


@pytest.mark.parametrize(
    ("values", "listing", "impact"),
    [
        (["127.0.0.1"], False, Impact.CRITICAL),
        (["127.0.0.2"], True, Impact.MEDIUM),
        (["127.0.0.1", "127.0.0.2"], True, Impact.MEDIUM),
        (["127.0.0.1", "127.0.0.77"], True, Impact.LOW),
    ],
)
def test_a_list_of_good_and_bad_accuses_if_one_code_does_and_weighs_only_that(values, listing, impact):
    verdict = judge(MIXED, answer(*values))
    assert (is_listing(verdict), verdict.impact) == (listing, impact)


def test_the_narrowest_scope_and_the_hardest_removal_of_the_codes_count():
    alone = judge(MIXED, answer("127.0.0.2"))
    assert (alone.scope, alone.removal) == (Scope.NETWORK, RemovalWay.NETWORK_OWNER)
    both = judge(MIXED, answer("127.0.0.2", "127.0.0.3"))
    assert (both.scope, both.removal) == (Scope.ADDRESS, RemovalWay.NETWORK_OWNER)


@pytest.mark.parametrize("value", ["127.0.0.9", "127.0.9.9"])
def test_a_refusal_may_be_a_pattern(value):
    blocklist = sample_list(refusals={"127.0.*.9": "too many queries"})
    assert judge(blocklist, answer(value)).detail == f"{value}: too many queries"


FROM_ONLY = sample_list(matters_to=frozenset({DomainRole.FROM, DomainRole.DKIM}))


@pytest.mark.parametrize(
    ("blocklist", "roles", "impact"),
    [
        (FROM_ONLY, {DomainRole.LINK}, Impact.MEDIUM),
        (FROM_ONLY, {DomainRole.LINK, DomainRole.DKIM}, Impact.HIGH),
        (FROM_ONLY, (), Impact.HIGH),
        (EXACT, {DomainRole.LINK}, Impact.HIGH),
    ],
)
def test_a_listing_weighs_one_step_less_where_the_list_is_not_asked(blocklist, roles, impact):
    assert weighed(Impact.HIGH, blocklist, roles) is impact


def test_nothing_weighs_less_than_info():
    assert weighed(Impact.INFO, FROM_ONLY, {DomainRole.LINK}) is Impact.INFO


def test_impacts_rank_from_critical_to_info():
    assert [impact.rank for impact in Impact] == [4, 3, 2, 1, 0]


def test_a_list_is_verifiable_with_a_point_of_each_sort_for_the_kind():
    blocklist = sample_list()
    positive, negative = blocklist.points_for(V4)
    assert blocklist.verifiable(V4)
    assert not sample_list(test_points=(positive,)).verifiable(V4)
    assert not sample_list(test_points=(negative,)).verifiable(V4)
    assert not sample_list(test_points=(positive, negative)).verifiable(V6)


values_st = st.lists(st.one_of(st.ip_addresses(v=4), st.ip_addresses(network="127.0.0.0/8")).map(str), max_size=4)


@given(reply=st.sampled_from(Reply), values=values_st, blocklist=st.sampled_from([EXACT, BITMASK]))
def test_every_answer_has_a_verdict_that_is_at_one_with_itself(reply, values, blocklist):
    verdict = judge(blocklist, Answer(reply, tuple(values)))
    listed = verdict.outcome is Outcome.LISTED
    assert (verdict.impact is not None) is listed
    assert bool(verdict.meanings) is listed
    assert (verdict.detail is None) is verdict.outcome.conclusive
    assert not listed or set(verdict.codes) == set(values)
    assert not listed or reply is Reply.ANSWER
    assert set(verdict.unexplained) <= set(verdict.codes)


@given(values=values_st.filter(bool))
def test_nothing_outside_127_and_nothing_of_the_refusals_is_ever_a_listing(values):
    verdict = judge(EXACT, answer(*values))
    inside = all(value.startswith("127.") for value in values)
    refused = any(value.startswith("127.255.255.") or value == "127.0.0.1" for value in values)
    expected = Outcome.NONSENSE if not inside else Outcome.REFUSED if refused else Outcome.LISTED
    assert verdict.outcome is expected


@pytest.mark.parametrize(
    ("kind", "name", "label"),
    [
        (V4, "192.0.2.99", "99.2.0.192"),  # RFC 5782 §2.1
        (V4, "127.0.0.2", "2.0.0.127"),  # §5
        (V6, "2001:db8:1:2:3:4:567:89ab", "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2"),  # §2.4
        (V6, "::ffff:7f00:2", "2.0.0.0.0.0.f.7.f.f.f.f" + ".0" * 20),  # §5
        (V6, "::ffff:127.0.0.1", "1.0.0.0.0.0.f.7.f.f.f.f" + ".0" * 20),
        (DOMAIN, "example.com", "example.com"),  # §3
        (DOMAIN, "INVALID", "INVALID"),
    ],
)
def test_the_examples_of_rfc_5782(kind, name, label):
    assert query_label(kind, name) == label


@given(address=st.ip_addresses(v=4))
def test_ipv4_labels_are_those_of_dnspython(address):
    assert query_label(V4, str(address)) + ".in-addr.arpa." == dns.reversename.from_address(str(address)).to_text()


@given(address=st.ip_addresses(v=6).filter(lambda address: address.ipv4_mapped is None))
def test_ipv6_labels_are_those_of_dnspython(address):
    assert query_label(V6, str(address)) + ".ip6.arpa." == dns.reversename.from_address(str(address)).to_text()


@given(address=st.ip_addresses(v=4))
def test_mapped_addresses_keep_their_32_nibbles(address):
    """dnspython is no help here: it turns them into IPv4, as many a list checker does."""
    mapped = ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)
    assert query_label(V6, str(mapped)) == ".".join(reversed(mapped.packed.hex()))


def test_an_address_that_is_none_has_no_label():
    with pytest.raises(ValueError, match="does not appear to be an IPv4 or IPv6 address"):
        query_label(V4, "192.0.2.999")
