"""Stories about warm-ups: held, ready to be released, released, stepped back, ended, worth a look, or without a run.

Each says that it is advice: nothing is changed at any platform, and a run is released by a person alone. What ended a
hold is told for what it is, so that a list that is no longer watched is not taken for one that says clear. What is not
known is not said; of an address that others send from as well that goes for figures and stages (`core.shared_sender`).
"""

from collections.abc import Mapping
from typing import Any

from deliverwatch.core.alerting import LATE_DATA, AlertView, Audience
from deliverwatch.core.warmup.run import HoldCause
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import (
    OF_ALL,
    Row,
    Story,
    are,
    foreign,
    list_name,
    moment,
    subject_name,
    subject_rows,
    subjects,
    they,
    were,
)
from deliverwatch.render.tongue import listed, percent
from deliverwatch.render.warmup_notices import ENDS, GO_ON, NOTICES, OVER
from deliverwatch.render.warmup_terms import MEASURED

_ADVICE = "A hold is advice: we changed nothing at any platform."
_UNTOUCHED = "We changed nothing at any platform."
_OURS = "nobody but ourselves"
_EVERYWHERE = "The volume must not grow at any provider until a person releases it."
_FROM_TO = " from stage {before} to {stage}"
_THERE = "The volume there must not grow until a person releases it; elsewhere the plan goes on."


def held(view: AlertView) -> Story:
    facts = view.event.facts
    return _story(
        view,
        "WARM-UP HELD",
        f"{_the_warmups(view)} held{_at(facts)}: {_why_held(view)}.",
        (("Since", _instant(facts, "opened_at")), _where_held(facts), ("Found", _found(facts))),
        f"{_THERE if _at(facts) else _EVERYWHERE} {_ADVICE}",
        "We go on looking, and tell you when the cause is over; only a person releases it then.",
        f"{_what_to_do(facts)} {_release(view)}",
    )


def ready(view: AlertView) -> Story:
    facts = view.event.facts
    return _story(
        view,
        "READY TO RELEASE",
        f"{_the_warmups(view)} still held, and may be released: {_why_over(view)}.",
        (("Held since", _instant(facts, "held_since")), _where_held(facts)),
        f"Nothing that we know of holds it any more; the volume stays until a person releases it. {_ADVICE}",
        "Nothing is released by itself.",
        f"See that what caused it is mended. {_release(view)}",
    )


def released(view: AlertView) -> Story:
    if view.event.facts.get("why") == LATE_DATA:
        return _taken_back(view)
    what = f"{_the_warmups(view)} no longer held."
    means = f"The volume may grow again as the plan says. {_UNTOUCHED}"
    return _story(view, "WARM-UP RELEASED", what, _by_whom(view.event.facts), means, GO_ON, "Nothing.")


def _taken_back(view: AlertView) -> Story:
    """What else holds it is not said here, so that it is not said to be free."""
    facts = view.event.facts
    where = f" at {_where(facts)}" if _where(facts) else ""
    return _story(
        view,
        "WARM-UP HOLD TAKEN BACK",
        f"{_warmups(view)} {were(view)} held for a reason that is none: we told that too many messages "
        f"{MEASURED[facts['cause']]}{where}, and data that came in late say otherwise.",
        (("Of", foreign(facts.get("on"))),),
        f"If nothing else holds it, the volume may grow again as the plan says. {_UNTOUCHED}",
        GO_ON,
        "Nothing.",
    )


def stepped_back(view: AlertView) -> Story:
    facts = view.event.facts
    return _story(
        view,
        "WARM-UP STEPPED BACK",
        f"{_warmups(view)} {were(view)} stepped back{_if_known(facts, _FROM_TO)}{_why_back(facts)}.",
        _by_whom(facts),
        f"The allowance is that of the lower stage from the next day on. {_UNTOUCHED}",
        GO_ON,
        "Send no more than that, to the most engaged recipients first."
        + (f" It is held as well. {_release(view)}" if facts.get("cause") in MEASURED else ""),
    )


def ended(view: AlertView) -> Story:
    facts = view.event.facts
    what, means, you_do = ENDS[facts["end"]]
    return _story(
        view,
        "WARM-UP ENDED",
        f"{_the_warmups(view)} over: {what}{_if_known(facts, ', at stage {stage} of {stages}')}.",
        _by_whom(facts),
        f"{means} {_UNTOUCHED}",
        "We judge it no longer; listings and blocks of it are told as ever.",
        you_do,
    )


def notice(view: AlertView) -> Story:
    facts = view.event.facts
    telling = NOTICES[facts["what"]]
    return _story(
        view,
        f"WARM-UP {telling.state}",
        f"{_the_warmups(view)} {telling.what}{''.join(_if_known(facts, each) for each in telling.more)}.",
        _holders(view) if facts["what"] == "handed_over" else (),
        f"{telling.means} {_ADVICE if telling.is_held else _UNTOUCHED}",
        telling.we_do,
        f"{telling.you_do} {_release(view) if telling.is_held else ''}".strip(),
    )


def unplanned(view: AlertView) -> Story:
    facts = view.event.facts
    at_stage = _if_known(facts, ", at stage {stage}")
    return _story(
        view,
        "WARM-UP WITHOUT PLAN",
        f"{in_mail(str(facts['platform']), 60)} warms up {subject_name(view)}{at_stage}, and we have no run of it.",
        (("Pool", foreign(facts.get("pool"))),),
        f"Nobody compares what is sent with what was agreed, and nothing holds it. {_UNTOUCHED}",
        "We tell this once.",
        f"Start a run with the plan that was agreed: deliverwatch warmup start --ip {_ip(view)} --plan ID --on DATE",
    )


