"""What a day begins with: news without what belongs to other news, what waits, and lists that end."""

from types import SimpleNamespace

from deliverwatch.core.desk.start import is_news, part, unheard_sources, waiting_warmups
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.source_condition import SourceCondition, SourceHealth
from deliverwatch.core.warmup.day import DayState
from samples import NOON


def event(key, **facts):
    return Event(key, EventKind.LISTING_OPENED, NOON, "zen", None, facts)


def test_of_an_incident_the_event_that_leads_is_news_and_what_only_informs_is_none():
    lead = event("lead", members=["192.0.2.8/29"])
    led, quiet = event("led", incident="lead", quiet=True), event("minor", quiet=True)
    assert [each for each in (led, lead, quiet) if is_news(each)] == [lead]


def test_what_is_left_out_is_counted():
    assert part([1, 2, 3], 2) == part([1, 2, 4], 2)
    assert (part([1, 2, 3], 2).rows, part([1, 2, 3], 2).more, part([1, 2, 3], 2).count) == ((1, 2), 1, 3)
    assert part([1], 2).more == 0


def test_sources_that_were_never_used_are_not_missed():
    health = [SourceHealth(str(each), each, None, None) for each in SourceCondition]
    assert [each.condition for each in unheard_sources(health)] == [SourceCondition.SILENT, SourceCondition.FAILING]


def run(ip, state):
    return SimpleNamespace(run=SimpleNamespace(ip=ip), state=state)


def test_of_the_warmups_those_wait_that_are_held_and_the_ready_ones_come_first():
    states = [run(f"192.0.2.{number}", state) for number, state in enumerate(DayState)]
    waiting = [each.state for each in waiting_warmups(states)]
    assert waiting == [DayState.READY_TO_RELEASE, DayState.HELD]
