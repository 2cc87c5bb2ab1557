"""Stories about weekly reports: one that can be looked at before it goes, and one that somebody gets no more.

They are for the account manager of the customer. Who reads of the customer's part is a person with an address; what
their mail system, or they themselves, said about it is quoted as it came.
"""

from deliverwatch.core.alerting import AlertView
from deliverwatch.render.encode import in_header, in_mail
from deliverwatch.render.story import Story, foreign, moment
from deliverwatch.render.tongue import listed
from deliverwatch.render.words import at


def waits(view: AlertView) -> Story:
    """`goes_at` None: it was held for too long, and does not go any more."""
    facts = view.event.facts
    if facts["goes_at"] is None:
        return _too_late(view)
    week, of = in_mail(facts["week"], 20), f"--customer {in_mail(_id(view), 80)} --week {in_mail(facts['week'], 20)}"
    return Story(
        "REPORT READY",
        f"The report of week {week} for {_name(view)} is ready to be looked at, and goes {moment(facts['goes_at'])}.",
        (("Made", at(view.event.at)), ("Goes", moment(facts["goes_at"])), ("Verdict", foreign(facts.get("subject")))),
        "It has been sent to nobody yet.",
        "It goes at that time by itself.",
        f"Nothing, if it may go as it is. To read it: deliverwatch report preview {of} --out DIR. "
        f'To say something in it: deliverwatch report note {of} --note "TEXT". '
        f"To keep it until you release it, or not to send it: deliverwatch report hold or report skip {of} "
        '--reason "TEXT".',
        name=_title(view, f", week {facts['week']}"),
    )


def _too_late(view: AlertView) -> Story:
    facts = view.event.facts
    return Story(
        "REPORT NOT SENT",
        f"The report of week {in_mail(facts['week'], 20)} for {_name(view)} was held, and not released in time.",
        (("Seen", at(view.event.at)), ("Held by", foreign(facts["held_by"])), ("Reason", foreign(facts["reason"]))),
        "It is too old to be sent by itself now, and counts as skipped.",
        "The report of the next week goes as usual.",
        "Nothing, unless the customer should have it all the same: deliverwatch report send "
        f"--customer {in_mail(_id(view), 80)} --week {in_mail(facts['week'], 20)}",
        name=_title(view, f", week {facts['week']}"),
    )


_LOST = {
    "bounced": ("bounced", "The contact's mail system refuses our mail for good. We send no more to that address."),
    "unsubscribed": ("unsubscribed", "The contact wants no more of these reports. We send no more to that address."),
}


def contact_lost(view: AlertView) -> Story:
    facts = view.event.facts
    how, means = _LOST[facts["state"]]
    last = bool(facts.get("last"))
    alone = f" Nobody gets the report of {_name(view)} any more." if last else ""
    return Story(
        "REPORT READ BY NOBODY" if last else "REPORT CONTACT LOST",
        f"{in_mail(facts['address'], 254)} gets the weekly report of {_name(view)} no more: {how}.{alone}",
        (("Seen", at(view.event.at)), ("Address", in_mail(facts["address"], 254)), ("Why", foreign(facts.get("why")))),
        means,
        "We send the report to whoever is left." if not last else "No report is made while nobody gets it.",
        "Ask the customer who should get it, and change the contacts in the inventory. To see those that are lost, and "
        f"to take one back or mark it as seen to: deliverwatch report contacts --customer {in_mail(_id(view), 80)}",
        name=_title(view, ""),
    )


def _name(view: AlertView) -> str:
    return listed([in_mail(customer.name, 100) for customer in view.customers]) or in_mail(_id(view), 100)


def _title(view: AlertView, tail: str) -> str:
    names = listed([customer.name for customer in view.customers]) or _id(view)
    return f"{in_header(names, 48 - len(tail))}{tail}"


def _id(view: AlertView) -> str:
    return str(view.event.facts["customer"])