def _story(view: AlertView, state: str, what: str, rows: tuple[Row, ...], means: str, we_do: str, you_do: str) -> Story:
    """The plan is one run's: those of an incident may have several."""
    facts = view.event.facts
    plan = foreign(facts.get("plan")) if "members" not in facts else None
    every = (*subject_rows(view), *rows, ("Plan", plan), ("Figures", OF_ALL if facts.get("shared") else None))
    if facts.get("cause") == HoldCause.LISTING:
        return Story(state, what, every, means, we_do, you_do, name=list_name(view))
    name = (
        listed([each.partition(",")[0] for each in _providers(facts)]) if facts.get("cause") == HoldCause.BLOCK else ""
    )
    return Story(state, what, every, means, we_do, you_do, name=name, place="at")


def _by_whom(facts: Mapping[str, Any]) -> tuple[Row, ...]:
    return ("By", foreign(facts.get("by"))), ("Reason", foreign(facts.get("reason")))


def _holders(view: AlertView) -> tuple[Row, ...]:
    """Neither reads who the other is."""
    if view.audience is not Audience.OPERATOR:
        return ()
    facts = view.event.facts
    return ("Before", foreign(facts.get("before") or _OURS)), ("Now", foreign(facts.get("after") or _OURS))


def _the_warmups(view: AlertView) -> str:
    return f"{_warmups(view)} {are(view)}"


def _warmups(view: AlertView) -> str:
    return f"The warm-up{'s' if len(subjects(view)) > 1 else ''} of {subject_name(view)}"


def _ip(view: AlertView) -> str:
    names = subjects(view)
    return names[0] if len(names) == 1 and "/" not in names[0] else "IP"


def _release(view: AlertView) -> str:
    return f"A person releases it with: deliverwatch warmup release --ip {_ip(view)} --reason TEXT"


def _providers(facts: Mapping[str, Any]) -> list[str]:
    """Their names, or ids; none where it is all of them, or not known."""
    name = facts.get("provider_name") or facts.get("provider")
    return [str(each) for each in facts.get("provider_names") or facts.get("providers") or [name] if each]


def _where(facts: Mapping[str, Any]) -> str:
    return listed([in_mail(name, 80) for name in _providers(facts)])


def _at(facts: Mapping[str, Any]) -> str:
    """Where alone it is held; nothing, where it is held as a whole."""
    return f" at {_where(facts)}" if facts.get("cause") != HoldCause.LISTING and _providers(facts) else ""


def _what_to_do(facts: Mapping[str, Any]) -> str:
    cause = facts.get("cause")
    if cause in (HoldCause.LISTING, HoldCause.BLOCK):
        return f"What to do about the {cause} is in the message about it."
    return "Send no more than now, and see that the cause is mended."


def _where_held(facts: Mapping[str, Any]) -> Row:
    if facts.get("cause") == HoldCause.LISTING:
        return "Used by", _where(facts) or "no mailbox provider that we know of"
    return "Held at", _where(facts) or ("all mailbox providers" if facts.get("provider") == "" else None)


def _why_held(view: AlertView) -> str:
    facts = view.event.facts
    cause: Any = facts.get("cause")
    if cause == HoldCause.LISTING:
        return f"{they(view)} {are(view)} listed on {list_name(view)}"
    if cause == HoldCause.BLOCK:
        return "mail is refused there"
    return f"too many messages {MEASURED[cause]}" if cause in MEASURED else "a person said so"


def _why_over(view: AlertView) -> str:
    facts = view.event.facts
    cause = facts.get("cause")
    if cause not in (HoldCause.LISTING, HoldCause.BLOCK):
        return "what the gates of its plan measure is below their limits again"
    where = list_name(view) if cause == HoldCause.LISTING else _where(facts)
    words = OVER.get((cause, facts["ended"]), "the {cause} ({where}) is over, and its end was not seen")
    return words.format(where=where, it=they(view), cause=cause)


def _instant(facts: Mapping[str, Any], name: str) -> str | None:
    """Those of an incident may have begun at different times."""
    return moment(facts[name]) if facts.get(name) and "members" not in facts else None


def _found(facts: Mapping[str, Any]) -> str | None:
    """What a listing says, or what a gate measured."""
    if facts.get("cause") == HoldCause.LISTING:
        return foreign("; ".join([*facts.get("codes", ()), *facts.get("meanings", ())]))
    found = _if_known(facts, "{found:,} of {of:,} messages {denominator}, above ")
    return found + percent(facts["above_ratio"]) if found else None


def _why_back(facts: Mapping[str, Any]) -> str:
    cause: Any = facts.get("cause")
    if cause in MEASURED:
        return f": far too many messages {MEASURED[cause]}"
    return ": there was no mail for so long that receivers forget the address" if cause == "idle" else ""


def _if_known(facts: Mapping[str, Any], text: str) -> str:
    """The text with the facts it names; nothing, if one of them is not known, or not the reader's to know."""
    known = {name: in_mail(x, 60) if isinstance(x, str) else x for name, x in facts.items() if x is not None}
    try:
        return text.format_map(known)
    except KeyError:
        return ""
