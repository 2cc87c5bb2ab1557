"""Stories that remind of a listing or a block that was told and goes on: since when, what was asked, what is next.

What was asked is in the event, as it stood when the reminder was made. A reader sees the requests of their own
customers and those about what several share, which name nobody.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from deliverwatch.core.alerting import AlertView, Audience
from deliverwatch.core.remediation.draft import DraftState
from deliverwatch.render.block_stories import block_rows, how_it_ends, mail_share, provider_of, provider_title
from deliverwatch.render.encode import in_mail
from deliverwatch.render.likely_cause import cause_row
from deliverwatch.render.listing_stories import costs, listing_rows, way_out
from deliverwatch.render.story import PULL, Row, Story, are, list_name, moment, subject_name
from deliverwatch.render.words import counted, lasting_days

_MOST_REQUESTS = 3


def still_listed(view: AlertView) -> Story:
    facts = view.event.facts
    return Story(
        f"STILL LISTED ({facts['impact']})",
        f"{subject_name(view)} {are(view)} still listed on {list_name(view)}, {_for_how_long(view)}.",
        (*listing_rows(view), *_asked_rows(view)),
        costs(view),
        _WE_GO_ON if _requests(view) else f"{way_out(view)} {_WE_GO_ON}",
        _next(view),
    )


def still_blocked(view: AlertView) -> Story:
    return Story(
        "STILL BLOCKED",
        f"{provider_of(view)} still refuses mail from {subject_name(view)}, {_for_how_long(view)}.",
        (*block_rows(view), cause_row(view), *_asked_rows(view)),
        mail_share(view),
        f"{how_it_ends(view)} {_WE_REMIND}",
        _next(view),
        name=provider_title(view),
        place="at",
    )


_WE_REMIND = "We remind you every week until it ends."
_WE_GO_ON = f"We go on looking, and tell you when it ends. {_WE_REMIND}"


def _for_how_long(view: AlertView) -> str:
    opened_at = datetime.fromisoformat(view.event.facts["opened_at"])
    return f"after {lasting_days(max(view.event.at - opened_at, timedelta(0)))}"


def _asked_rows(view: AlertView) -> tuple[Row, ...]:
    facts, requests = view.event.facts, _requests(view)
    told_at = facts.get("told_at")
    more = len(requests) - _MOST_REQUESTS
    return (
        ("First told", moment(told_at) if told_at else None),
        *(("Asked", _request(each)) for each in requests[:_MOST_REQUESTS]),
        ("Asked", f"{counted(more, 'more request')}: deliverwatch drafts list" if more > 0 else None),
        ("Asked", None if requests or "drafts" not in facts else "nothing: no request is prepared or under way"),
    )


def _requests(view: AlertView) -> list[Mapping[str, Any]]:
    mine = {customer.id for customer in view.customers}
    requests = view.event.facts.get("drafts") or ()
    if view.audience is Audience.OPERATOR:
        return list(requests)
    return [each for each in requests if each["customer"] is None or each["customer"] in mine]


def _request(request: Mapping[str, Any]) -> str:
    to = f"{in_mail(request['id'], 40)} to {in_mail(request['to'], 80)}"
    return f"{to}: {_STATES[DraftState(request['state'])](request)}"


def _prepared(_: Mapping[str, Any]) -> str:
    return "prepared, and taken on by nobody yet"


def _pulled(request: Mapping[str, Any]) -> str:
    return f"taken on by {in_mail(request['by'] or 'somebody', 80)}, not sent yet"


def _submitted(request: Mapping[str, Any]) -> str:
    return f"sent {moment(request['at'])}, no answer recorded"


def _answered(request: Mapping[str, Any]) -> str:
    return f"answered {moment(request['at'])}: {_ANSWERS[request['outcome']]}"


_STATES = {
    DraftState.PREPARED: _prepared,
    DraftState.PULLED: _pulled,
    DraftState.SUBMITTED: _submitted,
    DraftState.ANSWERED: _answered,
}
_ANSWERS = {
    "granted": "they say it is lifted, and it is not",
    "denied": "denied",
    "more_information": "they want to know more",
    "nothing_found": "they find nothing on their side",
    None: "the outcome is not recorded",
}


def _next(view: AlertView) -> str:
    """The request that is furthest behind decides what to do."""
    states = {each["state"] for each in _requests(view)}
    if {DraftState.PREPARED, DraftState.PULLED} & states:
        return f"See that the cause is gone, then complete and send the prepared request: {PULL}."
    if DraftState.SUBMITTED in states:
        return (
            "Record the answer, if one came: deliverwatch drafts answer ID. If none did, a follow-up is prepared when "
            "it is due."
        )
    if DraftState.ANSWERED in states:
        return "See whether a follow-up is prepared, and that the cause is gone: deliverwatch drafts list."
    return "Find what causes it and stop that. What is prepared, and why something is not: deliverwatch drafts list."
