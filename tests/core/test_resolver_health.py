"""Facts about resolvers -> what is wrong with them: each trouble once, and nothing of the lists' own illnesses."""

from dataclasses import replace

import pytest

from deliverwatch.core.public_resolvers import operator_of
from deliverwatch.core.resolver_health import ProbedResolver, SeenPoint, Trouble, resolver_faults
from deliverwatch.core.verdict import Answer, Reply
from samples import SAMPLE_LIST

HERE, THERE = "192.0.2.53:53", "192.0.2.54:53"
LISTED, SANE, *_ = SAMPLE_LIST.test_points
LISTS = [replace(SAMPLE_LIST, id=name, zone=f"{name}.example") for name in ("one", "two", "three")]
NXDOMAIN, EMPTY, REFUSED = Answer(Reply.NXDOMAIN), Answer(Reply.EMPTY), Answer(Reply.REFUSED)
SILENCE, SERVFAIL = Answer(Reply.TIMEOUT), Answer(Reply.SERVFAIL)
YES = Answer(Reply.ANSWER, ("127.0.0.2",))


def probed(path=HERE, ordinary=YES, made_up=NXDOMAIN, minimises=False):
    return ProbedResolver(path, ordinary, (made_up, NXDOMAIN), minimises)


def seen(answer, lists=LISTS, path=HERE, point=LISTED):
    return [SeenPoint(blocklist, path, point, answer) for blocklist in lists]


def troubles(resolver, points):
    return [(fault.trouble, fault.lists) for fault in resolver_faults([resolver], points) if fault.path == HERE]


@pytest.mark.parametrize("minimises", [True, False, None])
def test_one_that_shows_what_it_should_has_no_fault_even_if_it_minimises(minimises):
    points = seen(YES) + seen(NXDOMAIN, point=SANE)
    assert troubles(probed(minimises=minimises), points) == []


@pytest.mark.parametrize(
    ("resolver", "points", "found"),
    [
        (probed(ordinary=SILENCE, made_up=SILENCE), seen(SILENCE), "does not answer"),
        (ProbedResolver(HERE, Answer(Reply.NETWORK), (), None), [], "does not answer"),
        (probed(ordinary=SERVFAIL, made_up=SILENCE), seen(SERVFAIL), "answers SERVFAIL to everything"),
    ],
)
def test_dead(resolver, points, found):
    resolver = replace(resolver, made_up=resolver.made_up[:1])
    (fault,) = resolver_faults([resolver], points)
    assert (fault.trouble, fault.found) == (Trouble.DEAD, found)


def test_one_that_shows_lists_is_not_dead_though_it_knows_no_ordinary_name():
    assert troubles(probed(ordinary=SILENCE, made_up=SILENCE), seen(YES)) == []


def test_refuses_us_but_not_where_lists_are_all_it_knows():
    assert troubles(probed(ordinary=REFUSED, made_up=REFUSED), seen(REFUSED)) == [(Trouble.REFUSES, ())]
    assert troubles(probed(ordinary=REFUSED, made_up=REFUSED), seen(YES)) == []


def test_public_by_its_address_or_because_a_list_says_so():
    (fault,) = resolver_faults([probed(path="9.9.9.9:53")], [])
    assert (fault.trouble, "Quad9" in fault.found) == (Trouble.PUBLIC, True)
    says_so = Answer(Reply.ANSWER, ("127.255.255.254",))
    assert troubles(probed(), seen(says_so, LISTS[:1]) + seen(YES, LISTS[1:])) == [(Trouble.PUBLIC, ("one",))]


def test_what_a_list_said_when_it_refused_us_counts_where_it_is_not_asked_any_more():
    said = "test point 127.0.0.2: 127.255.255.254: the query came through a public resolver"
    refusals = {("one", HERE): said, ("two", THERE): said, ("three", HERE): "the server answered REFUSED"}
    faults = resolver_faults([probed(), probed(path="192.0.2.55:53")], seen(YES, LISTS[1:]), refusals)
    assert [(fault.path, fault.trouble, fault.lists) for fault in faults] == [(HERE, Trouble.PUBLIC, ("one",))]


