"""What a listing costs, whom it accuses, and what ends it.

How much mail a listing costs depends on who asks the list: the catalogue names the mailbox providers known to use it,
each with the basis for saying so, and no more is claimed. A paid removal is never recommended: listings of the lists
that sell them end by themselves, and paying teaches the list nothing but the price (the catalogue's `removal.paid`).
"""

from collections.abc import Mapping, Sequence

from deliverwatch.core.blocklist import Asker, Impact, Removal, RemovalWay, Scope, UsedBy
from deliverwatch.render.encode import in_mail
from deliverwatch.render.tongue import listed, marked, say, say_n

_MOST_USERS = 4


_IMPACTS: Mapping[Impact, str] = {
    Impact.CRITICAL: marked("critical"),
    Impact.HIGH: marked("high"),
    Impact.MEDIUM: marked("medium"),
    Impact.LOW: marked("low"),
    Impact.INFO: marked("info"),
}
_IMPACT_MEANS: Mapping[Impact, str] = {
    Impact.CRITICAL: marked(
        "Large mailbox providers use this list: much of the mail from there is refused or filed as spam while it lasts."
    ),
    Impact.HIGH: marked(
        "Many mail servers use this list: expect refusals and spam folders at a good part of the recipients."
    ),
    Impact.MEDIUM: marked("Some mail servers refuse or score by this list: expect losses here and there."),
    Impact.LOW: marked("Few mail servers act on this list alone. It may point to a cause that others will see too."),
    Impact.INFO: marked("Hardly any mail is refused for this. It is told for what it may point to."),
}
_HITS_OTHERS: Mapping[Scope, str] = {
    Scope.NETWORK: marked("It accuses the whole network, for what anybody in it sent."),
    Scope.ASN: marked("It accuses the whole network AS, not your address."),
}


def impact_word(impact: str) -> str:
    return say(_IMPACTS[Impact(impact)])


def impact_means(impact: str) -> str:
    return say(_IMPACT_MEANS[Impact(impact)])


def where_it_hurts(used_by: Sequence[UsedBy]) -> str:
    """Empty when nothing is known. The catalogue says in English how it is known."""
    if not used_by:
        return ""
    known = [_known_user(user) for user in used_by[:_MOST_USERS]]
    more = len(used_by) - len(known)
    return say("Known to be used by {names}.", names=listed([*known, *([_others(more)] if more else [])]))


def _known_user(user: UsedBy) -> str:
    return say("{name} ({basis})", name=in_mail(user.name, 60), basis=in_mail(user.basis, 120))


def _others(more: int) -> str:
    return say_n("{n} more", "{n} more", more)


def whom_it_hits(scope: str) -> str:
    """In a sentence, where that is more than the sender or domain itself; else empty."""
    sentence = _HITS_OTHERS.get(Scope(scope))
    return say(sentence) if sentence else ""


def accuses(scope: str) -> str:
    """To follow other words, in an alert."""
    return _ACCUSES[Scope(scope)]


_ACCUSES: Mapping[Scope, str] = {
    Scope.ADDRESS: "accuses single addresses",
    Scope.NETWORK: "accuses the whole network, for what anybody in it sent",
    Scope.ASN: "accuses the whole network AS, not your address",
    Scope.DOMAIN: "accuses the whole domain",
    Scope.HOST: "accuses single host names",
}


def takes_requests(removal: Removal, way: RemovalWay) -> bool:
    return way is not RemovalWay.AUTOMATIC and removal.who is not Asker.NOBODY


def what_ends_it(removal: Removal, way: RemovalWay) -> str:
    """`way`: that of the codes found, which may differ from the list's."""
    told = _request(removal, way) if takes_requests(removal, way) else _no_request(removal)
    if not removal.paid:
        return told
    by_itself = "it ends by itself, " if way is RemovalWay.AUTOMATIC or removal.expires else ""
    return f"{told} The list also sells removals: {by_itself}do not pay."


def _no_request(removal: Removal) -> str:
    expires = f" ({in_mail(removal.expires)})" if removal.expires else ""
    return f"This list takes no requests: the listing expires by itself once the cause has stopped{expires}."


def _request(removal: Removal, way: RemovalWay) -> str:
    url = f" ({removal.url})" if removal.url else ""
    sentences = [f"We prepare a request {_TO[way]}{url}."]
    if way is RemovalWay.NETWORK_OWNER or removal.who is Asker.NETWORK_OWNER:
        sentences.append("The list hears the owner of the network only.")
    elif removal.who is Asker.DOMAIN_OWNER:
        sentences.append("The list hears the owner of the domain only.")
    sentences.append("Nothing is sent without you.")
    return " ".join(sentences)


_TO: Mapping[RemovalWay, str] = {
    RemovalWay.SELF_SERVICE: "for the list's own removal form",
    RemovalWay.ACCOUNT: "for your account with the list",
    RemovalWay.EMAIL: "as a mail to the list",
    RemovalWay.NETWORK_OWNER: "for whoever owns the network to send",
}
