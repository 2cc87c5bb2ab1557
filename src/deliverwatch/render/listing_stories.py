"""Stories about listings: opened, changed, handed over, come and gone too often, and settled.

When an asset goes from one customer to another, each reader is told of their own customers alone. When a good part of a
list's watches opens at once, that is the operator's to know; an account manager reads of their own subjects and learns
nothing of the others.
"""

from datetime import date

from deliverwatch.core.alerting import AlertView, Audience
from deliverwatch.core.blocklist import RemovalWay
from deliverwatch.render.consequences import accuses, impact_means, takes_requests, what_ends_it, where_it_hurts
from deliverwatch.render.encode import in_mail
from deliverwatch.render.likely_cause import cause_row
from deliverwatch.render.story import (
    PULL,
    Row,
    Story,
    are,
    between,
    has,
    knows_the_lead,
    list_name,
    moment,
    subject_name,
    subject_rows,
    subjects,
    they,
    way,
    were,
)
from deliverwatch.render.tongue import listed, percent
from deliverwatch.render.words import at, counted


def opened(view: AlertView) -> Story:
    facts = view.event.facts
    state, already = ("", "") if not _is_first_look(view) else (", already", f" {_ALREADY}")
    return Story(
        f"LISTED ({facts['impact']}{state})",
        f"{subject_name(view)} {are(view)} listed on {list_name(view)}.{already}",
        (
            *listing_rows(view),
            (
                "Evidence",
                f"two independent looks, {moment(facts['opened_at'])} and {moment(facts['confirmed_at'])}, "
                f"the second through {way(facts['path'])}",
            ),
            *_mass_rows(view),
        ),
        costs(view) if not is_mass(view) else f"{_MASS_MEANS} {costs(view)}",
        f"{way_out(view)} Meanwhile we look again in every round, and tell you when the listing changes or ends."
        + (" The customers' account managers are told later, in case the list takes it back." if is_mass(view) else ""),
        _cure(view),
    )


def changed(view: AlertView) -> Story:
    facts = view.event.facts
    before = ", ".join(facts["codes_before"]) if knows_the_lead(view) else ""
    return Story(
        f"CHANGED ({facts['impact']})",
        f"{subject_name(view)} {are(view)} still listed on {list_name(view)}, now for another reason.",
        (*listing_rows(view), ("Before", f"answered {in_mail(before)}" if before else None)),
        costs(view),
        "We keep watching it. A request that waits is made anew from what is found now.",
        f"Read the prepared request again before it is sent: {PULL}.",
    )


def handed_over(view: AlertView) -> Story:
    """`before` and `after` name customers whom the reader may not know: only those in the view are spoken of."""
    lost, gained = (_ours(view, ids) for ids in _parted(view))
    told = [
        f"{are(view)} no longer {_whose(view, lost)}" if lost else None,
        f"{were(view)} listed already when {they(view)} became {_whose(view, gained)}" if gained else None,
    ]
    what = " and ".join(each for each in told if each) or f"{were(view)} listed already when the holder changed"
    return Story(
        "HANDED OVER",
        f"{subject_name(view)}, which {are(view)} listed on {list_name(view)}, {what}.",
        (*listing_rows(view), ("Changed", f"{date.fromisoformat(view.event.facts['handed_over_on']):%a %d %b %Y}")),
        _handed_over_means(view, bool(lost), bool(gained)),
        "We keep watching it, and tell whoever holds it when the listing changes or ends.",
        "Find what caused it and see whether a request for removal is under way." if gained else "Nothing.",
    )


def unstable(view: AlertView) -> Story:
    facts = view.event.facts
    times, hours = counted(facts["openings"], "time"), counted(facts["within_hours"], "hour")
    goes = "come and go" if len(subjects(view)) > 1 else "comes and goes"
    return Story(
        f"UNSTABLE ({facts['impact']})",
        f"{subject_name(view)} {goes} on {list_name(view)}: {they(view)} {were(view)} listed {times} within {hours}.",
        listing_rows(view),
        f"{costs(view)} A listing that keeps coming back has a cause that goes on, or lasts hardly longer than the "
        "list remembers.",
        "We look again in every round and record each time, but tell you no more of it until it has been the same, "
        "listed or not, for 24 hours. The weekly report counts every one of them.",
        "Look for something that runs now and then: one sender, one campaign, one machine. A request for removal does "
        "not last while it goes on.",
    )


def settled(view: AlertView) -> Story:
    facts = view.event.facts
    state, stays, means, you_do = _SETTLED[bool(facts["listed"])]
    codes = in_mail(", ".join(facts.get("codes") or ()))
    return Story(
        f"SETTLED ({state})",
        f"{subject_name(view)} {has(view)} stopped coming and going on {list_name(view)}: {they(view)} {has(view)} "
        f"{stays} for {between(facts['since'], view.event.at)}.",
        (
            ("Unstable", f"from {moment(facts['unstable_since'])}"),
            ("Since", f"{moment(facts['since'])}, {state}"),
            ("Codes", codes or None),
            ("Look up", view.blocklist.lookup_url if view.blocklist and facts["listed"] else None),
        ),
        means,
        "We keep watching it, and tell you again when it changes.",
        you_do,
    )


_SETTLED = {
    True: (
        "listed",
        "been listed without a break",
        "The listing stands, like any other. The times before it ended and came back are recorded.",
        "Find what caused it and stop that first, then see whether a request for removal is prepared.",
    ),
    False: (
        "not listed",
        "not been listed",
        "The last listing has ended; every one of them is recorded.",
        "Nothing, if the cause is gone. If it is not, expect the listing back.",
    ),
}


