"""What holds a warm-up, in words: where, since when, by what, and what was measured.

A clause for each cause, which `warmup_words` makes a sentence of; "60 of 900 messages" are said only where both numbers
are the reader's to know. `where`: a mailbox provider's name, empty where all of them are meant; `since`: in words. The
texts hold foreign words; each output puts them through its own encoder.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from deliverwatch.core.warmup.plan import Denominator
from deliverwatch.core.warmup.run import HoldCause
from deliverwatch.core.warmup.status import HoldView
from deliverwatch.render.tongue import marked, number, percent_as_set, say
from deliverwatch.render.warmup_days import on_day

_TOO_MANY: Mapping[HoldCause, str] = {
    HoldCause.BOUNCE: marked("too many messages bounced"),
    HoldCause.DEFERRAL: marked("too many messages were neither delivered nor bounced by the end of the day"),
    HoldCause.COMPLAINT: marked("too many messages were complained about"),
    HoldCause.REFUSED: marked("too many messages were refused with a verdict against the sender"),
    HoldCause.AUTHENTICATION: marked("too many messages were refused for their authentication"),
}
_FOUND: Mapping[HoldCause, str] = {
    HoldCause.BOUNCE: marked("{found} of {messages} bounced"),
    HoldCause.DEFERRAL: marked("{found} of {messages} were neither delivered nor bounced by the end of the day"),
    HoldCause.COMPLAINT: marked("{found} of {messages} were complained about"),
    HoldCause.REFUSED: marked("{found} of {messages} were refused with a verdict against the sender"),
    HoldCause.AUTHENTICATION: marked("{found} of {messages} were refused for their authentication"),
}
_MESSAGES: Mapping[Denominator | None, str] = {
    Denominator.OFFERED: marked("{count} messages offered"),
    Denominator.DELIVERED: marked("{count} messages delivered"),
    None: marked("{count} messages"),
}
"""What a gate measures is a share of."""


def held(hold: HoldView, where: str, since: str) -> str:
    match hold.cause:
        case HoldCause.LISTING:
            return _by_listing(hold, where, since)
        case HoldCause.BLOCK if not hold.provider:
            return say("held since {since} by a block", since=since)
        case HoldCause.BLOCK:
            return _held_for(
                say("it blocked this address") if hold.over else say("it blocks this address"), where, since
            )
        case HoldCause.PERSON:
            return _by_person(hold, where, since)
    return _held_for(_by_gate(hold), where, since)


def _held_for(why: str, where: str, since: str) -> str:
    if where:
        return say("held at {provider} since {since}: {why}", provider=where, since=since, why=why)
    return say("held since {since}: {why}", since=since, why=why)


def _by_listing(hold: HoldView, where: str, since: str) -> str:
    name = hold.facts.get("list_name") or hold.facts.get("list_id") or ""
    return say(_BY_LISTING[bool(where), bool(name)], provider=where, since=since, list=name)


_BY_LISTING: Mapping[tuple[bool, bool], str] = {
    (True, True): marked("held at {provider} since {since} by the listing on {list}"),
    (True, False): marked("held at {provider} since {since} by a listing"),
    (False, True): marked("held since {since} by the listing on {list}"),
    (False, False): marked("held since {since} by a listing"),
}
"""By whether it is at one provider, and whether the list's name is known."""


def _by_person(hold: HoldView, where: str, since: str) -> str:
    """By whom and why, where that is the reader's to know."""
    person, why = hold.facts.get("by") or say("a person"), hold.facts.get("reason")
    if where:
        held = say("held at {provider} since {since} by {person}", provider=where, since=since, person=person)
    else:
        held = say("held since {since} by {person}", since=since, person=person)
    return f"{held}: {why}" if why else held


def refused_then(hold: HoldView, gate: HoldView | None, zone: tzinfo) -> str:
    facts = gate.facts if gate is not None and hold.cause is HoldCause.BLOCK else {}
    if gate is None or facts.get("found") is None or facts.get("of") is None:
        return ""
    found, of = number(facts["found"]), number(facts["of"])
    same = isinstance(hold.since, datetime) and hold.since.astimezone(zone).date() == gate.since
    if same or isinstance(gate.since, datetime):
        return say("on that day {found} of {of} messages there were refused", found=found, of=of)
    return say("on {day} {found} of {of} messages there were refused", day=on_day(gate.since), found=found, of=of)


def _by_gate(hold: HoldView) -> str:
    facts = hold.facts
    if facts.get("found") is None or facts.get("of") is None:
        return say(_TOO_MANY[hold.cause])
    per = Denominator(facts["denominator"]) if facts.get("denominator") else None
    messages = say(_MESSAGES[per], count=number(facts["of"]))
    found = say(_FOUND[hold.cause], found=number(facts["found"]), messages=messages)
    if facts.get("above_ratio") is None:
        return found
    return say("{found}, above {limit}", found=found, limit=percent_as_set(facts["above_ratio"]))
