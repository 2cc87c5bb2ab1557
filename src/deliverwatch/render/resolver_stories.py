"""Stories about our own resolvers: what is wrong with one, which lists are blind or lying through it, and the cure.

The operator reads them, nobody else: a resolver is no customer's affair. What was found and the cure come with the
event (`core.resolver_health`); what a trouble means for what we say about listings is told here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from deliverwatch.core.alerting import AlertView
from deliverwatch.core.resolver_health import Trouble
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import Story, spelled
from deliverwatch.render.words import at

_MOST_LISTS = 20


@dataclass(frozen=True, slots=True)
class _Telling:
    """`does` completes a sentence that begins with the resolver."""

    does: str
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


_BLIND = "No list can be asked through it: where no other resolver is configured, we are blind on all of them."
_HIDDEN = (
    "Lists seem to hold nothing when they are asked through it, whatever they list: taken at its word, it would make "
    "listed look like clear."
)

_TELLINGS: Mapping[Trouble, _Telling] = {
    Trouble.DEAD: _Telling("gives no answers", _BLIND),
    Trouble.REFUSES: _Telling("refuses us", _BLIND),
    Trouble.PUBLIC: _Telling(
        "counts as public",
        "Lists that do not serve public resolvers refuse what comes through it, or say that nothing is listed: we are "
        "blind on them there.",
    ),
    Trouble.REWRITES: _Telling(
        "rewrites answers",
        "What a list does not hold may look listed through it: taken at its word, it would accuse everybody.",
    ),
    Trouble.FILTERS: _Telling("filters answers", _HIDDEN),
    Trouble.MINIMISES: _Telling("hides listings", _HIDDEN),
    Trouble.HIDES: _Telling("hides listings", _HIDDEN),
    Trouble.DISAGREES: _Telling(
        "disagrees with others",
        "Lists say something else through it than what they promise and another way shows: it lies about them, or "
        "repeats what is long over.",
    ),
}
