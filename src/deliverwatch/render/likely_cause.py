"""The likely cause of a listing or a block in a few words: where a person looks first, and no proof.

What was compared is the week before it with the week before that (`core.cause`). Nothing found is not said to be no
cause: a list bought long ago, or a machine that was broken into, changes no figure.
"""

from collections.abc import Mapping
from typing import Any

from deliverwatch.core.alerting import AlertView
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import Row, knows_the_lead
from deliverwatch.render.tongue import number, percent

_MOST_NAMED = 3


def cause_row(view: AlertView) -> Row:
    """What was counted belongs to the sender that leads, which may be somebody else's."""
    return ("Cause", _words(view.cause) if knows_the_lead(view) else "not known yet")


def _words(cause: Mapping[str, Any] | None) -> str:
    if cause is None:
        return "not known yet"
    if not cause:
        return "not known: nothing was measured in the week before"
    if not cause["compared"]:
        return "not known: there is no earlier week to compare with"
    changes = [_change(each) for each in cause["changes"][:_MOST_NAMED]]
    if not changes:
        return "not known: no figure changed much in the week before"
    more = len(cause["changes"]) - len(changes)
    return "likely, as it changed in the week before: " + "; ".join([*changes, *([f"{more} more"] if more else [])])


def _change(change: Mapping[str, Any]) -> str:
    where = "" if change["where"] == "all" else f" of {in_mail(str(change['where']), 80)}"
    if change["what"] == "new_campaign":
        return f"a new mailing, {in_mail(str(change['where']), 80)}, of {_amount(change)} messages"
    name = {"volume": "mail", "bounce_ratio": "bounces", "complaint_ratio": "complaints"}[change["what"]]
    return f"{name}{where} grew{_factor(change)}{_from_to(change)}"


def _factor(change: Mapping[str, Any]) -> str:
    return f" {change['factor']:g}-fold" if change["factor"] is not None else ""


def _from_to(change: Mapping[str, Any]) -> str:
    """Of a sender that others use as well only by how much it grew is known."""
    if change["before"] is None or change["after"] is None:
        return ""
    if change["what"] == "volume":
        return f", from {number(change['before'])} to {number(change['after'])} messages"
    return f", from {percent(change['before'])} to {percent(change['after'])}"


def _amount(change: Mapping[str, Any]) -> str:
    return number(change["after"]) if change["after"] is not None else "an unknown number of"
