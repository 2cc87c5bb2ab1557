"""The likely cause of a listing or a block in a few words: where a person looks first, and no proof.

What was compared is the week before it with the week before that (`core.cause`). Nothing found is not said to be no
cause: a list bought long ago, or a machine that was broken into, changes no figure.
"""

from collections.abc import Callable, Mapping
from typing import Any

from deliverwatch.core.alerting import AlertView
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import Row, knows_the_lead
from deliverwatch.render.tongue import marked, number, percent, say, say_n

Encode = Callable[[str, int], str]
"""(foreign text, limit) -> as it may stand where the words are put."""

_MOST_NAMED = 3
_LONGEST = 80
_GREW: Mapping[tuple[bool, bool], str] = {
    (True, True): marked("{what} grew {factor}-fold, from {before} to {after}"),
    (True, False): marked("{what} grew {factor}-fold"),
    (False, True): marked("{what} grew, from {before} to {after}"),
    (False, False): marked("{what} grew"),
}
"""By whether it is known how many times, and from what to what: of a sender that others use as well it may be only by
how much it grew."""
_WHAT: Mapping[str, str] = {
    "volume": marked("mail"),
    "bounce_ratio": marked("bounces"),
    "complaint_ratio": marked("complaints"),
}
_WHAT_OF: Mapping[str, str] = {
    "volume": marked("mail of {where}"),
    "bounce_ratio": marked("bounces of {where}"),
    "complaint_ratio": marked("complaints of {where}"),
}


def cause_row(view: AlertView) -> Row:
    """What was counted belongs to the sender that leads, which may be somebody else's."""
    return ("Cause", cause_words(view.cause if knows_the_lead(view) else None, in_mail))


def cause_words(cause: Mapping[str, Any] | None, encode: Encode) -> str:
    """None: nobody has looked yet."""
    if cause is None:
        return say("not known yet")
    if not cause:
        return say("not known: nothing was measured in the week before")
    if not cause["compared"]:
        return say("not known: there is no earlier week to compare with")
    changes = [_change(each, encode) for each in cause["changes"][:_MOST_NAMED]]
    if not changes:
        return say("not known: no figure changed much in the week before")
    more = len(cause["changes"]) - len(changes)
    told = "; ".join([*changes, *([say_n("{n} more", "{n} more", more)] if more else [])])
    return say("likely, as it changed in the week before: {changes}", changes=told)


def _change(change: Mapping[str, Any], encode: Encode) -> str:
    where = encode(str(change["where"]), _LONGEST)
    if change["what"] == "new_campaign":
        return _new_mailing(where, change["after"])
    what = say(_WHAT[change["what"]]) if change["where"] == "all" else say(_WHAT_OF[change["what"]], where=where)
    before, after = change["before"], change["after"]
    times, known = change["factor"] is not None, before is not None and after is not None
    values = _values(change["what"], before, after) if known else {}
    factor = number(change["factor"]) if times else ""
    return say(_GREW[times, known], what=what, factor=factor, **values)


def _new_mailing(where: str, messages: int | None) -> str:
    if messages is None:
        return say("a new mailing, {where}, of an unknown number of messages", where=where)
    return say_n(
        "a new mailing, {where}, of {n} message", "a new mailing, {where}, of {n} messages", messages, where=where
    )


def _values(what: str, before: float, after: float) -> dict[str, str]:
    if what != "volume":
        return {"before": percent(before), "after": percent(after)}
    return {"before": number(int(before)), "after": say_n("{n} message", "{n} messages", int(after))}
