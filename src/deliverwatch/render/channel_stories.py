"""Stories about our own channels: one that takes no messages, told through the others, and one that does again.

The relay that refuses our mail is such a channel, and so is a webhook that is gone. What it said is quoted as it came.
"""

from deliverwatch.core.alerting import AlertView
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import Story, between, foreign, moment
from deliverwatch.render.words import at, counted


def failing(view: AlertView) -> Story:
    facts = view.event.facts
    return Story(
        "CHANNEL FAILS",
        f"The channel {_channel(view)} takes no messages{_since(view)}: {_is_mail(view, _RELAY, _HOOK)}",
        (
            ("Since", moment(facts["since"])),
            ("Why", foreign(facts.get("why"))),
            ("Waits", counted(facts["owed"], "message") if facts.get("owed") else None),
        ),
        "Alerts by this channel wait. "
        + _is_mail(view, "So do the weekly reports and what customers are asked.", "Other channels go on."),
        "We try again, at longer and longer intervals, for two days. What is given up after that is kept as a dead "
        "letter, and shown.",
        f"Find out why it refuses. {_is_mail(view, _MEND_RELAY, _MEND_HOOK)} What waits and what was given up: "
        "deliverwatch alerts list. To send the latter once more: deliverwatch alerts resend ID",
        tail=" takes no messages",
        name=facts["channel"],
    )


def well(view: AlertView) -> Story:
    facts = view.event.facts
    return Story(
        "CHANNEL WELL",
        f"The channel {_channel(view)} takes messages again.",
        (("Since", moment(facts["since"])), ("Until", f"{at(view.event.at)}, after {_lasted(view)}")),
        "What waited is being sent.",
        "We go on as usual.",
        "Nothing, unless something was given up meanwhile: deliverwatch alerts list names it, and deliverwatch alerts "
        "resend ID sends it once more.",
        tail=" takes messages again",
        name=facts["channel"],
    )


_RELAY = "our own relay refuses, or cannot be reached."
_HOOK = "it refuses, or cannot be reached."
_MEND_RELAY = "Look at [mail] in the settings, at the relay's log, and whether our own sender is blocked."
_MEND_HOOK = "Look at its address and secret in the settings."


def _is_mail(view: AlertView, yes: str, no: str) -> str:
    return yes if view.event.facts["channel"] == "email" else no


def _channel(view: AlertView) -> str:
    return in_mail(view.event.facts["channel"], 80)


def _since(view: AlertView) -> str:
    return f" since {moment(view.event.facts['since'])}"


def _lasted(view: AlertView) -> str:
    return between(view.event.facts["since"], view.event.at)
