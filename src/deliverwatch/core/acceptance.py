"""Whether anybody would see it if a mailbox provider accepted a sender's mail again.

An episode ends when mail is accepted, and not by silence. Where every source that tells of a sender's mail leaves out
which address or domain a delivery left from, or deliveries altogether, acceptance is not measured: then the episode
stays open until a person ends it, and has to say so.
"""

from collections.abc import Collection, Iterable, Mapping

from deliverwatch.core.subjects import Subject, SubjectKind

NOT_MEASURED = "not measured"

Unmeasured = Mapping[str, Collection[str]]
"""By source: what it never reports (`flows.source_ports.Source.not_measured`)."""

_OF_ADDRESSES = frozenset({"delivered", "ip", "delivered_by_ip"})
_OF_DOMAINS = frozenset({"delivered", "domain"})


def is_measured(sender: Subject, sources: Iterable[str], delivered: int, unmeasured: Unmeasured) -> bool:
    """`sources`: those that told of its mail; `delivered`: how many deliveries they have told of. One is proof enough:
    the settings may give what a source leaves out."""
    needed = _OF_DOMAINS if sender.kind is SubjectKind.DOMAIN else _OF_ADDRESSES
    return bool(delivered) or any(needed.isdisjoint(unmeasured.get(source, ())) for source in sources)
