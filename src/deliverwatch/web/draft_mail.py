"""A draft opened as mail in one's own program: by a link, where it is short enough, and as a file always.

A link holds nothing but recipients, subject and text (RFC 6068); programs cut what is too long for them, so that one of
more than 1,800 characters is not offered. Nothing is sent from here.
"""

from dataclasses import dataclass

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.remediation.draft import Draft
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.render.draft_ways import eml, mailto
from deliverwatch.render.tongue import say


@dataclass(frozen=True, slots=True)
class MailWays:
    """`link` None: too long for one. `why`: it cannot be had as mail at all, though it is sent by mail; what to do
    instead."""

    link: str | None = None
    has_file: bool = False
    why: str | None = None


def mail_ways(draft: Draft, sender: str | None) -> MailWays | None:
    """None: it is not sent by mail. `sender`: the mailbox of whoever asks; None: nobody is named."""
    if draft.channel is not FormChannel.EMAIL:
        return None
    if not draft.to:
        return MailWays(
            why=say(
                "No address is known to send it to: copy the text from here into your answer to their ticket or mail."
            )
        )
    try:
        message(draft, sender)
    except NotPossible as why:
        return MailWays(why=str(why))
    try:
        return MailWays(mailto(draft), has_file=True)
    except NotPossible:
        return MailWays(has_file=True)


def message(draft: Draft, sender: str | None) -> bytes:
    """To be opened, looked through and sent. Raises NotPossible."""
    if sender is None:
        raise NotPossible("nobody is named who asks: set mailbox in [requester] of the configuration")
    return eml(draft, sender)
