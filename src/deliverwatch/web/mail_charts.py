"""A customer's mail by day, and what became of it, as one chart.

Only mail from what is theirs alone is counted: of a pool that others share nobody is told how much they all send. What
is counted are attempts, so that a message which was put off and tried again is in several parts of its day.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from ipaddress import ip_network

from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.subjects import expand
from deliverwatch.flows.desk_ports import MailOfDay
from deliverwatch.render.tongue import on, say
from deliverwatch.web.charts import Chart, Series

MAIL_FOR = timedelta(days=28)
_MOST_NAMES = 1_000
"""More names than this make a question that takes long to answer."""


def senders(
    customer: str, assets: Sequence[Asset], holdings: Holdings, today: date
) -> Mapping[date, Sequence[str]] | None:
    """The names whose mail is theirs alone, by the day since when it is, as far as a chart goes back; None: they are
    too many to draw. `assets`: theirs of today; `holdings`: everybody's."""
    since: dict[date, list[str]] = defaultdict(list)
    own = [asset for asset in assets if asset.holder == customer]
    if sum(1 if asset.is_domain else ip_network(asset.name).num_addresses for asset in own) > _MOST_NAMES:
        return None
    for subject in dict.fromkeys(subject for asset in own for subject in expand(asset.name)):
        if holdings.parties(subject, today) == (customer,):
            turns = holdings.turns(subject, today - MAIL_FOR, today)
            since[max(turns, default=today - MAIL_FOR)].append(subject.value)
    return since


def mail_chart(days: Sequence[MailOfDay], today: date) -> Chart | None:
    """Of the days that are over. None: nothing was counted. A day without any count is not known."""
    if not days:
        return None
    by_day: dict[date, list[MailOfDay]] = defaultdict(list)
    for each in days:
        by_day[each.on].append(each)
    shown = [today - MAIL_FOR + timedelta(days=number) for number in range(MAIL_FOR.days)]

    def sums(name: str) -> list[int | None]:
        return [_sum([getattr(each, name) for each in by_day[day]]) for day in shown]

    return Chart(
        "mail",
        say("Mail by day, and what became of it"),
        say("A bar for each day in UTC: attempts that were delivered, put off, and refused for good."),
        [on(day, "d MMM") for day in shown],
        [
            Series(say("Delivered"), "good", sums("delivered")),
            Series(say("Deferred"), "unsure", sums("deferred")),
            Series(say("Bounced"), "bad", sums("bounced")),
        ],
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [each for each in counts if each is not None]
    return sum(known) if known else None
