"""What a draft's raw values are called on its pages, in the reader's language; and what a draft is about, in a line.

JSON and the command line keep the words of `render.draft_words`; here is what only pages say of it.
"""

from collections.abc import Mapping, Sequence

from deliverwatch.app import App
from deliverwatch.core.remediation.draft import Action, DraftKind, DraftState, RequestOutcome
from deliverwatch.core.visible import visible
from deliverwatch.render.draft_words import named_briefly
from deliverwatch.render.tongue import marked, say
from deliverwatch.render.warmup_words import provider_name

STATES: Mapping[DraftState, str] = {
    DraftState.PREPARED: marked("prepared"),
    DraftState.PULLED: marked("taken on"),
    DraftState.SUBMITTED: marked("sent"),
    DraftState.ANSWERED: marked("answered"),
    DraftState.CLOSED: marked("closed"),
}
OUTCOMES: Mapping[RequestOutcome, str] = {
    RequestOutcome.GRANTED: marked("granted"),
    RequestOutcome.DENIED: marked("denied"),
    RequestOutcome.MORE_INFORMATION: marked("they want to know more"),
    RequestOutcome.NOTHING_FOUND: marked("they found nothing"),
}
ACTIONS: Mapping[Action, str] = {
    Action.PREPARED: marked("prepared"),
    Action.RENEWED: marked("renewed"),
    Action.PULLED: marked("taken on"),
    Action.EDITED: marked("edited"),
    Action.OVERRULED: marked("overruled"),
    Action.ASKED: marked("customer asked"),
    Action.TOLD: marked("customer's answer kept"),
    Action.LINKED: marked("linked with a ticket"),
    Action.SUBMITTED: marked("sent"),
    Action.ANSWERED: marked("answer recorded"),
    Action.CLOSED: marked("closed"),
    Action.HANDED_OVER: marked("handed over"),
}
QUESTIONS: Mapping[str, str] = {
    "cause": marked("What caused it"),
    "what_changed": marked("What was cleaned or changed"),
    "changed_on": marked("On which day"),
    "changed_by": marked("Who did it"),
    "consent": marked("How the recipients subscribed"),
}
"""By the names of `facts.FROM_CUSTOMER`."""

_MOST = 120


class Causes:
    """Names of lists and mailbox providers, by id."""

    def __init__(self, app: App) -> None:
        self._providers = {each.id: each.name for each in app.providers.values()}
        self._lists = {each.id: each.name for each in app.catalogue.all}

    def name(self, id_: str) -> str:
        return visible(self._lists.get(id_) or provider_name(id_, self._providers), _MOST)

    def about(self, kind: DraftKind, subjects: Sequence[str], provider: str) -> str:
        """ "Listing of 192.0.2.10 on Spamhaus ZEN"."""
        named, name = visible(named_briefly(subjects), _MOST), self.name(provider)
        if kind is DraftKind.LISTING:
            return say("Listing of {subjects} on {list}", subjects=named, list=name)
        return say("Block of {subjects} at {provider}", subjects=named, provider=name)