def unexplained(view: AlertView) -> Story:
    code = in_mail(str(view.event.facts["code"]), 45)
    return Story(
        "UNKNOWN CODE",
        f"{list_name(view)} answered {code}, which the catalogue does not explain.",
        (("Seen", at(view.event.at)), ("Example", subject_name(view)), ("Answered", code)),
        "It is taken as a listing of low impact. Lists do introduce codes before they document them; the real impact "
        "may be higher, or it may be no listing at all.",
        "We go on like this until the catalogue explains the code. This is told once.",
        "Look the code up at the list and add it to blocklists.yaml or to your overlay, with its source.",
    )


def is_mass(view: AlertView) -> bool:
    """Told to the operator alone: the others' part is nobody else's to know."""
    return view.audience is Audience.OPERATOR and bool(view.event.facts.get("mass"))


_MASS_MEANS = (
    "A quarter of all that we watch on this list, or more, opened at once. The list's test points were asked again "
    "and passed, so it is believed. A listing of a whole network looks like this; so does a list that begins to err."
)


def _mass_rows(view: AlertView) -> tuple[Row, ...]:
    if not is_mass(view):
        return ()
    mass = view.event.facts["mass"]
    return (("At once", f"{mass['opened']:,} of the {mass['watched']:,} watches on this list"),)


def listing_rows(view: AlertView) -> tuple[Row, ...]:
    """The list's own text speaks of the subject that leads."""
    facts = view.event.facts
    scope = facts.get("scope") or (view.blocklist.scope if view.blocklist else None)
    reason = facts.get("reason") if knows_the_lead(view) else None
    return (
        *subject_rows(view),
        ("Since", moment(facts["opened_at"]) + (" or before: it was our first look" if _is_first_look(view) else "")),
        ("Impact", f"{facts['impact']}; {accuses(scope)}" if scope else facts["impact"]),
        ("Meaning", in_mail("; ".join(facts["meanings"]))),
        ("Codes", in_mail(", ".join(facts["codes"]))),
        ("List says", f'"{in_mail(reason, 300)}"' if reason else None),
        ("Look up", view.blocklist.lookup_url if view.blocklist else None),
        cause_row(view),
    )


_ALREADY = "That was so already when we began to watch it there."
_USERS_UNKNOWN = "Which mailbox providers use it is not known."
_OUR_OWN = (
    "It is the domain that our own reports and alerts are sent from: they may be refused, or filed as spam, while this "
    "lasts."
)


def _is_first_look(view: AlertView) -> bool:
    return bool(view.event.facts.get("first_look"))


def costs(view: AlertView) -> str:
    known = where_it_hurts(view.blocklist.used_by) if view.blocklist else ""
    own = _OUR_OWN if view.event.facts.get("own_from") and knows_the_lead(view) else ""
    said = (own, impact_means(view.event.facts["impact"]), known or _USERS_UNKNOWN, _share(view))
    return " ".join(filter(None, said))


def _share(view: AlertView) -> str:
    """What others send from there as well is not the reader's to know."""
    facts = view.event.facts
    if not _is_all_theirs(view):
        return "How much of the customer's mail comes from there is not told here: others are concerned as well."
    if facts.get("idle"):
        return "No mail was seen from there in the day before."
    share = facts.get("mail_share")
    if share is None:
        return "How much of the customer's mail comes from there was not measured."
    how_much = percent(share) if share >= 0.001 else "Less than 0.1%"
    return f"{how_much} of the customer's mail of the day before came from there."


def _is_all_theirs(view: AlertView) -> bool:
    parties = set(view.event.facts.get("parties", ()))
    return view.audience is Audience.OPERATOR or parties <= {customer.id for customer in view.customers}


def _removed_by(view: AlertView) -> RemovalWay | None:
    if view.blocklist is None:
        return None
    return RemovalWay(view.event.facts.get("removal") or view.blocklist.removal.way)


def way_out(view: AlertView) -> str:
    removed_by = _removed_by(view)
    if view.blocklist is None or removed_by is None:
        return "The catalogue no longer knows this list, so no request is prepared."
    return what_ends_it(view.blocklist.removal, removed_by)


def _cure(view: AlertView) -> str:
    removed_by = _removed_by(view)
    first = "Find what caused it and stop that first"
    if view.blocklist is not None and removed_by is not None and takes_requests(view.blocklist.removal, removed_by):
        return (
            f"{first}: a removal without a cure does not last. Then check, complete and send the prepared request: "
            f"{PULL}."
        )
    return f"{first}. Nothing else ends it."


def _handed_over_means(view: AlertView, lost: bool, gained: bool) -> str:
    means = [
        "This is no delisting: the listing goes on and is no longer told to whom it left." if lost else None,
        costs(view) if gained else None,
    ]
    return " ".join(each for each in means if each) or costs(view)


def _parted(view: AlertView) -> tuple[set[str], set[str]]:
    """The ids of those who lost it, and of those who got it."""
    before, after = (set(view.event.facts[name]) for name in ("before", "after"))
    return before - after, after - before


def _ours(view: AlertView, ids: set[str]) -> str:
    return listed([in_mail(customer.name, 100) for customer in view.customers if customer.id in ids])


def _whose(view: AlertView, names: str) -> str:
    return f"that of {names}" if view.audience is Audience.OPERATOR else f"yours ({names})"
