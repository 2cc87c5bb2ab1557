"""The blocks of a customer's week at mailbox providers, open and ended: who was refused where, and how much of it.

Senders that one provider blocks alike are one row, under their ranges. Counts are of attempts, and a share is that of a
day's mail of the customer: where either was measured of some senders only, it is told as at least that.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.incidents import ranges
from deliverwatch.core.week_blocks import ReportedBlock
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import named, spelled
from deliverwatch.render.tongue import marked, percent, say, say_n
from deliverwatch.render.week_rows import Row, Times

_MOST_RANGES = 4
_LEAST_SHARE = 0.001
_ENDED: Mapping[EpisodeEnd, str] = {
    EpisodeEnd.ACCEPTED: marked("accepted again {when}"),
    EpisodeEnd.WITHDRAWN: marked("no longer yours {when}"),
    EpisodeEnd.BY_HAND: marked("ended by hand {when}"),
}


def provider_rows(report: WeeklyReport, times: Times) -> list[Row]:
    """Open ones first."""
    groups: dict[tuple[object, ...], list[ReportedBlock]] = defaultdict(list)
    for each in report.blocks:
        is_open = each.open_at(report.covered.end)
        groups[not is_open, each.provider_name, each.shared, each.ended, each.subject.kind].append(each)
    ordered = sorted(groups, key=lambda alike: bool(alike[0]))
    return [_row(groups[alike], times, is_open=not alike[0]) for alike in ordered]


def _row(group: Sequence[ReportedBlock], times: Times, *, is_open: bool) -> Row:
    names = ranges(each.subject for each in group)
    since = times(min(each.opened_at for each in group))
    how_much = [say("since {when}", when=since), _replies(group), _share(group)]
    return Row(
        say("{names} at {provider}", names=_spelled(names), provider=in_mail(group[0].provider_name, 80)),
        _state(group, times, is_open=is_open),
        "; ".join(filter(None, how_much)),
    )


def _spelled(names: Sequence[str]) -> str:
    return spelled(names, _MOST_RANGES) if len(names) > 1 else named(names)


def _state(group: Sequence[ReportedBlock], times: Times, *, is_open: bool) -> str:
    """Of several ends the last is told; one that came after the week as well."""
    ends = [each.closed_at for each in group if each.closed_at is not None]
    if not ends:
        return say("open")
    ended = group[0].ended
    how = _ENDED[ended] if ended is not None and ended in _ENDED else marked("ended {when}")
    told = say(how, when=times(max(ends)))
    return say("open at the end, {later}", later=told) if is_open else told


def _replies(group: Sequence[ReportedBlock]) -> str:
    counted = [each.replies for each in group if each.replies is not None]
    if not counted:
        return say("others send from there too: no counts") if group[0].shared else say("not counted")
    if len(counted) < len(group):
        return say_n("at least {n} refusal", "at least {n} refusals", sum(counted))
    return say_n("{n} refusal", "{n} refusals", sum(counted))


def _share(group: Sequence[ReportedBlock]) -> str:
    if group[0].shared:
        return ""
    shares = [each.mail_share for each in group if each.mail_share is not None]
    if not shares:
        return say("share of your mail not measured")
    share = min(sum(shares), 1.0)
    if share < _LEAST_SHARE:
        return say("less than {share} of a day's mail of yours", share=percent(_LEAST_SHARE))
    if len(shares) < len(group):
        return say("at least {share} of a day's mail of yours", share=percent(share))
    return say("{share} of a day's mail of yours", share=percent(share))
