"""Stories about the lists themselves: failing, quarantined, refusing us, silent, well again. The operator reads them.

A list that refuses us is stopped on that resolver and under that key alone. Whether we are blind depends on whether
another resolver is asked instead; why it refuses is in its answer, as far as the list says it, and what to do follows
from that: a resolver of one's own, the right key, fewer queries, or a registration.
"""

import re
from datetime import datetime

from deliverwatch.core.alerting import AlertView
from deliverwatch.core.blocklist import AccessTerms
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import Row, Story, between, foreign, list_name, moment, way
from deliverwatch.render.words import at, counted


def failing(view: AlertView) -> Story:
    return Story(
        "NOT VERIFIED",
        f"{list_name(view)} failed its test points: nothing it says is believed.",
        _zone_rows(view),
        "Nothing that was listed or clear has changed. For now we cannot tell, and the reports say so.",
        "We ask again in the next round. If that fails too, the list is quarantined.",
        f"Usually nothing. To look now: deliverwatch lists health {view.event.list_id}",
    )


def quarantined(view: AlertView) -> Story:
    return Story(
        "QUARANTINED",
        f"{list_name(view)} failed its test points again and is in quarantine.",
        _zone_rows(view),
        "No listing opens, closes or changes by this list. Its time counts as not verified, and the reports name it.",
        "We keep asking the test points in every round. It comes back after two good rounds, some time apart.",
        "See whether our resolver alters its answers, or the list has ended: "
        f"deliverwatch lists health {view.event.list_id}",
    )


def blind(view: AlertView) -> Story:
    """`instead`: the way on which the list is asked meanwhile; None: nobody is."""
    facts = view.event.facts
    path, instead = way(facts["path"]), way(facts.get("instead"))
    since = datetime.fromisoformat(facts["since"])
    what = f"{list_name(view)} refuses what we ask it through {path}"
    return Story(
        "REFUSED" if instead else "BLIND",
        f"{what}; it is asked through {instead} instead."
        if instead
        else f"{what}. We are blind on it since {since:%H:%M} UTC.",
        (*_zone_rows(view), ("Instead", instead)),
        "Nothing is lost: every subject is still looked up. A second look that needs both ways may take longer."
        if instead
        else "Nothing that was listed or clear has changed, and nothing new is seen. Its time counts as not verified, "
        "and the reports say so.",
        "Nothing more is asked there but one test point, every hour. Once that is answered, the list is asked as "
        "usual again, by itself.",
        f"{_how_to_be_heard(view)} Once mended, without waiting for the hour: "
        f"deliverwatch lists ask-now {view.event.list_id}",
        tail=f" since {since:%H:%M} UTC",
    )


def recovered(view: AlertView) -> Story:
    rows = (*_zone_rows(view), ("Until", at(view.event.at)))
    if view.event.facts.get("was") == "stopped":
        return Story(
            "ANSWERS AGAIN",
            f"{list_name(view)} no longer refuses what we ask it through {way(view.event.facts['path'])}.",
            rows,
            "What it says there counts again. Where no other way was asked meanwhile, that time stays not verified.",
            "We ask for all subjects as usual.",
            "Nothing. If nobody mended anything here, find out why it refused before it does so again.",
        )
    return Story(
        "RECOVERED",
        f"{list_name(view)} answers its test points as it should again.",
        rows,
        "What it says is believed again. The time in between stays not verified.",
        "We ask for all subjects as usual.",
        "Nothing.",
    )


def stale_list(view: AlertView) -> Story:
    facts = view.event.facts
    return Story(
        "STALE",
        f"{list_name(view)} has not been verified for {between(facts['since'], view.event.at)}.",
        (
            ("Since", moment(facts["since"])),
            ("Why", foreign(facts.get("detail"))),
            ("Concerned", f"{facts['watches']:,} watches" if facts.get("watches") is not None else None),
        ),
        "Whether anything was listed or delisted since then, nobody knows. What we believe of it is that old.",
        "We keep asking, and say so in the reports. This is told once, until the list is verified again.",
        f"See what is in the way: deliverwatch lists health {view.event.list_id}",
    )


def stale_watches(view: AlertView) -> Story:
    facts = view.event.facts
    subjects = [in_mail(subject, 253) for subject in facts["subjects"]]
    more = facts["watches"] - len(subjects)
    return Story(
        "STALE",
        f"{list_name(view)} gives no usable answer about {counted(facts['watches'], 'subject')}, though it is well.",
        (
            ("Since", moment(facts["since"])),
            ("Subjects", ", ".join(subjects) + (f" and {more:,} more" if more else "")),
            ("Outcome", foreign(facts.get("outcome"))),
            ("Why", foreign(facts.get("detail"))),
        ),
        "Whether these are listed there, we cannot tell. What we believe of them is that old.",
        "We keep asking in every round. This is told once, until the first of them is answered for again.",
        "Look them up at the list by hand if it matters.",
    )


def _zone_rows(view: AlertView) -> tuple[Row, ...]:
    facts = view.event.facts
    return (
        ("Since", moment(facts["since"])),
        ("Resolver", way(facts.get("path"))),
        ("Why", foreign(facts.get("detail"))),
    )


_OWN_RESOLVER = (
    "Let it be asked through a resolver of your own, not a public or shared one, and name that in [dns] resolvers."
)
_KEY = "See whether the account is in order, and whether its key under [keys] is the right one for this list ({id})."
_LESS = "Ask less: a longer interval for this list, a resolver that nobody else uses, or a larger allowance."
_REGISTER = "Register the address you ask from{url}."
_ASK_THE_LIST = "See what the list wants of those who ask it{url}; it does not say why it refuses."

_SAYS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(public|shared|open) resolver", re.I), _OWN_RESOLVER),
    (re.compile(r"\b(key|account)\b", re.I), _KEY),
    (re.compile(r"too many|\b(budget|limit|allowance|quota|excessive)\b", re.I), _LESS),
    (re.compile(r"\bnot registered\b", re.I), _REGISTER),
)
"""What lists say in their refusals, in the words of the catalogue's `refusals`."""


def _how_to_be_heard(view: AlertView) -> str:
    detail = str(view.event.facts.get("detail") or "")
    cures = [cure for says, cure in _SAYS if says.search(detail)] or _by_terms(view)
    url = view.blocklist.access.url if view.blocklist else None
    return " ".join(cures).format(id=view.event.list_id, url=f" ({url})" if url else "")


def _by_terms(view: AlertView) -> list[str]:
    """A bare REFUSED gives no reason: what the list asks of everybody is the first thing to look at."""
    access = view.blocklist.access if view.blocklist else None
    if access is None:
        return [_ASK_THE_LIST]
    cures = {AccessTerms.KEY: [_KEY], AccessTerms.REGISTRATION: [_REGISTER]}.get(access.terms, [])
    if access.own_resolver:
        cures = [*cures, _OWN_RESOLVER]
    return cures or [_ASK_THE_LIST]
