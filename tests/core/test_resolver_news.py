"""When a resolver's trouble is told, when its end is, and when nothing was seen that would allow to say so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.events import EventKind
from deliverwatch.core.resolver_health import ProbedResolver, ResolverFault, SeenPoint, Trouble
from deliverwatch.core.resolver_news import resolver_news
from deliverwatch.core.verdict import Answer, Reply
from samples import NOON, SAMPLE_LIST

HERE, THERE = "192.0.2.53:53", "192.0.2.54:53"
HOUR = timedelta(hours=1)
LISTED, SANE, *_ = SAMPLE_LIST.test_points
ONE, TWO = (replace(SAMPLE_LIST, id=name) for name in ("one", "two"))
YES, NXDOMAIN, SILENCE = Answer(Reply.ANSWER, ("127.0.0.2",)), Answer(Reply.NXDOMAIN), Answer(Reply.TIMEOUT)
WELL = ProbedResolver(HERE, YES, (NXDOMAIN, NXDOMAIN), None)


def fault(trouble=Trouble.FILTERS, path=HERE, lists=("one", "two")):
    return ResolverFault(path, trouble, "is ill", "mend it", lists if trouble is Trouble.FILTERS else ())


def seen(*blocklists, answer=YES, path=HERE):
    return [
        SeenPoint(each, path, point, reply)
        for each in blocklists
        for point, reply in ((LISTED, answer), (SANE, NXDOMAIN))
    ]


def news(*faults, told=(), at=NOON, probed=(WELL,), points=()):
    return resolver_news(faults, probed, points, told, at)


def begun(*faults):
    return news(*(faults or (fault(),)), at=NOON - HOUR)


def kinds(events):
    return [(event.kind, event.facts["path"], event.facts["trouble"]) for event in events]


def test_what_lasts_is_told_once_a_day_with_when_it_began():
    (first,) = begun()
    assert news(fault(), told=[first]) == []
    (second,) = news(fault(), told=[first], at=NOON + 12 * HOUR)
    assert second.key != first.key
    assert second.facts["since"] == first.facts["since"] == (NOON - HOUR).isoformat()


def test_each_trouble_of_each_resolver_is_one_of_its_own():
    found = begun(fault(), fault(path=THERE), fault(Trouble.REWRITES))
    assert len({event.key for event in found}) == 3
    assert news(fault(Trouble.REWRITES), told=found, probed=[WELL, replace(WELL, path=THERE)]) == []


def test_its_end_is_told_once_and_what_comes_again_is_new():
    (trouble,) = begun()
    (end,) = news(told=[trouble], points=seen(ONE, TWO))
    assert kinds([end]) == [(EventKind.RESOLVER_WELL, HERE, "filters")]
    assert (end.facts["since"], end.facts["gone"]) == (trouble.facts["since"], False)
    assert news(told=[end, trouble], points=seen(ONE, TWO), at=NOON + HOUR) == []
    (again,) = news(fault(), told=[end, trouble], at=NOON + 2 * HOUR)
    assert again.key not in (trouble.key, end.key)
    assert again.facts["since"] == (NOON + 2 * HOUR).isoformat()


@pytest.mark.parametrize(
    "points",
    [
        [],
        seen(ONE),
        seen(ONE) + seen(TWO, path=THERE),
        seen(ONE) + seen(TWO, answer=SILENCE),
    ],
    ids=["nothing was asked", "a list refuses us by now", "it was well on another path", "a list gave no answer"],
)
def test_no_end_is_told_of_what_was_not_seen_to_be_right(points):
    assert news(told=begun(), points=points) == []


def test_one_that_gives_no_answers_at_all_has_not_ended_its_other_troubles():
    dead = fault(Trouble.DEAD)
    assert kinds(news(dead, told=begun())) == [(EventKind.RESOLVER_TROUBLE, HERE, "dead")]


def test_one_that_answers_again_is_not_dead():
    assert kinds(news(told=begun(fault(Trouble.DEAD)))) == [(EventKind.RESOLVER_WELL, HERE, "dead")]


@pytest.mark.parametrize(("second", "ends"), [(NXDOMAIN, 1), (SILENCE, 0)])
def test_made_up_names_must_all_be_answered_with_nothing(second, ends):
    probed = replace(WELL, made_up=(NXDOMAIN, second))
    assert len(news(told=begun(fault(Trouble.REWRITES)), probed=[probed])) == ends


def test_a_resolver_that_is_not_asked_any_more_takes_its_troubles_along():
    (end,) = news(told=begun(), probed=[replace(WELL, path=THERE)])
    assert (end.kind, end.facts["gone"]) == (EventKind.RESOLVER_WELL, True)
