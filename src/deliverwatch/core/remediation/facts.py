"""The closed list of what may stand in a field of a form, or in its text: recorded facts, each with source and time.

A fact has one value or several. What is not recorded is missing, and the person is told how it is got; nothing is
guessed. Facts that `move` (counts, last times) do not make a waiting draft a new one: they are renewed when somebody
pulls it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Fact:
    """`source` in words for a person ("look-ups of 2026-11-24T10:00Z by 192.0.2.53:53", "settings [requester]");
    `at`: when it was seen or said, None: it holds always."""

    values: tuple[str, ...]
    source: str
    at: datetime | None = None
    moves: bool = False

    @classmethod
    def of(cls, value: str, source: str, at: datetime | None = None, *, moves: bool = False) -> "Fact":
        return cls((value,), source, at, moves)

    @property
    def value(self) -> str:
        return ", ".join(self.values)

    def at_most(self, count: int) -> "Fact":
        return replace(self, values=self.values[:count])


Facts = Mapping[str, Fact]

_ASK = "only the customer knows: `deliverwatch drafts ask` writes to them, `drafts told` keeps what they say"
_SETTING = "set {} in [requester] of the configuration"

FACTS: Mapping[str, str] = {
    # about the subjects
    "subjects": "the addresses or domains in question",
    "ips": "the addresses among them",
    "domains": "the domains among them",
    "sending_domains": "the sending domains whose mail left from them lately; of none was seen, those of the inventory",
    "ptr_names": "the reverse names of the addresses, as looked up",
    "stream": "the kind of mail: stream of the pool, inventory",
    "dedicated": "dedicated, or shared: inventory",
    "verified": "best-practice checks that passed, each with its time; several lines",
    "snds": "what Microsoft's SNDS says of the addresses",
    # about a listing
    "list_name": "the list",
    "list_zone": "its zone",
    "lookup_url": "where the listing can be looked up",
    "codes": "the list's answer",
    "meanings": "what the answer means",
    "reason": "the list's own reason (TXT)",
    "listed_since": "when it was seen first",
    "confirmed": "when and by which way it was confirmed",
    "quoted_by": "receivers whose replies quote the list",
    # about a block
    "provider_name": "the mailbox provider or filter",
    "block_kind": "ip, domain or rate: what the provider refuses",
    "replies": "replies as received, recipients masked; one value each",
    "reply": "the most frequent of them",
    "refused_since": "the hour of the first of these replies",
    "refused_last": "the hour of the last one",
    "refused_count": "how many of how many attempts were refused, in words",
    "refused": "how many were refused",
    "attempted": "how many attempts there were, if all were measured",
    # who asks
    "requester_company": _SETTING.format("company"),
    "requester_name": _SETTING.format("name"),
    "requester_role": _SETTING.format("role"),
    "requester_phone": _SETTING.format("phone"),
    "requester_mailbox": _SETTING.format("mailbox") + ": a role mailbox of your own domain",
    "requester_kind": "email service provider: what deliverwatch is for",
    "abuse_desk": _SETTING.format("abuse_desk"),
    "network_owner": "set network_owner for the range in the inventory",
    "time_zone": "the service time zone of the customer",
    # what only the customer knows
    "cause": _ASK,
    "what_changed": _ASK,
    "changed_on": _ASK,
    "changed_by": _ASK,
    "consent": _ASK,
    # what was before
    "earlier": "an earlier request for the same subject, and how it ended",
    "reference": "the addressee's reference of the request that is followed up",
    "asked_on": "when that request was submitted",
    "addressee_said": "what the addressee answered",
    # the filled text itself, for forms with one field for everything
    "text": "the text of the request",
}
"""By name: what it is; for those a person must supply, what to do when it is missing."""

QUESTIONS: Mapping[str, str] = {
    "cause": "cause",
    "what_changed": "what was changed",
    "changed_on": "when it was changed",
    "changed_by": "who changed it",
    "consent": "how the recipients subscribed",
}
"""What an action request asks the customer, where the form needs it; in words for our own people."""

FROM_CUSTOMER = tuple(QUESTIONS)


def called(fact: str) -> str:
    return QUESTIONS.get(fact) or fact.replace("_", " ")


def why_missing(fact: str, awaited: Mapping[str, str] = MappingProxyType({})) -> str:
    """`awaited`: what the customer was asked already, with when and by whom (`missing.awaited`)."""
    if fact in awaited:
        return awaited[fact]
    words = FACTS[fact]
    return words if words.startswith(("set ", "only ")) else f"not recorded: {words}"
