"""Stories about what mailbox providers do with a sender's mail: blocks, throttles, and findings to be mended.

A provider's replies are quoted as they came, masked; a few of many. What is counted is attempts, so a message that was
tried five times counts five times, and the words say so. The advice follows from who can end it: the provider is asked
about a block, the sender slows down for a throttle, and nobody is asked about authentication.
"""

from collections.abc import Mapping
from typing import Any

from deliverwatch.core.acceptance import NOT_MEASURED
from deliverwatch.core.alerting import AlertView
from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.reply import ReplyClass
from deliverwatch.render.encode import in_mail
from deliverwatch.render.likely_cause import cause_row
from deliverwatch.render.story import (
    OF_ALL,
    PULL,
    Row,
    Story,
    are,
    between,
    foreign,
    is_by_hand,
    knows_the_lead,
    moment,
    subject_name,
    subject_rows,
    they,
    were,
)
from deliverwatch.render.tongue import percent
from deliverwatch.render.words import counted


def block_opened(view: AlertView) -> Story:
    return _story(
        view,
        "BLOCKED",
        f"{provider_of(view)} refuses mail from {subject_name(view)}.",
        (*block_rows(view), cause_row(view)),
        f"{_WHOM.get(view.event.facts['class'], 'The provider judges the sender.')} {mail_share(view)}",
        f"Where the provider takes requests, one is prepared; nothing is sent without you. {how_it_ends(view)}",
        f"Find what caused it and stop that first, and pause what need not be sent there now. {_ask(view)}",
    )


def block_closed(view: AlertView) -> Story:
    if _is_withdrawn(view):
        return _withdrawn(view, "BLOCK WITHDRAWN", "blocked")
    if is_by_hand(view):
        return _by_hand(view, "BLOCK ENDED BY HAND", "blocked")
    return _story(
        view,
        "BLOCK ENDED",
        f"{provider_of(view)} accepts mail from {subject_name(view)} again.",
        _ended_rows(view),
        "Mail was accepted over several hours, with no refusals that would count in between.",
        "We go on counting. If it refuses again, that is told as a new block.",
        "Raise the volume there step by step. If the cause is not gone, expect the block back.",
    )


def throttle_started(view: AlertView) -> Story:
    return _story(
        view,
        "SLOWED",
        f"{provider_of(view)} slows down mail from {subject_name(view)}.",
        (*block_rows(view), ("Cause", "not known: see what was sent there in the hours before")),
        "Mail still arrives there, later than it should. This is no block, and nobody need be asked. "
        f"{mail_share(view)}",
        "We go on counting. If hardly anything gets through for a day, or mail expires because of it, that is told as "
        "a block.",
        "Slow down: fewer connections and fewer messages an hour to this provider, the most engaged recipients first. "
        "Trying harder makes it worse.",
    )


def throttle_ended(view: AlertView) -> Story:
    if _is_withdrawn(view):
        return _withdrawn(view, "SLOWING WITHDRAWN", "slowed down")
    if is_by_hand(view):
        return _by_hand(view, "SLOWING ENDED BY HAND", "slowed down")
    if view.event.facts["ended"] == EpisodeEnd.BECAME_BLOCK:
        return _story(
            view,
            "SLOWING BECAME A BLOCK",
            f"{provider_of(view)} slowed down mail from {subject_name(view)}, and now refuses it.",
            _ended_rows(view),
            "What was a delay ends mail now.",
            "It goes on as a block, which is told by itself.",
            "See the message about the block.",
        )
    return _story(
        view,
        "NO LONGER SLOWED",
        f"{provider_of(view)} takes mail from {subject_name(view)} without delay again.",
        _ended_rows(view),
        "Mail was accepted over several hours, and hardly any was put off.",
        "We go on counting.",
        "Raise the pace there step by step.",
    )


def finding_opened(view: AlertView) -> Story:
    return _story(
        view,
        "TO MEND (urgent)" if view.event.facts.get("urgent") else "TO MEND",
        f"{provider_of(view)} refuses mail from {subject_name(view)} because it does not authenticate.",
        block_rows(view),
        "SPF, DKIM, DMARC, the reverse name or the HELO name fails there. It is no block: a request for unblocking "
        f"would be answered with just that. {mail_share(view)}",
        "We go on counting, and tell you when a day of mail has gone by without such a reply.",
        "Read the reply, mend the record or the signature it names, and send a test message there.",
    )


def finding_closed(view: AlertView) -> Story:
    if _is_withdrawn(view):
        return _withdrawn(view, "FINDING WITHDRAWN", "refused for its authentication")
    if is_by_hand(view):
        return _by_hand(view, "FINDING ENDED BY HAND", "refused for its authentication")
    return _story(
        view,
        "MENDED",
        f"{provider_of(view)} no longer refuses mail from {subject_name(view)} for its authentication.",
        _ended_rows(view),
        "A day of mail was accepted there without such a reply.",
        "We go on counting.",
        "Nothing.",
    )


_WHOM: Mapping[str, str] = {
    ReplyClass.IP_BLOCK: "The provider judges the sending IP, by its own list or reputation.",
    ReplyClass.DOMAIN_BLOCK: "The provider judges the sending domain: another IP would be refused as well.",
    ReplyClass.RATE_LIMIT: "The provider has slowed mail down for so long that it does not arrive in time.",
}


