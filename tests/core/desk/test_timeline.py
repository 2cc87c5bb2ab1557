"""A customer's timeline: one order of everything, cut into pages that lose and repeat nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest

from deliverwatch.core.desk.timeline import (
    Matter,
    Stretch,
    has_line,
    newest_first,
    of_advice,
    of_assets,
    of_draft,
    of_events,
    of_report,
    of_steps,
    stretch_of,
)
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Asset
from deliverwatch.core.practice import TAKEN_BACK, Advice, Check
from deliverwatch.core.practice_together import SUBJECT
from deliverwatch.core.remediation.draft import Action, DraftState, DraftStep
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.warmup.run import StepKind, WarmupStep

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVER = Stretch(None, None)


def an_event(hours=0, kind=EventKind.LISTING_OPENED, subject="192.0.2.1", key=None, **facts):
    return Event(key or f"{kind}/{subject}/{hours}", kind, NOON + hours * HOUR, "sample", parse_subject(subject), facts)


def an_advice(address, at=NOON):
    facts, found = {"address": address}, f"{address} has no reverse name"
    return Advice(f"a-{address}", "acme", Check.PTR, address, "ptr_missing", facts, found, at)


class TestEvents:
    def test_an_incident_is_one_line_under_its_ranges(self):
        lead = an_event(key="lead", members=["192.0.2.0/31"], member_count=2)
        led = an_event(subject="192.0.2.1", incident="lead", quiet=True)
        (entry,) = of_events([lead, led], {})
        assert entry.subjects == ("192.0.2.0/31",)
        assert not has_line(led)

    def test_what_changed_before_stands_beside_what_began(self):
        event = an_event()
        (entry,) = of_events([event], {event.key: {"compared": True, "changes": []}})
        assert entry.cause == {"compared": True, "changes": []}
        assert (entry.matter, entry.where) == (Matter.LISTING, "sample")

    def test_reminders_are_no_news(self):
        assert list(of_events([an_event(kind=EventKind.STILL_LISTED)], {})) == []

    def test_a_provider_is_where_no_list_is(self):
        event = Event("b", EventKind.BLOCK_OPENED, NOON, "", parse_subject("192.0.2.1"), {"provider": "gmail"})
        (entry,) = of_events([event], {})
        assert (entry.matter, entry.where) == (Matter.BLOCK, "gmail")


class TestPages:
    @pytest.mark.parametrize("size", [1, 2, 3, 7])
    def test_all_else_is_on_exactly_one_page(self, size):
        events = [an_event(hours) for hours in (0, 0, 3, 1, 9, 9, 12)]  # by number; some were learnt of late
        others = [NOON + minutes * timedelta(minutes=30) for minutes in range(-4, 30)]
        found, until, left = [], None, list(reversed(events))
        while True:
            page, left = left[:size], left[size:]
            stretch = stretch_of(page, until, is_last=not left)
            found.append([at for at in others if stretch.holds(at)])
            until = stretch.after
            if not left:
                break
        assert sorted(at for each in found for at in each) == others

    def test_the_order_is_newest_first_whatever_it_is(self):
        entries = [
            *of_events([an_event(1)], {}),
            of_report("r", "2026-W47", NOON + 2 * HOUR, 3),
            *of_events([an_event(0)], {}),
        ]
        assert [entry.at for entry in newest_first(entries)] == [NOON + 2 * HOUR, NOON + HOUR, NOON]


class TestOthers:
    def test_what_a_person_did_is_told_once(self):
        steps = [
            WarmupStep("run", NOON, StepKind.STARTED, "pat", ""),
            WarmupStep("run", NOON, StepKind.RELEASED, "pat", "well again"),
            WarmupStep("run", NOON, StepKind.AMENDED, "pat", "slower", 2),
        ]
        assert [entry.what for entry in of_steps("192.0.2.1", steps, EVER)] == ["started", "amended"]

    def test_an_asset_comes_and_goes_on_days(self):
        asset = Asset("192.0.2.0/24", "acme", from_on=date(2026, 11, 1), until_on=date(2026, 11, 10))
        came, left = of_assets("acme", [asset], date(2026, 11, 24), EVER)
        assert (came.what, came.at.date(), came.exact) == ("held_from", date(2026, 11, 1), False)
        assert (left.what, left.at.date()) == ("held_until", date(2026, 11, 11))

    def test_one_that_was_always_theirs_came_when_we_learnt_of_it(self):
        (entry,) = of_assets("acme", [Asset("a.example", "acme", added_at=NOON)], date(2026, 11, 24), EVER)
        assert (entry.what, entry.at, entry.exact) == ("watched_from", NOON, True)

    def test_what_is_others_or_still_to_come_is_not_told(self):
        assets = [
            Asset("192.0.2.0/24", "bravo", from_on=date(2026, 11, 1)),
            Asset("198.51.100.0/24", "acme", from_on=date(2026, 12, 1)),
        ]
        assert list(of_assets("acme", assets, date(2026, 11, 24), EVER)) == []

    def test_advice_has_its_turns(self):
        advice = Advice("a", "acme", Check.SPF, "a.example", "spf_missing", {}, "none", NOON, mended_at=NOON + DAY)
        assert [entry.what for entry in of_advice([advice], EVER)] == ["advice_given", "advice_mended"]
        assert [entry.what for entry in of_advice([advice], Stretch(NOON, None))] == ["advice_mended"]

    def test_advice_of_several_at_one_time_is_one_entry(self):
        some = [an_advice(address) for address in ("192.0.2.8", "192.0.2.9", "192.0.2.10")]
        later = an_advice("192.0.2.11", NOON + HOUR)
        entries = list(of_advice([*some, later], EVER))
        assert [entry.subjects for entry in entries] == [("192.0.2.8/31", "192.0.2.10"), ("192.0.2.11",)]
        assert entries[0].facts["found"] == f"{SUBJECT} has no reverse name"

    def test_what_came_into_the_inventory_together_is_one_entry(self):
        assets = [Asset(name, "acme", added_at=NOON) for name in ("192.0.2.8", "192.0.2.9", "a.example")]
        (entry,) = of_assets("acme", assets, date(2026, 11, 24), EVER)
        assert entry.subjects == ("192.0.2.8/31", "a.example")

    def test_advice_that_was_never_true_is_not_called_mended(self):
        facts = {TAKEN_BACK: "the list lied"}
        advice = Advice("a", "acme", Check.LISTINGS, "a.example", "listed", facts, "", NOON, mended_at=NOON + DAY)
        assert [entry.what for entry in of_advice([advice], EVER)][-1] == "advice_taken_back"

    def test_renewals_of_a_draft_are_no_news(self):
        steps = [
            DraftStep(NOON, DraftState.PREPARED, "deliverwatch"),
            DraftStep(NOON, DraftState.PREPARED, "deliverwatch", action=Action.RENEWED),
            DraftStep(NOON, DraftState.SUBMITTED, "pat", action=Action.SUBMITTED),
        ]
        found = list(of_draft("d", "The list", ["192.0.2.1"], steps, EVER))
        assert [(entry.what, entry.by) for entry in found] == [("prepared", "deliverwatch"), ("submitted", "pat")]
