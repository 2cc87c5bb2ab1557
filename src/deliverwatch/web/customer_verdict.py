"""How a customer stands, in one sentence, and the figures beside it.

Only what was verified is called well: with lists that could not be believed, or with data sources that are silent,
nothing found is said to be nothing that we know of.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.desk.subjects import Vouched
from deliverwatch.core.source_condition import SourceCondition, SourceHealth
from deliverwatch.core.week_listings import ReportedListing
from deliverwatch.render.tongue import say, say_n


@dataclass(frozen=True, slots=True)
class Standing:
    """`watched`: of each kind of subject that the customer has, how many lists could be believed. `sources`: those that
    tell what becomes of mail."""

    listings: Sequence[ReportedListing]
    episodes: Sequence[Episode]
    watched: Sequence[Vouched]
    sources: Sequence[SourceHealth]

    @property
    def leading(self) -> int:
        return sum(each.leads for each in self.listings)

    @property
    def blocks(self) -> int:
        return sum(each.kind is EpisodeKind.BLOCK for each in self.episodes)

    @property
    def unverified(self) -> int:
        return sum(each.of - each.verified for each in self.watched)

    @property
    def mail_is_told(self) -> bool:
        """Whether a block would be seen, as far as we know."""
        return bool(self.sources) and all(each.condition is SourceCondition.FINE for each in self.sources)


def verdict(standing: Standing) -> tuple[str, str]:
    """Tone and sentence."""
    if standing.leading or standing.blocks:
        return "bad", _open(standing)
    if not standing.watched:
        return "unsure", say(
            "Nothing is watched for this customer: the inventory holds no address and no domain of theirs."
        )
    if not sum(each.of for each in standing.watched):
        return "unsure", say("No important list is on that could tell of what this customer sends from.")
    if standing.unverified:
        return "unsure", say("Nothing that we know of is open, but not all important lists could be verified.")
    if not standing.mail_is_told:
        return "unsure", say(
            "Nothing is open on an important list. Whether a mailbox provider blocks their mail is not known for sure: "
            "not all data sources tell of it."
        )
    return "good", say("Nothing is open, neither on an important list nor at a mailbox provider, and all was verified.")


def _open(standing: Standing) -> str:
    listings = say_n("{n} listing on an important list", "{n} listings on important lists", standing.leading)
    blocks = say_n("{n} block at a mailbox provider", "{n} blocks at mailbox providers", standing.blocks)
    if not standing.blocks:
        return say("Open now: {what}.", what=listings)
    if not standing.leading:
        return say("Open now: {what}.", what=blocks)
    return say("Open now: {listings}, and {blocks}.", listings=listings, blocks=blocks)
