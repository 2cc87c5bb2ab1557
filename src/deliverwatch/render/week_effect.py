"""Requests that were granted and have no effect: "Microsoft says lifted, still refusing on Sun 22 Nov 16:00".

An answer is no effect. What was granted is told beside the last time that it was still there, and only if that was
after the answer; else as an answer like any other (`render.week_requests`).
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from deliverwatch.core.remediation.draft import DraftKind
from deliverwatch.core.week_requests import ReportedDraft
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.render.encode import in_mail
from deliverwatch.render.tongue import marked, say
from deliverwatch.render.week_rows import Item, Row, Times, draft_row, newest_draft

_WE_GO_ON: Mapping[DraftKind, str] = {
    DraftKind.LISTING: marked("We look again in every round."),
    DraftKind.BLOCK: marked("We go on reading the replies from there."),
}


def request_row(draft: ReportedDraft, times: Times) -> Row:
    row = draft_row(draft, times)
    told = without_effect(draft, times)
    return replace(row, state=told) if told else row


def with_effect(item: Item, keys: Collection[str], report: WeeklyReport, times: Times) -> Item:
    """What is told of the newest request that was granted about these episodes, before what we do."""
    about = (each for each in reversed(report.drafts) if not set(keys).isdisjoint(each.keys))
    granted = next((each for each in about if each.no_effect_at is not None), None)
    if granted is None:
        return item
    newest = newest_draft(keys, report)
    we_do = item.we_do if newest is not None and newest is not granted else say(_WE_GO_ON[granted.kind])
    return replace(item, we_do=f"{without_effect(granted, times)}. {we_do}")


def without_effect(draft: ReportedDraft, times: Times) -> str:
    """Empty where nothing of the kind is known."""
    if draft.no_effect_at is None:
        return ""
    addressee, when = in_mail(draft.addressee, 80), times(draft.no_effect_at)
    if draft.kind is DraftKind.BLOCK:
        return say("{addressee} says lifted, still refusing on {when}", addressee=addressee, when=when)
    return say("{addressee} says removed, still listed on {when}", addressee=addressee, when=when)
