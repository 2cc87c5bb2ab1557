"""What blocks, throttles, findings, warnings and the ends of all episodes are called on the desk."""

from collections.abc import Mapping

from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind
from deliverwatch.core.events import Ending
from deliverwatch.core.reply import ReplyClass
from deliverwatch.render.tongue import marked, say
from deliverwatch.web import warning_words

KINDS: Mapping[EpisodeKind, str] = {
    EpisodeKind.BLOCK: marked("block"),
    EpisodeKind.THROTTLE: marked("throttle"),
    EpisodeKind.FINDING: marked("finding"),
    EpisodeKind.WARNING: marked("warning"),
}
ENDED_LISTING: Mapping[Ending, str] = {
    Ending.DELISTED: marked("delisted"),
    Ending.VOID: marked("void: the list lied, it never was"),
    Ending.LIST_ENDED: marked("the list is not watched any more"),
    Ending.WITHDRAWN: marked("withdrawn: the asset is not theirs any more"),
}
ENDED_EPISODE: Mapping[EpisodeEnd, str] = {
    EpisodeEnd.ACCEPTED: marked("accepted again"),
    EpisodeEnd.MENDED: marked("mended"),
    EpisodeEnd.WITHDRAWN: marked("withdrawn: the asset is not theirs any more"),
    EpisodeEnd.BECAME_BLOCK: marked("became a block"),
    EpisodeEnd.BY_HAND: marked("ended by hand"),
}
_REPLIES: Mapping[ReplyClass, str] = {
    ReplyClass.IP_BLOCK: marked("the sending IP is refused"),
    ReplyClass.DOMAIN_BLOCK: marked("the sending domain is refused"),
    ReplyClass.CONTENT_BLOCK: marked("the content is refused"),
    ReplyClass.RATE_LIMIT: marked("mail is slowed down"),
    ReplyClass.AUTH_FAILURE: marked("authentication fails"),
    ReplyClass.DNSBL_CITED: marked("refused for a listing"),
    ReplyClass.POLICY: marked("refused by a policy of the provider"),
}


def what(episode: Episode) -> str:
    return what_of(episode.what)


def what_of(name: str) -> str:
    """`name`: a class of replies, or what a warning warns of."""
    if name in tuple(ReplyClass):
        return say(_REPLIES.get(ReplyClass(name), marked("mail is refused")))
    return warning_words.what_of(name)