def _story(view: AlertView, state: str, what: str, rows: tuple[Row, ...], means: str, we_do: str, you_do: str) -> Story:
    return Story(state, what, rows, means.strip(), we_do, you_do.strip(), name=provider_title(view), place="at")


def _withdrawn(view: AlertView, state: str, how: str) -> Story:
    return _story(
        view,
        state,
        f"Mail from {subject_name(view)} was {how} by {provider_of(view)} when {they(view)} ceased to be ours.",
        _ended_rows(view),
        "This does not mean that the provider accepts it: it goes on, for whoever sends from there now.",
        "We no longer judge it.",
        f"If {they(view)} {are(view)} still yours, put what {were(view)} taken out back into the inventory.",
    )


def _by_hand(view: AlertView, state: str, how: str) -> Story:
    return _story(
        view,
        state,
        f"Mail from {subject_name(view)} was {how} by {provider_of(view)}. A person has marked that as over.",
        (*_ended_rows(view), ("Reason", foreign(view.event.facts.get("reason")))),
        "Whether the provider accepts mail again was not measured: it is what whoever ended it says.",
        "We go on counting. If it refuses again, that is told as a new one.",
        "If you know better, tell the operator.",
    )


def _is_withdrawn(view: AlertView) -> bool:
    return bool(view.event.facts["ended"] == EpisodeEnd.WITHDRAWN)


def provider_title(view: AlertView) -> str:
    return str(view.event.facts["provider_name"] or view.event.facts["provider"])


def provider_of(view: AlertView) -> str:
    return in_mail(provider_title(view), 80)


def block_rows(view: AlertView) -> tuple[Row, ...]:
    facts = view.event.facts
    return (
        *subject_rows(view),
        ("Since", moment(facts["opened_at"])),
        ("Last seen", f"in the hour from {moment(facts['last_seen_at'])}"),
        ("Counted", _counted(facts) if not facts.get("shared") else OF_ALL),
        ("Rule", in_mail(facts["rule"], 80) if facts.get("rule") else None),
        *_replies(view),
        ("Provider", facts["postmaster_url"]),
    )


def _ended_rows(view: AlertView) -> tuple[Row, ...]:
    """Those of an incident may have begun at different times: then only the end is said."""
    facts = view.event.facts
    own = knows_the_lead(view)
    closed_at = facts["closed_at"] or view.event.at.isoformat()
    return (
        *subject_rows(view),
        ("Since", moment(facts["opened_at"]) if own else None),
        ("Until", moment(closed_at) + (f", after {between(facts['opened_at'], _instant(view))}" if own else "")),
        ("Accepted", _accepted(facts) if own and not facts.get("shared") else None),
    )


def _instant(view: AlertView) -> Any:
    closed_at = view.event.facts["closed_at"]
    return type(view.event.at).fromisoformat(closed_at) if closed_at else view.event.at


def _accepted(facts: Mapping[str, Any]) -> str | None:
    if not facts.get("accepted") or not facts.get("accepted_since"):
        return None
    return f"{counted(facts['accepted'], 'message')} since {moment(facts['accepted_since'])}"


def _counted(facts: Mapping[str, Any]) -> str:
    """Attempts, retries among them."""
    kinds = [
        f"{facts[name]:,} {word}"
        for name, word in (("bounced", "bounced"), ("deferred", "deferred"))
        if facts.get(name)
    ]
    replies = f"{counted(facts['replies'], 'such reply', 'such replies')} ({', '.join(kinds)})"
    of = f" in {counted(facts['attempted'], 'attempt')}" if facts.get("attempted") else ""
    expired = f"; {facts['expired']:,} of the messages expired in the queue" if facts.get("expired") else ""
    return f"{replies}{of}{expired}"


def _replies(view: AlertView) -> tuple[Row, ...]:
    """They were given to the sender that leads, which may be somebody else's."""
    if not knows_the_lead(view):
        return ()
    samples = view.event.facts.get("samples") or ()
    return tuple(("Reply", f'"{in_mail(sample, 300)}"') for sample in samples)


def mail_share(view: AlertView) -> str:
    share = view.event.facts.get("mail_share")
    if view.event.facts.get("shared"):
        return "Others send from there as well."
    if share is None:
        return "How much of the customer's mail goes there was not measured."
    how_much = percent(share) if share >= 0.001 else "Less than 0.1%"
    return f"{how_much} of the customer's mail of that day went to this provider from there."


def how_it_ends(view: AlertView) -> str:
    if view.event.facts.get("acceptance") == NOT_MEASURED:
        return (
            "We go on counting refusals. Whether mail is accepted again is measured by no source there is, so that it "
            "does not end by itself: deliverwatch blocks close ID --reason TEXT ends it."
        )
    return (
        "We go on counting, and tell you when the provider has accepted mail again for some hours. Silence does not "
        "count."
    )


def _ask(view: AlertView) -> str:
    url = view.event.facts["postmaster_url"]
    reply = "the reply above" if view.event.facts.get("samples") else "a reply to the customer's own mail"
    asked = f"Then ask the provider ({url}), with {reply}." if url else "Then ask the provider's postmaster."
    return f"{asked} If a request is prepared: {PULL}."
