from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from deliverwatch.core.warmup.day import Because, DayCounts, DayInputs, DayState, Decision
from deliverwatch.core.warmup.now import status
from deliverwatch.core.warmup.plan import PlanBasis, Stage
from deliverwatch.core.warmup.policy import WarmupPolicy
from deliverwatch.core.warmup.run import Hold, HoldCause, Reading, RunEnd, StepKind, WarmupRun, WarmupStep
from deliverwatch.core.warmup.status import ProviderStatus, RunStatus
from warmups.runs import AT, MONDAY, Mail, a_hold, a_run, a_step, day_of, judged

PLAN = (100, 200, 300, 400, 500)
CAPPED = tuple(Stage(volume, providers={"yahoo": volume // 10}) for volume in PLAN)
BOUNCING = {"": (100, 50)}


def on(days: int) -> date:
    return MONDAY + timedelta(days=days)


def now(
    run: WarmupRun, *days: Mail, holds: tuple[Hold, ...] = (), steps: tuple[WarmupStep, ...] = (), late: int = 0
) -> RunStatus:
    """On the day after the last that was judged; `late`: so many days later."""
    return status(run, judged(run, *days), holds, steps, on(len(days) + late), 24, WarmupPolicy())


def said(found: RunStatus) -> tuple[str, int | None, str, str]:
    return str(found.state), found.next.allowance, str(found.next.decision), str(found.next.because)


def providers(found: RunStatus) -> Mapping[str, ProviderStatus]:
    return {each.provider: each for each in found.providers}


def with_bounces(number: int) -> DayInputs:
    return DayInputs(on(number), providers={"": DayCounts(100, 100, 80, 0, 20)})


def with_holds(number: int, mail: Mail, *holds: Hold) -> DayInputs:
    return replace(day_of(on(number), mail), holds=holds)


def test_a_run_that_has_not_begun_has_its_first_allowance_and_no_date():
    found = status(a_run(*PLAN), [], (), (), on(-3), 24, WarmupPolicy())
    assert said(found) == ("unknown", 100, "repeat", "not_begun")
    assert (found.day, found.stage, found.next.on, found.judged) == (0, 1, MONDAY, None)
    assert (found.expected_finish_on, found.next.demand) == (None, None)


def test_on_its_first_day_nothing_is_judged_yet():
    found = now(a_run(*PLAN))
    assert said(found) == ("unknown", 100, "repeat", "first_day")
    assert (found.day, found.next.on, found.expected_finish_on) == (1, MONDAY, None)


def test_a_run_of_which_no_day_was_judged_is_not_on_its_first_day():
    found = now(a_run(*PLAN), late=3)
    assert said(found) == ("unknown", 100, "repeat", "not_known")
    assert found.day == 4


def test_the_last_day_says_what_today_may_carry():
    found = now(a_run(*PLAN), 100, 200)
    assert said(found) == ("on_plan", 300, "advance", "enough_delivered")
    assert (found.day, found.stage, found.next.on) == (3, 3, on(2))
    assert found.judged is not None
    assert (found.judged.on, found.judged.stage, found.expected_finish_on) == (on(1), 2, on(4))


def test_the_demand_of_today_is_told_beside_its_allowance():
    assert now(a_run(*PLAN), 100, 200, 300).next.demand == 400


def test_the_hours_of_today_are_those_of_its_caps():
    run = a_run(Stage(None, 10), Stage(None, 20))
    found = status(run, judged(run, 240), (), (), on(1), 23, WarmupPolicy())
    assert found.next.allowance == 460


def test_what_was_not_judged_since_is_unknown_and_stays_at_its_stage():
    found = now(a_run(*PLAN), 100, 200, late=2)
    assert said(found) == ("unknown", 300, "repeat", "not_known")


def test_an_unknown_day_is_unknown_and_so_are_its_providers():
    found = now(a_run(*CAPPED), 100, None)
    assert said(found) == ("unknown", 200, "repeat", "not_known")
    assert providers(found)["yahoo"].state is DayState.UNKNOWN
    assert providers(found)["yahoo"].counts is None


def test_a_hold_that_opened_since_counts_at_once():
    found = now(a_run(*PLAN), 100, 200, holds=(a_hold(),))
    assert said(found) == ("held", 300, "hold", "held")
    assert found.expected_finish_on is None
    assert [(hold.cause, hold.over) for hold in found.holds] == [(HoldCause.LISTING, False)]


def test_a_hold_whose_cause_is_over_waits_for_a_person():
    found = now(a_run(*PLAN), 100, 200, holds=(a_hold(over=True),))
    assert said(found) == ("ready_to_release", 300, "hold", "ready")


def test_a_hold_counts_although_no_day_was_judged():
    assert said(now(a_run(*PLAN), holds=(a_hold(),))) == ("held", 100, "hold", "held")
    assert said(now(a_run(*PLAN), 100, late=5, holds=(a_hold(),))) == ("held", 200, "hold", "held")


def test_released_this_morning_it_is_what_the_day_was():
    days = (100, with_holds(1, 200, a_hold()))
    assert said(now(a_run(*PLAN), *days, holds=(a_hold(),))) == ("held", 200, "hold", "held")
    found = now(a_run(*PLAN), *days, steps=(a_step(StepKind.RELEASED),))
    assert said(found) == ("on_plan", 200, "repeat", "released")
    assert found.holds == ()


def test_released_after_an_unknown_day_it_is_unknown():
    days = (100, with_holds(1, None, a_hold()))
    assert said(now(a_run(*PLAN), *days, steps=(a_step(StepKind.RELEASED),)))[0] == "unknown"


def test_a_release_ends_the_holds_of_gates():
    days = (100, replace(with_bounces(1), on=on(1)))
    held = now(a_run(100, 100, 200), *days)
    assert said(held) == ("held", 100, "step_back", "gate_steps_back")
    assert [(hold.cause, hold.since, hold.facts["found"]) for hold in held.holds] == [(HoldCause.BOUNCE, on(1), 20)]
    released = now(a_run(100, 100, 200), *days, steps=(a_step(StepKind.RELEASED),))
    assert (released.holds, released.state) == ((), DayState.BEHIND_REFUSED)


def test_held_again_after_a_release_it_is_held():
    steps = (a_step(StepKind.RELEASED), a_step(StepKind.HELD))
    found = now(a_run(*PLAN), with_holds(0, 100, a_hold()), holds=(a_hold(HoldCause.PERSON),), steps=steps)
    assert said(found) == ("held", 100, "hold", "held")


def test_a_release_is_one_of_the_whole_run_and_a_block_after_it_holds_its_provider_alone():
    days = ({"yahoo": (30, 30), "google": (70, 70)}, with_holds(1, {"yahoo": (60, 60), "google": (140, 140)}, a_hold()))
    block = a_hold(HoldCause.BLOCK, "yahoo")
    found = now(a_run(*PLAN), *days, holds=(block,), steps=(a_step(StepKind.RELEASED),))
    assert said(found) == ("on_plan", 200, "repeat", "released")
    assert providers(found)["yahoo"].state is DayState.HELD


def test_a_run_held_for_its_largest_provider_stays_held_when_that_is_sent_less():
    block = a_hold(HoldCause.BLOCK, "yahoo")
    days = ({"yahoo": (60, 60), "google": (40, 40)}, {"yahoo": (20, 20), "google": (80, 80)})
    held = [with_holds(number, mail, block) for number, mail in enumerate(days)]
    assert said(now(a_run(*PLAN), *held, holds=(block,))) == ("held", 100, "hold", "held")


def test_a_block_since_holds_its_provider_alone():
    run = a_run(*PLAN)
    found = now(run, {"yahoo": (30, 30), "google": (70, 70)}, holds=(a_hold(HoldCause.BLOCK, "yahoo"),))
    assert said(found) == ("on_plan", 200, "advance", "enough_delivered")
    of = providers(found)
    assert (of["yahoo"].state, of["yahoo"].next.decision) == (DayState.HELD, Decision.HOLD)
    assert (of["google"].state, of["google"].next.decision) == (DayState.ON_PLAN, Decision.ADVANCE)
    assert (len(of["yahoo"].holds), of["google"].holds) == (1, ())


def test_a_block_since_of_who_took_most_holds_the_run():
    found = now(a_run(*PLAN), {"yahoo": (70, 70), "google": (30, 30)}, holds=(a_hold(HoldCause.BLOCK, "yahoo"),))
    assert said(found) == ("held", 200, "hold", "held")


def test_a_step_back_counts_at_once():
    found = now(a_run(*PLAN), 100, 200, steps=(a_step(StepKind.STEPPED_BACK, 1),))
    assert said(found) == ("fell_back", 100, "step_back", "stepped_back")
    assert found.stage == 1


def test_a_step_back_of_a_held_run_leaves_it_held():
    found = now(a_run(*PLAN), 100, 200, holds=(a_hold(),), steps=(a_step(StepKind.STEPPED_BACK, 1),))
    assert said(found) == ("held", 100, "step_back", "stepped_back")


def test_an_amendment_counts_at_once():
    found = now(a_run(*PLAN), 100, 200, steps=(a_step(StepKind.AMENDED, 2),))
    assert said(found) == ("on_plan", 200, "repeat", "amended")


def test_of_two_steps_the_last_word_counts():
    steps = (a_step(StepKind.STEPPED_BACK, 1), a_step(StepKind.AMENDED, 2))
    assert said(now(a_run(*PLAN), 100, 200, steps=steps))[1:] == (200, "repeat", "amended")


def test_a_stage_beyond_a_plan_that_was_made_shorter_is_its_last():
    run = a_run(*PLAN)
    found = status(a_run(100, 200), judged(run, 100, 200, 300), (), (), on(3), 24, WarmupPolicy())
    assert (found.stage, found.next.allowance) == (2, 200)


def test_a_day_that_was_judged_by_another_plan_has_no_caps_of_this_one():
    days = judged(a_run(*CAPPED), {"yahoo": (9, 9), "google": (91, 91)})
    amended = a_run(*(Stage(50 + each.allowance(24), providers={"yahoo": 1}) for each in CAPPED))
    found = status(amended, days, (), (a_step(StepKind.AMENDED, 1),), on(1), 24, WarmupPolicy())
    yahoo = providers(found)["yahoo"]
    assert (yahoo.allowed, yahoo.state, yahoo.next.allowance) == (None, DayState.ON_PLAN, 1)


@pytest.mark.parametrize(
    ("end", "state", "because"),
    [
        (RunEnd.DONE, DayState.DONE, Because.LAST_STAGE_DONE),
        (RunEnd.OFF, DayState.OFF, Because.PLATFORM_OFF),
        (RunEnd.FINISHED, DayState.DONE, Because.PERSON_FINISHED),
    ],
)
def test_a_run_that_is_over_has_no_allowance_and_no_date(end, state, because):
    run = replace(a_run(*CAPPED), ended=end, ended_on=on(2))
    found = status(run, judged(a_run(*CAPPED), 100, {"yahoo": (20, 20)}), (a_hold(),), (), on(5), 24, WarmupPolicy())
    assert (found.state, found.next.because, found.next.allowance) == (state, because, None)
    assert (found.expected_finish_on, found.platform_stops_on, found.next.demand) == (None, None, None)
    yahoo = providers(found)["yahoo"]
    assert (yahoo.state, yahoo.next.allowance) == (state, None)


def test_providers_are_judged_by_their_own_caps_and_the_largest_comes_first():
    found = now(a_run(*CAPPED), {"yahoo": (10, 10), "google": (90, 85)}, {"yahoo": (20, 10), "google": (180, 180)})
    assert [each.provider for each in found.providers] == ["google", "yahoo"]
    yahoo = providers(found)["yahoo"]
    assert (yahoo.allowed, yahoo.state, yahoo.next.allowance) == (20, DayState.BEHIND_REFUSED, 30)
    google = providers(found)["google"]
    assert (google.allowed, google.state, google.next.allowance) == (None, DayState.ON_PLAN, None)


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        ((50, 50), DayState.ON_PLAN),
        ((50, 30), DayState.BEHIND_REFUSED),
        ((50, 0), DayState.BEHIND_REFUSED),
        ((5, 4), DayState.ON_PLAN),
    ],
)
def test_a_provider_without_a_number_is_judged_by_whether_it_takes_its_mail(mail, expected):
    found = now(a_run(*PLAN), {"google": (100, 100), "yahoo": (9, 9)}, {"google": (200 - mail[0],) * 2, "yahoo": mail})
    assert providers(found)["yahoo"].state is expected


def test_the_caps_of_the_last_stage_count_too():
    found = now(a_run(*CAPPED[:1], basis=PlanBasis.CALENDAR_DAY), {"yahoo": (10, 10), "google": (20, 20)})
    assert providers(found)["yahoo"].allowed == 10


def test_a_capped_provider_without_mail_is_idle():
    assert providers(now(a_run(*CAPPED), 100))["yahoo"].state is DayState.IDLE


def test_a_provider_whose_retries_are_not_told_apart_is_unknown():
    mail = {"google": DayCounts(90, 90, 90), "yahoo": DayCounts(60, 10, 10, 50)}
    found = now(a_run(*PLAN), DayInputs(MONDAY, providers=mail))
    assert providers(found)["yahoo"].state is DayState.UNKNOWN


def test_what_no_provider_measured_is_not_measured_and_what_some_did_is_their_sum():
    mail = {
        "google": DayCounts(50, 50, 50, None, 0, None, 0, None),
        "yahoo": DayCounts(50, 50, 49, None, 1, 2, None, None),
    }
    found = now(a_run(*PLAN), DayInputs(MONDAY, providers=mail))
    assert found.judged is not None
    assert found.judged.counts == DayCounts(100, 100, 99, None, 1, 2, 0, None)


def test_a_throttled_provider_does_not_advance_with_the_run():
    day = replace(day_of(on(1), {"yahoo": (20, 20), "google": (180, 180)}), throttled=frozenset({"yahoo"}))
    found = now(a_run(*CAPPED), 100, day)
    yahoo, google = providers(found)["yahoo"], providers(found)["google"]
    assert (yahoo.next.allowance, yahoo.next.decision, yahoo.stage) == (20, Decision.REPEAT, 2)
    assert (google.next.decision, google.stage) == (Decision.ADVANCE, 3)


def test_a_provider_that_catches_up_advances():
    days = [{"google": (round(volume * 0.95), round(volume * 0.95))} for volume in PLAN]
    block = a_hold(HoldCause.BLOCK, "yahoo")
    blocked = [replace(day_of(on(number), days[number]), holds=(block,)) for number in range(3)]
    found = now(a_run(*CAPPED), *blocked, replace(day_of(on(3), days[3])))
    yahoo = providers(found)["yahoo"]
    assert (yahoo.next.allowance, yahoo.next.decision, yahoo.stage) == (20, Decision.ADVANCE, 2)


def test_what_the_platform_does_is_told():
    run = a_run(*PLAN, platform="sparkpost", platform_stops_after_days=10)

    def day(number: int, mail: int, stage: int) -> DayInputs:
        reading = Reading("sparkpost", run.ip, on(number), AT, warming=True, stage=stage)
        return replace(day_of(on(number), mail), reading=reading, tracked=True)

    found = now(run, day(0, 100, 1), day(1, 150, 2), day(2, 150, 2))
    assert (found.by_platform, found.platform_stops_on) == (True, on(11))
    assert not now(run, day(0, 100, 1), day(1, 150, 2)).by_platform


def test_a_provider_that_is_held_since_this_morning_keeps_what_it_was_offered():
    found = now(a_run(*PLAN), {"yahoo": (30, 30), "google": (70, 70)}, holds=[a_hold(HoldCause.BLOCK, "yahoo")])
    yahoo = providers(found)["yahoo"]
    assert (yahoo.next.allowance, yahoo.next.decision) == (30, Decision.HOLD)