def test_the_table_knows_paths_of_both_kinds():
    assert operator_of("8.8.4.4:53") == operator_of("[2001:4860:4860::8888]:53") == "Google Public DNS"
    assert operator_of(HERE) is operator_of("direct") is operator_of("[2001:db8::53]:53") is None


def test_rewrites_what_does_not_exist():
    (fault,) = resolver_faults([probed(made_up=Answer(Reply.ANSWER, ("203.0.113.80",)))], seen(YES))
    assert (fault.trouble, "203.0.113.80" in fault.found) == (Trouble.REWRITES, True)


def test_filters_if_two_lists_come_back_empty_and_one_is_the_lists_own_affair():
    assert troubles(probed(), seen(EMPTY)) == [(Trouble.FILTERS, ("one", "two", "three"))]
    assert troubles(probed(), seen(EMPTY, LISTS[:1]) + seen(YES, LISTS[1:])) == []
    assert troubles(probed(), seen(EMPTY, point=SANE)) == []


def test_hidden_lists_are_minimisation_where_it_minimises():
    elsewhere = seen(YES, LISTS[:1], THERE)
    assert troubles(probed(minimises=True), seen(NXDOMAIN, LISTS[:1])) == []  # the list may have gone empty
    assert troubles(probed(minimises=True), seen(NXDOMAIN, LISTS[:1]) + elsewhere) == [(Trouble.MINIMISES, ("one",))]
    assert troubles(probed(minimises=True), seen(NXDOMAIN)) == [(Trouble.MINIMISES, ("one", "two", "three"))]


def test_hidden_lists_that_nobody_else_shows_are_hidden_by_something():
    assert troubles(probed(), seen(NXDOMAIN, LISTS[:1])) == []
    assert troubles(probed(minimises=None), seen(NXDOMAIN, LISTS[:2])) == [(Trouble.HIDES, ("one", "two"))]


@pytest.mark.parametrize(
    ("here", "there", "point"),
    [
        (NXDOMAIN, YES, LISTED),
        (YES, NXDOMAIN, SANE),
        (Answer(Reply.ANSWER, ("127.0.0.4",)), YES, LISTED),
    ],
)
@pytest.mark.parametrize("other", [THERE, "direct"])
def test_two_that_disagree_on_one_list_blame_the_one_that_fails_its_test_point(here, there, point, other):
    points = seen(here, LISTS[:1], point=point) + seen(there, LISTS[:1], other, point)
    faults = resolver_faults([probed(), probed(path=THERE)], points)
    assert [(fault.path, fault.trouble, fault.lists) for fault in faults] == [(HERE, Trouble.DISAGREES, ("one",))]
    assert other in faults[0].found


@pytest.mark.parametrize("answer", [SILENCE, SERVFAIL, REFUSED, EMPTY, Answer(Reply.ANSWER, ("203.0.113.9",))])
def test_what_is_not_conclusive_disagrees_with_nobody(answer):
    assert troubles(probed(), seen(answer, LISTS[:1]) + seen(YES, LISTS[:1], THERE)) == []


def test_a_list_that_is_ill_on_every_path_is_no_fault_of_a_resolver():
    points = seen(YES, LISTS[:1], HERE, SANE) + seen(YES, LISTS[:1], THERE, SANE)
    assert resolver_faults([probed(), probed(path=THERE)], points) == []


def test_a_fault_is_a_sentence_and_names_five_lists_at_most():
    many = [replace(SAMPLE_LIST, id=f"list-{number}") for number in range(7)]
    (fault,) = resolver_faults([probed()], seen(EMPTY, many))
    assert str(fault).startswith(f"{HERE} takes addresses in 127.0.0.0/8 out of the answers of list-0, list-1, list-2,")
    assert "list-4 and 2 more, so that no listing is seen: let them through (unbound:" in str(fault)
