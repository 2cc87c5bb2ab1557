"""What the weekly report's cards and lines say of a warm-up: how far it is, the sums of its days, and what is next.

A day that is not known counts in neither number of a sum, and is said beside it; complaints are of the providers that
tell of any. Everything foreign goes through `in_mail`.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

from deliverwatch.core.warmup.day import Because, Decision
from deliverwatch.core.warmup.status import NextDay
from deliverwatch.core.week_warmups import ReportedDay, ReportedWarmup, Sums, sums_of
from deliverwatch.render.encode import in_mail
from deliverwatch.render.tongue import listed, number, percent, say, say_n
from deliverwatch.render.warmup_days import on_day
from deliverwatch.render.warmup_terms import sentence
from deliverwatch.render.warmup_words import because, expected, platform_words, provider_name

_MOST_PROVIDERS = 3
_NO_SECOND_TIME = frozenset(
    {Because.NOT_BEGUN, Because.FIRST_DAY, Because.AMENDED, Because.RELEASED, Because.STEPPED_BACK}
)


def pool_sums(pool: Sequence[ReportedWarmup]) -> str:
    """One IP is its own sum. The next allowances are added where they are of one day."""
    mine = [each for each in pool if not each.shared]
    if len(pool) == 1 or not mine:
        return ""
    told = [_ips(len(mine), len(pool)), sums_words(chain.from_iterable(each.days for each in mine), of_single_ips=True)]
    following = [each.status.next for each in mine if each.status.next.allowance is not None]
    if following and len({each.on for each in following}) == 1:
        together = sum(each.allowance or 0 for each in following)
        told.append(say("next allowance together {allowance}", allowance=number(together)))
    return sentence("; ".join(told))


def _ips(mine: int, of: int) -> str:
    if mine == of:
        return say_n("{n} IP", "{n} IPs", mine)
    return say_n("{n} IP of {all}, without shared ones", "{n} IPs of {all}, without shared ones", mine, all=number(of))


def place(warmup: ReportedWarmup) -> str:
    status, plan = warmup.status, warmup.status.run.plan
    values = {"plan": in_mail(plan.name, 80), "stage": status.stage, "stages": len(plan.stages)}
    if not status.day:
        return say("{plan}, not begun, stage {stage} of {stages}", **values)
    return say("{plan}, day {day}, stage {stage} of {stages}", day=status.day, **values)


def sums_words(days: Iterable[ReportedDay], *, of_single_ips: bool = False) -> str:
    """What is not known is in neither of the two numbers. `of_single_ips`: the days are those of several IPs."""
    sums = sums_of(days)
    if not sums.known:
        return _not_known(sums.unknown, of_single_ips) if sums.unknown else say("no day of this week is over")
    told = _delivered(sums)
    return _without_days(told, sums.unknown, of_single_ips) if sums.unknown else told


def _delivered(sums: Sums) -> str:
    delivered, allowed = number(sums.delivered), number(sums.allowed)
    if not sums.allowed:
        return say("{delivered} delivered of {allowed} allowed", delivered=delivered, allowed=allowed)
    share = percent(sums.delivered / sums.allowed)
    return say(
        "{delivered} delivered of {allowed} allowed ({share})", delivered=delivered, allowed=allowed, share=share
    )


def _not_known(days: int, of_single_ips: bool) -> str:
    if of_single_ips:
        return say_n("{n} day of one IP not known", "{n} days of single IPs not known", days)
    return say_n("{n} day not known", "{n} days not known", days)


def _without_days(sums: str, days: int, of_single_ips: bool) -> str:
    if of_single_ips:
        return say_n(
            "{sums}, without {n} day of one IP not known",
            "{sums}, without {n} days of single IPs not known",
            days,
            sums=sums,
        )
    return say_n("{sums}, without {n} day not known", "{sums}, without {n} days not known", days, sums=sums)


def sums_and_next(warmup: ReportedWarmup) -> str:
    sums, allowance = sums_words(warmup.days), warmup.status.next.allowance
    return sums if allowance is None else say("{sums}; next {allowance}", sums=sums, allowance=number(allowance))


def card_notes(warmup: ReportedWarmup) -> tuple[str, ...]:
    """What is to come, and who complained."""
    return tuple(filter(None, (_next(warmup), _finish(warmup), _platform(warmup), _complaints(warmup))))


def _next(warmup: ReportedWarmup) -> str:
    following = warmup.status.next
    if following.allowance is None:
        return ""
    again = following.decision is Decision.REPEAT and following.because not in _NO_SECOND_TIME
    words = _up_to_again if again else _up_to
    return " ".join(filter(None, (words(following, following.allowance), _there(warmup))))


def _up_to(following: NextDay, allowance: int) -> str:
    return say_n(
        "Next, {day}: up to {n} message, because {because}.",
        "Next, {day}: up to {n} messages, because {because}.",
        allowance,
        day=on_day(following.on),
        because=because(following),
    )


def _up_to_again(following: NextDay, allowance: int) -> str:
    return say_n(
        "Next, {day}: up to {n} message, the same stage again, because {because}.",
        "Next, {day}: up to {n} messages, the same stage again, because {because}.",
        allowance,
        day=on_day(following.on),
        because=because(following),
    )


def _there(warmup: ReportedWarmup) -> str:
    """Where it is held, that provider's part."""
    where = {hold.provider for hold in warmup.status.holds}
    parts = [
        say(
            "{allowance} at {provider}",
            allowance=number(each.next.allowance),
            provider=_provider(warmup, each.provider),
        )
        for each in warmup.status.providers
        if each.provider in where and each.provider and each.next.allowance is not None
    ]
    return say("Of these at most {parts}.", parts=listed(parts)) if parts else ""


def _provider(warmup: ReportedWarmup, provider: str) -> str:
    return in_mail(provider_name(provider, warmup.names), 60)


def _finish(warmup: ReportedWarmup) -> str:
    finish_on = warmup.status.expected_finish_on
    return expected(finish_on) if finish_on is not None else ""


def _platform(warmup: ReportedWarmup) -> str:
    return platform_words(warmup.status) or ""


def _complaints(warmup: ReportedWarmup) -> str:
    """Nobody who told nothing is counted as content."""
    told, unmeasured = warmup.complaints
    if told is None:
        return say("Complaints: not measured.") if unmeasured else ""
    if not unmeasured:
        return say("Complaints: {told}.", told=number(told))
    return say(
        "Complaints: {told}; not measured at {providers}.", told=number(told), providers=_providers(warmup, unmeasured)
    )


def _providers(warmup: ReportedWarmup, providers: Sequence[str]) -> str:
    shown, more = providers[:_MOST_PROVIDERS], len(providers) - _MOST_PROVIDERS
    names = [_provider(warmup, each) for each in shown]
    return listed([*names, say_n("{n} more", "{n} more", more)] if more > 0 else names)
