"""How a listing ended, told for what it was.

A list we stopped asking and an asset that is no longer ours are no delistings. A list that lied never listed anything:
whoever was told of it gets one correction that names the message it takes back, in words that also serve a customer's
contact who read of it in a weekly report.
"""

from collections.abc import Mapping

from deliverwatch.core.alerting import AlertView, Audience
from deliverwatch.core.events import Ending
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import (
    Row,
    Story,
    are,
    between,
    knows_the_lead,
    list_name,
    moment,
    subject_name,
    subject_rows,
    they,
    were,
)
from deliverwatch.render.words import at


def closed(view: AlertView) -> Story:
    ending = Ending(view.event.facts["ended"])
    if ending is Ending.VOID:
        return _void(view)
    state, what, means, we_do, you_do = _ENDINGS[ending]
    what = what.format(
        subject=subject_name(view), list=list_name(view), were=were(view), are=are(view), they=they(view)
    )
    return Story(state, what, _closed_rows(view), means, we_do, you_do)


_ENDINGS: Mapping[Ending, tuple[str, str, str, str, str]] = {
    Ending.DELISTED: (
        "DELISTED",
        "{subject} {are} no longer listed on {list}.",
        "The list has answered clear several times in a row, each time with its own test points in order.",
        "We keep watching it. A request that was not sent yet is closed.",
        "Nothing, if the cause is gone. If it is not, expect the listing back.",
    ),
    Ending.LIST_ENDED: (
        "NO LONGER WATCHED",
        "{subject} {were} listed on {list} when we stopped watching that list.",
        "This is no delisting: it may still be listed. Either the list has ended, or it was turned off here.",
        "We ask this list nothing more.",
        "Nothing, unless you need to know: then look it up at the list.",
    ),
    Ending.WITHDRAWN: (
        "WITHDRAWN",
        "{subject} {were} listed on {list} when {they} ceased to be ours.",
        "This is no delisting: the listing goes on, for whoever holds the subject now.",
        "We no longer watch it. A request that was not sent yet is closed.",
        "If it is still yours, put it back into the inventory.",
    ),
}


def _closed_rows(view: AlertView) -> tuple[Row, ...]:
    """Those of an incident may have begun at different times: then only the end is said."""
    facts = view.event.facts
    own = knows_the_lead(view)
    after = f", after {between(facts['opened_at'], view.event.at)}" if own else ""
    return (
        *subject_rows(view),
        ("Since", moment(facts["opened_at"]) if own else None),
        ("Until", f"{at(view.event.at)}{after}"),
        ("Clear", f"first seen {moment(facts['clear_since'])}" if facts.get("clear_since") else None),
        ("Codes", in_mail(", ".join(facts["codes"]))),
    )


def _void(view: AlertView) -> Story:
    subject, name = subject_name(view), list_name(view)
    to_customer = view.audience is Audience.CUSTOMER
    we_do, you_do = _TO_CUSTOMER if to_customer else _TO_STAFF
    return Story(
        "CORRECTION",
        f"We told you that {subject} {were(view)} listed on {name}. We take that back.",
        (
            *subject_rows(view),
            ("Corrects", _what_was_told(view, "weekly report" if to_customer else "message")),
            ("Said", f"listed since {moment(view.event.facts['opened_at'])}" if knows_the_lead(view) else None),
        ),
        f"The list gave false answers at that time, and we believed them. Nothing it said then can be relied on, so "
        f"that nothing is known against {subject} there. It counts in no figure any more.",
        we_do,
        you_do,
    )


def _what_was_told(view: AlertView, message: str) -> str | None:
    return f"our {message} of {at(view.corrects.at)}" if view.corrects is not None else None


_TO_CUSTOMER = (
    "We take it back, and the next weekly report names it as a correction.",
    "Nothing. What you changed because of it, you may change back.",
)
_TO_STAFF = (
    "We believe the list only while its test points are in order. A request that was not sent yet is closed.",
    "Send no removal request. If one was sent, tell the list's operator that it can be dropped.",
)
