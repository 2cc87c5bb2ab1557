"""What is open and makes no draft, with the reason: so that nobody waits for a request that will not come."""

from collections.abc import Mapping
from typing import NamedTuple

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.listing import Listing
from deliverwatch.core.reply import ReplyClass


class NoRequest(NamedTuple):
    """`about`: list or provider id. `then`: what to do instead."""

    subject: str
    about: str
    why: str
    then: str


def why_no_listing(listing: Listing, blocklists: Mapping[str, Blocklist], doubted: bool) -> NoRequest | None:
    """None: it makes one."""
    subject, list_id = listing.subject.value, listing.list_id
    blocklist = blocklists.get(list_id)
    if blocklist is None:
        return NoRequest(subject, list_id, "the list is not in the catalogue any more", "nothing")
    if not blocklist.leads:
        return NoRequest(
            subject, list_id, "no mailbox provider is known to reject by this list", "nothing, but know it"
        )
    if doubted:
        return NoRequest(subject, list_id, "the list cannot be believed at the moment", "wait until it is well again")
    return None


def why_no_episode(episode: Episode) -> NoRequest | None:
    """None: it makes one."""
    about = episode.provider or "our own records"
    if episode.kind is EpisodeKind.BLOCK:
        return None
    why, then = _EPISODES[episode.kind]
    return NoRequest(episode.subject.value, about, why, then)


_EPISODES = {
    EpisodeKind.THROTTLE: ("mail is slowed down and still arrives", "slow down; a request is made if it persists"),
    EpisodeKind.FINDING: ("mail is refused for its authentication", "mend the records: nobody can be asked for that"),
    EpisodeKind.WARNING: ("a warning, and no refusal yet", "look into it before a block comes"),
}


def why_no_reply(class_: ReplyClass) -> tuple[str, str] | None:
    """Replies that are nobody's verdict on the sender. None: what they mean is followed as an episode."""
    return _REPLIES.get(class_)


_REPLIES = {
    ReplyClass.POLICY: ("a rule of one receiver or user", "ask the recipient, or their administrator"),
    ReplyClass.CONTENT_BLOCK: ("a verdict on the message, not on the sender", "change the message, and try again"),
}
