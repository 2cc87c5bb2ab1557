"""Stories about our own resolvers: what is wrong with one, which lists are blind or lying through it, and the cure.

The operator reads them, nobody else: a resolver is no customer's affair. What was found and the cure come with the
event (`core.resolver_health`); what a trouble means for what we say about listings is told here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from deliverwatch.core.alerting import AlertView
from deliverwatch.core.resolver_health import Trouble
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import Story, between, moment, spelled
from deliverwatch.render.words import at

_MOST_LISTS = 20


@dataclass(frozen=True, slots=True)
class _Telling:
    """`does` completes a sentence that begins with the resolver, and `over` the one that says that it has ended."""

    does: str
    over: str
    means: str


def resolver_trouble(view: AlertView) -> Story:
    facts = view.event.facts
    telling = _TELLINGS[Trouble(facts["trouble"])]
    lists, advice = facts["lists"], facts["advice"]
    return Story(
        "RESOLVER",
        f"The resolver {in_mail(facts['detail'])}.",
        (
            ("Seen", at(view.event.at)),
            ("Since", moment(facts["since"])),
            ("Resolver", in_mail(facts["path"], 80)),
            ("Lists", spelled(lists, _MOST_LISTS) if lists else None),
        ),
        telling.means,
        "No list is believed through it unless its test points answer there as they should. One that fails them opens, "
        "closes and changes nothing there, and is asked through another resolver where there is one; else its time "
        "counts as not verified. We look again every day, and tell this once a day while it lasts.",
        f"{advice[:1].upper()}{advice[1:]}. To look again at once: deliverwatch lists health",
        tail=f" {telling.does}",
        name=facts["path"],
    )


def resolver_well(view: AlertView) -> Story:
    facts = view.event.facts
    gone, lists = facts["gone"], facts["lists"]
    now = "is not asked any more" if gone else _TELLINGS[Trouble(facts["trouble"])].over
    return Story(
        "RESOLVER GONE" if gone else "RESOLVER WELL",
        f"The resolver {in_mail(facts['path'], 80)} {now}.",
        (
            ("Since", moment(facts["since"])),
            ("Until", f"{at(view.event.at)}, after {between(facts['since'], view.event.at)}"),
            ("Resolver", in_mail(facts["path"], 80)),
            ("Lists", spelled(lists, _MOST_LISTS) if lists else None),
        ),
        "Its trouble ended with it." if gone else "Lists are believed through it again as their test points answer.",
        "What was missed meanwhile is found in the next rounds. The time in which lists could not be verified stays so "
        "in the reports.",
        "Nothing.",
        tail=f" {now}",
        name=facts["path"],
    )


_BLIND = "No list can be asked through it: where no other resolver is configured, we are blind on all of them."
_HIDDEN = (
    "Lists seem to hold nothing when they are asked through it, whatever they list: taken at its word, it would make "
    "listed look like clear."
)

_TELLINGS: Mapping[Trouble, _Telling] = {
    Trouble.DEAD: _Telling("gives no answers", "answers again", _BLIND),
    Trouble.REFUSES: _Telling("refuses us", "answers us again", _BLIND),
    Trouble.PUBLIC: _Telling(
        "counts as public",
        "counts as public no more",
        "Lists that do not serve public resolvers refuse what comes through it, or say that nothing is listed: we are "
        "blind on them there.",
    ),
    Trouble.REWRITES: _Telling(
        "rewrites answers",
        "rewrites answers no more",
        "What a list does not hold may look listed through it: taken at its word, it would accuse everybody.",
    ),
    Trouble.FILTERS: _Telling("filters answers", "filters answers no more", _HIDDEN),
    Trouble.MINIMISES: _Telling("hides listings", "hides listings no more", _HIDDEN),
    Trouble.HIDES: _Telling("hides listings", "hides listings no more", _HIDDEN),
    Trouble.DISAGREES: _Telling(
        "disagrees with others",
        "agrees with others again",
        "Lists say something else through it than what they promise and another way shows: it lies about them, or "
        "repeats what is long over.",
    ),
}
