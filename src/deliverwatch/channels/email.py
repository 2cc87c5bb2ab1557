"""Mail through a relay (RFC 5321), one message and one recipient at a time.

What the relay answers decides whether trying again can help. A 5yz to MAIL, RCPT or DATA is about this message or this
recipient, and final. Everything else (4yz, no connection, a dropped one, a failed login or TLS handshake) is about the
relay or our settings, and may be over in an hour. Once the relay has answered 250 to the message it is delivered,
whatever becomes of QUIT: to fail there would send it twice.
"""

import asyncio
import contextlib
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr

from deliverwatch.core.errors import ChannelFailed
from deliverwatch.core.mailbox import parse_mailbox
from deliverwatch.core.visible import visible
from deliverwatch.flows.ports import OutgoingMail

_REPLY_SHOWN = 300


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """`helo`: the name to greet with; None: this machine's own. With `starttls` nothing is sent in the clear."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = False
    timeout_for: timedelta = timedelta(seconds=30)
    helo: str | None = None

    async def deliver(self, mail: OutgoingMail) -> None:
        sender, recipient = _envelope(parseaddr(mail.sender)[1]), _envelope(mail.recipient)
        await asyncio.to_thread(self._send, sender, recipient, mail.content)

    def _send(self, sender: str, recipient: str, content: bytes) -> None:
        try:
            relay = smtplib.SMTP(self.host, self.port, self.helo, self.timeout_for.total_seconds())
        except (OSError, smtplib.SMTPException) as failure:
            raise self._failed("no connection", failure) from None
        try:
            self._prepare(relay)
            self._hand_over(relay, sender, recipient, content)
            with contextlib.suppress(OSError, smtplib.SMTPException):
                relay.quit()
        finally:
            relay.close()

    def _prepare(self, relay: smtplib.SMTP) -> None:
        try:
            relay.ehlo_or_helo_if_needed()
            if self.starttls:
                relay.starttls(context=ssl.create_default_context())
        except (OSError, smtplib.SMTPException) as failure:
            raise self._failed("no secure connection" if self.starttls else "no greeting", failure) from None
        if self.username is None:
            return
        try:
            relay.login(self.username, self.password or "")
        except smtplib.SMTPAuthenticationError as refusal:
            # Not the reply itself: some servers repeat there what was sent.
            raise self._failed(f"the login of {self.username} was refused with {refusal.smtp_code}") from None
        except UnicodeEncodeError:
            raise self._failed("no login: username and password must be ASCII") from None
        except (OSError, smtplib.SMTPException) as failure:
            raise self._failed("no login", failure) from None

    def _hand_over(self, relay: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
        try:
            relay.sendmail(sender, [recipient], content)
        except smtplib.SMTPRecipientsRefused as refusal:
            raise self._refused("recipient", *refusal.recipients[recipient]) from None
        except smtplib.SMTPSenderRefused as refusal:
            raise self._refused("sender", refusal.smtp_code, refusal.smtp_error) from None
        except smtplib.SMTPDataError as refusal:
            raise self._refused("message", refusal.smtp_code, refusal.smtp_error) from None
        except (OSError, smtplib.SMTPException) as failure:
            raise self._failed("the connection broke off", failure) from None

    def _refused(self, what: str, code: int, reply: bytes | str) -> ChannelFailed:
        why = f"{self._relay} refused the {what}: {code} {_shown(reply)}"
        return ChannelFailed(why, permanent=500 <= code <= 599)

    def _failed(self, what: str, failure: Exception | None = None) -> ChannelFailed:
        detail = f" ({_told(failure)})" if failure is not None else ""
        return ChannelFailed(f"{self._relay}: {what}{detail}", permanent=False)

    @property
    def _relay(self) -> str:
        return f"mail relay {self.host}:{self.port}"


def _envelope(address: str) -> str:
    try:
        return parse_mailbox(address)
    except ValueError as fault:
        raise ChannelFailed(str(fault), permanent=True) from None


def _told(failure: Exception) -> str:
    if isinstance(failure, smtplib.SMTPResponseException):
        return f"{failure.smtp_code} {_shown(failure.smtp_error)}"
    return visible(str(failure) or type(failure).__name__, _REPLY_SHOWN)


def _shown(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "backslashreplace") if isinstance(reply, bytes) else reply
    return visible(text.replace("\n", " / "), _REPLY_SHOWN)
