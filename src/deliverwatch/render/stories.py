"""What each kind of event has to tell: what happened, since when, what proves it, what it means, what we do next, what
you do.

Each ending of a listing is told for what it is: a list that lied, a list we stopped asking and an asset that is no
longer ours are no delistings. When an asset goes from one customer to another, each reader is told of their own
customers alone. Everything foreign goes through `in_mail`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from deliverwatch.core.alerting import AlertView, Audience
from deliverwatch.core.blocklist import Impact, RemovalWay
from deliverwatch.core.events import Ending, EventKind
from deliverwatch.render.encode import in_mail
from deliverwatch.render.words import at, counted, lasting, listed

Row = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Story:
    """`state`: the words the subject begins with. `rows`: label and value; one without a value is left out."""

    state: str
    what: str
    rows: tuple[Row, ...]
    means: str
    we_do: str
    you_do: str


def story_of(view: AlertView) -> Story:
    return _STORIES[view.event.kind](view)


def _opened(view: AlertView) -> Story:
    facts = view.event.facts
    return Story(
        f"LISTED ({facts['impact']})",
        f"{subject_name(view)} is listed on {list_name(view)}.",
        (
            *_listing_rows(view),
            (
                "Evidence",
                f"two independent looks, {_moment(facts['opened_at'])} and {_moment(facts['confirmed_at'])}, "
                f"the second by {in_mail(facts['path'])}",
            ),
        ),
        impact_means(facts["impact"]),
        f"{_removal(view)} Meanwhile we look again in every round, and tell you when the listing changes or ends.",
        "Find what caused it and stop that first: a removal without a cure does not last. Then check, complete and "
        "send the prepared request.",
    )


def _changed(view: AlertView) -> Story:
    facts = view.event.facts
    before = ", ".join(facts["codes_before"])
    return Story(
        f"CHANGED ({facts['impact']})",
        f"{subject_name(view)} is still listed on {list_name(view)}, now for another reason.",
        (*_listing_rows(view), ("Before", f"answered {in_mail(before)}")),
        impact_means(facts["impact"]),
        "We keep watching it. A request that was prepared before may name the old reason.",
        "Read the prepared request again before it is sent.",
    )


def _closed(view: AlertView) -> Story:
    facts = view.event.facts
    state, what, means, we_do, you_do = _ENDINGS[Ending(facts["ended"])]
    rows = (
        ("Since", _moment(facts["opened_at"])),
        ("Until", f"{at(view.event.at)}, after {_between(facts['opened_at'], view.event.at)}"),
        ("Clear", f"first seen {_moment(facts['clear_since'])}" if facts.get("clear_since") else None),
        ("Codes", in_mail(", ".join(facts["codes"]))),
    )
    return Story(state, what.format(subject=subject_name(view), list=list_name(view)), rows, means, we_do, you_do)


_ENDINGS: Mapping[Ending, tuple[str, str, str, str, str]] = {
    Ending.DELISTED: (
        "DELISTED",
        "{subject} is no longer listed on {list}.",
        "The list has answered clear several times in a row, each time with its own test points in order.",
        "We keep watching it. A request that was not sent yet is closed.",
        "Nothing, if the cause is gone. If it is not, expect the listing back.",
    ),
    Ending.VOID: (
        "CORRECTION",
        "{subject} was never listed on {list}: the list itself was wrong.",
        "The list's answers at that time turned out not to be true. What we told you about this listing is taken "
        "back; it counts in no figure.",
        "The list is not believed until its test points are in order again.",
        "Send no removal request. If one was sent, tell the list operator that it has no object.",
    ),
    Ending.LIST_ENDED: (
        "NO LONGER WATCHED",
        "{subject} was listed on {list} when we stopped watching that list.",
        "This is no delisting: it may still be listed. Either the list has ended, or it was turned off here.",
        "We ask this list nothing more.",
        "Nothing, unless you need to know: then look it up at the list.",
    ),
    Ending.WITHDRAWN: (
        "WITHDRAWN",
        "{subject} was listed on {list} when it ceased to be ours.",
        "This is no delisting: the listing goes on, for whoever holds the subject now.",
        "We no longer watch it. A request that was not sent yet is closed.",
        "If it is still yours, put it back into the inventory.",
    ),
}


def _handed_over(view: AlertView) -> Story:
    """`before` and `after` name customers whom the reader may not know: only those in the view are spoken of."""
    lost, gained = (_ours(view, ids) for ids in _parted(view))
    told = [
        f"is no longer {_whose(view, lost)}" if lost else None,
        f"was listed already when it became {_whose(view, gained)}" if gained else None,
    ]
    what = " and ".join(each for each in told if each) or "was listed already when its holder changed"
    return Story(
        "HANDED OVER",
        f"{subject_name(view)}, which is listed on {list_name(view)}, {what}.",
        (*_listing_rows(view), ("Changed", f"{date.fromisoformat(view.event.facts['handed_over_on']):%a %d %b %Y}")),
        _handed_over_means(bool(lost), bool(gained), view.event.facts["impact"]),
        "We keep watching it, and tell whoever holds it when the listing changes or ends.",
        "Find what caused it and see whether a request for removal is under way." if gained else "Nothing.",
    )


def _handed_over_means(lost: bool, gained: bool, impact: str) -> str:
    means = [
        "This is no delisting: the listing goes on and is no longer told to whom it left." if lost else None,
        impact_means(impact) if gained else None,
    ]
    return " ".join(each for each in means if each) or impact_means(impact)


def _parted(view: AlertView) -> tuple[set[str], set[str]]:
    """The ids of those who lost it, and of those who got it."""
    before, after = (set(view.event.facts[name]) for name in ("before", "after"))
    return before - after, after - before


def _ours(view: AlertView, ids: set[str]) -> str:
    return listed([in_mail(customer.name, 100) for customer in view.customers if customer.id in ids])


def _whose(view: AlertView, names: str) -> str:
    return f"that of {names}" if view.audience is Audience.OPERATOR else f"yours ({names})"


def _unexplained(view: AlertView) -> Story:
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


def _failing(view: AlertView) -> Story:
    return Story(
        "NOT VERIFIED",
        f"{list_name(view)} failed its test points: nothing it says is believed.",
        _zone_rows(view),
        "Nothing that was listed or clear has changed. For now we cannot tell, and the reports say so.",
        "We ask again in the next round. If that fails too, the list is quarantined.",
        f"Usually nothing. To look now: deliverwatch lists health {view.event.list_id}",
    )


def _quarantined(view: AlertView) -> Story:
    return Story(
        "QUARANTINED",
        f"{list_name(view)} failed its test points again and is in quarantine.",
        _zone_rows(view),
        "No listing opens, closes or changes by this list. Its time counts as not verified, and the reports name it.",
        "We keep asking the test points in every round. It comes back after two good rounds, some time apart.",
        "See whether the list refuses us (terms, key, too many queries), our resolver alters its answers, or the list "
        f"has ended: deliverwatch lists health {view.event.list_id}",
    )


def _recovered(view: AlertView) -> Story:
    return Story(
        "RECOVERED",
        f"{list_name(view)} answers its test points as it should again.",
        (*_zone_rows(view), ("Until", at(view.event.at))),
        "What it says is believed again. The time in between stays not verified.",
        "We ask for all subjects as usual.",
        "Nothing.",
    )


def _stale_list(view: AlertView) -> Story:
    facts = view.event.facts
    return Story(
        "STALE",
        f"{list_name(view)} has not been verified for {_between(facts['since'], view.event.at)}.",
        (
            ("Since", _moment(facts["since"])),
            ("Why", _foreign(facts.get("detail"))),
            ("Concerned", f"{facts['watches']:,} watches" if facts.get("watches") is not None else None),
        ),
        "Whether anything was listed or delisted since then, nobody knows. What we believe of it is that old.",
        "We keep asking, and say so in the reports. This is told once, until the list is verified again.",
        f"See what is in the way: deliverwatch lists health {view.event.list_id}",
    )


def _stale_watches(view: AlertView) -> Story:
    facts = view.event.facts
    subjects = [in_mail(subject, 253) for subject in facts["subjects"]]
    more = facts["watches"] - len(subjects)
    return Story(
        "STALE",
        f"{list_name(view)} gives no usable answer about {counted(facts['watches'], 'subject')}, though it is well.",
        (
            ("Since", _moment(facts["since"])),
            ("Subjects", ", ".join(subjects) + (f" and {more:,} more" if more else "")),
            ("Outcome", _foreign(facts.get("outcome"))),
            ("Why", _foreign(facts.get("detail"))),
        ),
        "Whether these are listed there, we cannot tell. What we believe of them is that old.",
        "We keep asking in every round. This is told once, until the first of them is answered for again.",
        "Look them up at the list by hand if it matters.",
    )


_STORIES: Mapping[EventKind, Callable[[AlertView], Story]] = {
    EventKind.LISTING_OPENED: _opened,
    EventKind.LISTING_CHANGED: _changed,
    EventKind.LISTING_CLOSED: _closed,
    EventKind.LISTING_HANDED_OVER: _handed_over,
    EventKind.CODE_UNEXPLAINED: _unexplained,
    EventKind.LIST_FAILING: _failing,
    EventKind.LIST_QUARANTINED: _quarantined,
    EventKind.LIST_RECOVERED: _recovered,
    EventKind.LIST_STALE: _stale_list,
    EventKind.WATCHES_STALE: _stale_watches,
}


def _listing_rows(view: AlertView) -> tuple[Row, ...]:
    facts = view.event.facts
    scope = f"; accuses the {view.blocklist.scope}" if view.blocklist else ""
    return (
        ("Since", _moment(facts["opened_at"])),
        ("Impact", f"{facts['impact']}{scope}"),
        ("Meaning", in_mail("; ".join(facts["meanings"]))),
        ("Codes", in_mail(", ".join(facts["codes"]))),
        ("List says", f'"{in_mail(facts["reason"], 300)}"' if facts.get("reason") else None),
        ("Look up", view.blocklist.lookup_url if view.blocklist else None),
    )


def _zone_rows(view: AlertView) -> tuple[Row, ...]:
    facts = view.event.facts
    return (
        ("Since", _moment(facts["since"])),
        ("Resolver", _foreign(facts.get("path"))),
        ("Why", _foreign(facts.get("detail"))),
    )


def impact_means(impact: str) -> str:
    return {
        Impact.CRITICAL: "Large mailbox providers use this list: much of the mail from there is refused or filed as "
        "spam while it lasts.",
        Impact.HIGH: "Many mail servers use this list: expect refusals and spam folders at a good part of the "
        "recipients.",
        Impact.MEDIUM: "Some mail servers refuse or score by this list: expect losses here and there.",
        Impact.LOW: "Few mail servers act on this list alone. It may point to a cause that others will see too.",
        Impact.INFO: "Hardly any mail is refused for this. It is told for what it may point to.",
    }[Impact(impact)]


def _removal(view: AlertView) -> str:
    if view.blocklist is None:
        return "The catalogue no longer knows this list, so no request is prepared."
    removal = view.blocklist.removal
    url = f" ({removal.url})" if removal.url else ""
    return {
        RemovalWay.SELF_SERVICE: f"We prepare a request for the list's own removal form{url}. Nothing is sent without "
        "you.",
        RemovalWay.ACCOUNT: f"We prepare a request for your account with the list{url}. Nothing is sent without you.",
        RemovalWay.NETWORK_OWNER: f"We prepare a request, but this list takes it from the owner of the network "
        f"only{url}. Nothing is sent without you.",
        RemovalWay.AUTOMATIC: "This list takes no requests: the listing expires by itself once the cause has stopped"
        + (f" ({in_mail(removal.expires)})." if removal.expires else "."),
    }[removal.way]


def subject_name(view: AlertView) -> str:
    return in_mail(view.event.subject.value, 253) if view.event.subject is not None else "a subject"


def list_name(view: AlertView) -> str:
    return in_mail(view.blocklist.name, 80) if view.blocklist is not None else in_mail(view.event.list_id, 80)


def _foreign(value: object) -> str | None:
    return in_mail(str(value), 300) if value else None


def _moment(text: str) -> str:
    return at(datetime.fromisoformat(text))


def _between(since: str, until: datetime) -> str:
    return lasting(max(until - datetime.fromisoformat(since), timedelta(0)))
