"""One JSON document to an address of the operator's, signed: a help desk, or whatever takes our alerts.

What an answer means is `channels.poster`. `Deliverwatch-Id` is the same each time a document is sent, so that who has
it already can tell; `Idempotency-Key` says the same to those who know that name. `Deliverwatch-Signature` proves that
the body is ours, and when it was sent: HMAC-SHA-256 (RFC 2104) over "<seconds since 1970>.<body>", in hexadecimal.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deliverwatch.channels.addresses import Network
from deliverwatch.channels.poster import Poster
from deliverwatch.flows.ports import OutgoingMail


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """`now`: what the signature's time is taken from. `called`, `inside`, `timeout_for`: as of a `Poster`."""

    url: str = field(repr=False)
    secret: str | None = field(repr=False)
    now: Callable[[], datetime]
    timeout_for: timedelta = timedelta(seconds=10)
    inside: tuple[Network, ...] = ()
    called: str = "help desk"

    async def deliver(self, mail: OutgoingMail) -> None:
        """`mail.content` is the document; its recipient is the one that was set up."""
        headers = {"Deliverwatch-Id": mail.message_id, "Idempotency-Key": mail.message_id}
        if self.secret is not None:
            headers["Deliverwatch-Signature"] = signature(self.secret, self.now(), mail.content)
        await Poster(self.url, self.called, self.inside, self.timeout_for).post(mail.content, headers)


def signature(secret: str, at: datetime, body: bytes) -> str:
    seconds = int(at.timestamp())
    proof = hmac.new(secret.encode(), f"{seconds}.".encode() + body, "sha256").hexdigest()
    return f"t={seconds},v1={proof}"
