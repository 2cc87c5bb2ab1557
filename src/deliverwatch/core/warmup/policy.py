"""The numbers by which a warm-up is judged. They are written down for users in docs/warmup.md.

Limits that others use, and from which these were chosen (read November 2026): SparkPost advises on block bounces above
10 %; Momentum slows down at complaints of 0.2 % and bounces of 3 %, and stops at 0.5 % and 10 %; Amazon SES reviews at
bounces of 5 % and pauses at 10 %; Google and Yahoo name 0.3 % of complaints as never to be reached. Denominators differ
among them, so each gate names its own.
"""

from dataclasses import dataclass

from deliverwatch.core.warmup.plan import Denominator, Gate, GateMeasure

DEFAULT_GATES = (
    Gate(GateMeasure.BOUNCE, Denominator.OFFERED, 0.05, 100, step_back_above_ratio=0.10),
    Gate(GateMeasure.COMPLAINT, Denominator.DELIVERED, 0.003, 500, step_back_above_ratio=0.005),
    Gate(GateMeasure.DEFERRAL, Denominator.OFFERED, 0.30, 100),
    Gate(GateMeasure.BLOCK, Denominator.OFFERED, 0.10, 20),
    Gate(GateMeasure.AUTHENTICATION, Denominator.OFFERED, 0.05, 20),
)
"""For plans that say nothing of gates: none of the published ones but AcelleMail's does."""


@dataclass(frozen=True, slots=True)
class WarmupPolicy:
    """`clear_days`: a gate's hold is over after so many days, one after the other, on which it was measured, on enough
    mail, and not above. `refused_ratio`: from which share of what was offered on we say that mail is refused, by the
    lower end of its interval (Wilson, 95 %). `whole_ratio`: held providers that took more than this share of the last
    day's mail hold the whole run. `over_told_ratio`: of the allowance, above which a day over plan is told.
    `stops_soon_days`: how many days before the platform ends a warm-up that is told. `on_plan_ratio`: of the allowance,
    from which on a day is on plan, for plans that do not say it themselves."""

    on_plan_ratio: float = 0.9
    clear_days: int = 2
    refused_ratio: float = 0.10
    whole_ratio: float = 0.5
    over_told_ratio: float = 1.1
    stops_soon_days: int = 3
