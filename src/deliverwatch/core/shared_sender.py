"""What one customer may be told of a sender that others send from as well.

A reply may name a mailing or a domain of another's, and counts are those of all who send from there: neither is theirs
to know. That the sender is blocked, by whom, since when and by which rule, is; and so is what holds its warm-up, though
not how far that has come, which tells how much they all send. What is not named here is left out, so that a fact that
is added to episodes is kept back until somebody has thought about it.
"""

from collections.abc import Mapping
from typing import Any

_OF_THE_SENDER = frozenset(
    {
        *("provider", "provider_name", "postmaster_url", "class", "what", "rule", "level", "urgent"),
        *("opened_at", "last_seen_at", "closed_at", "ended", "accepted_since", "acceptance"),
        *("cause", "causes", "providers", "provider_names", "held_since", "on", "end", "why"),  # of a warm-up
        *("list_id", "list_name", "codes", "meanings"),  # of a listing, which anybody may look up
        "platform",
        *("members", "member_count", "parties", "own", "incident", "quiet", "told_by"),  # of an event
    }
)
_OF_ITS_DNS = frozenset({"record", "before", "now"})  # which anybody may look up; of a warm-up, `before` is a stage
_CHANGED_OF_ALL = ("what", "factor", "where")


def without_others(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Of an episode's evidence, or of its event's facts; `shared` says that figures and replies are left out."""
    return of_the_sender(facts) | {"shared": True}


def of_the_sender(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Also of what holds its warm-up."""
    named = _OF_THE_SENDER | _OF_ITS_DNS if "record" in facts else _OF_THE_SENDER
    return {name: value for name, value in facts.items() if name in named}


def cause_of_the_whole(cause: Mapping[str, Any]) -> dict[str, Any]:
    """What holds for the sender as a whole, and by how much it changed: a pool, a mailing or a domain may be another's,
    and how much they all send is nobody's to know."""
    changes = [
        {**dict.fromkeys(change), **{name: change.get(name) for name in _CHANGED_OF_ALL}}
        for change in cause.get("changes", ())
        if change["where"] == "all"
    ]
    return {**cause, "changes": changes} if cause else {}
