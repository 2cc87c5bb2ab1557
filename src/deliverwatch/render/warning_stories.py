"""Stories about early warnings: what a receiver says of a sender, or what our own counts and its DNS show, before mail
is refused.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from deliverwatch.core.alerting import AlertView
from deliverwatch.core.block import EpisodeEnd
from deliverwatch.render.block_stories import mail_share
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import (
    OF_ALL,
    Row,
    Story,
    between,
    foreign,
    is_by_hand,
    knows_the_lead,
    moment,
    subject_name,
    subject_rows,
)
from deliverwatch.render.tongue import percent

_MOST_DAYS = 7


class _Telling(NamedTuple):
    """`what` completes a sentence that begins with the sender and a colon."""

    what: str
    means: str
    you_do: str


_COMPLAINTS = (
    "Complaints come before blocks: from 0.1 % on mail goes to spam folders, at 0.3 % Gmail and Yahoo refuse to help.",
    "Find the campaign or the list that is complained about, stop it, and see that one-click unsubscribing works.",
)
_REPUTATION = "Slow down, send to engaged recipients first, and find what changed in the days before."
_DNS = "Mailbox providers look it up with each message: what depended on it may be refused from now on."

_TELLINGS: Mapping[str, _Telling] = {
    "snds_colour": _Telling(
        "Microsoft's SNDS shows it yellow or red",
        "Yellow means that 10 to 90 % of the mail was judged to be spam, red more than that. A block often follows.",
        _REPUTATION,
    ),
    "snds_trap_hits": _Telling(
        "Microsoft counts mail to spam traps",
        "Traps are addresses that nobody ever signed up with: the list holds what was bought, guessed or is very old.",
        "Find the list that the addresses came with, and send no more to it until it is cleaned.",
    ),
    "snds_complaint_ratio": _Telling("Microsoft's recipients complain", *_COMPLAINTS),
    "snds_blocked": _Telling(
        "Microsoft's SNDS says that it is blocked",
        "Mail to Outlook.com is refused, or will be.",
        "Find what caused it, stop that, and ask Microsoft's sender support.",
    ),
    "spam_rate": _Telling("recipients mark its mail as spam", *_COMPLAINTS),
    "complaints": _Telling("recipients complain", *_COMPLAINTS),
    "delivery_error_ratio": _Telling(
        "mail is refused for its reputation", "The provider's own figures say so. A block may follow.", _REPUTATION
    ),
    "compliance": _Telling(
        "the provider says that its requirements are not met",
        "Mail that does not meet them is refused in the end.",
        "Mend what is named.",
    ),
    "deferrals": _Telling(
        "more of its mail is put off than in the week before", "A throttle or a block often follows.", _REPUTATION
    ),
    "ptr_gone": _Telling("its reverse name is gone", _DNS, "Restore the PTR record, or ask whoever runs the network."),
    "ptr_changed": _Telling("its reverse name has changed", _DNS, "See that the new name leads back to the address."),
    "spf_gone": _Telling("its SPF record is gone", _DNS, "Publish it again."),
    "spf_changed": _Telling("its SPF record has changed", _DNS, "See that it still holds all that sends."),
    "dkim_gone": _Telling("a DKIM key of its is gone", _DNS, "Publish the key again, or sign with the new selector."),
    "dkim_changed": _Telling("a DKIM key of its has changed", _DNS, "See that what signs has the matching key."),
    "dmarc_gone": _Telling("its DMARC record is gone", _DNS, "Publish it again: bulk senders need one."),
    "dmarc_changed": _Telling("its DMARC record has changed", _DNS, "See that the policy is the one you want."),
}
_UNKNOWN = _Telling("something about it needs a look", "It was recorded as a warning.", "See what is said above.")


def started(view: AlertView) -> Story:
    facts, telling = view.event.facts, _telling(view)
    return Story(
        "WARNING (urgent)" if facts.get("urgent") else "WARNING",
        f"{subject_name(view)}: {telling.what}.",
        (*subject_rows(view), ("Since", moment(facts["opened_at"])), ("Named", _detail(view)), *_shown(view)),
        f"{telling.means} No mail need have been refused yet. {_share(view)}".strip(),
        "We go on looking, and tell you when it is over.",
        telling.you_do,
        name=_name(view),
        place="at",
    )


def ended(view: AlertView) -> Story:
    facts, telling = view.event.facts, _telling(view)
    withdrawn = facts["ended"] == EpisodeEnd.WITHDRAWN
    own = knows_the_lead(view)
    until = facts["closed_at"] or view.event.at.isoformat()
    after = f", after {between(facts['opened_at'], type(view.event.at).fromisoformat(until))}" if own else ""
    reason = foreign(facts.get("reason")) if is_by_hand(view) else None
    return Story(
        "WARNING WITHDRAWN" if withdrawn else "WARNING OVER",
        f"What we warned of about {subject_name(view)} is over: {telling.what}.",
        (
            *subject_rows(view),
            ("Since", moment(facts["opened_at"]) if own else None),
            ("Until", f"{moment(until)}{after}"),
            ("Named", _detail(view)),
            ("Reason", reason),
        ),
        *(_WITHDRAWN if withdrawn else _BY_HAND if is_by_hand(view) else _OVER),
        "Nothing.",
        name=_name(view),
        place="at",
    )


_OVER = (
    "It was not found any more where there were figures or records to find it in; silence is not counted.",
    "We go on looking.",
)
_BY_HAND = ("A person has marked it as over.", "We go on looking. If it is found again, that is told as a new one.")
_WITHDRAWN = ("It is no longer ours: this says nothing about the cause.", "We no longer look at it.")


def _share(view: AlertView) -> str:
    """What no provider gives concerns them all."""
    return mail_share(view) if view.event.facts["provider"] else ""


def _telling(view: AlertView) -> _Telling:
    return _TELLINGS.get(view.event.facts["what"].partition(":")[0], _UNKNOWN)


def _detail(view: AlertView) -> str | None:
    """Which record, or which of the provider's figures."""
    detail = view.event.facts["what"].partition(": ")[2]
    return in_mail(detail, 253) if detail else None


def _name(view: AlertView) -> str:
    return str(view.event.facts["provider_name"] or view.event.facts["provider"] or "")


def _shown(view: AlertView) -> tuple[Row, ...]:
    """What was found belongs to the sender that leads, which may be somebody else's."""
    if not knows_the_lead(view):
        return ()
    facts = view.event.facts
    return (
        ("Figures", OF_ALL if facts.get("shared") and "record" not in facts else None),
        *(("Day", _day(day)) for day in (facts.get("days") or ())[-_MOST_DAYS:]),
        ("Before", _records(facts["before"]) if facts.get("before") else None),
        ("Now", (_records(facts["now"]) or "nothing") if "now" in facts else None),
    )


def _day(day: Mapping[str, Any]) -> str:
    figures = ", ".join(_figure(name, value) for name, value in day.items() if name != "on")
    return f"{in_mail(str(day['on']), 10)}: {figures or 'said'}"


def _figure(name: str, value: Any) -> str:
    label = {"value": "", "text": ""}.get(name, name.replace("_", " ") + " ")
    if isinstance(value, float) and value < 1:
        return f"{label}{percent(value)}"
    return f"{label}{value:,}" if isinstance(value, int) else f"{label}{in_mail(str(value), 120)}"


def _records(values: Iterable[str]) -> str:
    return "; ".join(f'"{in_mail(value, 200)}"' for value in values)
